"""A paper sheet typed row by row: entries from paper, pending until the officer who signed confirms (SETTLED 1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask_babel import force_locale
from pytest import raises

from exchange.actions.worklist import settle_flag
from exchange.models import Decision, Flag, ImportRun
from record.invariants import broken
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone, today
from volunteers.actions.booking import book
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.sheet import RowsRefused, TypedRow, enter_sheet
from volunteers.actions.walk_in import admit
from volunteers.figures import figures_of, lines_of
from volunteers.forms.sheet import read_line
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.shifts import Shift
from volunteers.rules.obstacles import ShiftNotOpen

DAY = date(2026, 11, 23)


def stored() -> list[tuple[Any, ...]]:
    return [
        (
            one.person.name,
            one.state,
            one.from_paper,
            [tick.at for tick in one.ticks],
            [posting.person.name for posting in one.shift.postings],
        )
        for one in all_of(Attendance)
    ]


def test_typed_rows_are_pending_before_the_officer_who_signed(town: Town, crossing: Crossing) -> None:
    post, first, second = crossing.post(), crossing.person("王小明"), crossing.person("李四")
    rows = [TypedRow("王小明", "7:30", "9:00", "帮扶老人"), TypedRow("李四", "07:40", "")]
    _, judged = enter_sheet(post, DAY, "朱交警", rows, town.coordinator, NOW)
    assert (judged.taken, judged.refused_rows) == (2, ())
    came, late, left = (local(f"2026-11-23 {at}") for at in ("07:30", "07:40", "09:00"))
    assert stored() == [
        (first.name, "left", True, [came, left], ["朱交警"]),
        (second.name, "arrived", True, [late], ["朱交警"]),
    ]
    assert [(one.kind, one.file_name) for one in all_of(ImportRun)] == [("signins", "客运站前广场 2026-11-23")]
    assert (all_of(Confirmation), all_of(CreditEntry), broken()) == ([], [], [])


def test_who_left_early_by_the_sheet_has_left_early_as_by_a_tick_where_a_shift_had_its_hours(
    town: Town, crossing: Crossing
) -> None:
    """Also who had not booked it; a walk-in who stayed was extra; nobody had agreed to the hours of a sheet's own."""
    post, officer = crossing.post(), town.traffic_officer
    shift = crossing.shift(date(2026, 11, 25), post=post)
    names = ("王小明", "李四", "赵六", "钱七", "孙八")
    booked, stays, guest, *_ = [crossing.person(name) for name in names]
    crossing.booked(shift, booked, stays)
    known = assessment_at(guest, town.office.id)
    assert known is not None
    admit(shift, known, officer, local("2026-11-25 07:40"))
    rows = [TypedRow(name, "7:40", left) for name, left in zip(names, ("8:30", "9:00", "9:00", "8:30"), strict=False)]
    night, before = local("2026-11-25 20:00"), [TypedRow("孙八", "7:40", "8:30")]
    enter_sheet(post, date(2026, 11, 25), "朱交警", rows, town.coordinator, night)
    enter_sheet(post, DAY, "朱交警", before, town.coordinator, night)
    assert [(one.person.name, one.outcome, one.fault) for one in all_of(Attendance)] == [
        ("王小明", "left_early", "person"),
        ("李四", "attended", None),
        ("赵六", "extra", None),
        ("钱七", "left_early", "person"),
        ("孙八", "attended", None),
    ]
    assert broken() == []


