"""Who hears of a hearing's acts (DOMAIN 8.1). Notices are told in the words settled when they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import has_request_context, request
from sqlalchemy import select

from accounts.models import Role
from accounts.rights import members
from extensions import db
from hearings.actions.telling import LAST
from hearings.dates import day_of
from hearings.models import Capacity, Channel, Hearing, Notice, Participant
from record.models import Act
from record.notices import Recipient, tells
from scheduler.notices import about_event

STAFF = (Capacity.CHAIR, Capacity.PROSECUTOR)


def _about(hearing: Hearing) -> dict[str, Any]:
    return about_event(hearing.event) if hearing.event is not None else {}


@tells("hearing.plan")
def who_holds_it(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    """Chair and prosecutors, but for whoever planned it himself."""
    for participant in hearing.taking_part(*STAFF):
        if participant.person_id is not None and participant.person_id != act.actor_id:
            yield Recipient(participant.person_id, "hearings/planned", _about(hearing))


@tells("hearing.hand_over")
def who_takes_it_over(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    """Whoever has the case now, where he has the place: it is in his calendar. A notice says it to him by itself."""
    mine = [one for one in hearing.taking_part(*STAFF) if one.person_id == hearing.case.handler_id]
    if mine and hearing.case.handler_id != act.actor_id and not act.facts.get("notices"):
        yield Recipient(hearing.case.handler_id, "hearings/handed_over", _about(hearing))


@tells("hearing.seat_chair")
def who_takes_the_chair(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    for participant in hearing.taking_part(Capacity.CHAIR):
        noticed = bool(act.facts.get("notices"))
        if participant.person_id is not None and participant.person_id != act.actor_id and not noticed:
            yield Recipient(participant.person_id, "hearings/planned", _about(hearing))


@tells("participant.invite")
def who_is_asked(act: Act, participant: Participant) -> Iterator[Recipient]:
    """The message holds the number of the invitation, not its link: that one is made where it is read."""
    if participant.person_id is not None:
        site = request.host_url.rstrip("/") if has_request_context() else ""
        facts = {"issue": participant.issue, "site": site, "moved": act.facts["moved"]}
        yield Recipient(participant.person_id, "hearings/invitation", {**facts, **_about(participant.hearing)})


@tells("participant.accept", "participant.decline", "participant.release")
def who_arranges_it(act: Act, participant: Participant) -> Iterator[Recipient]:
    """Whoever planned the sitting last."""
    planned = select(Act.actor_id).where(
        Act.subject_table == Hearing.__tablename__,
        Act.subject_id == participant.hearing_id,
        Act.name.in_(("hearing.plan", "hearing.replan", "hearing.choose_officer")),
    )
    planner = db.session.scalar(planned.order_by(Act.id.desc()).limit(1))
    if planner is not None and planner != act.actor_id:
        answer = act.name.rpartition(".")[2]
        yield Recipient(planner, "hearings/answer", {"name": participant.name, "answer": answer})


@tells(
    "hearing.notify",
    "hearing.replan",
    "hearing.choose_officer",
    "hearing.hand_over",
    "hearing.seat_chair",
    "hearing.take_in_party",
    "hearing.let_go_party",
    "hearing.exclude_public",
    "hearing.cancel",
)
def who_is_given_notice(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    """Those of its notices that go by message, word for word."""
    ids = act.facts.get("notices", [])
    for notice in db.session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id)):
        person_id = notice.participant.person_id
        if notice.channel == Channel.MESSAGE and person_id is not None:
            facts = {} if notice.kind in LAST else _about(hearing)
            yield Recipient(person_id, "hearings/notice", facts, frozen=notice.text)


@tells("hearing.exclude_public")
def who_prepares_it(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    """Who asked for it, approved, plans or keeps it as a public one; who is given notice reads it there. Whoever
    entered the minor as well: he may not know what follows from it."""
    case, approval = hearing.case, hearing.approval
    arranging = members(hearing.office_id, Role.COORDINATOR, day_of(act.at, hearing.office))
    people = [hearing.requested_by_id, case.handler_id, case.lead_id, case.clerk_id, *arranging]
    for one in dict.fromkeys([*people, approval.decided_by_id if approval else None]):
        if one is not None:
            yield Recipient(one, "hearings/not_public")


@tells("hearing.choose_officer")
def who_is_not_needed_any_more(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    released = act.facts.get("released")
    if released is not None and hearing.event is not None:
        yield Recipient(released, "hearings/released", {"at": hearing.event.starts_at.isoformat()})


@tells("hearing.lend_lawyer")
def who_is_lent(act: Act, hearing: Hearing) -> Iterator[Recipient]:
    yield Recipient(act.facts["lawyer"], "hearings/lent", _about(hearing))


@tells("hearing.give_back_lawyer")
def who_is_back_on_duty(act: Act, hearing: Hearing) -> Iterable[Recipient]:
    return _returned([act.facts["lawyer"]])


@tells("hearing.replan")
def whose_hour_went_back(act: Act, hearing: Hearing) -> Iterable[Recipient]:
    return _returned(act.facts.get("returned", []))


def _returned(people: Iterable[int]) -> list[Recipient]:
    return [Recipient(person_id, "hearings/lawyer_returned") for person_id in people]
