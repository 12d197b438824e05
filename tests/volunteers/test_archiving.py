"""Closed shifts are put away by the program once their hours have stood long enough (DOMAIN 8.3 `archive`, V-07)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from extensions import db
from record.act import act, history
from record.invariants import broken
from scheduler.deadlines.working_days import statutory
from tests.accounts.visitor import text_of
from tests.town import Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Kept
from tests.volunteers.test_countersign import to_be_signed
from tests.volunteers.test_incidents import served
from volunteers.actions.archiving import archive_settled
from volunteers.actions.confirmation import confirm
from volunteers.actions.corrections import Grounds, approve, ask, propose
from volunteers.actions.countersign import sign
from volunteers.actions.credit import append_due, close, close_settled, credited_minutes
from volunteers.actions.equipment import hand_out
from volunteers.actions.incidents import decide, note
from volunteers.actions.ticks import arrive, leave
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation
from volunteers.models.shifts import SHIFT, Shift
from volunteers.rules.archiving import is_put_away

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
NOON = local("2026-11-25 12:00")
LAST, NEXT = local("2026-12-09 23:59"), local("2026-12-10 00:00")  # ten working days after the 25th, and beyond
SHORTER = (START, END - timedelta(minutes=30))
SEEN = Grounds("he left early", "other", "camera of the crossing")


def counted(town: Town, crossing: Crossing) -> tuple[Shift, Attendance]:
    """A shift that is closed, and whoever served it; his equipment has not come back."""
    shift, officer = crossing.shift(), town.traffic_officer
    [one] = crossing.booked(shift, crossing.person())
    arrive(one, officer, START)
    hand_out(shift, None, officer, START)
    leave(one, officer, END)
    confirm(shift, officer, END)
    append_due(NOON)
    close_settled(END + timedelta(days=1, seconds=1))
    return shift, one


@pytest.mark.parametrize(
    ("since", "on", "within", "away"),
    [
        (date(2026, 11, 25), date(2026, 12, 9), 10, False),
        (date(2026, 11, 25), date(2026, 12, 10), 10, True),
        (date(2026, 11, 25), date(2026, 11, 26), 1, False),
        (date(2026, 11, 25), date(2026, 11, 27), 1, True),
        (date(2026, 9, 30), date(2026, 10, 8), 1, False),  # the first to the seventh of October are off
        (date(2026, 9, 30), date(2026, 10, 9), 1, True),
    ],
)
def test_it_is_put_away_when_the_last_working_day_is_over(since: date, on: date, within: int, away: bool) -> None:
    """V-07, C-01."""
    assert is_put_away(since, on, within, statutory({}).add_working_days) is away


def test_a_closed_shift_is_put_away_once_and_an_open_one_never(town: Town, crossing: Crossing) -> None:
    """8.3: by the program, one act; what nobody has confirmed stays open however long."""
    shift, one = counted(town, crossing)
    waits = crossing.shift(post=crossing.post("人民路口"))
    crossing.booked(waits, crossing.person())
    assert [archive_settled(at) for at in (LAST, NEXT, NEXT + timedelta(days=90))] == [0, 1, 0]
    db.session.expire_all()
    assert (shift.state, waits.state, one.state) == ("archived", "open", "credited")
    assert history(shift)[-2:] == ["shift.close", "shift.archive"]
    assert broken() == []


def test_what_is_asked_proposed_or_corrected_keeps_it_from_being_put_away(town: Town, crossing: Crossing) -> None:
    """8.6: while somebody waits for an answer; then the days run anew from the new line. Afterwards it is corrected all
    the same, as no day ends that (V-08)."""
    shift, one = counted(town, crossing)
    asked = ask(one, SHORTER, one.person, LAST, "I left early")
    assert archive_settled(NEXT) == 0
    propose(one, SHORTER, SEEN, town.coordinator, LAST)
    assert archive_settled(NEXT) == 0
    approve(asked, town.squad_leader, LAST, "the camera shows it")
    assert [archive_settled(local(f"2026-12-{day} 00:00")) for day in (10, 23, 24)] == [0, 0, 1]
    later = local("2027-01-05 10:00")
    approve(propose(one, (START, END), SEEN, town.coordinator, later), town.squad_leader, later, "another's")
    assert (shift.state, credited_minutes(one.assessment), broken()) == ("archived", 90, [])


def test_nothing_is_put_away_while_a_signature_or_the_office_is_waited_for(town: Town, crossing: Crossing) -> None:
    """8.3: no attendance left `confirmed`; and (3.3) nobody of whom it is open whether he stood there himself."""
    to_be_signed(town)
    officer, shift = town.traffic_officer, crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    served(town, one)
    confirm(shift, officer, END)
    close(shift, officer, NOON)
    assert (one.state, archive_settled(NEXT)) == ("confirmed", 0)
    with act("shift.forge", shift, by=None, at=NEXT):
        SHIFT.step("archive", shift)
        said = [(one.invariant, one.what) for one in broken()]
        db.session.rollback()
    assert said == [("DOMAIN 8.3 in a shift that is put away nothing waits to be credited", f"attendance {one.id}")]
    sign(all_of(Confirmation), town.squad_leader, END + timedelta(minutes=11))
    assert [archive_settled(at) for at in (LAST, NEXT)] == [0, 1]


def test_an_impostor_keeps_a_shift_until_somebody_has_decided(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    served(town, one)
    confirm(shift, town.traffic_officer, END)
    append_due(NOON)
    said = note(shift, one, "impostor", "", town.traffic_officer, NOON)
    close_settled(END + timedelta(days=1, seconds=1))
    assert (shift.state, archive_settled(NEXT)) == ("closed", 0)
    decide(said, True, town.coordinator, NEXT, "it was he")
    assert archive_settled(NEXT) == 1


def test_whoever_could_read_a_closed_shift_reads_it_after_it_was_put_away(town: Town, crossing: Crossing) -> None:
    """Word for word, but for its state and the line in its history: the desk, the officer, the volunteer."""
    shift, one = counted(town, crossing)
    key, own = shift.public_id, one.assessment.public_id
    person, officer, coordinator = (
        Kept(who) for who in (crossing.account(one.person), town.traffic_officer, town.coordinator)
    )
    looks = [
        (coordinator, f"/shifts/{key}"),
        (coordinator, "/shifts?show=past"),
        (coordinator, "/shifts/week?on=2026-11-25"),
        (coordinator, f"/assessments/{own}"),
        (coordinator, "/assessments/board"),
        (coordinator, "/service-exports"),
        (coordinator, "/equipment"),
        (officer, f"/crossing/{key}"),
        (person, "/hours"),
        (person, "/bookings"),
    ]

    words = re.compile(r"Archived|Closed|Thu 10 Dec 00:00 · the program put a shift away .*? state\b", re.DOTALL)

    def read() -> list[tuple[str, int, list[str]]]:
        answers = [(address, town.browser(who.row()).get(address)) for who, address in looks]
        return [(address, one.status_code, words.sub("", text_of(one)).split()) for address, one in answers]

    before = read()
    assert [address for address, status, _ in before if status != 200] == []
    assert archive_settled(NEXT) == 1
    assert read() == before
