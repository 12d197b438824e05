"""Cancelling a hearing; the page names beforehand how many people hear of it."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import may
from accounts.web import find, needs, now, person, see_other, viewer
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.move import told_of_a_change
from hearings.models import HEARING, Hearing, Participant
from hearings.rights import PLAN_HEARING

bp = Blueprint("hearing_cancelling", __name__, url_prefix="/hearings/<uuid:public_id>")


@bp.post("/cancellation")
@needs(PLAN_HEARING)
def cancel(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    cancel_hearing(hearing, person(), now(), request.form.get("reason", "").strip())
    flash(gettext("The hearing is cancelled. Whoever is not reached by a message has to be called."), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def may_cancel(hearing: Hearing) -> bool:
    open_now = any(step.name == "cancel" for step in HEARING.open_steps(hearing))
    return open_now and may(viewer(), PLAN_HEARING, hearing)


def will_be_told(hearing: Hearing) -> list[Participant]:
    """Who hears of a cancellation."""
    return told_of_a_change(hearing) if hearing.event is not None else []
