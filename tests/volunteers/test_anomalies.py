"""What is unusual in the hours: found once, looked at by a person, and no hour changes by it (V-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.actions.settings import change_setting
from accounts.models import Account, Office, Person, PersonSession
from accounts.setting_values import Value
from accounts.settings import declaration
from extensions import db
from record.act import act, history
from record.invariants import broken
from tests.accounts.visitor import text_of
from tests.engines import LONG_ON_POSTGRESQL
from tests.town import NOW, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days
from tests.volunteers.test_ending import serve
from volunteers.actions.anomalies import ClosedAlready, close_anomaly, find_anomalies, limits_of
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm, undo
from volunteers.actions.corrections import Grounds, approve
from volunteers.actions.corrections import propose as propose_correction
from volunteers.actions.credit import append_due
from volunteers.actions.scan import person_code, redeem, refuse_code
from volunteers.actions.shifts import open_one
from volunteers.actions.steering import prolong
from volunteers.actions.ticks import Device, leave, miss
from volunteers.actions.walk_in import admit
from volunteers.models.anomalies import Anomaly, BookingAttempt
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.shifts import Shift
from volunteers.rules.anomalies import (
    AnomalyKind,
    Limits,
    Said,
    Served,
    Shown,
    Tried,
    repeated,
    shared,
    too_long,
    unusual,
)
from volunteers.rules.scan import Why

EVENING = local("2026-11-25 19:00")
ONE = Said(
    office_id=1,
    assessment_id=1,
    person_id=1,
    by_id=9,
    said_at=EVENING,
    said_on=date(2026, 11, 25),
    starts_at=local("2026-11-25 17:30"),
    ends_at=local("2026-11-25 19:00"),
)
DAY = Served(office_id=1, assessment_id=1, person_id=1, on=date(2026, 11, 25), minutes=90, most=180)
WEDNESDAY = date(2026, 11, 25)
LIMITS = Limits(20, timedelta(minutes=1), 5, one_device=2, refused_codes=10, elsewhere=3)
EVERYWHERE = dict.fromkeys((1, 2), LIMITS)


def others(number: int, seconds: float = 0) -> list[Said]:
    """So many people, confirmed one after the other within so many seconds."""
    whole = timedelta(seconds=seconds)
    times = [EVENING + whole * n / (number - 1) for n in range(number)]
    return [replace(ONE, person_id=n, assessment_id=n, said_at=at) for n, at in enumerate(times)]


def found(*said: Said) -> list[tuple[str, int, str]]:
    return [(one.kind, one.office_id, one.about) for one in unusual(said, EVERYWHERE)]


@pytest.mark.parametrize(("number", "seconds", "unusually"), [(20, 60, True), (19, 0, False), (20, 61, False)])
def test_twenty_people_within_a_minute_are_unusual(number: int, seconds: float, unusually: bool) -> None:
    assert found(*others(number, seconds)) == ([("many_at_once", 1, "9:2026-11-25")] if unusually else [])


def test_the_fullest_span_is_said_with_its_minutes_whenever_it_began() -> None:
    """V-12: somebody confirmed long before does not hide those who came together."""
    limits = {1: replace(LIMITS, at_once=3, within=timedelta(minutes=59))}
    before = replace(ONE, person_id=90, assessment_id=90, said_at=EVENING - timedelta(minutes=30, seconds=1))
    [one] = unusual([before, *others(3, 59 * 60)], limits)
    assert (one.kind, one.officer_id, one.person_id) == ("many_at_once", 9, None)
    assert one.facts == {"count": 3, "on": "2026-11-25", "within": 59}
    assert unusual([before, *others(3, 59 * 60 + 1)], limits) == []


def test_each_office_is_measured_by_its_own_limits() -> None:
    """`service.unusual.*` are settings of an office: what is usual at one may be unusual at another."""
    strict = Limits(2, timedelta(minutes=1), 2, one_device=1, refused_codes=2, elsewhere=1)
    limits = {1: LIMITS, 2: strict}
    later = timedelta(days=1)
    again = replace(ONE, starts_at=ONE.starts_at + later, ends_at=ONE.ends_at + later)
    said = [replace(one, office_id=office, by_id=office) for office in (1, 2) for one in (ONE, again)]
    theirs = [replace(one, person_id=5, assessment_id=5) if one.office_id == 2 else one for one in said]
    assert [(one.kind, one.office_id) for one in unusual(theirs, limits)] == [("many_at_once", 2), ("same_officer", 2)]
    shown = [Shown(f"phone {office}", WEDNESDAY, office, office) for office in (1, 2)]
    assert [(one.office_id, one.facts["people"]) for one in shared(shown, limits)] == [(2, [2])]
    tried = [Tried(AnomalyKind.REFUSED_CODES, office, 7, WEDNESDAY, "") for office in (1, 2) for _ in range(2)]
    once = [Tried(AnomalyKind.ELSEWHERE, office, 7, WEDNESDAY, "b") for office in (1, 2)]
    assert [(one.kind, one.office_id, one.facts["devices"]) for one in repeated([*tried, *once], limits)] == [
        ("elsewhere", 2, ["b"]),
        ("refused_codes", 2, []),
    ]


def test_two_officers_who_confirm_ten_each_are_not() -> None:
    halves = [replace(one, by_id=one.person_id % 2) for one in others(20)]
    assert found(*halves) == []


@pytest.mark.parametrize(("minutes", "long"), [(90, False), (91, True)])
def test_more_than_a_day_may_have_is_said_at_each_office_and_names_no_other(minutes: int, long: bool) -> None:
    """T35: the total is said, where it was served is not."""
    days = [DAY, replace(DAY, office_id=2, assessment_id=5, minutes=minutes)]
    about = [("long_day", 1, "1:2026-11-25"), ("long_day", 2, "5:2026-11-25")] if long else []
    assert [(one.kind, one.office_id, one.about) for one in too_long(days)] == about
    for one in too_long(days):
        assert one.facts == {"minutes": 90 + minutes, "most": 180, "on": "2026-11-25"}


def test_each_office_measures_the_day_by_what_was_signed_there() -> None:
    days = [replace(DAY, most=181), replace(DAY, office_id=2, assessment_id=5, minutes=91)]
    assert [(one.office_id, one.facts["most"]) for one in too_long(days)] == [(2, 180)]


def test_two_people_and_two_days_are_not_added_up() -> None:
    apart = [replace(DAY, minutes=180), replace(DAY, person_id=2, assessment_id=2), replace(DAY, on=date(2026, 11, 26))]
    assert too_long(apart) == []


@pytest.mark.parametrize(("number", "officers", "always"), [(5, 1, True), (4, 1, False), (6, 2, False)])
def test_always_the_same_officer_is_unusual_from_five_on(number: int, officers: int, always: bool) -> None:
    said = [
        replace(
            ONE,
            by_id=9 + n % officers,
            said_on=ONE.said_on + timedelta(days=n),
            starts_at=ONE.starts_at + timedelta(days=n),
            ends_at=ONE.ends_at + timedelta(days=n),
        )
        for n in range(number)
    ]
    assert found(*said) == ([("same_officer", 1, "1:9")] if always else [])


@pytest.mark.parametrize(("starts", "twice"), [("2026-11-25 19:00", False), ("2026-11-25 18:59", True)])
def test_one_time_confirmed_at_two_places_is_unusual_at_both(starts: str, twice: bool) -> None:
    later = replace(ONE, office_id=2, assessment_id=5, starts_at=local(starts), ends_at=local("2026-11-25 20:00"))
    kinds = [(kind, office) for kind, office, _ in found(ONE, later)]
    assert kinds == ([("two_places", 1), ("two_places", 2)] if twice else [])


def test_whoever_stood_at_one_place_all_day_meets_each_of_the_others_and_they_do_not_meet() -> None:
    whole, first, second, after = (
        replace(ONE, assessment_id=n, starts_at=local(f"2026-11-25 {a}"), ends_at=local(f"2026-11-25 {b}"))
        for n, (a, b) in enumerate((("07:00", "12:00"), ("08:00", "09:00"), ("09:00", "10:00"), ("12:00", "13:00")), 1)
    )
    assert [about for kind, _, about in found(after, second, first, whole) if kind == "two_places"] == [
        f"{one.assessment_id}:{one.starts_at.isoformat()}" for one in (whole, first, second)
    ]


@pytest.mark.parametrize(("people", "together"), [((1, 2), True), ((1, 1), False)])
def test_one_phone_for_several_people_on_one_day_is_unusual(people: tuple[int, ...], together: bool) -> None:
    """T32. The same two on different days, or on two phones, are not."""
    shown = [Shown("phone", WEDNESDAY, 1, person) for person in people]
    facts = {"count": 2, "people": [1, 2], "on": "2026-11-25"}
    assert [one.facts for one in shared(shown, EVERYWHERE)] == ([facts] if together else [])
    apart = [replace(shown[0], on=date(2026, 11, 26)), replace(shown[0], browser="tablet"), shown[1]]
    assert shared(apart, EVERYWHERE) == []


def test_of_a_phone_that_is_shared_with_another_office_each_learns_its_own_people() -> None:
    seen = shared([Shown("phone", WEDNESDAY, office, 10 + office) for office in (1, 2)], EVERYWHERE)
    assert [(one.office_id, one.facts["count"], one.facts["people"]) for one in seen] == [(1, 2, [11]), (2, 2, [12])]


@pytest.mark.parametrize(("kind", "limit"), [(AnomalyKind.REFUSED_CODES, 10), (AnomalyKind.ELSEWHERE, 3)])
def test_what_is_refused_again_and_again_on_one_day_is_unusual(kind: AnomalyKind, limit: int) -> None:
    """IDEAS A 20: ten tries on one phone."""
    tries = [Tried(kind, 1, 7, WEDNESDAY, "WeChat · Android") for _ in range(limit)]
    facts = {"count": limit, "on": "2026-11-25", "devices": ["WeChat · Android"]}
    assert [(one.kind, one.person_id, one.facts) for one in repeated(tries, EVERYWHERE)] == [(kind, 7, facts)]
    assert repeated(tries[1:], EVERYWHERE) == []
    assert repeated([*tries[1:], replace(tries[0], on=date(2026, 11, 26))], EVERYWHERE) == []
    assert repeated([*tries[1:], replace(tries[0], person_id=8)], EVERYWHERE) == []


def twenty(crossing: Crossing) -> None:
    """Twenty people of two shifts, confirmed with two presses within a minute."""
    for name in ("东门", "西门"):
        shift = crossing.shift(date(2026, 11, 25), post=crossing.post(name))
        for _ in range(10):
            person = crossing.person()
            book(shift, person, person, NOW)
        serve(crossing, shift)


@LONG_ON_POSTGRESQL
def test_each_is_found_once_closed_by_name_and_changes_no_hour(crossing: Crossing) -> None:
    twenty(crossing)
    credited = [(one.id, one.minutes) for one in all_of(CreditEntry)]
    later = local("2026-11-25 20:00")
    assert [find_anomalies(later), find_anomalies(later), find_anomalies(later + timedelta(days=9))] == [1, 0, 0]
    (one,) = all_of(Anomaly)
    facts = {"count": 20, "on": "2026-11-25", "within": 1}
    assert (one.kind, one.officer.name, one.facts) == ("many_at_once", "朱交警", facts)
    close_anomaly(one, crossing.town.coordinator, later, "两班同时结束，已核对签到表")
    with pytest.raises(ClosedAlready):
        close_anomaly(one, crossing.town.chief, later, "…")
    assert find_anomalies(later) == 0
    assert history(one) == ["anomaly.find", "anomaly.close"]
    for change in ({"facts": {}}, {"why": "别的"}, {"about": "x"}):
        with pytest.raises(IntegrityError, match="anomaly_stands"), act("anomaly.cheat", one, by=None, at=NOW):
            db.session.execute(update(Anomaly).values(**change))
        db.session.rollback()
    assert [(entry.id, entry.minutes) for entry in all_of(CreditEntry)] == credited
    assert broken() == []


def test_the_page_lists_what_waits_and_asks_for_a_reason(crossing: Crossing) -> None:
    twenty(crossing)
    find_anomalies(local("2026-11-25 20:00"))
    key = all_of(Anomaly)[0].public_id
    desk = crossing.town.browser(crossing.town.coordinator)
    assert "20 people within 1 minute" in text_of(desk.get("/anomalies"))
    for nothing in ("", "  ", "\u3000"):
        refused = desk.post(f"/anomalies/{key}/closing", {"reason": nothing})
        assert (refused.status_code, "Say why." in text_of(refused)) == (422, True)
    assert desk.post(f"/anomalies/{key}/closing", {"reason": "已核对"}).status_code == 303
    assert "Nothing is unusual" in text_of(desk.get("/anomalies"))
    assert desk.post(f"/anomalies/{key}/closing", {"reason": "再次"}).status_code == 409
    for name, status in (("秦队长", 403), ("郑检察", 403), ("朱交警", 403)):
        assert crossing.town.browser(crossing.town.person(name)).get("/anomalies").status_code == status


def test_an_office_sets_from_when_on_something_is_unusual(crossing: Crossing) -> None:
    office, chief = crossing.town.office, crossing.town.chief
    assert limits_of(office, NOW) == LIMITS
    for name, amount in (("at_once", 21), ("at_once_within", 2), ("same_officer", 2)):
        unit = declaration(f"service.unusual.{name}").standing.unit
        change_setting(office, f"service.unusual.{name}", Value(amount, unit), by=chief, at=NOW, reason="试行")
    twenty(crossing)
    assert find_anomalies(local("2026-11-25 20:00")) == 0
    assert limits_of(office, NOW) == replace(LIMITS, at_once=21, within=timedelta(minutes=2), same_officer=2)
    neighbour = db.session.scalars(select(Office).where(Office.id != office.id)).first()
    assert neighbour is not None and limits_of(neighbour, NOW) == LIMITS


def signed_in(person: Person, browser: str, first: datetime, last: datetime, role: str = "volunteer") -> None:
    """An enrolled phone of somebody, in use from one time to another."""
    account = db.session.scalars(select(Account).filter_by(person_id=person.id)).one()
    times = {"opened_at": first, "last_seen_at": last, "fresh_at": first, "expires_at": last + timedelta(days=30)}
    row = PersonSession(kind="field", role=role, browser=browser, token_hash=str(uuid4()), **times)
    row.account_id = account.id
    db.session.add(row)
    db.session.commit()


def test_a_phone_that_showed_the_codes_of_two_is_found_when_the_day_is_over(crossing: Crossing) -> None:
    """T32. Not the officer's phone, which reads everybody's, nor the phone of somebody who was ticked by his name."""
    town, shift = crossing.town, crossing.shift()
    people = [crossing.account(crossing.person()) for _ in range(4)]
    first, second, third, by_name = crossing.booked(shift, *people)
    start = shift.event.starts_at
    for one, browser in ((first, "one phone"), (second, "one phone"), (third, "his own"), (by_name, "one phone")):
        signed_in(one.person, browser, start - timedelta(minutes=30), start + timedelta(minutes=5))
    signed_in(third.person, "one phone", start - timedelta(days=9), start - timedelta(days=1))
    signed_in(town.traffic_officer, "his own", start, start, role="traffic_officer")
    for one in (first, second, third):
        shown = person_code(one, start)
        assert shown is not None
        redeem(shift, shown.text, town.traffic_officer, start, Device("WeChat · Android"))
    assert [find_anomalies(local("2026-11-25 23:59")), find_anomalies(local("2026-11-26 00:00"))] == [0, 1]
    (found,) = all_of(Anomaly)
    two = sorted([first.person_id, second.person_id])
    assert (found.kind, found.facts) == ("one_device", {"count": 2, "people": two, "on": "2026-11-25"})
    names = [one.person.name for one in (first, second, third)]
    page = text_of(town.browser(town.coordinator).get("/anomalies"))
    assert [name in page for name in ("One phone for several people", *names)] == [True, True, True, False]


def test_ten_foreign_codes_of_one_person_are_found_and_old_ones_are_not(crossing: Crossing) -> None:
    officer, shift, at = crossing.town.traffic_officer, crossing.shift(), local("2026-11-25 07:30")
    for number in range(20):
        refuse_code(shift, Why.FOREIGN if number % 2 else Why.OLD, officer, at, Device("WeChat · Android"))
    assert find_anomalies(local("2026-11-26 00:00")) == 1
    (one,) = all_of(Anomaly)
    facts = {"count": 10, "on": "2026-11-25", "devices": ["WeChat · Android"]}
    assert (one.kind, one.person_id, one.facts) == ("refused_codes", officer.id, facts)
    assert "10 times" in text_of(crossing.town.browser(crossing.town.coordinator).get("/anomalies"))


def test_a_booking_refused_because_he_is_elsewhere_is_kept_though_the_refusal_takes_all_back(
    crossing: Crossing,
) -> None:
    """One press is one attempt, however often it arrives; another reason keeps nothing (IDEAS A 20)."""
    days = Days(crossing)
    person, booked, post = days.person(), days.shift(3), days.post("另一路口", capacity=1)
    same_time, full = days.shift(3, post), days.shift(4, post)
    book(booked.row(), person.row(), person.row(), NOW)
    book(full.row(), days.person().row(), crossing.town.coordinator, NOW)
    browser = crossing.town.browser(person.row())
    key = str(uuid4())
    for form in ({"form_id": key}, {"form_id": key}, {}):
        assert browser.post(f"/booking/{same_time.public_id}", form).status_code == 409
    assert browser.post(f"/booking/{same_time.public_id}/waiting").status_code == 409
    assert browser.post(f"/booking/{full.public_id}").status_code == 409
    kept = [(one.why, one.assessment.person_id, one.by_id, one.shift_id) for one in all_of(BookingAttempt)]
    assert kept == [("overlap", person.id, person.id, same_time.id)] * 3
    assert history(all_of(BookingAttempt)[0].assessment)[-3:] == ["assessment.refuse_booking"] * 3
    assert find_anomalies(datetime.now(NOW.tzinfo) + timedelta(days=1)) == 1
    assert [(one.kind, one.facts["count"]) for one in all_of(Anomaly)] == [("elsewhere", 3)]
    assert broken() == []


# A day that holds more than it may: by the local day on which the minutes were served, of what counts (I14).


def long_days() -> list[tuple[str, int]]:
    return [(one.facts["on"], one.facts["minutes"]) for one in all_of(Anomaly, Anomaly.kind == "long_day")]


def opened(crossing: Crossing, starts: str, ends: str) -> Shift:
    """A shift at a crossing of its own."""
    post = crossing.post(f"岗{starts}")
    return open_one(post, local(starts), local(ends), 5, crossing.town.coordinator, NOW)


def attended(crossing: Crossing, shift: Shift, one: Assessment, *, final: bool = True) -> Attendance:
    """Admitted without a booking, there from its start to its end, and confirmed."""
    officer, event = crossing.town.traffic_officer, shift.event
    attendance = admit(shift, one, officer, event.starts_at, "somebody was needed")
    leave(attendance, officer, event.ends_at)
    confirm(shift, officer, event.ends_at)
    if final:
        append_due(event.ends_at + timedelta(minutes=10))
    return attendance


def somebody(crossing: Crossing) -> Assessment:
    return all_of(Assessment, Assessment.person_id == crossing.person().id)[0]


@pytest.mark.parametrize(
    ("starts", "ends", "morning", "days"),
    [
        ("2026-11-25 22:00", "2026-11-26 02:00", None, []),  # two hours of each day
        ("2026-11-25 20:59", "2026-11-26 00:30", None, [("2026-11-25", 181)]),
        ("2026-11-25 21:00", "2026-11-26 00:30", None, []),
        ("2026-11-25 23:59", "2026-11-26 02:00", "09:00", [("2026-11-26", 240)]),
        ("2026-11-25 23:00", "2026-11-26 01:00", "09:00", []),
        ("2026-11-25 23:00", "2026-11-26 01:01", "09:00", [("2026-11-26", 181)]),
    ],
)
def test_a_night_is_split_at_local_midnight_before_it_is_measured(
    crossing: Crossing, starts: str, ends: str, morning: str | None, days: list[tuple[str, int]]
) -> None:
    """I14, DOMAIN 3.3: three hours of one day; with a shift from seven to nine of the next morning, and without."""
    one = somebody(crossing)
    attended(crossing, opened(crossing, starts, ends), one)
    if morning:
        attended(crossing, opened(crossing, "2026-11-26 07:00", f"2026-11-26 {morning}"), one)
    find_anomalies(local("2026-11-26 12:00"))
    assert (long_days(), broken()) == (days, [])


@pytest.mark.parametrize(("taken_back", "days"), [(False, [("2026-11-25", 240)]), (True, [])])
def test_what_is_confirmed_and_not_yet_credited_counts_unless_it_was_taken_back(
    crossing: Crossing, taken_back: bool, days: list[tuple[str, int]]
) -> None:
    one, officer = somebody(crossing), crossing.town.traffic_officer
    attended(crossing, opened(crossing, "2026-11-25 07:00", "2026-11-25 09:00"), one)
    evening = opened(crossing, "2026-11-25 17:00", "2026-11-25 19:00")
    attended(crossing, evening, one, final=False)
    if taken_back:
        [batch] = {said.batch for said in all_of(Confirmation, Confirmation.shift_id == evening.id)}
        undo(evening, batch, officer, local("2026-11-25 19:05"))
    find_anomalies(local("2026-11-25 19:06"))
    assert long_days() == days


def corrected(crossing: Crossing, one: Attendance, span: tuple[datetime, datetime] | None) -> None:
    """By paper, proposed by one and approved by another, in the evening of the day."""
    town, at = crossing.town, local("2026-11-25 20:00")
    made = propose_correction(one, span, Grounds("as the sheet says", "paper", "sheet 1"), town.squad_leader, at)
    approve(made, town.chief, at, "the sheet has his signature")


@pytest.mark.parametrize(("until", "days"), [("18:00", []), ("18:01", [("2026-11-25", 181)])])
def test_hours_that_were_corrected_count_as_they_are_now(
    crossing: Crossing, until: str, days: list[tuple[str, int]]
) -> None:
    one = somebody(crossing)
    attended(crossing, opened(crossing, "2026-11-25 07:00", "2026-11-25 09:00"), one)
    evening = attended(crossing, opened(crossing, "2026-11-25 17:00", "2026-11-25 19:00"), one)
    corrected(crossing, evening, (local("2026-11-25 17:00"), local(f"2026-11-25 {until}")))
    find_anomalies(local("2026-11-25 21:00"))
    assert (long_days(), broken()) == (days, [])


@pytest.mark.parametrize(("until", "days"), [("18:30", []), ("18:31", [("2026-11-25", 181)])])
def test_what_a_correction_credits_without_a_confirmation_counts(
    crossing: Crossing, until: str, days: list[tuple[str, int]]
) -> None:
    """He was noted as not come; the paper has him."""
    one = somebody(crossing)
    [missed] = crossing.booked(opened(crossing, "2026-11-25 17:00", "2026-11-25 19:00"), one.person)
    attended(crossing, opened(crossing, "2026-11-25 07:30", "2026-11-25 09:00"), one)
    miss(missed, crossing.town.traffic_officer, local("2026-11-25 19:00"))
    corrected(crossing, missed, (local("2026-11-25 17:00"), local(f"2026-11-25 {until}")))
    find_anomalies(local("2026-11-25 21:00"))
    assert (long_days(), broken()) == (days, [])


def test_somebody_who_is_credited_by_a_correction_alone_is_looked_at(crossing: Crossing) -> None:
    """Nothing of him was confirmed at all: the paper of both peaks came later."""
    person, post = crossing.person(), crossing.post(morning=(time(7), time(9)), evening=(time(17), time(18)))
    shifts = [crossing.shift(WEDNESDAY, slot, post) for slot in ("morning", "evening")]
    missed = crossing.booked(shifts[0], person) + crossing.booked(shifts[1], person)
    assert find_anomalies(local("2026-11-25 21:00")) == 0
    prolong(shifts[1], 1, crossing.town.traffic_officer, local("2026-11-25 17:50"), "queue")
    for attendance in missed:
        miss(attendance, crossing.town.traffic_officer, local("2026-11-25 19:00"))
        event = attendance.shift.event
        corrected(crossing, attendance, (event.starts_at, event.ends_at))
    find_anomalies(local("2026-11-25 21:00"))
    assert long_days() == [("2026-11-25", 181)]
