"""A calendar that changes under a planned hearing names it before it is changed (C-15)."""

from __future__ import annotations

from datetime import date

from flask_babel import force_locale

from accounts.models import Office
from extensions import db
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.move import move_sitting
from scheduler.actions.calendar_days import correct_day, effect_of_correction, effect_of_withdrawal
from scheduler.deadlines.models import DayKind
from tests.hearings.planned import planned
from tests.town import NOW, Town, local

FESTIVAL = date(2026, 12, 2)


def named(town: Town, office: Office | None = None, on: date = FESTIVAL) -> list[tuple[str, str]]:
    with town.app.test_request_context(), force_locale("en"):
        found = effect_of_correction(office or town.office, on, DayKind.LOCAL_OFF).hits
        hits = [(str(hit.why), hit.url) for hit in found]
    db.session.rollback()  # a page that is read writes nothing
    return hits


def test_a_hearing_on_a_day_that_turns_off_is_named_to_its_office(town: Town) -> None:
    hearing = planned(town, "2026-12-02 09:00").hearing
    hit = ("The day is off now.", f"/hearings/{hearing.public_id}")
    assert named(town) == [hit]
    assert (named(town, town.other_office), named(town, on=date(2026, 12, 3))) == ([], [])
    move_sitting(hearing.sitting, local("2026-12-03 09:00"), 90, town.coordinator, NOW, "换日", room=town.room())
    assert (named(town), named(town, on=date(2026, 12, 3))) == ([], [hit])


def test_a_cancelled_hearing_is_hit_by_nothing(town: Town) -> None:
    hearing = planned(town, "2026-12-02 09:00").hearing
    cancel_hearing(hearing, town.coordinator, NOW, "撤回")
    assert named(town) == []


def test_a_day_that_is_worked_again_hits_no_hearing(town: Town) -> None:
    planned(town, "2026-12-02 09:00")
    facts = {"name": "火把节", "source": "州政府公告", "reason": "州庆放假"}
    correct_day(town.office, FESTIVAL, DayKind.LOCAL_OFF, by=town.coordinator, at=NOW, **facts)
    with town.app.test_request_context():
        assert effect_of_withdrawal(town.office, FESTIVAL).hits == []
