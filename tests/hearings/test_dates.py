"""The dates that are always in view: last lawful notice, sitting, limit (H-41, H-55)."""

from __future__ import annotations

from datetime import date

from extensions import db
from hearings.dates import Dates, dates_of, last_day_to_sit
from hearings.models import Hearing, Sitting
from record.act import act
from scheduler.deadlines.working_days import statutory
from tests.cases.made import a_case
from tests.hearings.made import a_requested_hearing, an_approved_hearing
from tests.town import NOW, Town

TODAY = date(2026, 11, 24)


def sitting_on(town: Town, hearing: Hearing, day: str) -> Dates:
    event = town.event("听证", f"{day} 09:00", f"{day} 10:30", kind="hearing")
    sitting = Sitting(hearing_id=hearing.id, office_id=hearing.office_id, event_id=event.id)
    with act("sitting.plan", sitting, by=town.coordinator, at=NOW):
        db.session.add(sitting)
    db.session.expire(hearing, ["sittings"])
    return dates_of(hearing, TODAY)


def test_the_last_lawful_notice_is_three_days_before_the_sitting(town: Town) -> None:
    """H-41: calendar days; the example of DOMAIN, moved to a Thursday of this month."""
    dates = sitting_on(town, an_approved_hearing(town), "2026-12-03")
    assert (dates.sits_on, dates.notice_by, dates.notice_practical) == (date(2026, 12, 3), date(2026, 11, 30), None)


def test_where_the_last_day_is_a_day_off_the_working_day_before_is_shown_too(town: Town) -> None:
    """H-41."""
    dates = sitting_on(town, an_approved_hearing(town), "2026-12-02")
    assert (dates.notice_by, dates.notice_practical) == (date(2026, 11, 29), date(2026, 11, 27))


def test_a_sitting_leaves_five_working_days_before_the_limit(town: Town) -> None:
    """H-55: the limit of 2 December, less five working days."""
    hearing = a_requested_hearing(town, a_case(town, received_on=date(2026, 11, 2)))
    dates = dates_of(hearing, TODAY)
    assert (dates.limit.on, dates.sit_by, dates.notice_by) == (date(2026, 12, 2), date(2026, 11, 25), None)


def test_the_buffer_counts_working_days_and_no_limit_has_none() -> None:
    """H-55: over the national holiday of 2026, with its make-up Saturday of 10 October."""
    calendar = statutory()
    assert last_day_to_sit(date(2026, 10, 12), 5, calendar) == date(2026, 9, 29)
    assert last_day_to_sit(date(2026, 10, 12), 0, calendar) == date(2026, 10, 12)
    assert last_day_to_sit(None, 5, calendar) is None
