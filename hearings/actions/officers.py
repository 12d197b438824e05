"""Hearing officers after the plan: a free place is filled, one is replaced; the parties hear the new name (H-42)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Person
from cases.actions.parties import hold_people
from errors import Refusal
from extensions import db
from hearings.actions.invitations import invite
from hearings.actions.planning import carry_out, officer_take
from hearings.actions.telling import hold, tell_of_newcomer
from hearings.models import Capacity, Hearing, HearingState, Participant
from hearings.plan_facts import Judging
from hearings.rules.planning import judge_capacities
from law import Doubt
from record.act import act, current_act
from scheduler.timeline.models import BookingStatus
from scheduler.timeline.timeline import Change, Free

OPEN = frozenset({HearingState.PLANNED, HearingState.NOTICED})


class NotPlanned(Refusal):
    code = "not_planned"
    message = "Hearing officers can be changed while a sitting is planned."


class NoHearingOfficer(Refusal):
    code = "no_hearing_officer"
    status = 422
    message = "This person is not a hearing officer of this hearing any more."
    help = "Reload the page; somebody may have been faster."


def choose_officer(
    hearing: Hearing,
    person: Person,
    by: Person,
    at: datetime,
    *,
    why: str,
    instead_of: Participant | None = None,
    despite: str = "",
) -> Participant:
    """Choose one more hearing officer, or one in another's place, and invite him.

    Raises: NotPlanned, NoHearingOfficer; NotPlannable with what speaks against him; ReasonNeeded.
    """
    hold_people(hearing.case)
    with act("hearing.choose_officer", hearing, by=by, at=at, reason=why, despite=despite):
        hold(hearing)
        event = hearing.event
        if event is None or hearing.state not in OPEN:
            raise NotPlanned()
        judging = Judging(hearing, at)
        changes: list[Change] = [officer_take(event, person)]
        if instead_of is not None:
            changes = [*_released(hearing, instead_of, at, why), *changes]
        doubts = _doubts(judging, person, why, event.starts_at)
        made = carry_out(changes, doubts, despite, list)
        chosen = Participant(
            hearing_id=hearing.id,
            office_id=hearing.office_id,
            capacity=Capacity.HEARING_OFFICER,
            person_id=person.id,
            booking_id=made[-1].id,
        )
        db.session.add(chosen)
        db.session.flush()
        db.session.expire(hearing, ["participants"])
        tell_of_newcomer(hearing, chosen, by, at)
        invite(chosen, by, at)
    return chosen


def _released(hearing: Hearing, participant: Participant, at: datetime, why: str) -> list[Change]:
    if not participant.live or participant.capacity != Capacity.HEARING_OFFICER or participant.hearing is not hearing:
        raise NoHearingOfficer()
    participant.ended_at, participant.ended_why = at, why
    current_act().facts["released"] = participant.person_id
    db.session.flush()
    return [Free(participant.booking, BookingStatus.RELEASED)] if participant.booking is not None else []


def _doubts(judging: Judging, person: Person, why: str, starts_at: datetime) -> Sequence[tuple[str, Doubt]]:
    hearing = judging.hearing
    found = [(person.name, doubt) for doubt in judging.of_officer(person, judging.day(starts_at))]
    here = [(p.person_id, p.name) for p in hearing.taking_part() if p.person_id is not None]
    found += [("", doubt) for doubt in judge_capacities([*here, (person.id, person.name)])]
    number = len(hearing.taking_part(Capacity.HEARING_OFFICER)) + 1
    return found + [("", doubt) for doubt in judging.of_panel(number, why) if doubt.code != "too_few_officers"]
