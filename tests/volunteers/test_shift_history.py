"""What the page of a shift says was done, with what happened to each place."""

from __future__ import annotations

import html
import re

from accounts.models import Person
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.booking import excuse, report_absence, wait
from volunteers.actions.ticks import miss
from volunteers.models.attendance import Attendance

BEGUN = local("2026-11-25 09:00")


def plain(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", markup))).strip()


def done(town: Town, person: Person, path: str) -> list[str]:
    """The lines of what was done, newest first, without their times and changes."""
    page = town.browser(person).get(path).get_data(as_text=True)
    lines = re.findall(r"<li><p>(.*?)</p>", page.split('<ol class="trail">')[1], re.DOTALL)
    return [plain(line).split(" · ", 1)[1] for line in lines]


def test_who_gave_a_place_up_moved_up_and_was_excused_stands_in_it(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    path, name = f"/shifts/{shift.public_id}", town.coordinator.name
    first, second = crossing.person("甲"), crossing.person("乙")
    [held] = crossing.booked(shift, first)
    wait(shift, second, second, NOW)
    report_absence(held, town.coordinator, NOW, "ill")
    moved_up = next(one for one in all_of(Attendance) if one.person_id == second.id)
    miss(moved_up, town.traffic_officer, BEGUN)
    excuse(moved_up, town.coordinator, BEGUN, "hospital, paper seen")
    told = done(town, town.coordinator, path)
    assert (told[0], told[2:]) == (
        f"{name} excused a missed shift · 乙",
        [
            f"{name} told an absence · 甲",
            "the program moved up from a waiting list · 乙",
            "乙 joined a waiting list",
            f"{name} booked a place · 甲",
            f"{name} opened a shift for booking",
            f"{name} planned a shift",
        ],
    )


def test_why_somebody_did_not_come_is_not_told_to_whoever_does_not_book_for_him(town: Town, crossing: Crossing) -> None:
    shift = crossing.shift()
    path = f"/shifts/{shift.public_id}"
    [held] = crossing.booked(shift, crossing.person("甲"))
    report_absence(held, town.coordinator, NOW, "hospital")
    pages = [town.browser(getattr(town, who)).get(path).text for who in ("coordinator", "squad_leader")]
    assert ["hospital" in page for page in pages] == [True, False]
