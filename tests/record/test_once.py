"""What a transaction reads once: the same until it ends, unless it writes it itself or takes that back."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.actions.settings import change_setting
from accounts.settings import Value, rule_for
from errors import Refusal
from extensions import db
from record.act import history, transaction
from scheduler.actions.calendar_days import correct_day
from scheduler.deadlines.calendar import calendar_in_force, hold_calendar
from tests.queries import reading
from tests.town import NOW, Town

ON = date(2026, 11, 24)
MEETING = date(2026, 11, 26)  # a Thursday


def places(town: Town) -> int:
    return int(rule_for("service.open_bookings", town.office, ON).amount)


def allow(town: Town, most: int) -> None:
    change_setting(town.office, "service.open_bookings", Value(most, "shift"), by=town.chief, at=NOW, reason="试行")


def works(town: Town) -> bool:
    return calendar_in_force(town.office).is_working_day(MEETING)


def close(town: Town) -> None:
    correct_day(town.office, MEETING, "local_off", name="校运会", source="通知", by=town.chief, at=NOW, reason="通知")


def test_a_transaction_asks_the_database_once_for_settings_and_calendar(town: Town) -> None:
    office = town.office
    with reading() as sent:
        calendar_in_force(office)
        rule_for("service.open_bookings", office, ON)
    assert [" calendar_" in one or " setting " in one for one in sent] == [True] * 3
    with reading() as sent:
        assert calendar_in_force(office).is_working_day(MEETING)
        assert rule_for("hearing.notice_days", office, ON).amount == 3
    assert sent == []


def test_what_a_transaction_writes_elsewhere_is_no_reason_to_ask_again(town: Town) -> None:
    office = town.office
    with transaction():
        calendar_in_force(office)
        rule_for("service.open_bookings", office, ON)
        event = town.event("院务会", "2026-11-24 10:00", "2026-11-24 11:00")
        with reading() as sent:
            assert calendar_in_force(office).is_working_day(MEETING)
            assert rule_for("hearing.notice_days", office, ON).amount == 3
        assert (sent, history(event)) == ([], ["event.plan"])


def test_what_a_transaction_writes_it_reads_at_once(town: Town) -> None:
    with transaction():
        assert (places(town), works(town)) == (20, True)
        allow(town, 5)
        close(town)
        assert (places(town), works(town)) == (5, False)
    assert (places(town), works(town)) == (5, False)


def test_what_is_taken_back_to_a_savepoint_is_read_no_more(town: Town) -> None:
    with transaction():
        with pytest.raises(Refusal), db.session.begin_nested():
            allow(town, 5)
            close(town)
            assert (places(town), works(town)) == (5, False)
            raise Refusal()
        assert (places(town), works(town)) == (20, True)


def test_what_another_transaction_wrote_is_read_by_the_next_one(town: Town) -> None:
    assert (places(town), works(town)) == (20, True)
    db.session.rollback()
    with town.app.app_context():
        allow(town, 5)
        close(town)
    assert (places(town), works(town)) == (5, False)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_the_calendar_is_read_anew_once_it_is_held(town: Town) -> None:
    """C-15: whoever counts by it has waited for whoever changed it. On SQLite there is one writer, and no waiting."""
    assert works(town)
    with town.app.app_context():
        close(town)
    hold_calendar(change=False)
    assert not works(town)
