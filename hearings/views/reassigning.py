"""A hearing whose chair has the case no longer, or that has none: whoever has the case now takes it."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.web import find, needs, now, person, see_other
from hearings.actions.officers import OPEN
from hearings.actions.reassigning import chairs_no_more, hand_over_hearing, lacks_chair, seat_chair
from hearings.models import Hearing
from hearings.rights import PLAN_HEARING
from hearings.views.move import page_as_it_stands

bp = Blueprint("hearing_reassigning", __name__, url_prefix="/hearings/<uuid:public_id>")


@bp.post("/hand-over")
@needs(PLAN_HEARING)
def hand_over(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    chair = chairs_no_more(hearing)
    g.shown_again = (lambda _: page_as_it_stands(hearing), None)  # where he cannot come, the sitting has to move
    if chair is not None and hearing.state in OPEN:
        hand_over_hearing(chair, person(), now(), gettext("the case has another prosecutor"))
        flash(gettext("%(name)s chairs the hearing now.", name=hearing.case.handler.name), "good")
    elif lacks_chair(hearing, now()):
        seated = seat_chair(hearing, person(), now(), "")
        flash(gettext("%(name)s chairs the hearing now.", name=seated.name), "good")
    return see_other("hearings.show", public_id=hearing.public_id)
