"""Whoever lost a place by the service comes first for a while: on waiting lists, and for what is newly opened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from accounts.actions.settings import change_setting
from accounts.models import Person
from accounts.setting_values import Value
from extensions import db
from record.act import act
from record.invariants import broken
from record.models import Message
from scheduler.timeline import waiting
from scheduler.timeline.models import WAITING, Waiting
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Phone
from volunteers.actions.booking import cancel, wait
from volunteers.actions.priority import Priority, priority_of
from volunteers.actions.shifts import cancel_shift
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift

FRIDAY = date(2026, 11, 27)
HOUR = timedelta(hours=1)


class Line:
    """A shift of Friday with one place that somebody holds, and one who lost a place of Wednesday at `NOW`."""

    def __init__(self, crossing: Crossing) -> None:
        self.crossing, self.town = crossing, crossing.town
        self.lost = crossing.shift(post=crossing.post("雨中岗"))
        self.shift = crossing.shift(FRIDAY, post=crossing.post("晴天岗", capacity=1))
        self.holder, self.other, self.loser = (crossing.person(name) for name in ("持有", "先到", "失去"))
        [self.held] = crossing.booked(self.shift, self.holder)
        crossing.booked(self.lost, self.loser)

    def lose(self, shift: Shift | None = None) -> None:
        cancel_shift(shift or self.lost, self.town.coordinator, NOW, "台风")

    def joins(self, person: Person) -> Waiting:
        return wait(self.shift, person, person, NOW)


@pytest.fixture
def line(crossing: Crossing) -> Line:
    return Line(crossing)


def test_whoever_lost_a_place_is_offered_the_next_before_those_who_have_not(line: Line) -> None:
    """His number stays the order in which he joined; which place he has says the order in which places go."""
    first = line.joins(line.other)
    line.lose()
    second = line.joins(line.loser)
    assert [(one.number, waiting.ahead(one, NOW)) for one in (first, second)] == [(1, 1), (2, 0)]
    cancel(line.held, line.holder, NOW + HOUR)
    assert [(one.number, one.state, one.promoted_at) for one in (first, second)] == [
        (1, "waiting", None),
        (2, "promoted", NOW + HOUR),
    ]
    assert broken() == []


def test_where_he_waits_already_he_comes_first_as_well(line: Line) -> None:
    first, second = line.joins(line.other), line.joins(line.loser)
    assert [waiting.ahead(one, NOW) for one in (first, second)] == [0, 1]
    line.lose()
    assert [waiting.ahead(one, NOW) for one in (first, second)] == [1, 0]


@pytest.mark.parametrize(("after", "promoted"), [(48 * HOUR - timedelta(seconds=1), "失去"), (48 * HOUR, "先到")])
def test_it_lasts_for_forty_eight_hours(line: Line, after: timedelta, promoted: str) -> None:
    line.joins(line.other)
    line.lose()
    line.joins(line.loser)
    cancel(line.held, line.town.coordinator, NOW + after, "电话")
    assert [one.resource.name for one in all_of(Waiting, Waiting.state == "promoted")] == [promoted]


def test_two_who_lost_a_place_come_in_the_order_in_which_they_joined(line: Line, crossing: Crossing) -> None:
    another = crossing.person("也失去")
    crossing.booked(line.lost, another)
    line.lose()
    places = [line.joins(person) for person in (line.other, another, line.loser)]
    assert [waiting.ahead(one, NOW) for one in places] == [2, 0, 1]
    assert [one.resource.name for one in waiting.line(places[0].quota_id, NOW)] == ["也失去", "失去", "先到"]


def test_the_office_sets_how_long_and_may_leave_it_out(town: Town, line: Line) -> None:
    change_setting(town.office, "service.first_after_loss", Value(0, "hour"), by=town.chief, at=NOW, reason="试行")
    line.lose()
    assert priority_of(line.loser, town.office.id, NOW) is None
    assert waiting.ahead(line.joins(line.loser), NOW) == 0


def test_who_gave_a_place_up_himself_does_not_come_first(town: Town, line: Line) -> None:
    cancel(line.held, line.holder, NOW)
    line.lose()
    found = [priority_of(person, town.office.id, NOW) for person in (line.holder, line.other, line.loser)]
    assert found == [None, None, Priority(NOW, NOW + 48 * HOUR)]
    assert priority_of(line.loser, town.other_office.id, NOW) is None


def test_the_database_gives_no_place_past_somebody_who_comes_before(line: Line) -> None:
    """I04, on both engines: neither by the order of joining, nor past one who comes first."""
    first = line.joins(line.other)
    line.lose()
    second, third = line.joins(line.loser), line.joins(line.crossing.person())
    for leapt in (first, third):
        with (
            pytest.raises(IntegrityError, match="waiting_list_keeps_its_order"),
            act("waiting.promote", leapt, by=None, at=NOW),
        ):
            WAITING.step("promote", leapt, promoted_at=NOW)
        db.session.expire_all()
    assert [one.state for one in (first, second, third)] == ["waiting"] * 3
    with act("waiting.promote", second, by=None, at=NOW):
        WAITING.step("promote", second, promoted_at=NOW)
    assert second.state == "promoted"


def test_the_database_lets_nobody_come_first_who_lost_nothing(line: Line) -> None:
    place = line.joins(line.other)
    with pytest.raises(IntegrityError, match="first_in_line_after_a_loss"), act("waiting.join", place, by=None, at=NOW):
        place.first_until = NOW + HOUR
    db.session.expire_all()
    held = all_of(Attendance)[0]
    with pytest.raises(IntegrityError, match="lost_to_the_service"), act("attendance.cancel", held, by=None, at=NOW):
        held.lost_at = held.first_until = NOW
    db.session.expire_all()
    assert (place.first_until, held.lost_at) == (None, None)


def test_what_is_opened_since_stands_first_on_his_page_with_the_reason(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    person, now = days.person(), datetime.now(UTC)
    days.shift(1, days.post("旧岗"))  # opened yesterday
    gone = days.shift(3, days.post("雨岗"))
    crossing.booked(gone.row(), person.row())
    assert "for you first" not in Phone(town, person, "/booking").text
    cancel_shift(gone.row(), town.coordinator, now, "台风")
    days.shift(5, days.post("新岗"))  # opened in three days, by the clock of the office
    page = Phone(town, person, "/booking")
    assert "The office cancelled a shift of yours." in page.text
    assert page.markup.index("Newly opened, for you first") < page.markup.index("新岗") < page.markup.index("旧岗")


def test_the_message_of_the_cancellation_leads_to_what_fits(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    person, shift = days.person(), days.shift(3)
    crossing.booked(shift.row(), person.row())
    town.browser(town.coordinator).post(f"/shifts/{shift.public_id}/cancellation", {"reason": "台风"})
    [message] = all_of(Message, Message.template == "volunteers/cancelled_by_service")
    assert (message.facts["page"], message.facts["reason"]) == ("/booking", "台风")
    phone = Phone(town, person, "/me/messages").tap("Go there")
    assert "Book a shift" in phone.text