def test_one_wrong_row_keeps_all_from_being_stored_and_is_named_by_its_number(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    crossing.person("王小明")
    crossing.person("李四")
    rows = [
        TypedRow("王小明", "7:30", "9:00"),
        TypedRow("王小明", "8:00", "8:30"),
        TypedRow("无此人", "7:30", "9:00"),
        TypedRow("李四", "0:00", "12:01"),
    ]
    with raises(RowsRefused) as refusal:
        enter_sheet(post, DAY, "", rows, town.coordinator, NOW)
    assert (all_of(Attendance), all_of(ImportRun)) == ([], [])
    with force_locale("en"):
        assert list(refusal.value.lines()) == [
            "Row 2: In two places at once, see row 1",
            "Row 3: Nobody of this name is under assessment",
            "Row 4: Longer than 12 hours: a slip of the pen",
        ]


def test_what_stands_there_already_is_not_entered_twice_and_a_doubt_goes_on_the_work_list(
    town: Town, crossing: Crossing
) -> None:
    post = crossing.post()
    crossing.person("王小明")
    row = TypedRow("王小明", "10:00", "11:00")
    _, first = enter_sheet(post, DAY, "朱交警", [row], town.coordinator, NOW)
    _, again = enter_sheet(post, DAY, "朱交警", [row], town.coordinator, NOW)
    assert [(one.taken, one.already_there) for one in (first, again)] == [(1, 0), (0, 1)]
    assert [one.code for one in all_of(Flag)] == ["outside_window"]
    assert len(all_of(Attendance)) == 1


def test_a_row_in_doubt_is_no_hour_of_anybody_until_it_is_settled(town: Town, crossing: Crossing) -> None:
    """Neither what is still to be booked nor the plan counts on it; his page lists it as undecided."""
    post = crossing.post()
    crossing.person("王小明")
    rows = [TypedRow("王小明", "7:30", "9:00"), TypedRow("王小明", "10:00", "11:00")]
    enter_sheet(post, DAY, "朱交警", rows, town.coordinator, NOW)
    [one] = all_of(Assessment)
    lines = lines_of(one, NOW)
    assert figures_of([one], NOW)[one.id].unconfirmed == 90
    assert ([minutes for _, minutes in lines.unconfirmed], len(lines.held)) == ([90], 1)
    [flag] = all_of(Flag)
    settle_flag(flag, Decision.ACCEPTED, town.coordinator, NOW, "the sheet is signed")
    assert (figures_of([one], NOW)[one.id].unconfirmed, lines_of(one, NOW).held) == (150, [])


def test_what_is_written_down_before_it_was_so_is_refused_to_the_minute(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    crossing.person("王小明")
    today, at = date(2026, 11, 24), local("2026-11-24 09:00")
    for left, now in (("09:00", at - timedelta(seconds=1)), ("", at - timedelta(hours=2))):
        with raises(RowsRefused) as refusal:
            enter_sheet(post, today, "", [TypedRow("王小明", "7:30", left)], town.coordinator, now)
        with force_locale("en"):
            assert list(refusal.value.lines()) == ["Row 1: This time has not come yet"]
    assert enter_sheet(post, today, "", [TypedRow("王小明", "7:30", "09:00")], town.coordinator, at)[1].taken == 1


def test_a_shift_made_by_a_sheet_takes_no_bookings(town: Town, crossing: Crossing) -> None:
    """Its window may not be over yet: whoever stood on the sheet was there, nobody else is asked to come."""
    post, other = crossing.post(), crossing.person("李四")
    crossing.person("王小明")
    enter_sheet(post, date(2026, 11, 24), "", [TypedRow("王小明", "7:30")], town.coordinator, local("2026-11-24 07:40"))
    [shift] = all_of(Shift)
    assert shift.state == "open"
    for who in (other, town.coordinator):
        with raises(ShiftNotOpen):
            book(shift, other, who, local("2026-11-24 07:00"))


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("王小明 7:30 9:00", TypedRow("王小明", "7:30", "9:00")),
        ("王 小明，０７：３０，09：00，迟到", TypedRow("王 小明", "07:30", "09:00", "迟到")),
        ("王小明\t7.30—9.00", TypedRow("王小明", "7.30", "9.00")),
        ("王小明 7:30", TypedRow("王小明", "7:30")),
        ("王小明 7:30 未签退", TypedRow("王小明", "7:30", "", "未签退")),
        ("王小明 7点30 9点半", TypedRow("王小明", "7点30", "9点半")),
        ("王小明 7：30 9：00", TypedRow("王小明", "7:30", "9:00")),
        ("王小明,0730,0900,迟到 5 分钟", TypedRow("王小明", "0730", "0900", "迟到 5 分钟")),
        ("王小明 7点半到9点", TypedRow("王小明", "7点半", "9点")),
        ("王小明 7时30分至9时", TypedRow("王小明", "7时30分", "9时")),
        ("王小明 25:00 9:00", TypedRow("王小明 25:00", "9:00")),
        ("王小明", None),
        ("7:30 9:00", None),
    ],
)
def test_a_line_is_read_as_people_write_it(line: str, read: TypedRow | None) -> None:
    assert read_line(line) == read


