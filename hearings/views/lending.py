"""A lawyer on duty for the hearing."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound, holds, may
from accounts.web import find, needs, now, person, see_other, viewer
from hearings.actions.lending import LENT_WHILE, give_back_lawyer, lawyers_on_duty, lend_lawyer
from hearings.forms.lending import LendingForm
from hearings.models import Capacity, Hearing
from hearings.panels import Panel
from hearings.rights import SEE_PARTICIPANTS
from hearings.views.hearings import page_of
from hearings.views.planning import objections
from scheduler.rights import LEND_LAWYER
from scheduler.timeline.models import Booking

LOAN = "lawyer"  # the form that stands on the hearing's page
bp = Blueprint("hearing_lawyer", __name__, url_prefix="/hearings/<uuid:hearing_id>/lawyer")


@bp.post("/<uuid:public_id>/loan")
@needs(LEND_LAWYER)
def lend(hearing_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    """Lend a session; `public_id` is its booking's."""
    hearing = find(Hearing, hearing_id, may=SEE_PARTICIPANTS)
    session = find(Booking, public_id, may=LEND_LAWYER)
    form = LendingForm.of(lambda form: page_of(hearing, **{LOAN: (session, form)}))
    lent = lend_lawyer(hearing, session, person(), now(), despite=form.despite.data or "")
    flash(gettext("%(name)s is lent to the hearing for its time.", name=lent.name), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


@bp.post("/<uuid:public_id>/return")
@needs(LEND_LAWYER)
def give_back(hearing_id: uuid.UUID, public_id: uuid.UUID) -> ResponseReturnValue:
    """Give an hour back; `public_id` is the booking's at the hearing."""
    hearing = find(Hearing, hearing_id, may=SEE_PARTICIPANTS)
    booking = find(Booking, public_id, may=LEND_LAWYER)
    lent = next((p for p in hearing.taking_part(Capacity.DUTY_LAWYER) if p.booking_id == booking.id), None)
    if lent is None:
        raise NotFound()
    give_back_lawyer(lent, person(), now(), request.form.get("reason", "").strip())
    flash(gettext("%(name)s is back on duty for the whole time.", name=lent.name), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def lawyer_panel(hearing: Hearing, forms: Any) -> Panel | None:
    if hearing.event is None or not may(viewer(), SEE_PARTICIPANTS, hearing):
        return None
    lends = hearing.state in LENT_WHILE and holds(viewer(), LEND_LAWYER)
    sent_for, form = forms.get(LOAN, (None, None))
    return Panel(
        "lawyer",
        gettext("Duty lawyer"),
        "hearings/_lawyer.html",
        {
            "lent": hearing.taking_part(Capacity.DUTY_LAWYER),
            "on_duty": lawyers_on_duty(hearing) if lends else [],
            "may_lend": lends,
            "sent_for": sent_for,
            "form": form,
            "objections": objections(),
        },
    )
