"""A squad's month: filled fairly, nobody twice at a time or on leave, stored in one act, each officer told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.actions.memberships import end_membership
from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Organisation, Person
from extensions import db
from record.act import history
from record.invariants import broken
from record.models import Message
from scheduler.actions.absence import approve_absence, request_absence
from scheduler.timeline.timeline import live_bookings
from tests.queries import queries_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.duty_plan import DutyPlanOutdated, OnLeave, StandsTwice, month_of, propose, store
from volunteers.actions.shifts import Span, open_shifts
from volunteers.models.shifts import Posting, Shift
from volunteers.rules.duty_plan import Officer, Turn, fill, judge_plan
from volunteers.rules.shifts import ReasonNeeded

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
DECEMBER = date(2026, 12, 1)


def turn(key: int, day: int, hour: int, post: str = "A", hours: int = 2) -> Turn:
    starts_at = MONDAY + timedelta(days=day, hours=hour)
    return Turn(key, post, starts_at, starts_at + hours * HOUR)


@st.composite
def months(draw: Any) -> tuple[list[Turn], list[Officer], dict[Hashable, set[Hashable]]]:
    """Some days with turns at up to three posts, whose hours may overlap; officers with posts and leave; who stands."""
    places = draw(
        st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from([7, 8, 17]), st.sampled_from("ABC"), st.integers(1, 2)),
            max_size=14,
        )
    )
    turns = [turn(n, day, hour, post, hours) for n, (day, hour, post, hours) in enumerate(places)]
    officers = [
        Officer(
            n,
            frozenset(draw(st.sets(st.sampled_from("ABC"), max_size=2))),
            tuple(
                (MONDAY + timedelta(days=d), MONDAY + timedelta(days=d + 1))
                for d in sorted(draw(st.sets(st.integers(0, 5), max_size=2)))
            ),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    standing: dict[Hashable, set[Hashable]] = {}
    for one in turns:
        if draw(st.integers(0, 4)) == 0:
            standing[one.key] = {draw(st.integers(0, len(officers) - 1))}
    return turns, officers, standing


def spans_of(officer: Officer, turns: list[Turn], plan: dict[Hashable, set[Hashable]]) -> list[Turn]:
    return [one for one in turns if officer.key in plan.get(one.key, ())]


def could(officer: Officer, one: Turn, mine: list[Turn]) -> bool:
    """Told apart from the rule: by the minutes that are shared."""
    taken = [*officer.away, *((o.starts_at, o.ends_at) for o in mine)]
    return all(min(b, one.ends_at) <= max(a, one.starts_at) for a, b in taken)


@given(months())
@settings(max_examples=250, deadline=None)
def test_a_filling_is_fair_and_asks_nothing_impossible(
    month: tuple[list[Turn], list[Officer], dict[Hashable, set[Hashable]]],
) -> None:
    """Nobody twice at a time nor in leave; what stands stays; nothing is left empty that somebody could take; and
    nobody stands at two more than another who could take one of his turns."""
    turns, officers, standing = month
    found = fill(turns, officers, standing)
    assert found == fill(turns, officers, standing)
    assert not set(found) & set(standing)
    plan = {**standing, **{key: {officer} for key, officer in found.items()}}
    mine = {officer.key: spans_of(officer, turns, plan) for officer in officers}
    for officer in officers:
        for one in (t for t in mine[officer.key] if t.key in found):
            assert could(officer, one, [other for other in mine[officer.key] if other is not one])
    for one in turns:
        if one.key not in plan:
            assert not any(could(officer, one, mine[officer.key]) for officer in officers)
    for giver in officers:
        for taker in officers:
            if len(mine[giver.key]) >= len(mine[taker.key]) + 2:
                own = [one for one in mine[giver.key] if one.key in found]
                assert not any(could(taker, one, mine[taker.key]) for one in own)


@given(st.integers(1, 6), st.integers(1, 12), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_with_nobody_away_the_counts_are_within_one_of_each_other(people: int, days: int, posts: int) -> None:
    turns = [turn(day * 9 + n, day, 7, "ABC"[n]) for day in range(days) for n in range(min(posts, people))]
    officers = [Officer(n, frozenset("ABC"[n % 3])) for n in range(people)]
    counts = Counter(fill(turns, officers, {}).values())
    assert sum(counts.values()) == len(turns)
    every = [counts[officer.key] for officer in officers]
    assert max(every) - min(every) <= 1


def test_of_equal_counts_everybody_stands_at_his_own_post() -> None:
    turns = [turn(day * 2 + n, day, 7, "AB"[n]) for day in range(6) for n in range(2)]
    found = fill(turns, [Officer("b", frozenset("B")), Officer("a", frozenset("A"))], {})
    assert {(one.post, found[one.key]) for one in turns} == {("A", "a"), ("B", "b")}


def off(*days: int) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((MONDAY + timedelta(days=day), MONDAY + timedelta(days=day + 1)) for day in days)


@pytest.mark.parametrize(
    ("posts", "officers", "filled"),
    [  # each post stands for a day with one turn at it
        ("AAAAAAAAAA", [Officer("a"), Officer("b", away=off(6, 7, 8, 9))], "bbbbabaaaa"),
        # who stands most can give to nobody but him who stands between: he hands on what he has
        (
            "AAAAA",
            [Officer("a", away=off(1, 4)), Officer("b", away=off(2, 3)), Officer("c", away=off(0, 2, 3, 4))],
            "bcaab",
        ),
        ("BBAA", [Officer("a", frozenset("A")), Officer("b", frozenset("B"))], "bbaa"),  # two exchange
        ("AAB", [Officer("a", frozenset("A")), Officer("b", frozenset("B"))], "aab"),  # one takes another's
        ("AAB", [Officer("a", frozenset("A"), off(1)), Officer("b", frozenset("B"))], "abb"),  # fairness goes first
        ("AA", [Officer("a", frozenset("A")), Officer("b", frozenset("A"))], "ab"),
    ],
)
def test_a_filling_evens_out_over_others_and_brings_home(posts: str, officers: list[Officer], filled: str) -> None:
    turns = [turn(day, day, 7, post) for day, post in enumerate(posts)]
    found = fill(turns, officers, {})
    assert "".join(str(found[one.key]) for one in turns) == filled


def test_who_stands_already_is_counted_and_where_nobody_can_nobody_is_put() -> None:
    turns = [turn(day, day, 7) for day in range(4)]
    officers = [Officer("a", away=off(3)), Officer("b", away=off(3))]
    assert fill(turns, officers, {0: ["b"], 9: ["a"]}) == {1: "a", 2: "a"}
    assert fill(turns, officers, {0: [], 1: ["a", "b"]}) == {0: "a", 2: "b"}


def test_a_plan_is_judged_by_what_was_added_to_it() -> None:
    first, second, next_one = turn(1, 0, 7), turn(2, 0, 8, "B"), turn(3, 0, 9)
    away = Officer("x", away=((MONDAY + 10 * HOUR, MONDAY + 11 * HOUR),))
    plan = {(1, "x"), (2, "x"), (3, "x")}
    found = judge_plan([first, second, next_one], [away], plan, {(2, "x"), (3, "x")})
    assert found == [(second, "x", "twice"), (next_one, "x", "away")]
    assert judge_plan([first, next_one], [Officer("x")], {(1, "x"), (3, "x")}, {(1, "x"), (3, "x")}) == []


@pytest.fixture
def december(town: Town, crossing: Crossing) -> Iterator[Crossing]:
    """Two posts of the squad with one officer, four mornings each; a second officer without a post."""
    posts = [crossing.post(name, evening=None) for name in ("东门", "西门")]
    colleague(town, "潘交警")
    span = Span(date(2026, 12, 1), 4, frozenset(post.id for post in posts), frozenset({"morning"}))
    open_shifts(town.office, span, town.coordinator, NOW)
    yield crossing


def colleague(town: Town, name: str) -> Person:
    person = enter_person({"name": name}, town.office, by=None, at=NOW)
    give_membership(
        person,
        town.office,
        "traffic_officer",
        starts_on=date(2026, 1, 1),
        by=None,
        at=NOW,
        organisation=squad_of(town),
    )
    return person


def squad_of(town: Town) -> Organisation:
    return db.session.scalars(select(Organisation).filter_by(office_id=town.office.id, name="一中队")).one()


def test_a_month_is_distributed_anew_in_one_act_and_each_is_told_once(town: Town, december: Crossing) -> None:
    """The one officer stood at both posts at a time: now each stands at four."""
    squad, first, second = squad_of(town), town.traffic_officer, town.person("潘交警")
    month = month_of(squad, DECEMBER, NOW)
    assert ([one.name for one in month.people], len(month.standing), propose(month)) == (
        ["潘交警", "朱交警"],
        8,
        month.standing,
    )
    before = len(all_of(Message))
    plan = propose(month, anew=True)
    assert store(month, plan, month.seen, town.squad_leader, NOW, "十二月勤务") == (4, 4)
    month = month_of(squad, DECEMBER, NOW)
    assert (month.standing, Counter(person for _, person in month.standing)) == (plan, {first.id: 4, second.id: 4})
    assert (month.without_officer(month.standing), history(squad)) == (
        [],
        ["organisation.enter", "organisation.plan_duty"],
    )
    told = {m.recipient_id: m.facts for m in all_of(Message)[before:] if m.template == "volunteers/duty_plan"}
    assert {key: {word: len(rows) for word, rows in facts.items()} for key, facts in told.items()} == {
        first.id: {"relieved": 4},
        second.id: {"stands": 4},
    }
    assert {m.template for m in all_of(Message)[before:]} == {"volunteers/duty_plan"}
    booked = [live_bookings(shift.event, "traffic_officer") for shift in month.shifts]
    assert [[one.resource.person_id for one in rows] for rows in booked] == [
        [person for key, person in plan if key == shift.id] for shift in month.shifts
    ]
    assert broken() == []


def test_what_is_not_possible_is_refused_and_nothing_is_stored(town: Town, december: Crossing) -> None:
    squad, other = squad_of(town), town.person("潘交警")
    month = month_of(squad, DECEMBER, NOW)
    here, there, *_ = month.shifts
    leader = town.squad_leader
    with pytest.raises(ReasonNeeded):
        store(month, month.standing, month.seen, leader, NOW, "")
    with pytest.raises(StandsTwice):
        store(month, {(here.id, other.id), (there.id, other.id)}, month.seen, leader, NOW, "换班")
    leave = request_absence(other, town.office, local("2026-12-02 00:00"), local("2026-12-03 00:00"), by=other, at=NOW)
    approve_absence(leave, town.chief, NOW)
    month = month_of(squad, DECEMBER, NOW)
    on_leave = next(shift for shift in month.shifts if shift.starts_on == date(2026, 12, 2))
    with pytest.raises(OnLeave):
        store(month, {*month.standing, (on_leave.id, other.id)}, month.seen, leader, NOW, "换班")
    proposed = propose(month, anew=True)
    assert not any(month.is_away(other, shift) for shift in month.shifts if (shift.id, other.id) in proposed)
    assert [shift.post.name for shift in month.without_officer(proposed)] == ["西门"]
    seen = month.seen
    store(month, {(here.id, other.id)}, seen, leader, NOW, "换班")
    with pytest.raises(DutyPlanOutdated):
        store(month, month.standing, seen, leader, NOW, "换班")
    assert len(month_of(squad, DECEMBER, NOW).without_officer(month_of(squad, DECEMBER, NOW).standing)) == 7
    assert broken() == []


def test_nobody_is_planned_after_he_has_left_the_squad(town: Town, december: Crossing) -> None:
    leaving = colleague(town, "常交警")
    member = db.session.scalars(select(Membership).filter_by(person_id=leaving.id)).one()
    end_membership(member, date(2026, 12, 2), town.coordinator, NOW, "调离")
    month = month_of(squad_of(town), DECEMBER, NOW)
    days = {shift.id: shift.starts_on for shift in month.shifts}
    planned = {days[key] for key, person in propose(month, anew=True) if person == leaving.id}
    assert planned == {date(2026, 12, 1), date(2026, 12, 2)}
    late = next(shift for shift in month.shifts if shift.starts_on == date(2026, 12, 3))
    with pytest.raises(OnLeave):
        store(month, {*month.standing, (late.id, leaving.id)}, month.seen, town.squad_leader, NOW, "换班")


def test_who_was_relieved_is_posted_again_by_the_same_row_and_the_past_stays(town: Town, december: Crossing) -> None:
    squad, officer = squad_of(town), town.traffic_officer
    month = month_of(squad, DECEMBER, NOW)
    store(month, frozenset(), month.seen, town.squad_leader, NOW, "调整")
    month = month_of(squad, DECEMBER, NOW)
    one = month.shifts[0]
    store(month, {(one.id, officer.id)}, month.seen, town.squad_leader, NOW, "调整")
    assert (len(all_of(Posting)), [p.ended_at for p in one.postings]) == (8, [None])
    later = one.event.starts_at + HOUR
    month = month_of(squad, DECEMBER, later)
    assert store(month, frozenset(), month.seen, town.squad_leader, later, "调整") == (0, 0)
    assert (month_of(squad, DECEMBER, later).standing, month.is_ahead(one)) == (
        frozenset({(one.id, officer.id)}),
        False,
    )


def test_the_plan_in_the_browser_is_of_ones_own_squad(town: Town, crossing: Crossing) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=2)
    other = crossing.post("别家", squad="二中队", officers=("秦交警",))
    own = crossing.post("自家", evening=None)
    span = Span(soon, 2, frozenset({own.id, other.id}), frozenset({"morning"}), holidays_too=True)
    open_shifts(town.office, span, town.coordinator, datetime.now(UTC))
    shift = all_of(Shift, Shift.post_id == own.id)[0]
    pair = f"{shift.public_id}:{town.traffic_officer.public_id}"
    foreign = db.session.scalars(select(Organisation).filter_by(name="二中队")).one().public_id
    asked = {"month": f"{soon:%Y-%m}"}
    leader, officer = town.browser(town.squad_leader), town.browser(town.traffic_officer)
    page = leader.get("/shifts/duty-plan", query_string=asked).text
    assert ("自家" in page, "别家" in page, "秦交警" in page) == (True, False, False)
    assert leader.get("/shifts/duty-plan", query_string={**asked, "squad": foreign}).status_code == 404
    assert officer.get("/shifts/duty-plan").status_code == 403
    paper = leader.get("/shifts/duty-plan/paper", query_string=asked).text
    assert ("朱交警" in paper, "别家" in paper) == (True, False)
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert leader.post("/shifts/duty-plan", {**asked, "seen": seen, "reason": ""}).status_code == 422
    stale = leader.post("/shifts/duty-plan", {**asked, "seen": "x", "stands": [pair], "reason": "换"})
    assert (stale.status_code, "Nothing was stored" in stale.text) == (409, True)
    saved = leader.post("/shifts/duty-plan", {**asked, "seen": seen, "reason": "换", "squad": "", "stands": [pair]})
    assert saved.status_code == 303
    heard = officer.get("/me/messages").text
    assert ("您不再执勤的班次" in heard) == ((soon + timedelta(days=1)).month == soon.month)
    nobody = leader.get("/shifts/duty-plan", query_string=asked).text
    left = 2 if (soon + timedelta(days=1)).month == soon.month else 1
    assert (f"{left - 1} shift has nobody" in nobody) == (left == 2)
    proposal = leader.get("/shifts/duty-plan", query_string={**asked, "fill": "empty"}).text
    assert ("not stored yet. Look at" in proposal) == (left == 2)
    few = queries_of(leader, "/shifts/duty-plan")
    for n in range(3):
        colleague(town, f"新{n}")
        crossing.post(f"{n}号", officers=(f"新{n}",))
    db.session.commit()
    assert queries_of(leader, "/shifts/duty-plan") == few