def test_a_doubt_of_the_sheet_is_named_with_its_person_and_leads_to_where_it_is_settled(
    town: Town, crossing: Crossing
) -> None:
    """The squad leader reads who it is; the coordinator settles."""
    days = Days(crossing)
    post = Kept(days.post())
    days.person("王小明")
    days.person("李四")
    lines = "王小明 7点半 9点\n李四 10点30 11:30"
    on = (today() - timedelta(days=1)).isoformat()
    typed = {"post": str(post.public_id), "on": on, "officer": "", "lines": lines}
    leader = Phone(town, town.squad_leader, "/shifts/paper-sheet")
    leader.page = leader.browser.post("/shifts/paper-sheet", typed)
    leader.follow()
    assert ([one.code for one in all_of(Flag)], "Outside this post's windows" in leader.text) == (
        ["outside_window"],
        True,
    )
    [row] = [one for one in all_of(Attendance) if one.person.name == "李四"]
    link = f'<a class="name" href="/shifts/{row.shift.public_id}#b-{row.public_id}">李四</a>'
    assert (link in leader.markup, "/flags/" in leader.markup) == (True, False)
    desk = Phone(town, town.coordinator, "/shifts/paper-sheet")
    desk.page = desk.browser.post("/shifts/paper-sheet", {**typed, "lines": "王小明 12:00 13:00"})
    desk.follow()
    newest = all_of(Flag)[-1].public_id
    assert (f"/flags/{newest}" in desk.markup, "李四" in desk.text) == (True, False)


def test_a_squad_leader_enters_sheets_of_his_own_posts_and_reads_what_to_mend(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    own, theirs = (Kept(one) for one in (days.post(), days.post("二中队的岗", squad="二中队", officers=())))
    person, on = days.person("王小明"), today() - timedelta(days=1)
    desk = Phone(town, town.squad_leader, "/shifts/paper-sheet")
    assert ("客运站前广场" in desk.text, "二中队的岗" in desk.text) == (True, False)
    typed = {"post": str(own.public_id), "on": on.isoformat(), "officer": "朱交警", "lines": "王小明 7:30 9:00\n王小明"}
    answer = desk.browser.post("/shifts/paper-sheet", typed)
    said = "Line 2: write the name", "王小明 7:30 9:00"
    assert (answer.status_code, [words in answer.text for words in said]) == (422, [True, True])
    answer = desk.browser.post("/shifts/paper-sheet", {**typed, "lines": "无此人 7:30 9:00"})
    assert (answer.status_code, "Row 1: Nobody of this name" in answer.text) == (422, True)
    good = {**typed, "lines": "王小明 7:30 9:00"}
    answer = desk.browser.post("/shifts/paper-sheet", {**good, "post": str(theirs.public_id)})
    assert (answer.status_code, all_of(Attendance)) == (422, [])
    assert desk.browser.post("/shifts/paper-sheet", good).status_code == 303
    assert [(one.person_id, one.state) for one in all_of(Attendance)] == [(person.id, "left")]
    assert "1 row is entered." in desk.browser.get("/shifts/paper-sheet").text


def test_a_time_that_is_none_is_named_as_such(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    post = Kept(days.post())
    days.person("王小明")
    on = (today() - timedelta(days=1)).isoformat()
    desk = Phone(town, town.coordinator, "/shifts/paper-sheet")
    typed = {"post": str(post.public_id), "on": on, "officer": "", "lines": "王小明 7:30 9:00\n王小明 25:00 9:00"}
    desk.page = desk.browser.post("/shifts/paper-sheet", typed)
    assert (desk.page.status_code, "Line 2: 25:00 is no time of the day." in desk.text) == (422, True)
    assert all_of(Attendance) == []
