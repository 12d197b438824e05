"""A hearing has its chair: a leave takes him, the handler or the lead prosecutor is seated, the parties hear of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from accounts.actions.people import enter_person
from accounts.models import Person
from cases.actions.reassigning import reassign_case
from extensions import db
from hearings.actions.move import move_sitting
from hearings.actions.notice import ChairMissing, notify_hearing
from hearings.actions.reassigning import ChairNeeded, NotHandedOver, lacks_chair, seat_chair
from hearings.models import Hearing
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Message
from scheduler.actions.absence import approve_absence, request_absence, withdraw_absence
from tests.cases.made import a_party
from tests.cases.test_reassigning import colleague
from tests.hearings.planned import approved, participant, planned, the_case
from tests.town import NOW, Town, local

DAY = "2026-12-02 00:00", "2026-12-03 00:00"


@pytest.fixture
def hearing(town: Town) -> Hearing:
    """With a party whom the office knows, and a lead prosecutor beside the handler."""
    case = the_case(town, lead_id=colleague(town).id)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    return planned(town, hearing=approved(town, case)).hearing


def on_leave(town: Town, hearing: Hearing, person: Person) -> None:
    """The person's leave of the day of the sitting is approved, and frees whatever he holds there."""
    leave = request_absence(person, town.office, *map(local, DAY), by=person, at=NOW)
    his = [p.booking_id for p in hearing.taking_part() if p.person_id == person.id]
    approve_absence(leave, town.coordinator, NOW, release=his)


def chairs(hearing: Hearing) -> list[tuple[str, str]]:
    db.session.expire_all()
    return [(p.name, p.booking.status) for p in hearing.taking_part("chair")]


def told(hearing: Hearing, name: str) -> list[tuple[str, bool, bool]]:
    """The notices somebody had: kind, and whether the old and the new chair stand in it."""
    mine = [n for n in hearing.notices if n.participant.name == name]
    return [(n.kind, "主持人：郑检察" in n.text, "主持人：新检察" in n.text) for n in mine]


def test_no_notice_is_given_while_nobody_chairs_the_hearing(town: Town, hearing: Hearing) -> None:
    """H-42."""
    on_leave(town, hearing, town.prosecutor)
    assert (chairs(hearing), lacks_chair(hearing, NOW)) == ([], True)
    with pytest.raises(ChairMissing):
        notify_hearing(hearing, {}, town.coordinator, NOW)
    assert (hearing.state, broken()) == ("planned", [])


def test_the_handler_takes_the_empty_chair_of_a_sitting_that_is_moved(town: Town, hearing: Hearing) -> None:
    on_leave(town, hearing, town.prosecutor)
    move_sitting(hearing.sitting, local("2026-12-03 09:00"), 90, town.coordinator, NOW, "换日", room=town.room())
    assert (chairs(hearing), lacks_chair(hearing, NOW)) == ([(town.prosecutor.name, "accepted")], False)
    assert (history(hearing)[-2:], broken()) == (["hearing.seat_chair", "hearing.replan"], [])


def test_the_lead_prosecutor_is_seated_where_the_handler_is_away(town: Town, hearing: Hearing) -> None:
    """H-27."""
    lead = hearing.case.lead
    on_leave(town, hearing, town.prosecutor)
    assert seat_chair(hearing, town.coordinator, NOW, "") is lead
    assert (chairs(hearing), history(hearing)[-1]) == ([("新检察", "accepted")], "hearing.seat_chair")
    heard = select(Message.recipient_id).where(Message.template == "hearings/planned")
    assert lead.id in set(db.session.scalars(heard))
    notify_hearing(hearing, {}, town.coordinator, NOW)
    assert (told(hearing, "何志愿"), broken()) == ([("time", False, True)], [])


def test_a_handler_who_must_chair_is_replaced_by_nobody(town: Town) -> None:
    """H-27."""
    case = the_case(town, handler_id=town.chief.id, lead_id=colleague(town).id)
    hearing = planned(town, hearing=approved(town, case), chair=town.chief).hearing
    on_leave(town, hearing, town.chief)
    with pytest.raises(NotHandedOver):
        seat_chair(hearing, town.coordinator, NOW, "")
    assert (chairs(hearing), lacks_chair(hearing, NOW)) == ([], True)


def test_after_notice_the_chair_on_leave_is_replaced_at_once(town: Town, hearing: Hearing) -> None:
    notify_hearing(hearing, {}, town.coordinator, NOW)
    on_leave(town, hearing, town.prosecutor)
    assert (chairs(hearing), hearing.state, broken()) == ([("新检察", "accepted")], "noticed", [])
    assert told(hearing, "何志愿") == [("time", True, False), ("change", False, True)]


def test_after_notice_the_parties_hear_at_once_who_chairs_when_the_case_changes_hands(town: Town) -> None:
    """H-42."""
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    hearing = planned(town, hearing=approved(town, case)).hearing
    notify_hearing(hearing, {}, town.coordinator, NOW)
    to = colleague(town)
    reassign_case(case, to, town.chief, NOW, "人员调整")
    assert (chairs(hearing), hearing.state) == ([("新检察", "accepted")], "noticed")
    assert told(hearing, "何志愿") == [("time", True, False), ("change", False, True)]
    assert told(hearing, "新检察") == [("time", False, True)]
    one = select(Message.template).where(Message.recipient_id == to.id, Message.template.startswith("hearings/"))
    assert (list(db.session.scalars(one)), broken()) == (["hearings/notice"], [])


