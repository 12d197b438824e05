"""The calendar and my day as pages: any question is answered, and many events of one kind are one line or one block."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from extensions import db
from record.act import act
from scheduler.timeline import timeline
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import Take
from tests.town import Town, forget_request

ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Asked each time: a run may last over midnight."""
    return datetime.now(UTC).astimezone(ZONE).date()


def shifts(town: Town, count: int, starts: str = "07:30", ends: str = "09:00") -> list[Event]:
    return [town.event(f"岗位{n}", f"{today()} {starts}", f"{today()} {ends}", kind="shift") for n in range(count)]


def blocks(town: Town, asked: str = "") -> list[tuple[str, str, str]]:
    """What the calendar draws for the coordinator: title, hours and where it leads; of today, if nothing is asked."""
    asked = asked or f"start={today()}&end={today() + timedelta(days=1)}"
    forget_request()
    answer = town.browser(town.coordinator).get(f"/calendar/events?{asked}")
    assert answer.status_code == 200
    return [
        (one["title"], f"{one['start'][11:16]}-{one['end'][11:16]}", one["extendedProps"]["url"])
        for one in answer.json or []
    ]


@pytest.mark.parametrize(
    ("start", "end"),
    [("0001-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-01-02"), ("x", "")],
)
def test_any_two_days_may_be_asked_for(town: Town, start: str, end: str) -> None:
    assert blocks(town, f"start={start}&end={end}") == []


def test_many_shifts_with_the_same_hours_are_one_block_that_leads_to_their_week(town: Town) -> None:
    shifts(town, 12)
    shifts(town, 4, "17:00", "18:30")
    week = f"/shifts/week?on={today()}"
    assert blocks(town) == [
        ("12 traffic shifts", "07:30-09:00", week),
        ("4 traffic shifts", "17:00-18:30", week),
    ]


def test_posts_of_one_rush_hour_are_one_block_though_their_hours_differ_a_little(town: Town) -> None:
    """Each keeps its hours in the list; a shift that lasts all day is not drawn into the rush."""
    for starts, ends in (("07:00", "08:20"), ("07:20", "08:40"), ("07:30", "09:00"), ("07:30", "16:00")):
        shifts(town, 1, starts, ends)
    week = f"/shifts/week?on={today()}"
    first, single = blocks(town)
    assert first == ("3 traffic shifts", "07:00-09:00", week)
    assert single[:2] == ("Traffic volunteering", "07:30-16:00")


def test_meetings_at_one_hour_keep_their_titles(town: Town) -> None:
    for name in ("甲", "乙", "丙"):
        town.event(name, f"{today()} 10:00", f"{today()} 11:00")
    assert [title for title, *_ in blocks(town)] == ["甲", "乙", "丙"]


def test_one_or_two_keep_their_title_and_so_does_what_is_my_own(town: Town) -> None:
    shifts(town, 2)
    _, _, mine = shifts(town, 3, "17:00", "18:30")
    with act("event.book", mine, by=town.coordinator, at=datetime.now(UTC)):
        timeline.rebook(Take(mine, town.resource(town.coordinator), "traffic_officer"))
    db.session.commit()
    assert [title for title, *_ in blocks(town)] == ["Traffic volunteering"] * 5


def test_the_list_of_the_week_folds_them_and_still_names_each_place(town: Town) -> None:
    for event in shifts(town, 3):
        with act("event.change", event, by=town.coordinator, at=datetime.now(UTC)):
            event.place = f"{event.title}路口"
    forget_request()
    page = town.browser(town.coordinator).get("/calendar").get_data(as_text=True)
    folded = re.search(r"<details class=\"many\">.*?</details>", page, re.S)
    assert folded is not None
    assert "3 traffic shifts" in folded[0]
    assert re.findall("岗位.路口", folded[0]) == ["岗位0路口", "岗位1路口", "岗位2路口"]


def test_my_day_says_many_shifts_of_the_office_in_one_line(town: Town) -> None:
    shifts(town, 12)
    shifts(town, 9, "17:00", "18:30")
    forget_request()
    page = town.browser(town.coordinator).get("/day").get_data(as_text=True)
    assert (page.count("21 traffic shifts"), page.count("Traffic volunteering")) == (1, 0)
    assert f'href="/shifts/week?on={today()}"' in page
    forget_request()
    page = town.browser(town.receptionist).get("/day").get_data(as_text=True)
    assert (page.count("21 traffic shifts"), "/shifts/week" in page) == (1, False)


def test_what_waits_for_me_stands_before_the_list_of_the_office(town: Town) -> None:
    shifts(town, 1)
    forget_request()
    page = town.browser(town.coordinator).get("/day").get_data(as_text=True)
    assert page.index("Waiting for me") < page.index("In the office")
