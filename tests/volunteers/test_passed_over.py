"""Whom a freed place does not fit: every gate of booking is asked again, he reads which rule it was, and may join again
(DOMAIN 8.4 `passed_over`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.actions.settings import change_setting
from accounts.mail import written
from accounts.setting_values import Value
from cases.models import Party
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Message
from scheduler.timeline import timeline
from scheduler.timeline.models import Waiting
from tests.engines import LONG_ON_POSTGRESQL
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Kept, Phone
from volunteers.actions.booking import book, cancel, fits, wait
from volunteers.actions.obstacles import assessment_at
from volunteers.models.assessment import ASSESSMENT, Assessment
from volunteers.models.attendance import Attendance
from volunteers.rules.obstacles import _REFUSALS, ORDER, in_general

Loss = Callable[[Crossing, Assessment], None]


def _changed(**columns: Any) -> Loss:
    def change(crossing: Crossing, one: Assessment) -> None:
        with act("assessment.record", one, by=crossing.coordinator, at=NOW):
            for name, value in columns.items():
                setattr(one, name, value)

    return change


def _on_bail(area: str) -> Loss:
    def change(crossing: Crossing, one: Assessment) -> None:
        party = db.session.scalars(select(Party).where(Party.person_id == one.person_id)).one()
        with act("party.change", one.case, by=crossing.coordinator, at=NOW):
            party.measure, party.bail_area = "bail", area

    return change


def _born(crossing: Crossing, one: Assessment) -> None:
    with act("person.correct", one.person, by=crossing.coordinator, at=NOW, at_office=crossing.office.id):
        one.person.birth_on = date(1950, 1, 1)


def _complete(crossing: Crossing, one: Assessment) -> None:
    with act("assessment.complete", one, by=None, at=NOW):
        ASSESSMENT.step("complete", one)


def _booked(*windows: tuple[time, time]) -> Loss:
    def change(crossing: Crossing, one: Assessment) -> None:
        for n, window in enumerate(windows):
            book(crossing.shift(post=crossing.post(f"别岗{n}", morning=window)), one.person, one.person, NOW)

    return change


def _as_many_as_one_may(crossing: Crossing, one: Assessment) -> None:
    change_setting(
        crossing.office, "service.open_bookings", Value(1, "shift"), by=crossing.town.chief, at=NOW, reason="试行"
    )
    book(crossing.shift(date(2026, 11, 26), post=crossing.post("别岗")), one.person, one.person, NOW)


def _heard(crossing: Crossing, one: Assessment) -> None:
    hearing = crossing.town.event("听证", "2026-11-25 08:30", "2026-11-25 10:00", kind="sitting")
    with act("sitting.plan", hearing, by=crossing.town.clerk, at=NOW):
        timeline.rebook(timeline.Take(hearing, timeline.resource_of(one.person), "party"))


LOST: dict[str, Loss] = {
    "not_serving": _complete,
    "not_told": _changed(told_on=None),
    "not_consented": _changed(consented_on=None),
    "not_trained": _changed(trained_on=None),
    "not_insured": _changed(insured_until=date(2026, 11, 24)),
    "outside_period": _changed(last_on=date(2026, 11, 24)),
    "after_bail": _changed(bail_on=date(2026, 11, 24)),
    "bail_area_unknown": _on_bail(""),
    "outside_bail_area": _on_bail("邻县"),
    "too_old": _born,
    "health_unknown": _changed(capable_of=None),
    "too_hard": _changed(capable_of=0),
    "day_full": _booked((time(10), time(11)), (time(12), time(13))),
    "too_many_open": _as_many_as_one_may,
    "overlap": _booked((time(8), time(9))),
    "own_hearing": _heard,
}


@LONG_ON_POSTGRESQL
@pytest.mark.parametrize("code", LOST)
def test_whoever_has_lost_a_gate_meanwhile_is_passed_over_and_told_which(crossing: Crossing, code: str) -> None:
    shift = crossing.shift(post=crossing.post(capacity=1))
    holder, person, after = (crossing.person(name) for name in ("持有", "落选", "之后"))
    [held] = crossing.booked(shift, holder)
    places = [wait(shift, one, one, NOW) for one in (person, after)]
    LOST[code](crossing, assessment_at(person, crossing.office.id))
    cancel(held, holder, NOW)
    assert [(one.state, one.why) for one in places] == [("passed_over", code), ("promoted", "")]
    assert history(places[0])[-1] == "waiting.pass_over"
    [message] = all_of(Message, Message.template == "volunteers/passed_over", Message.channel == "page")
    assert (message.recipient_id, message.facts["why"]) == (person.id, code)
    assert broken() == []


def test_the_same_rule_judges_who_books_and_who_moves_up(crossing: Crossing) -> None:
    """What is never lost on the way to the front is the shift's own: its state, its start, its places; and the days
    and lengths of a scheme, which a signed person keeps."""
    assert set(ORDER) - set(LOST) == {"shift_not_open", "shift_over", "day_not_served", "shift_too_short", "full"}
    shift, person = crossing.shift(), crossing.person()
    assert fits(shift.event, timeline.resource_of(person), NOW) == ""


def test_every_rule_is_told_in_general_words_without_a_day_or_a_place() -> None:
    for code in set(_REFUSALS) - {"full"}:  # who finds it full waits on
        said, helps = in_general(code)
        assert (said != "", "%(" in said, helps != "", "%(" in helps) == (True, False, True, False), code


def passed_over(days: Days, town: Town) -> tuple[Any, Any]:
    """Somebody whose insurance ended while he waited, and the shift."""
    shift = days.shift(3, days.post(capacity=1))
    holder, person = days.person("持有"), days.person("落选")
    at = shift.event.starts_at - timedelta(hours=36)
    held = Kept(book(shift, holder, holder, at))
    wait(shift, person, person, at)
    one = assessment_at(person, town.office.id)
    _changed(insured_until=shift.starts_on - timedelta(days=1))(days.crossing, one)
    Phone(town, holder, f"/bookings/{held.public_id}").tap("Yes, cancel it")
    return shift, person


def test_he_reads_on_his_page_which_rule_it_was_and_asks_the_office(town: Town, crossing: Crossing) -> None:
    _, person = passed_over(Days(crossing), town)
    phone = Phone(town, person, "/bookings")
    assert "A place went to the next in line" in phone.text
    assert "The accident insurance on record ends on" in phone.text and "§ D-22" in phone.text
    assert ("Join again" in phone.text, "The coordinator renews it" in phone.text) == (False, True)
    phone.tap("Tell the coordinator")
    assert "The coordinator is told." in phone.text


def test_once_it_is_mended_he_books_the_free_place_or_joins_again(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    shift, person = passed_over(days, town)
    _changed(insured_until=date(2099, 1, 1))(crossing, assessment_at(person, town.office.id))
    phone = Phone(town, person, "/bookings")
    assert ("Nothing stands in the way now." in phone.text, "Why: There is no accident insurance" in phone.text) == (
        True,
        True,
    )
    crossing.booked(shift.row(), days.person("更快").row())
    phone = Phone(town, person, "/bookings").tap("Join again")
    assert "You are number 1" in phone.text and "A place went to" not in phone.text
    assert [(w.number, w.state) for w in all_of(Waiting)] == [(1, "passed_over"), (2, "waiting")]
    other = all_of(Attendance, Attendance.state == "booked")[0]
    cancel(other, town.coordinator, other.shift.event.starts_at - timedelta(hours=20), "电话")
    assert "A place went to" not in Phone(town, person, "/bookings").text
    assert [one.state for one in all_of(Attendance, Attendance.person_id == person.id)] == ["booked"]


def test_a_message_says_why_and_what_helps_in_neutral_words(town: Town, crossing: Crossing) -> None:
    _, person = passed_over(Days(crossing), town)
    with act("person.correct", person.row(), by=town.coordinator, at=NOW, at_office=town.office.id):
        person.row().language = "en"
    [message] = all_of(Message, Message.template == "volunteers/passed_over", Message.channel == "page")
    lines = written(message).body.splitlines()
    assert lines[:3] == [
        "A place became free and went to the next in line.",
        "Why: There is no accident insurance on record for this day.",
        "The coordinator enters the policy; then shifts can be booked.",
    ]
