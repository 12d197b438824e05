"""Planning: what refuses and what asks for a reason, each with its article; everything in the way at once."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.actions.offices import enter_department, name_head, resume_unit, retire_unit
from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from extensions import db
from hearings.actions.move import move_sitting
from hearings.actions.planning import NotPlannable, ReasonNeeded, plan_hearing
from hearings.models import Hearing, Participant, Sitting
from hearings.plan_facts import Judging, headship_of
from hearings.rules.planning import (
    Limits,
    judge_capacities,
    judge_chair,
    judge_hours,
    judge_limit,
    judge_moment,
    judge_panel,
    judge_place,
    judge_venue,
)
from law import Rule
from record import invariants
from record.act import act, history
from record.models import Message
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, Event
from scheduler.timeline.timeline import Take
from tests.cases.made import a_party, on_bail
from tests.hearings.planned import a_plan, approved, officers, participant, planned, the_case
from tests.racing import race
from tests.town import NOW, Town, local

LEAST, MOST = Rule("hearing_officer.per_hearing.min", 3), Rule("hearing_officer.per_hearing.max", 7)


def codes(doubts: list) -> list[tuple[str, str, str]]:
    return [(who, doubt.level, doubt.code) for who, doubt in doubts]


def refused(town: Town, **facts: object) -> NotPlannable:
    hearing = facts.pop("hearing", None) or approved(town)
    with pytest.raises(NotPlannable) as refusal:
        planned(town, hearing=hearing, **facts)
    return refusal.value


def test_a_sitting_is_planned_with_its_room_people_and_invitations(town: Town) -> None:
    """DOMAIN 8.1 plan; H-20, H-21."""
    hearing = approved(town)
    sitting = planned(town, hearing=hearing, prosecutors=(town.chief,))
    assert (hearing.state, sitting.state, sitting.event.title, sitting.event.place) == (
        "planned",
        "planned",
        "听证会",
        "听证室",
    )
    booked = [(b.resource.name, b.role, b.status, b.starts_at, b.ends_at) for b in sitting.event.bookings]
    nine, half = local("2026-12-02 09:00"), local("2026-12-02 10:30")
    assert booked == [
        ("听证室", "room", "accepted", local("2026-12-02 08:45"), local("2026-12-02 10:45")),
        ("郑检察", "chair", "accepted", nine, half),
        ("王检长", "prosecutor", "accepted", nine, half),
        ("甲听证", "hearing_officer", "invited", nine, half),
        ("乙听证", "hearing_officer", "invited", nine, half),
        ("丙听证", "hearing_officer", "invited", nine, half),
    ]
    assert (history(hearing), history(sitting)) == (["hearing.approve", "hearing.plan"], ["sitting.plan"])
    assert history(participant(hearing, "甲听证")) == ["participant.invite"]
    sent = select(Message.recipient_id, Message.template).where(Message.template != "hearings/approved")
    told = db.session.execute(sent.order_by(Message.id)).all()
    assert sorted(told) == sorted(
        [
            (town.prosecutor.id, "hearings/planned"),
            (town.chief.id, "hearings/planned"),
            *((p.id, "hearings/invitation") for p in officers(town)),
        ]
    )
    assert invariants.broken() == []


def test_parties_take_part_booked_only_where_we_know_them_as_people(town: Town) -> None:
    """H-20, SETTLED 4: a party is on the timeline, so that a shift cannot hit his own hearing."""
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    a_party(town, case, "李受害", "victim")
    a_party(town, case, "张目击", "witness")
    hearing = approved(town, case)
    sitting = planned(town, hearing=hearing)
    assert [(p.name, p.booking.role if p.booking else None) for p in hearing.taking_part("party")] == [
        ("何志愿", "party"),
        ("李受害", None),
    ]
    assert [b.resource.name for b in sitting.event.bookings if b.role == "party"] == ["何志愿"]


def test_an_occupied_room_an_occupied_officer_and_a_day_too_near_are_named_together(town: Town) -> None:
    """8.10, H-41: who, what, when; the next three times that suit everybody and every rule."""
    taken = town.event("院务会", "2026-11-26 09:00", "2026-11-26 10:00")
    busy = officers(town)[0]
    with act("event.book", taken, by=town.coordinator, at=NOW):
        timeline.rebook(Take(taken, town.room(), "room"), Take(taken, town.resource(busy), "prosecutor"))
    refusal = refused(town, starts="2026-11-26 09:30")
    assert [(c.resource, c.title, c.starts_at, c.ends_at) for c in refusal.clashes] == [
        ("听证室", "院务会", local("2026-11-26 09:00"), local("2026-11-26 10:00")),
        ("甲听证", "院务会", local("2026-11-26 09:00"), local("2026-11-26 10:00")),
    ]
    assert codes(refusal.doubts) == [("", "refuse", "notice_too_short")]
    assert refusal.doubts[0][1].source.startswith("DOMAIN H-41; ")
    assert refusal.times == [
        (local("2026-11-30 08:45"), local("2026-11-30 10:15")),
        (local("2026-11-30 14:15"), local("2026-11-30 15:45")),
        (local("2026-12-01 08:45"), local("2026-12-01 10:15")),
    ]
    assert (db.session.scalars(select(Sitting)).all(), db.session.scalars(select(Participant)).all()) == ([], [])


def test_an_offered_time_is_taken_as_it_was_offered(town: Town) -> None:
    hearing = approved(town)
    refusal = refused(town, hearing=hearing, starts="2026-11-25 09:00")
    starts_at, ends_at = refusal.times[0]
    plan = a_plan(town, starts_at.astimezone(local("2026-11-25 09:00").tzinfo).strftime("%Y-%m-%d %H:%M"))
    sitting = plan_hearing(hearing, plan, town.coordinator, NOW)
    assert (sitting.event.starts_at, sitting.event.ends_at) == (starts_at, ends_at)


def test_what_another_office_has_booked_is_only_occupied_elsewhere(town: Town) -> None:
    """T35: the data could leak."""
    from accounts.actions.people import give_membership

    busy = officers(town)[0]
    give_membership(busy, town.other_office, "hearing_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    theirs = town.event("邻县秘密听证", "2026-12-02 09:00", "2026-12-02 10:00", office=town.other_office)
    with act("event.book", theirs, by=None, at=NOW):
        timeline.rebook(Take(theirs, town.resource(busy), "hearing_officer"))
    refusal = refused(town)
    assert [(c.resource, c.title) for c in refusal.clashes] == [("甲听证", None)]
    assert "秘密" not in repr(refusal.__dict__)


def test_a_warning_asks_for_a_reason_and_is_kept_with_it(town: Town) -> None:
    """H-41: between the lax and the strict day."""
    hearing = approved(town)
    with pytest.raises(ReasonNeeded) as asked:
        planned(town, "2026-11-27 09:00", hearing=hearing)
    assert codes(asked.value.doubts) == [("", "warn", "notice_short")]
    assert hearing.state == "approved"
    sitting = plan_hearing(hearing, a_plan(town, "2026-11-27 09:00"), town.coordinator, NOW, despite="期限将满")
    assert (hearing.state, sitting.state) == ("planned", "planned")


def test_consent_to_a_simplified_hearing_stands_in_place_of_the_days(town: Town) -> None:
    """H-41, H-58."""
    agreed = approved(town, mode="simplified", consent="双方当事人书面同意")
    assert planned(town, "2026-11-25 09:00", hearing=agreed).state == "planned"
    without = approved(town, the_case(town, "枫检刑诉〔2026〕32号"), mode="simplified")
    assert codes(refused(town, hearing=without, starts="2026-11-25 14:00").doubts) == [
        ("", "refuse", "notice_too_short")
    ]


def test_a_place_that_is_no_hearing_room_needs_the_chief(town: Town) -> None:
    """H-45, on both sides."""
    assert judge_venue(is_hearing_room=True, approved=False) == []
    assert judge_venue(is_hearing_room=False, approved=True) == []
    refusal = refused(town, room=town.room("二楼会议室"))
    assert codes(refusal.doubts) == [("二楼会议室", "refuse", "venue_not_approved")]
    assert refusal.doubts[0][1].source.endswith("art. 12")


def test_who_may_chair() -> None:
    """H-27."""
    assert judge_chair(1, 1, None) == []
    assert judge_chair(2, 1, 2) == []
    assert [d.code for d in judge_chair(3, 1, 2)] == ["wrong_chair"]
    for handler_is in ("chief", "head"):
        assert judge_chair(1, 1, 2, handler_is=handler_is) == []
        for other in (2, 3):
            assert [d.code for d in judge_chair(other, 1, 2, handler_is=handler_is)] == ["handler_must_chair"]


def test_a_handler_whom_a_list_named_is_to_get_his_role_before_he_chairs(town: Town) -> None:
    """An import enters him without one; that he is not of the office is said of him, and what to do."""
    named = enter_person({"name": "新检察"}, town.office, by=town.coordinator, at=NOW)
    case = the_case(town)
    with act("case.correct", case, by=town.coordinator, at=NOW):
        case.handler_id = named.id
    hearing = approved(town, case)
    with pytest.raises(NotPlannable) as refusal:
        planned(town, hearing=hearing, chair=named)
    assert codes(refusal.value.doubts) == [("新检察", "refuse", "no_prosecutor")]
    give_membership(named, town.office, "prosecutor", starts_on=date(2026, 12, 2), by=None, at=NOW)
    assert planned(town, hearing=hearing, chair=named).hearing.state == "planned"


def test_a_chief_who_handles_the_case_chairs_himself(town: Town) -> None:
    """H-27, on rows."""
    case = the_case(town, handler_id=town.chief.id, lead_id=town.prosecutor.id)
    refusal = refused(town, hearing=approved(town, case))
    assert codes(refusal.doubts) == [("郑检察", "refuse", "handler_must_chair")]


def test_the_head_of_a_department_who_handles_the_case_chairs_himself(town: Town) -> None:
    """H-27: of a department of this office that is in use; a deputy chief by himself is not named in it."""
    give_membership(town.deputy_chief, town.other_office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
    enter_department(town.other_office, "第一检察部", town.neighbour("coordinator"), NOW, town.deputy_chief)
    department = enter_department(town.office, "第一检察部", town.coordinator, NOW, town.deputy_chief)
    case = the_case(town, handler_id=town.deputy_chief.id, lead_id=town.prosecutor.id)
    hearing = approved(town, case)
    refusal = refused(town, hearing=hearing)
    [(who, doubt)] = refusal.doubts
    assert (who, doubt.level, doubt.code) == ("郑检察", "refuse", "handler_must_chair")
    assert doubt.message == "The head of a department handles this case and must chair himself"
    retire_unit(department, town.coordinator, NOW, "并入第二检察部")
    assert headship_of(town.deputy_chief, town.office, NOW.date()) == ""
    resume_unit(department, town.coordinator, NOW)
    name_head(department, town.prosecutor, town.coordinator, NOW)
    assert planned(town, hearing=hearing).hearing.state == "planned"


def test_a_head_may_chair_the_case_he_handles_and_a_sitting_is_judged_anew_when_it_moves(town: Town) -> None:
    """H-27."""
    case = the_case(town, lead_id=town.chief.id)
    sitting = planned(town, hearing=approved(town, case), chair=town.chief)
    enter_department(town.office, "第一检察部", town.coordinator, NOW, town.prosecutor)
    moved = (local("2026-12-03 09:00"), 90, town.coordinator, NOW, "开会")
    with pytest.raises(NotPlannable) as refusal:
        move_sitting(sitting, *moved, room=town.room())
    assert codes(refusal.value.doubts) == [("王检长", "refuse", "handler_must_chair")]
    other = the_case(town, "枫检刑诉〔2026〕32号")
    assert planned(town, "2026-12-04 09:00", hearing=approved(town, other)).hearing.state == "planned"


def test_three_to_seven_hearing_officers_chosen_with_a_reason() -> None:
    """H-21, H-22, H-36: an even number is lawful."""
    found = {n: [(d.level, d.code) for d in judge_panel(n, LEAST, MOST, "专业")] for n in (2, 3, 4, 7, 8)}
    assert found == {
        2: [("refuse", "too_few_officers")],
        3: [],
        4: [],
        7: [],
        8: [("warn", "many_officers")],
    }
    assert [d.code for d in judge_panel(3, LEAST, MOST, " ")] == ["choice_without_reason"]


def test_nobody_takes_part_in_two_capacities() -> None:
    """H-25."""
    assert judge_capacities([(1, "甲"), (2, "乙")]) == []
    twice = judge_capacities([(1, "甲"), (2, "乙"), (1, "甲")])
    assert [(d.code, d.facts) for d in twice] == [("two_capacities", {"name": "甲"})]


def test_the_chair_does_not_sit_among_the_prosecutors_too(town: Town) -> None:
    refusal = refused(town, prosecutors=(town.prosecutor,))
    assert (codes(refusal.doubts), refusal.clashes) == ([("", "refuse", "two_capacities")], [])


def test_the_limits_of_the_case() -> None:
    """H-55, D-16: each edge."""
    limits = Limits(review_on=date(2026, 12, 2), bail_on=date(2026, 12, 10), safe_on=date(2026, 11, 25))
    found = {day: [(d.level, d.code) for d in judge_limit(day, limits)] for day in map(date.fromisoformat, DAYS)}
    assert list(found.values()) == [
        [],
        [("warn", "near_limit")],
        [("warn", "near_limit")],
        [("warn", "after_limit")],
        [("warn", "after_limit")],
        [("refuse", "after_bail"), ("warn", "after_limit")],
    ]
    in_custody = Limits(review_on=date(2026, 12, 2), custody=True)
    assert [d.code for d in judge_limit(date(2026, 12, 3), in_custody)] == ["after_limit_in_custody"]
    assert judge_limit(date(2026, 12, 2), in_custody) == []
    entered = Limits(entered_on=date(2026, 12, 2))
    assert [d.code for d in judge_limit(date(2026, 12, 3), entered)] == ["after_entered_day"]
    assert judge_limit(date(2026, 12, 3), Limits()) == []


DAYS = ("2026-11-25", "2026-11-26", "2026-12-02", "2026-12-03", "2026-12-10", "2026-12-11")


def test_a_sitting_after_the_end_of_bail_is_refused(town: Town) -> None:
    """D-16 on rows: bail since 1 December 2025 ends on 1 December 2026."""
    case = the_case(town)
    on_bail(town, case, since=date(2025, 12, 1))
    refusal = refused(town, hearing=approved(town, case))
    assert codes(refusal.doubts) == [("", "refuse", "after_bail")]
    assert refusal.times == []


def test_what_is_over_and_what_is_no_working_day() -> None:
    nine = local("2026-12-02 09:00")
    assert judge_moment(nine, local("2026-12-02 08:59"), working_day=True) == []
    assert [d.code for d in judge_moment(nine, nine, working_day=True)] == ["in_the_past"]
    assert [(d.level, d.code) for d in judge_moment(nine, NOW, working_day=False)] == [("warn", "rest_day")]


def test_a_sitting_begins_and_ends_in_office_hours_or_is_warned_of() -> None:
    """8.10: half past eight to noon, two to six."""
    hours = ((time(8, 30), time(12)), (time(14), time(18)))
    inside = ("08:30 12:00", "09:00 16:00", "17:00 18:00")
    outside = ("08:29 10:00", "11:00 12:01", "13:59 15:00", "17:00 18:01", "22:00 23:00")
    found = [judge_hours(*(local(f"2026-12-02 {c}") for c in span.split()), hours) for span in (*inside, *outside)]
    assert [len(doubts) for doubts in found] == [0] * len(inside) + [1] * len(outside)
    assert len(judge_hours(local("2026-12-02 17:00"), local("2026-12-03 09:00"), hours)) == 1


def test_a_sitting_at_night_asks_for_a_reason(town: Town) -> None:
    with pytest.raises(ReasonNeeded) as asked:
        planned(town, "2026-12-02 21:00", hearing=approved(town, the_case(town)))
    assert codes(asked.value.doubts) == [("", "warn", "outside_hours")]


@pytest.mark.parametrize("minutes", [60, 90, 180, 195, 210, 240, 300, 420, 480])
@pytest.mark.parametrize("wanted", ["2026-12-02 03:00", "2026-12-02 12:30", "2026-12-02 16:45", "2026-12-02 23:00"])
def test_times_that_are_offered_lie_in_office_hours(town: Town, wanted: str, minutes: int) -> None:
    judging = Judging(approved(town), NOW)
    times = judging.next_times({town.resource(town.prosecutor).id}, minutes, local(wanted), buffered=True)
    assert [(b - a) // timedelta(minutes=1) for a, b in times] == [minutes] * 3
    assert [d.code for a, b in times for d in judging.of_time(a, b)] == []


def test_a_place_in_words_names_nothing_of_the_case(town: Town) -> None:
    """It stands in every calendar and feed. However it is written."""
    known = ("枫检刑诉〔2026〕31号", "危险驾驶", "孙小明")
    places = (
        "村委会（枫检刑诉[2026] 31号）",
        "危险 驾驶案村委会",
        "孙小明家",
        "枫检刑诉〔２０２６〕３１号",
        "东门村村委会",
    )
    found = [[d.facts["word"] for d in judge_place(place, known)] for place in places]
    assert found == [[known[0]], [known[1]], [known[2]], [known[0]], []]
    case = the_case(town)
    a_party(town, case, "孙小明")
    refusal = refused(town, hearing=approved(town, case), room=None, place="孙小明住处")
    assert codes(refusal.doubts) == [("孙小明住处", "refuse", "place_tells_of_the_case")]


def test_a_saturday_asks_for_a_reason(town: Town) -> None:
    with pytest.raises(ReasonNeeded) as asked:
        planned(town, "2026-11-28 09:00", hearing=approved(town, the_case(town)))
    assert codes(asked.value.doubts) == [("", "warn", "rest_day")]


def test_the_event_says_nothing_of_the_case(town: Town) -> None:
    """LOOK: a hearing is a hearing with its room."""
    case = the_case(town)
    a_party(town, case, "孙小明")
    sitting = planned(town, hearing=approved(town, case))
    event = db.session.get_one(Event, sitting.event_id)
    text = " ".join(str(getattr(event, c.key)) for c in Event.__table__.columns)
    assert [word for word in ("枫检刑诉", "危险驾驶", "孙小明") if word in text] == []
    assert db.session.scalars(select(Booking.role).where(Booking.event_id == event.id)).all().count("party") == 0


def test_of_two_coordinators_who_race_for_one_room_exactly_one_gets_it(app: Flask, town: Town) -> None:
    """I01, on both engines with connections of their own: the other is told what is in the way."""
    people = officers(town, 6)
    keys = [
        approved(town, the_case(town, f"枫检刑诉〔2026〕{n}号", handler_id=handler.id)).id
        for n, handler in ((41, town.prosecutor), (42, town.chief))
    ]
    groups = [[p.id for p in people[:3]], [p.id for p in people[3:]]]

    def want(key: int, group: list[int]) -> str:
        hearing = db.session.get_one(Hearing, key)
        chosen = [db.session.get_one(Person, one) for one in group]
        try:
            planned(town, hearing=hearing, people=chosen, chair=hearing.case.handler)
        except NotPlannable as refusal:
            return ",".join(clash.resource for clash in refusal.clashes)
        return "planned"

    outcomes = sorted(race(app, [partial(want, *one) for one in zip(keys, groups, strict=True)]))
    assert outcomes == ["planned", "听证室"]
    assert sorted(db.session.scalars(select(Hearing.state)).all()) == ["approved", "planned"]
    assert invariants.broken() == []


def test_verify_db_notices_a_hearing_whose_sitting_does_not_fit_its_state(town: Town) -> None:
    sitting = planned(town)
    assert invariants.broken() == []
    with act("event.cancel", sitting.event, by=None, at=NOW):
        timeline.rebook(timeline.Cancel(sitting.event))
    found = " ".join(str(one) for one in invariants.broken())
    assert "one sitting ahead" in found and "booked at its sitting" in found
