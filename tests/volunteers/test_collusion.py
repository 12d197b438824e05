"""An officer and a volunteer who agree between them: their hours show it to a person, and the squad leader looks where
the lot falls (TRUST T01)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest

from accounts.access import Viewer
from accounts.actions.settings import change_setting
from accounts.models import Organisation, Person
from accounts.setting_values import Value
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.test_anomalies import EVERYWHERE, ONE
from volunteers.actions.shifts import Span, open_shifts
from volunteers.rules.anomalies import Said, unusual
from volunteers.waits import shifts_to_look_at

OFFICERS = (91, 92, 93, 94)
DAY = date(2026, 11, 25)
NOON = local("2026-11-25 12:00")


def confirmed(person: int, officers: tuple[int, ...], chance: Random) -> list[Said]:
    """Eight to fourteen shifts of somebody, one a day, each confirmed by one of these officers."""
    rows = []
    for day in range(chance.randint(8, 14)):
        later = timedelta(days=day)
        moved = {name: getattr(ONE, name) + later for name in ("said_at", "said_on", "starts_at", "ends_at")}
        rows.append(replace(ONE, person_id=person, assessment_id=person, by_id=chance.choice(officers), **moved))
    return rows


@pytest.mark.parametrize("seed", range(5))
def test_two_pairs_who_agree_are_shown_among_forty_who_do_not(seed: int) -> None:
    chance = Random(seed)
    honest = [row for person in range(40) for row in confirmed(person, OFFICERS, chance)]
    agreed = [row for person, officer in ((70, 91), (71, 92)) for row in confirmed(person, (officer,), chance)]
    rows = honest + agreed
    chance.shuffle(rows)
    shown = {(one.person_id, one.officer_id) for one in unusual(rows, EVERYWHERE) if one.person_id is not None}
    assert {(70, 91), (71, 92)} <= shown
    assert len({person for person, _ in shown} & set(range(40))) <= 1


def looked_at(town: Town, who: Person) -> list[str]:
    with town.app.test_request_context(headers={"Accept-Language": "en"}):
        return [one.about for one in shifts_to_look_at(Viewer(who, DAY), town.office, NOON)]


def one_of(town: Town, number: int) -> None:
    change_setting(town.office, "service.look_at_one_of", Value(number, "shift"), by=town.chief, at=NOW, reason="试行")


def opened(crossing: Crossing, on: date, squad: str, first: int = 13, until: int = 21) -> None:
    for hour in range(first, until):
        post = crossing.post(
            f"{squad}{on.day}日{hour}时", squad=squad, officers=(), evening=(time(hour), time(hour, 59))
        )
        span = Span(on, 1, frozenset({post.id}), frozenset({"evening"}))
        open_shifts(crossing.office, span, crossing.coordinator, NOW)


def test_the_lot_falls_on_shifts_of_the_day_of_ones_own_squad_and_is_told_to_nobody_else(
    town: Town, crossing: Crossing
) -> None:
    opened(crossing, DAY, "一中队", first=9)
    opened(crossing, DAY + timedelta(days=1), "一中队", first=20)
    opened(crossing, DAY, "二中队", first=19)
    one_of(town, 1)
    assert [about.split()[-1] for about in looked_at(town, town.squad_leader)] == [
        f"一中队25日{hour}时" for hour in range(12, 21)
    ]
    assert [looked_at(town, who) for who in (town.traffic_officer, town.coordinator, town.chief)] == [[], [], []]
    one_of(town, 0)
    assert looked_at(town, town.squad_leader) == []
    assert [one.name for one in all_of(Organisation, Organisation.name == "二中队")] == ["二中队"]


def test_it_falls_the_same_whenever_one_looks(town: Town, crossing: Crossing) -> None:
    opened(crossing, DAY, "一中队")
    one_of(town, 2)
    first = looked_at(town, town.squad_leader)
    assert looked_at(town, town.squad_leader) == first
    one_of(town, 1)
    assert (set(first) <= set(looked_at(town, town.squad_leader)), len(looked_at(town, town.squad_leader))) == (True, 8)
