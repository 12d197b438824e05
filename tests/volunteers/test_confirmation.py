"""From the tick to the credit: who may, what counts, undo, final, append-only (D-28, D-29, I09 to I18, I44, I45)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from exchange.actions.worklist import raise_flag, reopen_flag, settle_flag
from exchange.judging import Finding
from exchange.models import Decision, Flag
from extensions import db
from record.act import act, history, transaction
from record.course import OffCourse
from record.invariants import broken
from tests.engines import LONG_ON_POSTGRESQL, grown
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.booking import report_absence
from volunteers.actions.confirmation import (
    ConfirmedAlready,
    NothingToConfirm,
    NothingToUndo,
    NotYours,
    UndoneAlready,
    UndoOver,
    confirm,
    sheet,
    undo,
)
from volunteers.actions.credit import StillOpen, StillRuns, append_due, close, close_settled, credited_minutes
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.postings import post_officer
from volunteers.actions.steering import stop
from volunteers.actions.ticks import (
    Device,
    LeftBeforeComing,
    NotForOneself,
    NotPosted,
    NotYetBegun,
    OutsideTheShift,
    TickReasonNeeded,
    TimeAhead,
    TooEarly,
    TooEarlyToArrive,
    arrive,
    call,
    correct_tick,
    leave,
    miss,
    tick_all,
)
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.ledger import Confirmation, CreditEntry, CreditSpan
from volunteers.models.shifts import Shift

END = local("2026-11-25 09:00")
EVENING = local("2026-11-25 09:05")


@grown("ten")
def book_ten(town: Town) -> None:
    crossing = Crossing(town)
    crossing.booked(crossing.shift(), *(crossing.person() for _ in range(10)))


@pytest.fixture
def ten(town: Town) -> Shift:
    """A shift on which ten people have booked."""
    [shift] = all_of(Shift)
    return shift


def states(shift: Shift) -> list[str]:
    db.session.expire_all()
    return [one.state for one in shift.attendances]


def clock(tick: Tick) -> str:
    return f"{tick.kind} {(tick.at + timedelta(hours=8)):%H:%M}"


def test_a_tick_is_a_fact_with_the_devices_time_the_servers_and_its_author(town: Town, ten: Shift) -> None:
    officer, one = town.traffic_officer, ten.attendances[0]
    stated = local("2026-11-25 07:31")
    tick = arrive(one, officer, local("2026-11-25 07:33"), Device("phone", stated))
    assert (tick.kind, tick.at, tick.device_at, tick.server_at, tick.device, tick.by) == (
        "in",
        stated,
        stated,
        local("2026-11-25 07:33"),
        "phone",
        officer,
    )
    assert (one.state, history(one)) == ("arrived", ["attendance.book", "attendance.arrive"])


def test_only_an_officer_posted_to_the_shift_ticks(town: Town, ten: Shift) -> None:
    """I15."""
    other = enter_person({"name": "别的民警"}, town.office, by=None, at=NOW)
    give_membership(other, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    one = ten.attendances[0]
    for step in (arrive, miss):
        with pytest.raises(NotPosted):
            step(one, other, END)
    with pytest.raises(NotPosted):
        confirm(ten, other, EVENING)
    post_officer(ten, other, town.coordinator, EVENING, "朱交警 was called away")
    arrive(one, other, END)
    assert [p.reason for p in ten.postings] == ["", "朱交警 was called away"]


def test_nobody_ticks_or_confirms_himself_even_where_he_is_posted(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    officer = crossing.person()
    give_membership(officer, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    [own] = crossing.booked(shift, officer)
    post_officer(shift, officer, town.coordinator, NOW, "help")
    with pytest.raises(NotForOneself):
        arrive(own, officer, END)
    tick_all(shift, town.traffic_officer, EVENING)
    assert [line.problem for line in sheet(shift, officer)] == ["oneself"]
    with pytest.raises(NothingToConfirm):
        confirm(shift, officer, EVENING)
    with pytest.raises(IntegrityError, match="not_for_oneself"), act("x", shift, by=officer, at=EVENING):
        db.session.add(word(own, officer, 90))
        db.session.flush()


def word(attendance: Attendance, officer: Person, minutes: int) -> Confirmation:
    """A confirmation as somebody might write it past the actions."""
    event = attendance.shift.event
    return Confirmation(
        office_id=attendance.office_id,
        attendance_id=attendance.id,
        shift_id=attendance.shift_id,
        person_id=attendance.person_id,
        by_id=officer.id,
        batch=attendance.public_id,
        minutes=minutes,
        shift_minutes=attendance.shift.minutes,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        confirmed_at=EVENING,
        final_at=EVENING,
    )


def test_all_present_for_the_full_time_is_said_from_the_end_on(town: Town, ten: Shift) -> None:
    with pytest.raises(TooEarly):
        tick_all(ten, town.traffic_officer, END - timedelta(seconds=1))
    tick_all(ten, town.traffic_officer, END)
    assert states(ten) == ["left"] * 10


def test_a_whole_shift_is_ticked_only_where_no_tick_stands(town: Town, ten: Shift) -> None:
    """SETTLED 15: the one who came at 07:42 keeps his time, the one who said he cannot come stays absent."""
    late, gone, missing, *_ = ten.attendances
    arrive(late, town.traffic_officer, local("2026-11-25 07:42"))
    report_absence(gone, gone.person, local("2026-11-25 07:00"))
    miss(missing, town.traffic_officer, local("2026-11-25 08:00"))
    tick_all(ten, town.traffic_officer, EVENING)
    assert states(ten) == ["left", "absent", "no_show", *["left"] * 7]
    assert [clock(t) for t in late.ticks] == ["in 07:42", "out 09:00"]
    assert [clock(t) for t in ten.attendances[3].ticks] == ["in 07:30", "out 09:00"]


def test_a_shift_of_ten_is_confirmed_in_one_press_with_a_result_for_each(town: Town, ten: Shift) -> None:
    officer = town.traffic_officer
    late, missing = ten.attendances[:2]
    arrive(late, officer, local("2026-11-25 07:42"))
    miss(missing, officer, local("2026-11-25 08:00"))
    tick_all(ten, officer, EVENING)
    results = confirm(ten, officer, EVENING)
    assert sorted((r.minutes, r.problem) for r in results) == [(78, ""), *[(90, "")] * 8]
    assert states(ten) == ["confirmed", "no_show", *["confirmed"] * 8]
    assert history(late) == ["attendance.book", "attendance.arrive", "attendance.leave", "attendance.confirm"]
    assert credited_minutes(late.assessment) == 0
    assert broken() == []


def test_the_sheet_names_the_minutes_that_differ_and_who_is_left_out(town: Town, ten: Shift) -> None:
    officer = town.traffic_officer
    late, here, short, *others = ten.attendances
    arrive(late, officer, local("2026-11-25 07:41"))
    leave(late, officer, END)
    arrive(here, officer, local("2026-11-25 07:30"))
    arrive(short, officer, local("2026-11-25 08:59"))
    leave(short, officer, local("2026-11-25 08:59"))
    lines = {line.attendance.id: line for line in sheet(ten, officer)}
    told = [(lines[a.id].minutes, lines[a.id].problem, lines[a.id].late) for a in (late, here, short)]
    assert told == [(79, "", True), (0, "not_left", False), (0, "nothing_served", True)]
    assert {lines[a.id].problem for a in others} == {"not_come"}
    assert [r.problem for r in confirm(ten, officer, EVENING) if not r.problem] == [""]


def test_a_confirmation_is_undone_by_its_author_for_ten_minutes(town: Town, ten: Shift) -> None:
    """Both sides of the edge of service.confirm_undo."""
    officer = town.traffic_officer
    tick_all(ten, officer, EVENING)
    confirm(ten, officer, EVENING)
    [batch] = {c.batch for c in all_of(Confirmation)}
    with pytest.raises(NotYours):
        undo(ten, batch, town.coordinator, EVENING + timedelta(minutes=1))
    assert undo(ten, batch, officer, EVENING + timedelta(minutes=9, seconds=59)) == 10
    assert states(ten) == ["left"] * 10
    confirm(ten, officer, EVENING + timedelta(minutes=20))
    [_, again] = dict.fromkeys(c.batch for c in all_of(Confirmation))
    with pytest.raises(UndoOver):
        undo(ten, again, officer, EVENING + timedelta(minutes=30))


def test_a_second_tab_is_told_who_has_confirmed_or_taken_back_already_and_when(town: Town, ten: Shift) -> None:
    officer, second = town.traffic_officer, EVENING + timedelta(minutes=1)
    with pytest.raises(NothingToConfirm):
        confirm(ten, officer, EVENING)
    tick_all(ten, officer, EVENING)
    confirm(ten, officer, EVENING)
    with pytest.raises(ConfirmedAlready) as confirmed:
        confirm(ten, officer, second, (10, 900))
    assert confirmed.value.facts == {"people": 10, "name": "朱交警", "at": EVENING}
    batch = all_of(Confirmation)[0].batch
    undo(ten, batch, officer, second)
    with pytest.raises(UndoneAlready) as undone:
        undo(ten, batch, officer, second + timedelta(seconds=5))
    with pytest.raises(NothingToUndo):
        undo(ten, ten.public_id, officer, second)
    assert (undone.value.facts, states(ten)) == ({"at": second}, ["left"] * 10)


def test_the_credit_is_appended_once_when_the_undo_time_is_over(town: Town, ten: Shift) -> None:
    """I44: not a second before."""
    officer = town.traffic_officer
    tick_all(ten, officer, EVENING)
    confirm(ten, officer, EVENING)
    assert append_due(EVENING + timedelta(minutes=9, seconds=59)) == 0
    assert append_due(EVENING + timedelta(minutes=10)) == 10
    assert append_due(EVENING + timedelta(minutes=11)) == 0
    assert states(ten) == ["credited"] * 10
    assert [(c.kind, c.minutes, c.final_at) for c in all_of(CreditEntry)] == [
        ("credit", 90, EVENING + timedelta(minutes=10))
    ] * 10
    assert len(db.session.scalars(select(CreditSpan)).all()) == 10
    assert history(ten.attendances[0])[-2:] == ["attendance.confirm", "attendance.credit"]
    assert broken() == []


def test_what_was_undone_never_becomes_a_credit(town: Town, ten: Shift) -> None:
    """I44."""
    officer = town.traffic_officer
    tick_all(ten, officer, EVENING)
    confirm(ten, officer, EVENING)
    undo(ten, all_of(Confirmation)[0].batch, officer, EVENING + timedelta(minutes=1))
    assert append_due(EVENING + timedelta(days=1)) == 0
    undone = all_of(Confirmation)[0]
    with pytest.raises(IntegrityError, match="credit_of_a_standing_confirmation"):
        with act("x", undone, by=None, at=EVENING + timedelta(days=1)):
            db.session.add(entry(undone, 90))
            db.session.flush()


def entry(confirmation: Confirmation, minutes: int, at=EVENING + timedelta(days=1)) -> CreditEntry:
    """A credit as somebody might write it past the actions."""
    attendance = db.session.get_one(Attendance, confirmation.attendance_id)
    return CreditEntry(
        office_id=attendance.office_id,
        attendance_id=attendance.id,
        confirmation_id=confirmation.id,
        assessment_id=attendance.assessment_id,
        person_id=attendance.person_id,
        minutes=minutes,
        attended_minutes=confirmation.minutes,
        final_at=confirmation.final_at,
        credited_at=at,
        starts_at=confirmation.starts_at,
        ends_at=confirmation.ends_at,
    )


def test_closing_a_shift_as_final_credits_at_once(town: Town, ten: Shift) -> None:
    officer = town.traffic_officer
    tick_all(ten, officer, EVENING)
    with pytest.raises(StillOpen) as refusal:
        close(ten, officer, EVENING)
    assert refusal.value.count == 10
    confirm(ten, officer, EVENING)
    close(ten, officer, EVENING + timedelta(seconds=5))
    assert (ten.state, states(ten)) == ("closed", ["credited"] * 10)
    with pytest.raises(UndoOver):
        undo(ten, all_of(Confirmation)[0].batch, officer, EVENING + timedelta(seconds=6))
    assert broken() == []


def test_a_shift_in_which_nothing_is_open_closes_by_itself_a_day_later(town: Town, ten: Shift) -> None:
    officer = town.traffic_officer
    tick_all(ten, officer, EVENING)
    confirm(ten, officer, EVENING)
    assert close_settled(END + timedelta(hours=25)) == 0
    append_due(EVENING + timedelta(minutes=10))
    assert close_settled(END + timedelta(hours=24)) == 0
    assert close_settled(END + timedelta(hours=24, seconds=1)) == 1
    assert ten.state == "closed"


def test_hours_are_complete_when_the_ledger_says_so(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    done, short = crossing.person(minutes=90), crossing.person(minutes=91)
    crossing.booked(shift, done, short)
    tick_all(shift, town.traffic_officer, EVENING)
    confirm(shift, town.traffic_officer, EVENING)
    append_due(EVENING + timedelta(minutes=10))
    told = [assessment_at(person, shift.office_id) for person in (done, short)]
    assert [(a.state, credited_minutes(a)) for a in told] == [("hours_complete", 90), ("serving", 90)]


def test_who_did_not_come_is_said_from_the_start_on(town: Town, ten: Shift) -> None:
    one, other = ten.attendances[:2]
    with pytest.raises(NotYetBegun):
        miss(one, town.traffic_officer, local("2026-11-25 07:29"))
    miss(one, town.traffic_officer, local("2026-11-25 07:30"))
    arrive(other, town.traffic_officer, local("2026-11-25 07:30"))
    with pytest.raises(OffCourse):
        miss(other, town.traffic_officer, END)
    assert (one.state, one.outcome, one.fault) == ("no_show", "no_show", "person")


def test_people_are_ticked_in_from_an_hour_before_the_start_on(town: Town, ten: Shift) -> None:
    one, other = ten.attendances[:2]
    with pytest.raises(TooEarlyToArrive) as refused:
        arrive(one, town.traffic_officer, local("2026-11-25 06:29"))
    arrive(other, town.traffic_officer, local("2026-11-25 06:30"))
    told = (one.state, other.state, refused.value.facts["from_at"])
    assert told == ("booked", "arrived", local("2026-11-25 06:30"))


def test_a_time_is_corrected_by_its_author_with_a_reason_and_nothing_is_overwritten(town: Town, ten: Shift) -> None:
    officer, one = town.traffic_officer, ten.attendances[0]
    arrive(one, officer, local("2026-11-25 07:45"))
    leave(one, officer, END)
    with pytest.raises(TickReasonNeeded):
        correct_tick(one, "in", local("2026-11-25 07:30"), officer, EVENING, " ")
    with pytest.raises(LeftBeforeComing):
        correct_tick(one, "in", END, officer, EVENING, "typed wrong")
    with pytest.raises(TimeAhead):
        correct_tick(one, "out", EVENING + timedelta(minutes=1), officer, EVENING, "typed wrong")
    for kind, said in (("in", "06:29"), ("in", "09:01"), ("out", "07:29")):
        with pytest.raises(OutsideTheShift) as outside:
            correct_tick(one, kind, local(f"2026-11-25 {said}"), officer, EVENING, "typed wrong")
        assert outside.value.facts["ends_at"] == END
    correct_tick(one, "in", local("2026-11-25 07:30"), officer, EVENING, "he helped a child first")
    assert [(clock(t), t.replaces_id is not None) for t in one.ticks] == [
        ("in 07:45", False),
        ("out 09:00", False),
        ("in 07:30", True),
    ]
    line = next(x for x in sheet(ten, officer) if x.attendance.id == one.id)
    assert (line.minutes, line.problem) == (90, "")


def test_two_officers_who_disagree_are_left_out_of_the_confirmation(town: Town, ten: Shift) -> None:
    """I45: more than a minute apart."""
    other = enter_person({"name": "别的民警"}, town.office, by=None, at=NOW)
    give_membership(other, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    post_officer(ten, other, town.coordinator, NOW, "two are needed")
    one = ten.attendances[0]
    arrive(one, town.traffic_officer, local("2026-11-25 07:45"))
    correct_tick(one, "in", local("2026-11-25 07:30"), other, EVENING, "I saw him at half past")
    tick_all(ten, other, EVENING)
    results = confirm(ten, other, EVENING)
    assert sorted(r.problem for r in results) == [*[""] * 9, "disagree"]
    assert one.state == "left"


def test_a_call_is_an_act_and_the_number_is_not_on_the_roll(town: Town, ten: Shift) -> None:
    """D-24."""
    one = ten.attendances[0]
    assert call(one, town.traffic_officer, NOW) == one.person.phone
    assert history(one) == ["attendance.book", "attendance.call"]
    with pytest.raises(NotPosted):
        call(one, town.squad_leader, NOW)


@LONG_ON_POSTGRESQL
def test_paper_rows_wait_for_their_officer_and_a_doubt_keeps_them_back(brought: Town) -> None:
    """SETTLED 1; data/README: a flagged sign-in credits nothing until a person has settled it."""
    flag = db.session.scalars(select(Flag).where(Flag.code == "statutory_holiday")).one()
    attendance = db.session.get_one(Attendance, flag.subject_id)
    shift, [posting] = attendance.shift, attendance.shift.postings
    with pytest.raises(NothingToConfirm):
        confirm(shift, posting.person, NOW)
    assert [line.problem for line in sheet(shift, posting.person)] == ["doubtful"]
    settle_flag(flag, Decision.ACCEPTED, brought.coordinator, NOW, "the squad asked for this day")
    assert [r.minutes for r in confirm(shift, posting.person, NOW)] == [90]


@pytest.mark.parametrize("early", [timedelta(days=3), timedelta(seconds=1)])
def test_a_shift_is_not_closed_before_its_end_even_with_nobody_on_it(
    town: Town, crossing: Crossing, early: timedelta
) -> None:
    """Nothing opens it again, and whoever would still book or wait is not told."""
    shift = crossing.shift()
    with pytest.raises(StillRuns) as refusal:
        close(shift, town.traffic_officer, shift.event.ends_at - early)
    assert (shift.state, refusal.value.facts) == ("open", {"ends_at": shift.event.ends_at})
    close(shift, town.traffic_officer, shift.event.ends_at)
    assert shift.state == "closed"


def test_a_shift_that_was_stopped_is_over_and_can_be_closed(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    [one] = crossing.booked(shift, crossing.person())
    begun = shift.event.starts_at
    arrive(one, town.traffic_officer, begun - timedelta(minutes=10))
    stop(shift, town.traffic_officer, begun - timedelta(minutes=5), "storm")
    close(shift, town.traffic_officer, begun - timedelta(minutes=4))
    assert (shift.state, one.outcome) == ("closed", "cancelled_by_service")


def test_a_struck_out_row_is_never_confirmed_and_its_shift_can_be_closed(brought: Town) -> None:
    flag = db.session.scalars(select(Flag).where(Flag.code == "outside_period")).one()
    attendance = db.session.get_one(Attendance, flag.subject_id)
    shift, [posting] = attendance.shift, attendance.shift.postings
    settle_flag(flag, Decision.STRUCK_OUT, brought.coordinator, NOW, "not yet under assessment")
    assert ([line.problem for line in sheet(shift, posting.person)], attendance.struck_out) == (["struck_out"], True)
    with pytest.raises(NothingToConfirm):
        confirm(shift, posting.person, NOW)
    close(shift, posting.person, NOW)
    assert shift.state == "closed"


def test_a_row_struck_out_for_one_doubt_stays_so_whatever_is_said_of_another(brought: Town) -> None:
    first = db.session.scalars(select(Flag).where(Flag.code == "outside_period")).one()
    attendance = db.session.get_one(Attendance, first.subject_id)
    finding = Finding(first.row, "on", "", "outside_window")
    with transaction():
        second = raise_flag(first.run, finding, attendance, about="", value="", by=brought.coordinator, at=NOW)

    def settle(flag: Flag, decision: Decision) -> bool:
        settle_flag(flag, decision, brought.coordinator, NOW, "looked at the paper")
        return attendance.struck_out

    assert [settle(first, Decision.STRUCK_OUT), settle(second, Decision.ACCEPTED)] == [True, True]
    assert [line.problem for line in sheet(attendance.shift, attendance.shift.postings[0].person)] == ["struck_out"]
    reopen_flag(first, brought.coordinator, NOW)
    assert (attendance.struck_out, settle(first, Decision.ACCEPTED)) == (False, False)
    assert [line.problem for line in sheet(attendance.shift, attendance.shift.postings[0].person)] == [""]


def test_a_whole_paper_sheet_of_ten_is_confirmed_in_one_press(brought: Town) -> None:
    shift = db.session.scalars(
        select(Shift).where(Shift.starts_on == date(2026, 10, 14), Shift.from_paper, Shift.slot == "morning")
    ).all()
    [shift] = [one for one in shift if one.post.name == "枫林路与人民路口"]
    officer = shift.postings[0].person
    results = confirm(shift, officer, NOW)
    assert (len(results), sum(r.minutes for r in results)) == (10, sum(line_minutes(a) for a in shift.attendances))
    append_due(NOW + timedelta(minutes=10))
    assert states(shift) == ["credited"] * 10
    assert broken() == []


def line_minutes(attendance: Attendance) -> int:
    came, left = attendance.ticks
    return int((left.at - came.at).total_seconds()) // 60


@grown("credited")
def credit_ten(town: Town) -> None:
    book_ten(town)
    [shift] = all_of(Shift)
    tick_all(shift, town.traffic_officer, EVENING)
    confirm(shift, town.traffic_officer, EVENING)
    append_due(EVENING + timedelta(minutes=10))


@pytest.fixture
def credited(ten: Shift) -> Shift:
    """That shift with its hours on record."""
    return ten


@pytest.mark.parametrize(
    ("write", "guard"),
    [
        ("UPDATE credit_entry SET minutes = 1", "credit_entry_is_append_only"),
        ("DELETE FROM credit_entry", "credit_entry_is_append_only"),
        ("UPDATE tick SET at = server_at", "tick_is_append_only"),
        ("DELETE FROM tick", "tick_is_append_only"),
        ("UPDATE confirmation SET minutes = 1", "confirmation_is_settled"),
        ("UPDATE confirmation SET undone_at = confirmed_at, credited_at = NULL", "confirmation_is_settled"),
        ("DELETE FROM confirmation", "confirmation_is_settled"),
        ("UPDATE attendance SET state = 'left'", "attendance_state_keeps_its_course"),
        ("UPDATE shift SET minutes = 30", "shift_is_as_long_as_its_event"),
    ],
)
def test_the_ledger_is_append_only_even_for_raw_sql(credited: Shift, write: str, guard: str) -> None:
    """I18, I44, I08, I09, on both engines. PostgreSQL refuses some by rights before any trigger is asked."""
    with pytest.raises(DBAPIError) as refusal, act("x", credited, by=None, at=NOW):
        db.session.execute(text(write))
    assert guard in str(refusal.value) or "permission denied" in str(refusal.value)


def test_no_credit_without_an_act(credited: Shift) -> None:
    """I20: a shell that writes without an act is refused by the database."""
    db.session.expire_all()
    with pytest.raises(DBAPIError, match="attendance_needs_an_act"):
        db.session.execute(text("UPDATE attendance SET remark = 'x'"))
    db.session.rollback()


def test_no_more_is_confirmed_than_the_shift_is_long_and_no_more_credited_than_confirmed(
    town: Town, ten: Shift
) -> None:
    """I09, I10; both sides of the edge."""
    officer = town.traffic_officer
    tick_all(ten, officer, EVENING)
    one, other = ten.attendances[:2]
    with pytest.raises(IntegrityError, match="within_the_shift"), act("x", ten, by=officer, at=EVENING):
        db.session.add(word(one, officer, 91))
        db.session.flush()
    with act("x", ten, by=officer, at=EVENING):
        said = word(one, officer, 90)
        db.session.add(said)
    with pytest.raises(IntegrityError, match="at_most_what_was_confirmed"), act("x", ten, by=None, at=EVENING):
        db.session.add(entry(said, 91))
        db.session.flush()
    with pytest.raises(IntegrityError, match="only_what_is_final"), act("x", ten, by=None, at=EVENING):
        db.session.add(entry(said, 90, at=EVENING - timedelta(seconds=1)))
        db.session.flush()
    assert other.state == "left"


def test_nobody_is_credited_twice_for_the_same_minute_wherever_he_served(
    town: Town, crossing: Crossing, credited: Shift
) -> None:
    """I12, I13: the database refuses it, whoever writes."""
    said = all_of(Confirmation)[0]
    with pytest.raises(IntegrityError), act("x", credited, by=None, at=NOW):
        db.session.add(entry(said, 90))
        db.session.flush()
    span = db.session.scalars(select(CreditSpan).order_by(CreditSpan.attendance_id)).first()
    other = credited.attendances[1]
    twice = "UPDATE credit_span SET person_id = :p WHERE attendance_id = :a"
    with pytest.raises(IntegrityError, match="ex_credit_span_no_minute_twice"), act("x", credited, by=None, at=NOW):
        db.session.execute(text(twice), {"p": span.person_id, "a": other.id})


def test_who_is_not_posted_cannot_have_confirmed(town: Town, ten: Shift) -> None:
    """I15: a foreign key to the posting."""
    tick_all(ten, town.traffic_officer, EVENING)
    with pytest.raises(IntegrityError), act("x", ten, by=town.squad_leader, at=EVENING):
        db.session.add(word(ten.attendances[0], town.squad_leader, 90))
        db.session.flush()
