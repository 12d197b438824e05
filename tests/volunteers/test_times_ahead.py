"""No hour counts before it was served: not on a sheet that is a file, not for the officer, not in the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from exchange.actions.taking import take_seen
from exchange.looking import Seen
from exchange.taking import Options, taker
from extensions import db
from record.invariants import broken
from tests.town import Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.test_merging import found, owner_writes
from volunteers.actions.confirmation import confirm, sheet
from volunteers.actions.credit import append_due
from volunteers.actions.sheet import TypedRow, enter_sheet
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation, CreditEntry

TODAY, AT = date(2026, 11, 24), local("2026-11-24 09:00")
AS_OF_TODAY = Options(TODAY)
HEAD = "日期,岗位,姓名,签到,签退,民警,认定时长(分钟),备注\n"


def bring(town: Town, *rows: str, options: Options = AS_OF_TODAY) -> Seen:
    """Take a paper sheet as a file."""
    kind = taker("signins")
    assert kind is not None
    content = (HEAD + "\n".join(rows) + "\n").encode()
    by = town.coordinator
    return take_seen(town.office, kind, content, file_name="签到.csv", options=options, by=by, at=AT)[1]


def refused(seen: Seen) -> list[tuple[int, str, str, str]]:
    return [(x.row, x.column, x.value, x.code) for row in seen.judged.refused_rows for x in row.findings]


def test_rows_of_a_file_that_lie_ahead_are_refused_to_the_minute(town: Town, crossing: Crossing) -> None:
    crossing.post()
    crossing.person("王小明")
    seen = bring(
        town,
        "2026-11-23,客运站前广场,王小明,7:30,9:00,朱交警,,",
        "2026-11-24,客运站前广场,王小明,7:30,9:00,朱交警,,",
        "2026-11-24,客运站前广场,王小明,8:30,9:01,朱交警,,",
        "2026-11-24,客运站前广场,王小明,9:01,,朱交警,,",
        "2026-11-27,客运站前广场,王小明,7:30,9:00,朱交警,,",
    )
    assert refused(seen) == [
        (4, "签退", "9:01", "not_yet"),
        (5, "签到", "9:01", "not_yet"),
        (6, "日期", "2026-11-27", "not_yet"),
    ]
    assert (seen.judged.taken, len(all_of(Attendance))) == (2, 2)


@pytest.mark.parametrize(("on", "taken"), [("2026-11-22", 0), ("2026-11-23", 1), ("2026-12-31", 1)])
def test_a_sheet_judged_as_of_a_day_holds_nothing_after_it_nor_after_now(
    town: Town, crossing: Crossing, on: str, taken: int
) -> None:
    crossing.post()
    crossing.person("王小明")
    rows = [f"2026-11-{day},客运站前广场,王小明,7:30,9:00,朱交警,," for day in (23, 27)]
    assert bring(town, *rows, options=Options(date.fromisoformat(on))).judged.taken == taken


def test_a_sheet_of_a_month_that_has_not_come_is_refused_whole(town: Town, crossing: Crossing) -> None:
    crossing.post()
    crossing.person("王小明")
    seen = bring(town, "12.1,客运站前广场,王小明,7:30,9:00,朱交警,,", options=Options(TODAY, (2026, 12)))
    assert (refused(seen), seen.judged.taken) == ([(2, "日期", "12.1", "not_yet")], 0)


def test_who_has_not_served_yet_is_left_out_of_the_confirmation(town: Town, crossing: Crossing) -> None:
    """Whatever wrote the row: a clock that was set back finds it as well."""
    post, officer = crossing.post(), town.traffic_officer
    crossing.person("王小明")
    crossing.person("李四")
    rows = [TypedRow("王小明", "7:30", "9:00"), TypedRow("李四", "7:30", "8:00")]
    enter_sheet(post, TODAY, "朱交警", rows, town.coordinator, AT)
    shift = all_of(Attendance)[0].shift
    early = AT - timedelta(seconds=1)
    problems = {one.attendance.person.name: one.problem for one in sheet(shift, officer, early)}
    assert problems == {"王小明": "not_yet", "李四": ""}
    assert sorted(one.problem for one in confirm(shift, officer, early)) == ["", "not_yet"]
    assert [one.problem for one in confirm(shift, officer, AT)] == [""]
    assert sorted(one.minutes for one in all_of(Confirmation)) == [30, 90]


def test_verify_db_finds_a_credit_of_what_was_not_served_yet(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    crossing.person("王小明")
    enter_sheet(post, TODAY, "朱交警", [TypedRow("王小明", "7:30", "9:00")], town.coordinator, AT)
    confirm(all_of(Attendance)[0].shift, town.traffic_officer, AT)
    append_due(AT + timedelta(days=1))
    [entry] = all_of(CreditEntry)
    key = entry.id
    assert broken() == []
    guards = [("credit_entry", f"credit_entry_{one}_update") for one in ("is_append_only", "needs_an_act")]
    db.session.rollback()
    owner_writes(town, guards, "UPDATE credit_entry SET ends_at = '2026-12-01 01:00:00.000000'")
    assert f"I44 nothing is credited before it was served: credit {key}" in found()
