"""Not confirmed in time: its officers are reminded, then it stands on the office's list (DOMAIN V-07)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial

from flask import Flask
from sqlalchemy import select

from accounts.models import Person
from extensions import db
from record.act import history
from record.models import Message
from record.notices import is_outdated
from tests.accounts.visitor import text_of
from tests.queries import queries_of
from tests.racing import race
from tests.town import Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.incidents import note
from volunteers.actions.ticks import miss, tick_all
from volunteers.actions.unconfirmed import remind, unsettled
from volunteers.models.attendance import Attendance
from volunteers.models.reminders import ShiftReminder
from volunteers.models.shifts import Shift

END = local("2026-11-25 09:00")  # a Wednesday
REMINDED = END + timedelta(hours=3)


def told() -> Counter[tuple[str, str]]:
    return Counter((m.template.removeprefix("volunteers/"), name_of(m)) for m in reminders())


def name_of(message: Message) -> str:
    return db.session.get_one(Person, message.recipient_id).name


def reminders() -> list[Message]:
    return [m for m in all_of(Message) if "not_confirmed" in m.template]


def test_officers_are_reminded_once_after_hours_and_the_office_once_after_working_days(
    town: Town, crossing: Crossing
) -> None:
    """Both sides of each edge; a weekend between does not count."""
    friday = crossing.shift(date(2026, 11, 27))
    crossing.booked(friday, crossing.person(), crossing.person())
    end = local("2026-11-27 09:00")
    assert [remind(at) for at in (end + timedelta(hours=3, seconds=-1), end + timedelta(hours=3))] == [0, 1]
    assert told() == {("not_confirmed", "朱交警"): 1}
    assert reminders()[0].facts["people"] == 2
    assert [remind(local(f"2026-{at}")) for at in ("11-28 09:00", "11-30 23:59", "12-01 00:00", "12-02 09:00")] == [
        0,
        0,
        1,
        0,
    ]
    office = {("not_confirmed_in_time", name): 1 for name in ("周协调", "秦队长")}
    assert told() == {("not_confirmed", "朱交警"): 1, **office}
    assert history(friday)[-2:] == ["shift.remind", "shift.remind"]


def test_nobody_is_reminded_of_what_is_settled_or_of_a_paper_sheet(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    done, missing = crossing.booked(shift, crossing.person(), crossing.person())
    remind(REMINDED)
    [message] = reminders()
    assert not is_outdated(message)
    tick_all(shift, town.traffic_officer, REMINDED)
    miss_nobody = [done.state, missing.state]
    confirm(shift, town.traffic_officer, REMINDED)
    assert (miss_nobody, is_outdated(message), remind(REMINDED + timedelta(days=9))) == (["left", "left"], True, 0)
    other = crossing.shift(date(2026, 11, 26), post=shift.post)
    [one] = crossing.booked(other, crossing.person())
    miss(one, town.traffic_officer, local("2026-11-26 09:00"))
    assert remind(local("2026-12-09 09:00")) == 0


def test_paper_sheets_of_a_month_remind_nobody_and_stand_on_the_list(brought: Town) -> None:
    at = local("2026-11-26 09:00")
    assert remind(at) == 0
    rows = unsettled(brought.office, select(Shift.id), at)
    assert {row.shift.from_paper for row in rows} == {True}
    assert {(row.age, row.due_on, row.late) for row in rows} == {(2, date(2026, 11, 25), True)}


def test_the_list_says_how_many_working_days_a_shift_waits(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    for on in (date(2026, 11, 27), date(2026, 11, 25)):
        crossing.booked(crossing.shift(on, post=post), crossing.person())
    rows = unsettled(town.office, select(Shift.id), local("2026-11-30 10:00"))
    assert [(row.people, row.age, row.due_on, row.late) for row in rows] == [
        (1, 3, date(2026, 11, 26), True),
        (1, 1, date(2026, 11, 30), False),
    ]


def test_the_list_of_shifts_names_the_same_as_the_page_of_those_not_confirmed(brought: Town) -> None:
    """Paper sheets among them; not those in which only the office has still to decide who stood there."""
    days = Days(Crossing(brought))
    for ago in (9, 8):
        person, shift = days.person(), days.shift(-ago)
        book(shift.row(), person.row(), brought.coordinator, shift.event.starts_at - timedelta(days=1))
    attendance = all_of(Attendance, Attendance.shift_id == shift.row().id)[0]
    note(attendance.shift, attendance, "impostor", "", brought.traffic_officer, shift.event.ends_at)
    desk = brought.browser(brought.coordinator)
    found = {
        path: set(re.findall(r'href="/shifts/([0-9a-f-]{36})"', desk.get(path).text))
        for path in ("/shifts/unconfirmed", *(f"/shifts?show=unconfirmed&page={n}" for n in (1, 2, 3)))
    }
    waits = found.pop("/shifts/unconfirmed")
    assert (set.union(*found.values()) == waits, len(waits) > 50, str(shift.public_id) in waits) == (True, True, False)


def test_of_two_jobs_at_once_one_reminds(app: Flask, town: Town, crossing: Crossing) -> None:
    crossing.booked(crossing.shift(), crossing.person())
    assert sorted(race(app, [partial(remind, REMINDED)] * 2)) == [0, 1]
    assert (len(all_of(ShiftReminder)), len(reminders())) == (1, 1)


def test_the_list_at_the_desk_calls_the_officer_or_posts_another_one(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    person, shift = days.person("甲"), days.shift(-9)
    book(shift.row(), person.row(), town.coordinator, shift.event.starts_at - timedelta(days=1))
    desk = town.browser(town.coordinator)
    assert "1 shift is not confirmed in time" in text_of(desk.get("/"))
    page = desk.get("/shifts/unconfirmed")
    text = re.sub(r"\s+", " ", text_of(page))
    assert ("1 person · for " in text, "Post another officer" in text, "Call 朱交警" in text) == (True, True, True)
    call = re.findall(r'action="(/shifts/[^"]+/call)"', page.text)[0]
    assert "No number is known" in text_of(desk.post(call))
    before = queries_of(desk, "/shifts/unconfirmed")
    more = Kept(days.shift(-8).row())
    book(more.row(), days.person().row(), town.coordinator, more.event.starts_at - timedelta(days=1))
    assert queries_of(desk, "/shifts/unconfirmed") == before
    leader = town.browser(town.squad_leader)
    assert leader.get("/shifts/unconfirmed").status_code == 200
    assert datetime.now(UTC) > shift.event.ends_at
