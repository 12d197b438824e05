"""`flask count` as a person or a script meets it (DOMAIN 6.3; exit 2 where it cannot count)."""

import pytest
from click.testing import CliRunner

from scheduler.deadlines.commands import count_command
from scheduler.deadlines.reasons import UNPUBLISHED


def run(line):
    return CliRunner().invoke(count_command, line.split())


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("2026-09-30 --days 7", "2026-10-07"),
        ("2026-09-30 --days 7 --roll", "2026-10-08"),
        ("--roll --days 7 2026-09-30", "2026-10-08"),
        ("2026-09-30 --working-days 7", "2026-10-15"),
        ("2026-02-12 --days 7 --roll", "2026-02-24"),
        ("2026-05-06 --working-days 3", "2026-05-09"),
        ("2026-11-30 --months 3 --roll", "2027-03-01"),
        ("2026-09-01 --months 1 --roll", "2026-10-08"),
        ("2026-09-01 --months 1 --roll --custody", "2026-10-01"),
        ("2026-09-01 --months 1 --custody", "2026-10-01"),
        ("2026-10-15 --days 3 --before", "2026-10-12"),
        ("2026-10-10 --days 3 --before", "2026-10-07"),
        ("2026-10-10 --days 3 --before --roll", "2026-09-30"),
        ("2026-10-10 --days 3 --before --roll --custody", "2026-10-07"),
        ("2026-10-08 --working-days 5 --before", "2026-09-23"),
        ("2026-02-27 --months 1 --criminal", "2026-03-27"),
        ("2026-04-30 --months 1 --criminal", "2026-05-31"),
        ("2026-04-30 --months 1", "2026-05-30"),
        ("2028-02-29 --years 1", "2029-02-28"),
        ("2026-09-30T16:20 --hours 24", "2026-10-01T16:20"),
        ("2026-09-30T16:20 --hours 24 --roll", "2026-10-01T16:20"),
        ("2026-10-01T00:20 --hours 1 --before", "2026-09-30T23:20"),
        ("2026-09-30T16:20 --days 7", "2026-10-07"),
        ("2026-09-30 --days 0", "2026-09-30"),
    ],
)
def test_the_day_stands_on_the_first_line_and_why_on_the_second(line, due):
    result = run(line)
    first, second, *rest = result.stdout.split("\n")
    assert (result.exit_code, first, rest, result.stderr) == (0, due, [""], "")
    assert "not counted" in second


def test_the_reasons_are_one_line_a_clerk_can_read():
    assert run("2026-09-01 --months 1 --roll").stdout.splitlines()[1] == (
        "2026-09-01 itself is not counted; 1 month(s) on, by the date: 2026-10-01; "
        "2026-10-01 is a day off (国庆节), so it moves to the first working day after it, 2026-10-08"
    )


def test_a_year_without_notice_is_marked_and_no_reason_to_fail():
    """C-12: the mark stands in every language."""
    result = run("2026-11-30 --months 3 --roll")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].endswith(f"; {UNPUBLISHED} (calendar of 2027 not yet published)")
    assert UNPUBLISHED == "日历未公布"
    assert UNPUBLISHED not in run("2026-12-24 --days 7 --roll").stdout


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-09-30", "Give exactly one of"),
        ("2026-09-30 --days 7 --months 1", "Give exactly one of"),
        ("2026-09-30 --days 0 --hours 0", "Give exactly one of"),
        ("2026-09-30 --hours 24", "Hours are counted from a time, and 2026-09-30 has none."),
        ("2026-09-30 --days -1", "A period cannot be negative: -1."),
        ("2026-09-30 --days 1.5", "'1.5' is not a valid integer"),
        ("2026-09-30 --days 999999999999999999999", "is too much"),
        ("2026-02-29 --days 1", "'2026-02-29' is no date"),
        ("2026-9-30 --days 1", "is no date"),
        ("20260930 --days 1", "is no date"),
        ("2026-09-30T16:20+08:00 --hours 1", "is no date"),
        ("2026-09-30T24:00 --hours 1", "is no date"),
        ("0001-01-01 --days 1 --before", "The year 1 lies outside 1949 to 2200."),
        ("2190-01-01 --years 20", "The year 2210 lies outside 1949 to 2200."),
        ("2150-01-01 --working-days 1", "The year 2150 lies outside 1950 to 2100."),
        ("--days 1", "Missing argument 'START'"),
    ],
)
def test_what_cannot_be_counted_ends_with_2_and_says_why_on_stderr(line, reason):
    result = run(line)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
