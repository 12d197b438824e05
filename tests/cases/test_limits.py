"""The limit of a case: spells, custody, bail, and the deadline that follows it (D-10 to D-16; DOMAIN 6.3)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from accounts.actions.settings import change_setting
from accounts.setting_values import Value
from cases.actions.entering import correct_case
from cases.actions.limits import NoSuchExtension, PaperMissing, SpellInTheFuture, record_spell, withdraw_spell
from cases.actions.parties import MeasureOfASuspect, MeasureSince, correct_party, enter_party
from cases.limits import limit_of
from extensions import db
from record import invariants
from record.act import history
from scheduler.deadlines.limit import SpellOutOfOrder, TooManyReturns
from scheduler.deadlines.models import Deadline
from tests.cases.made import a_case, a_party, on_bail
from tests.town import NOW, Town

TODAY = date(2026, 11, 24)


def tell(town: Town, case, kind: str, on: date, days: int | None = None, **more: str):
    document = more.get("document", "枫检延〔2026〕1号")
    return record_spell(case, kind, on, town.prosecutor, NOW, document=document, days=days, today=TODAY)


def deadlines(case) -> list[tuple[str, date | None]]:
    rows = select(Deadline).where(Deadline.subject_table == "legal_case", Deadline.subject_id == case.id)
    return [(d.state, d.due_on) for d in db.session.scalars(rows.order_by(Deadline.id))]


def test_a_month_rolls_over_the_holiday_and_in_custody_ends_on_the_exact_day(town: Town) -> None:
    case = a_case(town, received_on=date(2026, 9, 1))
    suspect = on_bail(town, case)
    assert limit_of(case, TODAY).on == date(2026, 10, 8)
    assert deadlines(case) == [("running", date(2026, 10, 8))]
    facts = {"measure": "arrest", "measure_from": date(2026, 9, 10)}
    correct_party(suspect, facts, by=town.prosecutor, at=NOW, reason="批准逮捕")
    assert limit_of(case, TODAY).on == date(2026, 10, 1)
    assert deadlines(case) == [("running", date(2026, 10, 1))]


def test_an_extension_is_joined_and_rolled_once(town: Town) -> None:
    case = a_case(town, received_on=date(2026, 9, 1))
    tell(town, case, "extended", date(2026, 9, 28), 15)
    assert limit_of(case, TODAY).on == date(2026, 10, 16)
    assert deadlines(case) == [("running", date(2026, 10, 16))]
    assert history(case) == ["case.enter", "limit.extended"]
    assert invariants.broken() == []


def test_a_returned_case_has_no_limit_and_counts_anew_when_it_comes_back(town: Town) -> None:
    case = a_case(town, received_on=date(2026, 9, 1))
    tell(town, case, "returned", date(2026, 9, 21))
    assert limit_of(case, TODAY).on is None
    assert deadlines(case) == [("running", None)]
    tell(town, case, "re_received", date(2026, 10, 20))
    assert limit_of(case, TODAY).on == date(2026, 11, 20)
    assert deadlines(case) == [("running", date(2026, 11, 20))]


def test_a_third_return_is_refused(town: Town) -> None:
    case = a_case(town, received_on=date(2026, 7, 1))
    for month in (7, 9):
        tell(town, case, "returned", date(2026, month, 10))
        tell(town, case, "re_received", date(2026, month + 1, 1))
    with pytest.raises(TooManyReturns) as refusal:
        tell(town, case, "returned", date(2026, 10, 20))
    assert refusal.value.source == "DOMAIN D-15; 刑诉法 175"
    assert len(case.spells) == 4


def test_what_does_not_follow_is_refused_and_nothing_is_stored(town: Town) -> None:
    case = a_case(town)
    with pytest.raises(SpellOutOfOrder):
        tell(town, case, "re_received", date(2026, 11, 10))
    with pytest.raises(NoSuchExtension):
        tell(town, case, "extended", date(2026, 11, 10), 16)
    with pytest.raises(PaperMissing):
        tell(town, case, "returned", date(2026, 11, 10), document=" ")
    with pytest.raises(SpellInTheFuture):
        tell(town, case, "returned", date(2026, 11, 25))
    assert history(case) == ["case.enter"]
    tell(town, case, "extended", date(2026, 11, 10), 15)
    with pytest.raises(NoSuchExtension):
        tell(town, case, "extended", date(2026, 11, 11), 15)


def test_an_entry_by_mistake_is_taken_back_and_both_rows_stay(town: Town) -> None:
    case = a_case(town, received_on=date(2026, 9, 1))
    spell = tell(town, case, "extended", date(2026, 9, 28), 15)
    withdraw_spell(spell, town.prosecutor, NOW, "录错案件", TODAY)
    assert limit_of(case, TODAY).on == date(2026, 10, 8)
    assert [s.kind for s in case.spells] == ["extended", "withdrawn"]
    assert deadlines(case) == [("cancelled", date(2026, 10, 16)), ("running", date(2026, 10, 8))]
    assert history(case) == ["case.enter", "limit.extended", "limit.withdraw"]


def test_fast_track_is_ten_days_and_a_closed_case_has_no_limit(town: Town) -> None:
    case = a_case(town, received_on=date(2026, 11, 2), fast_track=True)
    assert limit_of(case, TODAY).on == date(2026, 11, 12)
    correct_case(case, {"stage": "closed"}, town.prosecutor, NOW, "已决定")
    assert limit_of(case, TODAY).on is None
    assert deadlines(case) == [("cancelled", date(2026, 11, 12))]


def test_bail_ends_after_twelve_months_to_the_date(town: Town) -> None:
    case = a_case(town)
    assert limit_of(case, TODAY).bail_on is None
    on_bail(town, case, since=date(2026, 10, 15))
    a_party(town, case, "钱二", measure="bail", measure_from=date(2026, 9, 30))
    assert limit_of(case, TODAY).bail_on == date(2027, 9, 30)


def test_only_a_suspect_is_under_a_measure_and_it_has_a_day(town: Town) -> None:
    case = a_case(town)
    with pytest.raises(MeasureOfASuspect):
        enter_party(case, {"name": "甲", "role": "victim", "measure": "bail"}, town.prosecutor, NOW)
    with pytest.raises(MeasureSince):
        enter_party(case, {"name": "甲", "role": "suspect", "measure": "bail"}, town.prosecutor, NOW)
    assert case.parties == []


def test_a_minor_is_one_at_the_offence_or_on_the_day(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, "小甲", role="victim", birth_on=date(2008, 12, 1))
    assert [case.minor_on(day) for day in (date(2026, 11, 30), date(2026, 12, 1))] == [True, False]
    assert not case.is_minor
    a_party(town, case, "小乙", is_minor=True)
    assert case.minor_on(date(2030, 1, 1))
    witness = a_case(town, number="二")
    a_party(town, witness, "小丙", role="witness", is_minor=True)
    assert not witness.minor_on(TODAY)


def test_what_began_under_a_rule_keeps_it_when_the_setting_changes(town: Town) -> None:
    """8.8, I49: a new rule changes only new deadlines; also one that begins on the very day of receipt."""
    old = a_case(town, fast_track=True)
    suspect = on_bail(town, old)
    today = a_case(town, "枫检刑诉〔2026〕32号", received_on=TODAY, fast_track=True)
    for key, value in (("case.review_fast", Value(7, "day")), ("case.bail_max", Value(6, "month"))):
        change_setting(town.office, key, value, by=town.chief, at=NOW, reason="试行")
    new = a_case(town, "枫检刑诉〔2026〕33号", received_on=TODAY, fast_track=True)
    ends = [date(2026, 11, 12), date(2026, 12, 4), date(2026, 12, 1)]
    assert [limit_of(case, TODAY).on for case in (old, today, new)] == ends
    assert [deadlines(case) for case in (old, today, new)] == [[("running", end)] for end in ends]
    assert limit_of(old, TODAY).bail_on == date(2027, 10, 1)
    facts = {"measure": "bail", "measure_from": TODAY}
    correct_party(suspect, facts, by=town.prosecutor, at=NOW, reason="重新取保")
    assert limit_of(old, TODAY).bail_on == date(2027, 5, 24)
    assert invariants.broken() == []
