"""What somebody should look at: a list, each closed by name and reason (V-12)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts.access import Viewer, allowed, grants_of
from accounts.models import Office
from accounts.web import find, needs, now, office_for, person, see_other, viewer
from scheduler.calendar.desk import Wait
from volunteers.actions import anomalies as actions
from volunteers.forms.papers import ReasonForm
from volunteers.models.anomalies import Anomaly
from volunteers.rights import CLOSE_ANOMALY
from volunteers.words import UNUSUAL

bp = Blueprint("anomalies", __name__, url_prefix="/anomalies")


@bp.get("")
@needs(CLOSE_ANOMALY)
def index() -> ResponseReturnValue:
    return _page()


def _page(refused: uuid.UUID | None = None) -> str:
    office = office_for(CLOSE_ANOMALY)
    waiting = actions.anomalies_of(office, closed=False)
    closed = actions.anomalies_of(office, closed=True)
    people = actions.named([*waiting, *closed])
    return render_template(
        "volunteers/anomalies.html",
        waiting=waiting,
        closed=closed,
        people=people,
        assessments=actions.assessments_of(office, people),
        closes=allowed(viewer(), CLOSE_ANOMALY, waiting),
        kinds=UNUSUAL,
        refused=refused,
        moment=datetime.fromisoformat,
    )


@bp.post("/<uuid:public_id>/closing")
@needs(CLOSE_ANOMALY)
def close(public_id: uuid.UUID) -> ResponseReturnValue:
    anomaly = find(Anomaly, public_id, may=CLOSE_ANOMALY)
    form = ReasonForm.of(lambda _: _page(public_id))
    actions.close_anomaly(anomaly, person(), now(), form.reason.data)
    flash(gettext("Closed, with your name and reason. No hour has changed."), "good")
    return see_other("anomalies.index")


def waiting(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """How many wait for the coordinator."""
    if "coordinator" not in {m.role for m, _ in grants_of(viewer, CLOSE_ANOMALY) if m.office_id == office.id}:
        return
    count = len(actions.anomalies_of(office, closed=False))
    if count:
        said = ngettext("%(num)d thing is unusual in the hours", "%(num)d things are unusual in the hours", count)
        yield Wait(said, url_for("anomalies.index"), gettext("Look at it"), icon="eye")