def test_before_notice_nobody_hears_that_another_chairs(town: Town, hearing: Hearing) -> None:
    reassign_case(hearing.case, town.deputy_chief, town.chief, NOW, "人员调整")
    assert (chairs(hearing), list(hearing.notices)) == ([(town.deputy_chief.name, "accepted")], [])


def test_after_notice_a_chair_whom_nobody_replaces_gets_no_leave(town: Town) -> None:
    hearing = planned(town).hearing
    notify_hearing(hearing, {}, town.coordinator, NOW)
    with pytest.raises(ChairNeeded):
        on_leave(town, hearing, town.prosecutor)
    assert (chairs(hearing), broken()) == ([(town.prosecutor.name, "accepted")], [])


def test_leave_entered_once_the_sitting_is_over_asks_for_no_chair(town: Town) -> None:
    hearing = planned(town).hearing
    notify_hearing(hearing, {}, town.coordinator, NOW)
    after = local("2026-12-04 09:00")
    leave = request_absence(town.prosecutor, town.office, *map(local, DAY), by=town.coordinator, at=after)
    approve_absence(leave, town.coordinator, after, release=[participant(hearing, town.prosecutor.name).booking_id])
    assert (chairs(hearing), broken()) == ([], [])


def test_verify_db_notices_a_hearing_that_people_expect_and_nobody_chairs(town: Town, hearing: Hearing) -> None:
    notify_hearing(hearing, {}, town.coordinator, NOW)
    assert broken() == []
    row = {"key": hearing.taking_part("chair")[0].id, "on": NOW.isoformat(sep=" ")}
    with act("hearing.change", hearing, by=None, at=NOW):
        db.session.execute(text("UPDATE hearing_participant SET ended_at = :on WHERE id = :key"), row)
    db.session.expire_all()
    name = "somebody chairs a noticed hearing until its sitting begins (H-27, H-42)"
    assert [b.what for b in broken() if b.invariant == name] == [f"hearing {hearing.id}"]


def test_the_empty_chair_is_on_the_page_and_on_the_desk_of_who_plans(town: Town, hearing: Hearing) -> None:
    on_leave(town, hearing, town.prosecutor)
    key, page = hearing.id, f"/hearings/{hearing.public_id}"
    db.session.remove()
    desk = town.browser(town.coordinator)
    shown = desk.get(page).text
    assert [words in shown for words in ("Somebody in the chair", "nobody chairs it", f"{page}/hand-over")] == [
        True
    ] * 3
    assert "Nobody chairs a hearing" in desk.get("/").text
    assert desk.post(f"{page}/hand-over").status_code == 303
    assert chairs(db.session.get_one(Hearing, key)) == [("新检察", "accepted")]
    again = desk.get(page).text
    assert ("Somebody in the chair" in again, "Nobody chairs a hearing" in desk.get("/").text) == (False, False)


def test_a_sitting_that_is_over_lacks_no_chair_and_nobody_is_written_into_it(town: Town, hearing: Hearing) -> None:
    """Leave entered afterwards frees his time; who chaired it is what it was."""
    notify_hearing(hearing, {}, town.coordinator, NOW)
    after = local("2026-12-04 09:00")
    leave = request_absence(town.prosecutor, town.office, *map(local, DAY), by=town.coordinator, at=after)
    his = participant(hearing, town.prosecutor.name).booking_id
    approve_absence(leave, town.coordinator, after, release=[his])
    assert (chairs(hearing), lacks_chair(hearing, after)) == ([], False)
    with pytest.raises(OffCourse):
        seat_chair(hearing, town.coordinator, after, "")
    assert (chairs(hearing), broken()) == ([], [])


def test_whoever_presses_second_finds_who_chairs_by_then(town: Town, hearing: Hearing) -> None:
    on_leave(town, hearing, town.prosecutor)
    lead = hearing.case.lead
    assert [seat_chair(hearing, town.coordinator, NOW, "") for _ in range(2)] == [lead, lead]
    assert (chairs(hearing), [p.name for p in hearing.taking_part("prosecutor")]) == ([("新检察", "accepted")], [])


def test_a_handler_without_a_role_leaves_the_chair_to_the_lead_prosecutor(town: Town) -> None:
    """As planning would refuse him."""
    lead = colleague(town)
    case = the_case(town, lead_id=lead.id)
    hearing = planned(town, hearing=approved(town, case), chair=lead).hearing
    leave = request_absence(lead, town.office, *map(local, DAY), by=lead, at=NOW)
    named = enter_person({"name": "陌检察"}, town.office, by=town.coordinator, at=NOW)
    with act("case.correct", case, by=town.coordinator, at=NOW):
        case.handler_id = named.id
    his = [p.booking_id for p in hearing.taking_part() if p.person_id == lead.id]
    approve_absence(leave, town.coordinator, NOW, release=his)
    withdraw_absence(leave, town.coordinator, NOW, "回来了")
    assert (seat_chair(hearing, town.coordinator, NOW, ""), broken()) == (lead, [])
