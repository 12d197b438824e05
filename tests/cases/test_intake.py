"""The office's list of cases, from the file to the database (D-11, D-15, H-11)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Person
from cases.actions.intake import NobodyHandlesIt
from cases.models import Case, Party
from exchange.actions.taking import RowNotStored, take_seen
from exchange.differing import differences
from exchange.looking import Seen
from exchange.taking import Options, taker
from exchange.values import shown
from exchange.writing import write
from extensions import db
from record.act import act
from scheduler.deadlines.models import Deadline
from tests.town import NOW, Town

HEADERS = [
    "案号",
    "案由",
    "受理日期",
    "承办检察官",
    "速裁",
    "犯罪嫌疑人",
    "出生日期",
    "强制措施",
    "取保日期",
    "居住县市",
]
ON = date(2026, 11, 24)
RIGHT = [
    "枫检刑诉〔2026〕11号",
    "危险驾驶",
    "2026-11-20",
    "郑检察",
    "否",
    "李小明",
    "1990-01-02",
    "取保候审",
    "2026-11-01",
    "枫县",
]


def row(**changes: str) -> list[str]:
    names = ("number", "cause", "received", "prosecutor", "fast", "name", "born", "measure", "since", "area")
    return [changes.get(name, value) for name, value in zip(names, RIGHT, strict=True)]


def bring(town: Town, *rows: list[str], by: Person | None = None) -> Seen:
    found = taker("cases")
    assert found is not None
    content = write("csv", HEADERS, list(rows))
    by = by or town.coordinator
    return take_seen(town.office, found, content, file_name="cases.csv", options=Options(ON), by=by, at=NOW)[1]


def found_wrong(seen: Seen) -> list[tuple[str, str]]:
    judged = seen.judged
    flags = [(finding.code, "flag") for finding in judged.flagged]
    return flags + [(finding.code, "refuse") for finding in judged.refused]


def stored(model: Any) -> list[Any]:
    return list(db.session.query(model).order_by(model.id))


def test_a_case_comes_with_its_suspect_its_limit_and_who_handles_it(town: Town) -> None:
    seen = bring(town, row(), row(name="王大力", measure="无", since="", area=""))
    assert (seen.judged.taken, found_wrong(seen)) == (2, [])
    (case,) = stored(Case)
    assert (case.number, case.handler.name, case.fast_track) == ("枫检刑诉〔2026〕11号", "郑检察", False)
    parties = [(p.name, p.measure, p.measure_from, p.bail_area) for p in stored(Party)]
    assert parties == [("李小明", "bail", date(2026, 11, 1), "枫县"), ("王大力", "none", None, "")]
    assert [deadline.due_on for deadline in stored(Deadline)] == [date(2026, 12, 21)]


def test_a_list_sent_again_stores_nothing_and_finds_no_difference(town: Town) -> None:
    bring(town, row())
    again = bring(town, row())
    assert (again.judged.taken, again.judged.already_there, list(differences(again))) == (0, 1, [])


def test_every_cell_that_was_stored_is_compared_when_the_list_is_sent_again(town: Town) -> None:
    bring(town, row(), row(name="王大力", measure="未采取强制措施", since="", area=""))
    case, (one, other) = stored(Case)[0], stored(Party)
    with act("case.correct", case, by=town.coordinator, at=NOW):
        case.fast_track, case.handler_id = True, town.chief.id
    with act("party.correct", one, by=town.coordinator, at=NOW):
        one.measure = "arrest"
    with act("party.correct", other, by=town.coordinator, at=NOW):
        other.measure = "bail"
    again = bring(town, row(), row(name="王大力", measure="未采取强制措施", since="", area=""))
    mine, his = (sorted((x.key, x.stored) for x in differences(again) if x.row == number) for number in (2, 3))
    of_case = [("fast_track", shown(True)), ("prosecutor", town.chief.name)]
    assert (mine, his) == (sorted([*of_case, ("measure", "逮捕")]), sorted([*of_case, ("measure", "取保候审")]))
    silent = bring(town, row(prosecutor="", fast=""))
    assert [(x.key, x.stored) for x in differences(silent)] == [("measure", "逮捕")]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"received": "2026-11-24"}, []),
        ({"received": "2026-11-25"}, [("received_ahead", "refuse")]),
        ({"prosecutor": "无此人"}, [("prosecutor_unknown", "refuse")]),
        ({"since": ""}, [("measure_without_a_day", "refuse")]),
        ({"since": "2025-11-23"}, [("bail_long_ago", "flag")]),
        ({"since": "2025-11-24"}, []),
        ({"born": "2008-11-20"}, []),
        ({"born": "2008-11-21"}, [("minor", "flag")]),
    ],
)
def test_what_cannot_be_counted_is_refused_and_what_needs_a_look_is_flagged(
    town: Town, changes: dict[str, str], wrong: list[tuple[str, str]]
) -> None:
    assert found_wrong(bring(town, row(**changes))) == wrong


def test_a_prosecutor_brings_his_own_cases_without_naming_himself(town: Town) -> None:
    bring(town, row(prosecutor=""), by=town.prosecutor)
    assert [case.handler.name for case in stored(Case)] == ["郑检察"]


def test_a_case_nobody_handles_is_not_taken(town: Town) -> None:
    with pytest.raises(RowNotStored) as refused:
        bring(town, row(prosecutor=""))
    assert isinstance(refused.value.__cause__, NobodyHandlesIt)
    assert stored(Case) == []
