"""People of the case after the plan: taking in who was entered late, letting go who has left."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound, may
from accounts.web import find, needs, now, person, see_other, viewer
from cases.models import Party
from cases.words import ROLES
from hearings.actions.parties import let_go_party, take_in_party
from hearings.actions.planning import works_with
from hearings.actions.telling import usual_way
from hearings.forms.parties import TakingInForm
from hearings.forms.planning import time_offered
from hearings.models import Capacity, Channel, Hearing, HearingState, Participant
from hearings.panels import Missing
from hearings.plan_facts import Judging, left_behind, left_out
from hearings.rights import PLAN_HEARING, of_the_office
from hearings.rules.notice import latest_lawful, latest_safe
from hearings.views.planning import objections

bp = Blueprint("hearing_parties", __name__, url_prefix="/hearings/<uuid:public_id>/parties/<uuid:party_id>")


@bp.get("/participation")
@needs(PLAN_HEARING)
def write(public_id: uuid.UUID, party_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    if any(p.party is not None and p.party.public_id == party_id for p in hearing.taking_part(Capacity.PARTY)):
        return see_other("hearings.show", public_id=hearing.public_id)  # taken in already: the way back to this page
    return _page(hearing, _late(hearing, party_id), TakingInForm(formdata=None))


@bp.post("/participation")
@needs(PLAN_HEARING)
def take_in(public_id: uuid.UUID, party_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    party = _late(hearing, party_id)
    form = TakingInForm.of(lambda form: _page(hearing, party, form))
    offered = time_offered(form.at.data or "")
    if offered is not None:  # first the sitting moves
        return see_other("hearing_move.write", public_id=hearing.public_id, at=offered.isoformat())
    taken = take_in_party(hearing, party, person(), now(), despite=form.despite.data or "")
    flash(_what_follows(taken), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _what_follows(taken: Participant) -> str:
    if taken.hearing.state != HearingState.NOTICED:
        return gettext("%(name)s takes part now, and is given notice with everybody else.", name=taken.name)
    if taken.notices[-1].told_at is not None:
        return gettext("%(name)s takes part now, and is told by a message.", name=taken.name)
    return gettext("%(name)s takes part now, and has to be told by hand.", name=taken.name)


@bp.post("/release")
@needs(PLAN_HEARING)
def let_go(public_id: uuid.UUID, party_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=PLAN_HEARING)
    behind = next((p for p in left_behind(hearing) if p.party and p.party.public_id == party_id), None)
    if behind is None:
        raise NotFound()
    let_go_party(behind, person(), now())
    flash(gettext("%(name)s no longer takes part in the hearing.", name=behind.name), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _late(hearing: Hearing, party_id: uuid.UUID) -> Party:
    """Somebody of its case who does not take part yet. Raises: NotFound."""
    found = next((p for p in left_out(hearing) if p.public_id == party_id), None)
    if found is None:
        raise NotFound()
    return found


def _page(hearing: Hearing, party: Party, form: TakingInForm) -> str:
    event = hearing.event
    assert event is not None  # nobody is left out of a hearing without a time
    judging = Judging(hearing, now())
    sits_on, doubts = judging.day(event.starts_at), judging.of_party(party, event.starts_at)
    return render_template(
        "hearings/party.html",
        hearing=hearing,
        party=party,
        roles=ROLES,
        form=form,
        keeps_time=party.person is not None and works_with(party.person, hearing.office_id),
        by_message=usual_way(party) == Channel.MESSAGE,
        latest=latest_lawful(sits_on, judging.lax),
        safe=latest_safe(sits_on, judging.strict),
        doubts=doubts,
        asks=any(doubt.level == "warn" for _, doubt in doubts) or bool(form.despite.data),
        objections=objections(),
    )


def what_is_missing(hearing: Hearing) -> list[Missing]:
    """Who is in the case and not in the hearing, and who is in the hearing and no longer in the case."""
    if not of_the_office(viewer(), hearing) or hearing.state not in {HearingState.PLANNED, HearingState.NOTICED}:
        return []
    plans = may(viewer(), PLAN_HEARING, hearing)
    note, took, gone = gettext("Entered in the case after the plan"), gettext("Take in"), gettext("Let go")
    found = []
    for party in left_out(hearing):
        url = url_for("hearing_parties.write", public_id=hearing.public_id, party_id=party.public_id) if plans else ""
        found.append(Missing(gettext("%(name)s takes part", name=party.name), False, note, url, took))
    for behind in left_behind(hearing):
        left = behind.party is not None and behind.party.left_on is not None
        note = gettext("No longer in the case") if left else gettext("In another role in the case now")
        url = "#sitting" if plans else ""
        found.append(Missing(gettext("%(name)s no longer takes part", name=behind.name), False, note, url, gone))
    return found
