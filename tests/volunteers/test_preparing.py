"""From the proposal to the first shift: what is signed, entered and begun, in which order (DOMAIN 8.5, D-20, D-22)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.models import Person
from accounts.settings import rule_for
from cases.actions.parties import remove_party
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Message
from scheduler.actions.calendar_days import correct_day
from scheduler.deadlines.models import DayKind
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.prepared import DONE, Prepared
from volunteers.actions import ending, preparing, schemes
from volunteers.actions.booking import book, cancel, report_absence
from volunteers.actions.days import recount_days
from volunteers.actions.preparing import Recorded, record
from volunteers.actions.proposing import AssessmentRuns, amend, extend
from volunteers.actions.shifts import cancel_shift, change_shift
from volunteers.models.assessment import Assessment, Supplement
from volunteers.models.attendance import BookedDay
from volunteers.rules.obstacles import DayFull, NotBookable, NotInsured, NotTrained, TooOld
from volunteers.rules.proposing import (
    BeforeTheStep,
    DayCannotBe,
    HoursUnchanged,
    NotProposable,
    PeriodReversed,
    ReasonAsked,
    SignedLater,
)
from volunteers.rules.schemes import Terms
from volunteers.terms import terms_by_settings, terms_of

TODAY = date(2026, 11, 24)


def test_the_machine_goes_from_the_proposal_to_the_service_step_by_step(prepared: Prepared) -> None:
    """8.5, with the scheme in force on the day of the signature."""
    one = prepared.proposed()
    assert one.state == "proposed"
    prepared.do("tell", one)
    assert (one.state, one.told_on) == ("told", TODAY)
    prepared.do("consent", one)
    assert (one.state, one.consented_on, one.scheme.number) == ("consented", TODAY, 1)
    prepared.do("train", one)
    assert one.state == "trained"
    prepared.do("insure", one)
    assert one.state == "insured"
    prepared.do("start", one)
    assert (one.state, one.started_on) == ("serving", TODAY)
    assert history(one) == [f"assessment.{step}" for step in ("propose", "tell", "consent", "train", "insure", "start")]
    assert broken() == []


def test_training_and_insurance_may_come_in_either_order(prepared: Prepared) -> None:
    one = prepared.proposed("tell", "consent", "insure")
    assert one.state == "consented"
    prepared.do("train", one)
    assert one.state == "insured"


def test_a_scheme_without_training_and_insurance_asks_for_neither(prepared: Prepared) -> None:
    prepared.in_force(Terms(training_required=False, insurance_required=False))
    one = prepared.proposed("tell", "consent")
    assert one.state == "insured"
    prepared.do("start", one)
    assert one.state == "serving"


@pytest.mark.parametrize(
    ("done", "step"),
    [
        ((), "consent"),
        ((), "train"),
        ((), "insure"),
        ((), "start"),
        (("tell",), "tell"),
        (("tell",), "train"),
        (("tell", "consent"), "consent"),
        (("tell", "consent", "train"), "start"),
    ],
)
def test_a_step_out_of_its_order_is_refused_and_nothing_changes(
    prepared: Prepared, done: tuple[str, ...], step: str
) -> None:
    one = prepared.proposed(*done)
    before = (one.state, history(one))
    with pytest.raises((OffCourse, NotBookable)):
        prepared.do(step, one)
    db.session.rollback()
    assert (one.state, history(one)) == before


def test_what_is_signed_is_not_signed_tomorrow_nor_before_what_it_follows(prepared: Prepared) -> None:
    one = prepared.proposed()
    with pytest.raises(SignedLater):
        preparing.tell(one, TODAY + timedelta(days=1), "告知书1号", prepared.town.coordinator, NOW)
    prepared.do("tell", one)
    with pytest.raises(BeforeTheStep):
        preparing.consent(one, TODAY - timedelta(days=1), 2, None, "承诺书1号", prepared.town.coordinator, NOW)


def test_nobody_is_bound_where_no_scheme_is_in_force(prepared: Prepared) -> None:
    with act("scheme.retire", prepared.scheme, by=prepared.town.chief, at=NOW):
        schemes.SCHEME.step("retire", prepared.scheme)
    one = prepared.proposed("tell")
    with pytest.raises(preparing.NoSchemeInForce):
        prepared.do("consent", one)


def test_whoever_has_signed_stays_bound_whatever_scheme_follows(prepared: Prepared) -> None:
    """3.3: bound to the version in force when the undertaking was signed."""
    one = prepared.proposed("tell", "consent")
    prepared.in_force(Terms(max_day_minutes=120))
    assert terms_of(one, TODAY).max_day_minutes == 180
    other = prepared.proposed("tell", "consent", reason="每天一班也能完成大半")
    assert terms_of(other, TODAY).max_day_minutes == 120
    assert (one.scheme.number, other.scheme.number) == (1, 2)


def new_version(prepared: Prepared, terms: Terms, at: datetime) -> None:
    """Another version, put in force at a time."""
    made = schemes.draft(prepared.office, "二版", "custom", terms, prepared.town.coordinator, at)
    schemes.approve(made, prepared.town.chief, at)


@pytest.mark.parametrize(("signed", "version"), [(25, 1), (26, 1), (27, 2), (28, 2)])
def test_an_undertaking_entered_late_binds_to_the_version_of_the_day_on_which_it_was_signed(
    prepared: Prepared, signed: int, version: int
) -> None:
    """3.3: the first version from 24 November, the second from the 27th; the very day counts."""
    one = prepared.proposed("tell")
    new_version(prepared, Terms(max_day_minutes=120), NOW + timedelta(days=3))
    by, entered = prepared.town.coordinator, NOW + timedelta(days=4)
    preparing.consent(one, date(2026, 11, signed), 2, None, "承诺书1号", by, entered)
    assert (one.scheme.number, one.consented_on) == (version, date(2026, 11, signed))
    assert terms_of(one, date(2026, 11, 28)).max_day_minutes == {1: 180, 2: 120}[version]


def test_of_two_versions_of_one_day_the_later_one_binds_whoever_signed_on_it(prepared: Prepared) -> None:
    one = prepared.proposed("tell")
    new_version(prepared, Terms(max_day_minutes=120), NOW + timedelta(hours=1))
    new_version(prepared, Terms(max_day_minutes=150), NOW + timedelta(days=1))
    preparing.consent(one, TODAY, 2, None, "承诺书1号", prepared.town.coordinator, NOW + timedelta(days=2))
    assert one.scheme.number == 2


@pytest.mark.parametrize(("signed", "bound"), [(date(2026, 11, 23), False), (date(2026, 11, 24), True)])
def test_what_was_signed_before_any_scheme_was_in_force_binds_to_none(
    prepared: Prepared, signed: date, bound: bool
) -> None:
    """3.3: its first version is in force from 24 November."""
    one, by = prepared.proposed(), prepared.town.coordinator
    preparing.tell(one, date(2026, 11, 23), "告知书1号", by, NOW)
    if bound:
        preparing.consent(one, signed, 2, None, "承诺书1号", by, NOW)
    else:
        with pytest.raises(preparing.NoSchemeThatDay) as refusal:
            preparing.consent(one, signed, 2, None, "承诺书1号", by, NOW)
        assert refusal.value.facts == {"on": signed, "first": date(2026, 11, 24)}
    assert history(one)[-1] == ("assessment.consent" if bound else "assessment.tell")


@pytest.mark.parametrize(("minutes", "enough"), [(60, True), (59, False)])
def test_the_training_is_as_long_as_the_scheme_asks(prepared: Prepared, minutes: int, enough: bool) -> None:
    one = prepared.proposed("tell", "consent")
    if enough:
        preparing.train(one, TODAY, minutes, "秦队长", prepared.town.squad_leader, NOW)
        assert one.trained_minutes == 60
        return
    with pytest.raises(preparing.TrainingTooShort):
        preparing.train(one, TODAY, minutes, "秦队长", prepared.town.squad_leader, NOW)


def test_the_service_begins_only_insured_for_its_first_day(prepared: Prepared) -> None:
    """D-22: the insurance must hold on the first day of the period, not on the day of the entry."""
    one = prepared.proposed("tell", "consent", "train")
    day, coordinator = timedelta(days=1), prepared.town.coordinator
    preparing.insure(one, one.first_on + day, one.last_on, "样例保单", coordinator, NOW)
    with pytest.raises(NotInsured):
        prepared.do("start", one)
    preparing.insure(one, TODAY, one.first_on, "样例保单", prepared.town.coordinator, NOW)
    prepared.do("start", one)
    assert one.state == "serving"


@pytest.mark.parametrize(
    ("first", "until", "fits"), [(-40, -1, False), (-40, 0, True), (11, 400, True), (12, 400, False)]
)
def test_an_insurance_holds_on_a_day_of_the_service_or_is_refused(
    prepared: Prepared, first: int, until: int, fits: bool
) -> None:
    """D-22. The service takes twelve days."""
    one = prepared.proposed("tell", "consent")
    days = [one.first_on + timedelta(days=n) for n in (first, until)]
    if fits:
        preparing.insure(one, *days, "样例保单", prepared.town.coordinator, NOW)
        assert [one.insured_from, one.insured_until] == days
        return
    with pytest.raises(preparing.InsuredBesideTheService):
        preparing.insure(one, *days, "样例保单", prepared.town.coordinator, NOW)


@pytest.mark.parametrize("name", ["told_on", "consented_on", "trained_on"])
def test_nothing_is_recorded_from_a_time_before_anybody_spoke_of_this_service(crossing: Crossing, name: str) -> None:
    """D-11: bail, the longest of all its spans, takes twelve months."""
    crossing.person(on_record=False)
    (one,) = all_of(Assessment)
    earliest = one.first_on - timedelta(days=366)
    with pytest.raises(DayCannotBe) as refused:
        record([one], Recorded(**{name: earliest - timedelta(days=1)}), crossing.coordinator, NOW, "1900")
    assert (refused.value.earliest, refused.value.latest) == (earliest, TODAY)
    record([one], Recorded(**{name: earliest}), crossing.coordinator, NOW, "接入前已办")
    assert getattr(one, name) == earliest


def test_a_service_is_not_extended_beyond_what_bail_can_last(crossing: Crossing) -> None:
    """D-11, also where no bail is known of that bounds it."""
    crossing.person()
    (one,) = all_of(Assessment)
    with pytest.raises(DayCannotBe):
        extend(one, TODAY + timedelta(days=367), crossing.town.prosecutor, NOW, "很久")
    extend(one, TODAY + timedelta(days=366), crossing.town.prosecutor, NOW, "很久")
    assert one.last_on == TODAY + timedelta(days=366)


def test_an_insurance_that_lapses_keeps_from_the_next_shift_until_it_is_renewed(crossing: Crossing) -> None:
    person = crossing.person()
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    record([one], Recorded(insured_from=date(2026, 1, 1), insured_until=TODAY), crossing.coordinator, NOW, "")
    with pytest.raises(NotInsured) as refused:
        book(shift, person, person, NOW)
    assert refused.value.insured_until == TODAY
    preparing.insure(one, TODAY, date(2026, 11, 25), "续保", crossing.coordinator, NOW)
    assert book(shift, person, person, NOW).state == "booked"


def test_who_was_imported_books_once_the_office_has_entered_what_is_unknown(crossing: Crossing) -> None:
    """SETTLED 12: every unknown is a question to the coordinator before the next booking."""
    person = crossing.person(on_record=False)
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    with pytest.raises(NotBookable) as refused:
        book(shift, person, person, NOW)
    assert [o.code for o in refused.value.obstacles] == [
        "not_told",
        "not_consented",
        "not_trained",
        "not_insured",
        "health_unknown",
    ]
    record([one], DONE, crossing.coordinator, NOW, "接入前已办")
    assert book(shift, person, person, NOW).state == "booked"
    with pytest.raises(preparing.NothingEntered):
        record([one], DONE, crossing.coordinator, NOW, "再录一次")
    assert history(one) == ["assessment.import", "assessment.record"]


def test_without_training_on_record_nobody_books(crossing: Crossing) -> None:
    person = crossing.person(on_record=False)
    known = Recorded(**{**DONE.__dict__, "trained_on": None})
    record(all_of(Assessment), known, crossing.coordinator, NOW, "")
    with pytest.raises(NotTrained):
        book(crossing.shift(date(2026, 11, 25)), person, person, NOW)


def test_a_day_of_three_hours_takes_two_shifts_and_no_third(crossing: Crossing) -> None:
    """I14; a cancelled place gives its minutes back."""
    person = crossing.person()
    post = crossing.post("全天岗")
    first, second = crossing.shift(post=post), crossing.shift(slot="evening", post=post)
    third = crossing.shift(post=crossing.post("午间岗", morning=(time(12), time(13))))
    book(first, person, person, NOW)
    taken = book(second, person, person, NOW)
    with pytest.raises(DayFull) as refused:
        book(third, person, person, NOW)
    assert (refused.value.minutes, refused.value.most) == (240, 180)
    cancel(taken, person, NOW)
    book(third, person, person, NOW)
    assert sorted(day.minutes for day in db.session.query(BookedDay)) == [60, 90]
    assert broken() == []


def test_the_database_itself_refuses_a_day_that_is_too_full(crossing: Crossing) -> None:
    """I14, without the rule: a row written past it."""
    person = crossing.person()
    attendance = book(crossing.shift(), person, person, NOW)
    other = book(crossing.shift(slot="evening", post=crossing.post("别岗")), person, person, NOW)
    with pytest.raises(IntegrityError, match="booked_day_is_full"):
        db.session.execute(update(BookedDay).where(BookedDay.attendance_id == other.id).values(minutes=91, most=180))
    db.session.rollback()
    assert attendance.state == "booked"


@pytest.mark.parametrize("way", ["cancel", "report", "by_service"])
def test_however_a_place_is_given_up_its_day_is_free_again(crossing: Crossing, way: str) -> None:
    person = crossing.person()
    shift = crossing.shift()
    attendance = book(shift, person, person, NOW)
    ways: dict[str, Callable[[], object]] = {
        "cancel": lambda: cancel(attendance, person, NOW),
        "report": lambda: report_absence(attendance, person, NOW),
        "by_service": lambda: cancel_shift(shift, crossing.coordinator, NOW, "大雾"),
    }
    ways[way]()
    assert db.session.query(BookedDay).count() == 0


def test_whoever_is_booked_stays_so_when_the_service_makes_the_shift_longer(crossing: Crossing) -> None:
    person = crossing.person()
    shift = crossing.shift()
    book(shift, person, person, NOW)
    times = (local("2026-11-25 07:00"), local("2026-11-25 11:00"))
    change_shift(shift, *times, 10, crossing.coordinator, NOW, "活动保障")
    assert [day.minutes for day in db.session.query(BookedDay)] == [240]
    recount_days(shift)
    assert broken() == []


def test_hours_change_only_by_a_supplement_that_is_signed(prepared: Prepared) -> None:
    """8.5 `amend`; the database refuses other hours without it."""
    one = prepared.serving()
    amend(one, 900, TODAY, "补充协议1号", prepared.town.prosecutor, NOW, "表现良好")
    assert [(s.minutes_before, s.minutes_after, s.signed_on) for s in all_of(Supplement)] == [(1200, 900, TODAY)]
    assert (one.required_minutes, one.state) == (900, "serving")
    with pytest.raises(HoursUnchanged):
        amend(one, 900, TODAY, "补充协议2号", prepared.town.prosecutor, NOW, "")
    with pytest.raises(SignedLater):
        amend(one, 800, TODAY + timedelta(days=1), "补充协议3号", prepared.town.prosecutor, NOW, "")
    with pytest.raises(IntegrityError, match="hours_change_by_a_signed_supplement"), db.session.begin_nested():
        with act("assessment.cheat", one, by=prepared.town.coordinator, at=NOW):
            one.required_minutes = 60
    db.session.rollback()
    assert broken() == []


def test_another_end_is_judged_by_the_back_plan(prepared: Prepared) -> None:
    """8.9: within the window without a word, beyond the evaluation with a reason, beyond bail never."""
    one = prepared.serving()
    evaluation = one.last_on
    extend(one, evaluation - timedelta(days=1), prepared.town.prosecutor, NOW, "每天两班可以完成")
    with pytest.raises(ReasonAsked) as asked:
        extend(one, evaluation + timedelta(days=1), prepared.town.prosecutor, NOW, "")
    assert [doubt.code for doubt in asked.value.doubts] == ["period_after_evaluation"]
    db.session.rollback()
    extend(one, evaluation + timedelta(days=1), prepared.town.prosecutor, NOW, "协调后延长")
    assert one.last_on == evaluation + timedelta(days=1)
    with pytest.raises(NotProposable) as refused:
        extend(one, one.bail_on + timedelta(days=1), prepared.town.prosecutor, NOW, "再延")
    assert [doubt.code for doubt in refused.value.doubts] == ["period_after_bail"]


def test_a_service_never_ends_before_it_begins(prepared: Prepared) -> None:
    """Its first day alone is a service of one day."""
    one = prepared.serving()
    with pytest.raises(PeriodReversed):
        extend(one, one.first_on - timedelta(days=1), prepared.town.prosecutor, NOW, "误填")
    extend(one, one.first_on, prepared.town.prosecutor, NOW, "只服务一天")
    assert one.last_on == one.first_on


def test_what_follows_a_paper_is_not_dated_before_it(prepared: Prepared) -> None:
    one = prepared.proposed()
    by, early = prepared.town.coordinator, TODAY - timedelta(days=1)
    with pytest.raises(BeforeTheStep):
        preparing.tell(one, one.case.received_on - timedelta(days=1), "告知书1号", by, NOW)
    prepared.do("tell", one)
    prepared.do("consent", one)
    with pytest.raises(BeforeTheStep):
        preparing.train(one, early, 60, "秦队长", by, NOW)
    with pytest.raises(preparing.InsuranceReversed):
        preparing.insure(one, TODAY, early, "样例保单", by, NOW)
    for step in ("train", "insure", "start"):
        prepared.do(step, one)
    with pytest.raises(BeforeTheStep):
        amend(one, 900, early, "补充协议1号", prepared.town.prosecutor, NOW, "")


def test_whom_age_keeps_from_every_crossing_does_not_begin(prepared: Prepared) -> None:
    """D-21: before he is told that shifts can be booked, not when he tries."""
    one = prepared.proposed("tell", "consent", "train", "insure")
    with act("person.correct", one.person, by=prepared.town.coordinator, at=NOW):
        one.person.birth_on = date(1955, 1, 1)
    with pytest.raises(TooOld):
        prepared.do("start", one)


def test_whoever_is_under_assessment_stays_in_his_case(prepared: Prepared) -> None:
    one = prepared.serving()
    (suspect,) = one.case.present_parties
    with pytest.raises(AssessmentRuns):
        remove_party(suspect, TODAY, prepared.town.coordinator, NOW, "误录")
    ending.withdraw(one, one.person, NOW)
    remove_party(suspect, TODAY, prepared.town.coordinator, NOW, "误录")
    assert one.case.present_parties == []


def test_a_scheme_says_by_the_settings_what_no_scheme_says(town: Town) -> None:
    found = terms_by_settings(town.office, TODAY)
    assert found == Terms(allow_holidays=True)
    assert rule_for("service.max_per_day", town.office, TODAY).amount * 60 == found.max_day_minutes


def messages(person: Person) -> list[str]:
    query = select(Message.template).where(Message.recipient_id == person.id).order_by(Message.id)
    return list(db.session.scalars(query))


def test_whoever_has_to_do_something_hears_of_it(prepared: Prepared) -> None:
    """The coordinator of a proposal, the person of what concerns him, the prosecutor of an end and of a moved limit."""
    town = prepared.town
    one = prepared.serving()
    assert messages(town.coordinator) == ["volunteers/assessment_proposed"]
    assert messages(one.person) == ["volunteers/service_begins"]
    correct_day(
        town.office,
        date(2026, 12, 16),
        DayKind.LOCAL_OFF,
        name="州庆",
        source="通知",
        by=town.coordinator,
        at=NOW,
        reason="州庆",
    )
    ending.withdraw(one, one.person, NOW)
    assert messages(one.person) == ["volunteers/service_begins"]
    assert messages(town.prosecutor) == ["volunteers/back_plan_moved", "volunteers/assessment_ended"]
