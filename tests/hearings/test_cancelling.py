"""Cancelling: everything is free again, everybody who was told hears of it, calendars show it."""

from __future__ import annotations

import pytest
from icalendar import Calendar
from sqlalchemy import select

from accounts.rules.settings import ReasonMissing
from extensions import db
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.move import told_of_a_change
from hearings.actions.notice import notify_hearing
from hearings.models import Hearing, Notice
from record import invariants
from record.act import history
from record.course import OffCourse
from record.models import Message
from scheduler.calendar import ical
from scheduler.calendar.feeds import entries, make_feed
from tests.cases.made import a_party
from tests.hearings.planned import approved, participant, planned, the_case
from tests.town import NOW, Town


@pytest.fixture
def hearing(town: Town) -> Hearing:
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    a_party(town, case, "李受害", "victim")
    return planned(town, hearing=approved(town, case)).hearing


def test_bookings_are_released_and_the_course_ends(town: Town, hearing: Hearing) -> None:
    sitting = hearing.sitting
    with pytest.raises(ReasonMissing):
        cancel_hearing(hearing, town.coordinator, NOW, "")
    cancel_hearing(hearing, town.coordinator, NOW, "撤回申请")
    assert (hearing.state, sitting.state, sitting.event.status) == ("cancelled", "cancelled", "cancelled")
    assert {(b.status, b.binds) for b in sitting.event.bookings} == {("cancelled", False)}
    assert (history(hearing)[-1], history(sitting)) == ("hearing.cancel", ["sitting.plan", "sitting.cancel"])
    assert (hearing.taking_part(), invariants.broken()) == ([], [])
    with pytest.raises(OffCourse):
        cancel_hearing(hearing, town.coordinator, NOW, "再次")


def test_who_will_be_told_is_known_before_and_told_after(town: Town, hearing: Hearing) -> None:
    assert [p.name for p in told_of_a_change(hearing)] == ["郑检察", "甲听证", "乙听证", "丙听证"]
    notify_hearing(hearing, {}, town.coordinator, NOW)
    before = [p.name for p in told_of_a_change(hearing)]
    assert before == ["郑检察", "甲听证", "乙听证", "丙听证", "何志愿", "李受害"]
    cancel_hearing(hearing, town.coordinator, NOW, "撤回申请")
    told = db.session.scalars(select(Notice).filter_by(kind="cancellation").order_by(Notice.id)).all()
    assert [(n.participant.name, n.channel) for n in told] == [
        *((name, "message") for name in before[:-1]),
        ("李受害", "phone"),
    ]
    sent = [m for m in db.session.scalars(select(Message)) if m.frozen_text and "撤回申请" in m.frozen_text]
    assert len(sent) == 5


def test_a_hearing_without_a_time_is_cancelled_in_silence(town: Town) -> None:
    hearing = approved(town)
    cancel_hearing(hearing, town.coordinator, NOW, "撤回申请")
    assert (hearing.state, db.session.scalars(select(Notice)).all()) == ("cancelled", [])


def test_the_feed_shows_it_as_cancelled(town: Town, hearing: Hearing) -> None:
    officer = participant(hearing, "甲听证").person
    feed, _ = make_feed(officer, town.office, NOW, name="手机", kind="own", language="zh_Hans_CN")
    cancel_hearing(hearing, town.coordinator, NOW, "撤回申请")
    [event] = Calendar.from_ical(ical.text_of("x", entries(feed, NOW, 90, 30))).walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"
