"""A month's rota, from the imported register to the booked duty (Walk 3)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts.settings import rule_for
from extensions import db
from lawyers.actions.duty import (
    CellRefused,
    DayOver,
    NothingToUndo,
    assign_duty,
    lock_duty,
    substitute_duty,
    swap_duties,
    undo_edit,
)
from lawyers.actions.publishing import ClosedDays, DemandsBroken, EmptyDays, NotThePublisher, publish_rota
from lawyers.actions.register import keep_lawyer, record_leave
from lawyers.actions.rota import (
    DraftChanged,
    DraftStands,
    NeverOpen,
    NotADraft,
    asked_of,
    demand,
    discard_rota,
    draft_rota,
    fill_rota,
)
from lawyers.actions.station import close_day
from lawyers.models import Duty, LawyerEntry, Rota, Station, key_of
from lawyers.rota_facts import cells_of, gather
from record import invariants
from record.act import act, history
from record.models import Message
from scheduler.actions.absence import approve_absence, request_absence
from scheduler.fairness.rota import generate
from scheduler.fairness.rota_check import judge_rota
from scheduler.fairness.rota_values import NoRota
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, Event
from scheduler.timeline.timeline import Collision, Take
from tests.engines import grown
from tests.lawyers.conftest import make_station, take_register
from tests.town import NOW, Town, local

DECEMBER = date(2026, 12, 1), date(2026, 12, 31)
JANUARY = date(2027, 1, 1), date(2027, 1, 31)
TODAY = date(2026, 11, 24)


def named(register: list[LawyerEntry], name: str) -> LawyerEntry:
    return next(entry for entry in register if entry.name == name)


def leave(town: Town, register: list[LawyerEntry], name: str, first: date, last: date) -> None:
    record_leave(named(register, name), first, last, town.coordinator, NOW)


@grown("december")
def generate_december(town: Town) -> None:
    register = take_register(town)
    for name in ("沙建国", "曾海燕", "徐丽华"):
        leave(town, register, name, date(2026, 12, 7), date(2026, 12, 11))
    for name, blocks in (("李文秀", ["3pm"]), ("张雨桐", ["5am", "5pm"]), ("彭晓东", ["4am"])):
        keep_lawyer(named(register, name), town.coordinator, NOW, share_percent=100, weekly_blocks=blocks)
    generated(town, make_station(town), DECEMBER)


@pytest.fixture
def december(town: Town) -> Rota:
    """December drafted and generated; three lawyers on leave, some Wednesdays and Fridays blocked."""
    return db.session.scalars(select(Rota)).one()


def generated(town: Town, station: Station, span: tuple[date, date], at: datetime = NOW) -> Rota:
    rota = draft_rota(station, *span, town.coordinator, at)
    fill(town, rota, at)
    return rota


def fill(town: Town, rota: Rota, at: datetime = NOW) -> None:
    asked = asked_of(rota, at.date())
    fill_rota(rota, generate(asked.problem), asked.made_from, town.coordinator, at)


def cells(rota: Rota) -> dict[date, list[str]]:
    found: dict[date, list[str]] = {}
    for duty in rota.duties:
        found.setdefault(duty.serves_on, []).append(duty.lawyer.name if duty.lawyer else "")
    return found


def duty_on(rota: Rota, on: date) -> Duty:
    return next(duty for duty in rota.duties if duty.serves_on == on)


def codes(refused: CellRefused) -> list[list[str]]:
    return [[one.code for one in broken] for _, _, broken in refused.cells]


def test_a_generated_month_meets_every_demand_and_is_even(town: Town, december: Rota) -> None:
    facts = gather(december.station, *DECEMBER, december)
    assert judge_rota(facts.problem, cells_of(december.duties)) == []
    assert len(december.duties) == 23
    served = Counter(duty.lawyer_id for duty in december.duties)
    assert set(served.values()) == {1}
    away = {"沙建国", "曾海燕", "徐丽华"}
    week = [cells(december)[date(2026, 12, day)][0] for day in range(7, 12)]
    assert away & set(week) == set()
    assert december.provisional is False
    assert history(december) == ["rota.draft", "rota.generate"]
    assert db.session.scalars(select(Event).where(Event.kind == "duty")).all() == []


def test_january_carries_over_what_december_left_and_is_marked_provisional(town: Town, december: Rota) -> None:
    publish_rota(december, town.coordinator, NOW)
    january = generated(town, december.station, JANUARY)
    facts = gather(january.station, *JANUARY, january)
    assert judge_rota(facts.problem, cells_of(january.duties)) == []
    assert (january.provisional, facts.unofficial_years) == (True, (2027,))
    assert duty_on(january, date(2027, 1, 4)).serves_on not in {date(2027, 1, 1)}
    idle = {lawyer.key for lawyer in facts.problem.lawyers} - {
        key for cell in cells_of(december.duties).values() for key in cell
    }
    assert len(idle) == 3
    both = Counter(key for rota in (december, january) for cell in cells_of(rota.duties).values() for key in cell)
    assert idle <= {key for cell in cells_of(january.duties).values() for key in cell}
    assert set(both.values()) <= {1, 2}
    near = [(a.serves_on, b.serves_on) for a in december.duties for b in january.duties if a.lawyer_id == b.lawyer_id]
    assert all((b - a).days >= 7 for a, b in near)
    publish_rota(january, town.coordinator, NOW)
    assert january.provisional is True
    assert invariants.broken() == []


def test_publishing_books_each_session_with_the_noon_free_and_tells_each_lawyer_his_days(
    town: Town, december: Rota
) -> None:
    publish_rota(december, town.coordinator, NOW)
    duty = duty_on(december, date(2026, 12, 1))
    assert duty.event is not None and duty.lawyer is not None
    spans = [(b.role, b.binds, b.starts_at, b.ends_at) for b in duty.event.bookings]
    assert spans == [
        ("duty_lawyer", True, local("2026-12-01 09:00"), local("2026-12-01 12:00")),
        ("duty_lawyer", True, local("2026-12-01 14:00"), local("2026-12-01 17:00")),
    ]
    assert {b.resource.person_id for b in duty.event.bookings} == {duty.lawyer.membership.person_id}
    assert (duty.event.title, duty.event.kind, duty.state, december.state) == (
        "驻检察院法律援助工作站",
        "duty",
        "published",
        "published",
    )
    told = db.session.scalars(
        select(Message).where(Message.template == "lawyers/rota_published", Message.channel == "page")
    )
    facts = {message.recipient_id: message.facts["added"] for message in told}
    assert facts == {d.lawyer.membership.person_id: [d.serves_on.isoformat()] for d in december.duties if d.lawyer}
    assert invariants.broken() == []


def test_a_cell_is_refused_with_each_reason(town: Town, register: list[LawyerEntry], december: Rota) -> None:
    on = date(2026, 12, 9)  # a Wednesday
    duty = duty_on(december, on)

    def why(name: str) -> list[list[str]]:
        before = duty.lawyer_id
        with pytest.raises(CellRefused) as refusal:
            assign_duty(duty, named(register, name), town.coordinator, NOW)
        assert duty.lawyer_id == before
        return codes(refusal.value)

    assert [why(name)[0][0] for name in ("沙建国", "李文秀")] == ["leave", "leave"]
    facts = gather(december.station, *DECEMBER, december)
    neighbours = [duty_on(december, date(2026, 12, day)).lawyer for day in (10, 11, 14, 15)]
    near = next(one for one in neighbours if one and (key_of(one), on) not in facts.reasons)
    assert why(near.name) == [["distance"]]
    reasons = {name: facts.reasons[key_of(named(register, name)), on].code for name in ("沙建国", "李文秀")}
    assert reasons == {"沙建国": "leave", "李文秀": "pattern"}


def test_a_cell_is_refused_where_the_lawyer_is_bound_elsewhere(
    town: Town, register: list[LawyerEntry], december: Rota
) -> None:
    on, duty = date(2026, 12, 9), duty_on(december, date(2026, 12, 9))
    free = named(register, "许刚")
    hearing = town.event("听证会", "2026-12-09 15:00", "2026-12-09 16:00")
    with act("event.plan", hearing, by=town.coordinator, at=NOW):
        timeline.rebook(Take(hearing, timeline.resource_of(free.person), "hearing_officer"))
    with pytest.raises(CellRefused) as refusal:
        assign_duty(duty, free, town.coordinator, NOW)
    assert codes(refusal.value)[0][0] == "leave"
    reason = refusal.value.known.reasons[key_of(free), on]
    assert (reason.code, reason.what) == ("booked", "听证会")


def test_a_cell_is_refused_by_cap_and_practice(town: Town, register: list[LawyerEntry], december: Rota) -> None:
    busy = duty_on(december, date(2026, 12, 1)).lawyer
    assert busy is not None
    keep_lawyer(busy, town.coordinator, NOW, share_percent=100, weekly_blocks=[], cap_per_month=1)
    with pytest.raises(CellRefused) as refusal:
        assign_duty(duty_on(december, date(2026, 12, 31)), busy, town.coordinator, NOW)
    assert codes(refusal.value) == [["month_cap"]]


def test_hand_edits_swap_lock_and_undo(town: Town, register: list[LawyerEntry], december: Rota) -> None:
    before = cells(december)
    first, last = duty_on(december, date(2026, 12, 1)), duty_on(december, date(2026, 12, 31))
    swap_duties(first, last, town.coordinator, NOW)
    assert (cells(december)[first.serves_on], cells(december)[last.serves_on]) == (
        before[last.serves_on],
        before[first.serves_on],
    )
    undo_edit(december, town.coordinator, NOW)
    assert cells(december) == before
    lock_duty(first, True, town.coordinator, NOW)
    assign_duty(last, None, town.coordinator, NOW)
    undo_edit(december, town.coordinator, NOW)
    undo_edit(december, town.coordinator, NOW)
    assert (cells(december), first.locked) == (before, False)
    undo_edit(december, town.coordinator, NOW)  # the generating itself
    assert set(map(tuple, cells(december).values())) == {("",)}
    with pytest.raises(NothingToUndo):
        undo_edit(december, town.coordinator, NOW)
    assert history(december) == ["rota.draft", "rota.generate", *["rota.undo"] * 4]


def test_the_rest_is_generated_around_what_is_locked(town: Town, register: list[LawyerEntry], december: Rota) -> None:
    idle = next(e for e in register if e.id not in {d.lawyer_id for d in december.duties} and e.name != "王艳")
    locked = duty_on(december, date(2026, 12, 15))
    assign_duty(locked, idle, town.coordinator, NOW)
    lock_duty(locked, True, town.coordinator, NOW)
    fill(town, december)
    assert cells(december)[date(2026, 12, 15)] == [idle.name]
    facts = gather(december.station, *DECEMBER, december)
    assert judge_rota(facts.problem, cells_of(december.duties)) == []


def test_an_impossible_month_says_why_and_what_mends_it(
    town: Town, register: list[LawyerEntry], station: Station
) -> None:
    for entry in register[3:]:
        keep_lawyer(entry, town.coordinator, NOW, share_percent=0, weekly_blocks=[])
    rota = draft_rota(station, *DECEMBER, town.coordinator, NOW)
    with pytest.raises(NoRota) as refusal:
        generate(asked_of(rota, TODAY).problem)
    codes_ = {mend.code for mend in refusal.value.mends}
    assert "shorter_distance" in codes_
    distance = next(m.params["distance"] for m in refusal.value.mends if m.code == "shorter_distance")
    demand(rota, town.coordinator, NOW, min_distance=distance)
    fill(town, rota)
    assert all(duty.lawyer_id for duty in rota.duties)


def test_a_draft_that_changed_meanwhile_is_not_overwritten(town: Town, december: Rota) -> None:
    asked = asked_of(december, TODAY)
    plan = generate(asked.problem)
    assign_duty(duty_on(december, date(2026, 12, 1)), None, town.coordinator, NOW)
    with pytest.raises(DraftChanged):
        fill_rota(december, plan, asked.made_from, town.coordinator, NOW)


def test_what_stands_in_the_way_of_a_publishing_is_named(
    town: Town, register: list[LawyerEntry], december: Rota
) -> None:
    assign_duty(duty_on(december, date(2026, 12, 3)), None, town.coordinator, NOW)
    with pytest.raises(EmptyDays) as empty:
        publish_rota(december, town.coordinator, NOW)
    assert empty.value.days == [date(2026, 12, 3)]
    close_day(december.station, date(2026, 12, 4), "停电", town.coordinator, NOW)
    with pytest.raises(ClosedDays) as closed:
        publish_rota(december, town.coordinator, NOW, accept_empty=True)
    assert closed.value.days == [date(2026, 12, 4)]
    assert december.state == "draft"


def test_a_broken_demand_is_published_only_for_a_reason(town: Town, december: Rota) -> None:
    demand(december, town.coordinator, NOW, min_distance=40)
    one, other = duty_on(december, date(2026, 12, 1)), duty_on(december, date(2026, 12, 31))
    with act("duty.assign", other, by=town.coordinator, at=NOW):
        other.lawyer = one.lawyer
    with pytest.raises(DemandsBroken) as refusal:
        publish_rota(december, town.coordinator, NOW)
    assert "distance" in [one.code for one in refusal.value.broken]
    publish_rota(december, town.coordinator, NOW, despite="年底无人")
    assert december.state == "published"


def test_cells_that_cannot_bind_are_named_and_nothing_is_published(
    town: Town, register: list[LawyerEntry], december: Rota
) -> None:
    """Somebody was booked for two of the drafted duties meanwhile."""
    hit = [duty_on(december, date(2026, 12, day)) for day in (1, 2)]
    for duty in hit:
        assert duty.lawyer is not None
        meeting = town.event("听证会", f"{duty.serves_on} 10:00", f"{duty.serves_on} 11:00")
        with act("event.plan", meeting, by=town.coordinator, at=NOW):
            timeline.rebook(Take(meeting, timeline.resource_of(duty.lawyer.person), "hearing_officer"))
    who = [duty.lawyer.name for duty in hit if duty.lawyer]
    with pytest.raises(Collision) as refusal:
        publish_rota(december, town.coordinator, NOW, despite="试")
    assert sorted({clash.resource for clash in refusal.value.clashes}) == sorted(who)
    db.session.rollback()
    assert db.session.get_one(Rota, december.id).state == "draft"
    assert db.session.scalars(select(Event).where(Event.kind == "duty")).all() == []


def test_a_newer_version_replaces_the_older_and_tells_only_what_changed(
    town: Town, register: list[LawyerEntry], december: Rota
) -> None:
    publish_rota(december, town.coordinator, NOW)
    uids = {d.serves_on: d.event.uid for d in december.duties if d.event}
    gone = duty_on(december, date(2026, 12, 31)).lawyer
    idle = next(e for e in register if e.id not in {d.lawyer_id for d in december.duties} and e.name != "王艳")
    assert gone is not None
    second = draft_rota(december.station, *DECEMBER, town.coordinator, NOW)
    assert (second.version, cells(second)) == (2, cells(december))
    assign_duty(duty_on(second, date(2026, 12, 31)), idle, town.coordinator, NOW)
    publish_rota(second, town.coordinator, NOW + timedelta(hours=1))
    assert (december.state, second.state) == ("superseded", "published")
    kept = {d.serves_on: d.event.uid for d in second.duties if d.event and d.serves_on != date(2026, 12, 31)}
    assert kept == {on: uid for on, uid in uids.items() if on != date(2026, 12, 31)}
    told = db.session.scalars(
        select(Message).where(Message.template == "lawyers/rota_published", Message.channel == "page")
    )
    later = {m.recipient_id: (m.facts["added"], m.facts["removed"]) for m in told if m.created_at > NOW}
    assert later == {
        idle.membership.person_id: (["2026-12-31"], []),
        gone.membership.person_id: ([], ["2026-12-31"]),
    }
    assert invariants.broken() == []


def test_approved_leave_leaves_the_duty_uncovered_and_a_stand_in_covers_it(
    town: Town, register: list[LawyerEntry], december: Rota
) -> None:
    publish_rota(december, town.coordinator, NOW)
    duty = duty_on(december, date(2026, 12, 14))
    first = duty.lawyer
    assert first is not None and duty.event is not None
    span = local("2026-12-14 00:00"), local("2026-12-14 13:00")  # the morning only: the whole duty is given up
    asked = request_absence(first.person, town.office, *span, by=first.person, at=NOW, why="病")
    morning = duty.event.bookings[0]
    approve_absence(asked, town.coordinator, NOW, release=[morning.id])
    assert (duty.state, duty.lawyer_id, [b.status for b in duty.event.bookings]) == (
        "uncovered",
        None,
        ["released", "released"],
    )
    assert invariants.broken() == []
    with pytest.raises(CellRefused):
        substitute_duty(duty, first, town.coordinator, NOW)
    idle = next(e for e in register if e.id not in {d.lawyer_id for d in december.duties} and e.id != first.id)
    substitute_duty(duty, idle, town.coordinator, NOW, "代班")
    assert (duty.state, duty.lawyer_id) == ("published", idle.id)
    assert history(duty) == ["duty.release", "duty.substitute"]
    assert invariants.broken() == []


def test_a_draft_is_begun_once_and_can_be_discarded(town: Town, december: Rota) -> None:
    with pytest.raises(DraftStands):
        draft_rota(december.station, *DECEMBER, town.coordinator, NOW)
    discard_rota(december, town.coordinator, NOW)
    with pytest.raises(NotADraft):
        assign_duty(duty_on(december, date(2026, 12, 1)), None, town.coordinator, NOW)
    again = draft_rota(december.station, *DECEMBER, town.coordinator, NOW)
    assert (again.version, again.state) == (2, "draft")
    with pytest.raises(NeverOpen):
        draft_rota(december.station, date(2026, 12, 5), date(2026, 12, 6), town.coordinator, NOW)


def test_what_is_over_stays_as_it_was(town: Town, register: list[LawyerEntry], december: Rota) -> None:
    publish_rota(december, town.coordinator, NOW)
    later = local("2026-12-15 08:00")
    second = draft_rota(december.station, *DECEMBER, town.coordinator, later)
    with pytest.raises(DayOver):
        assign_duty(duty_on(second, date(2026, 12, 14)), None, town.coordinator, later)
    fill(town, second, later)
    before = {on: names for on, names in cells(december).items() if on < date(2026, 12, 15)}
    assert {on: names for on, names in cells(second).items() if on < date(2026, 12, 15)} == before
    publish_rota(second, town.coordinator, later)
    assert invariants.broken() == []


def test_one_weekday_a_week_is_generated_with_its_distance(town: Town, register: list[LawyerEntry]) -> None:
    station = make_station(town, "one_weekday", weekday=2, name="周二值班")
    rota = generated(town, station, DECEMBER)
    assert [duty.serves_on.day for duty in rota.duties] == [1, 8, 15, 22, 29]
    assert len({duty.lawyer_id for duty in rota.duties}) == 5


def test_where_the_legal_aid_body_publishes_the_coordinator_does_not(town: Town, december: Rota) -> None:
    from accounts.actions.settings import change_setting
    from accounts.setting_values import Value

    change_setting(
        town.office,
        "rota.publisher",
        Value("legal_aid_body", ""),
        by=town.coordinator,
        at=NOW,
        reason="协议",
        effective_from=TODAY,
    )
    assert rule_for("rota.publisher", town.office, DECEMBER[0]).amount == "legal_aid_body"
    with pytest.raises(NotThePublisher):
        publish_rota(december, town.coordinator, NOW)
    publish_rota(december, town.legal_aid_contact, NOW)
    assert december.state == "published"


def test_bookings_of_a_published_duty_that_are_missing_are_named(town: Town, december: Rota) -> None:
    publish_rota(december, town.coordinator, NOW)
    duty = duty_on(december, date(2026, 12, 1))
    assert duty.event is not None
    lost: Booking = duty.event.bookings[1]
    with act("duty.spoil", duty, by=None, at=NOW):
        timeline.rebook(timeline.Free(lost, "released"))
    assert [(b.invariant, b.what) for b in invariants.broken()] == [
        ("I47 a published duty has its bookings, a draft none", f"duty {duty.id} has 1 bookings for am+pm")
    ]
