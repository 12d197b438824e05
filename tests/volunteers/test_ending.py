"""How an assessment ends before its hours, and what happens to what was booked and served (DOMAIN 8.5, D-20)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Message
from tests.town import NOW
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.prepared import Prepared
from volunteers.actions.booking import book, wait
from volunteers.actions.confirmation import confirm
from volunteers.actions.corrections import Grounds, approve, propose
from volunteers.actions.credit import append, credited_minutes, standing_confirmations
from volunteers.actions.ending import NoGround, StillPending, exempt, stop, transfer, withdraw
from volunteers.actions.mistakes import restore, strike_out
from volunteers.actions.proposing import amend, proof_for
from volunteers.actions.ticks import Device, arrive, leave
from volunteers.figures import figures_of
from volunteers.models.assessment import Assessment, ServiceProof
from volunteers.models.attendance import Attendance, BookedDay
from volunteers.models.shifts import Shift


def serve(crossing: Crossing, shift: Shift, *, final: bool = True) -> None:
    """Everybody booked on a shift was there from its start to its end, and it is confirmed."""
    officer, event = crossing.town.person("朱交警"), shift.event
    for attendance in shift.attendances:
        arrive(attendance, officer, event.starts_at, Device("phone", event.starts_at))
        leave(attendance, officer, event.ends_at, Device("phone", event.ends_at))
    confirm(shift, officer, event.ends_at)
    if final:
        for confirmation in standing_confirmations(shift):
            append(confirmation, confirmation.final_at)


def test_who_withdraws_gives_his_places_free_and_nothing_is_held_against_him(crossing: Crossing) -> None:
    """D-20: voluntary; the waiting list moves up in the same transaction."""
    leaver, waiter = crossing.person(), crossing.person()
    one = all_of(Assessment)[0]
    shift = crossing.shift(post=crossing.post(capacity=1))
    taken = book(shift, leaver, leaver, NOW)
    wait(shift, waiter, waiter, NOW)
    withdraw(one, leaver, NOW)
    assert (one.state, one.ended_on, one.ground) == ("withdrawn", date(2026, 11, 24), "")
    assert (taken.state, taken.fault) == ("cancelled", "nobody")
    assert [(a.person_id, a.state) for a in shift.attendances if a.state == "booked"] == [(waiter.id, "booked")]
    assert [day.person_id for day in db.session.query(BookedDay)] == [waiter.id]
    assert broken() == []


def test_who_withdraws_waits_nowhere_any_more(crossing: Crossing) -> None:
    holder, waiter = crossing.person(), crossing.person()
    shift = crossing.shift(post=crossing.post(capacity=1))
    book(shift, holder, holder, NOW)
    place = wait(shift, waiter, waiter, NOW)
    withdraw(all_of(Assessment)[1], waiter, NOW)
    assert place.state == "left"


@pytest.mark.parametrize("steps", [(), ("tell",), ("tell", "consent")])
def test_an_assessment_may_be_withdrawn_from_before_it_serves(prepared: Prepared, steps: tuple[str, ...]) -> None:
    one = prepared.proposed(*steps)
    withdraw(one, prepared.town.coordinator, NOW, "电话说明")
    assert one.state == "withdrawn"
    with pytest.raises(OffCourse):
        withdraw(one, prepared.town.coordinator, NOW)


@pytest.mark.parametrize(("steps", "may"), [(("tell",), False), (("tell", "consent"), True)])
def test_only_what_was_consented_to_can_be_stopped(prepared: Prepared, steps: tuple[str, ...], may: bool) -> None:
    one = prepared.proposed(*steps)
    if may:
        stop(one, "impostor", prepared.town.prosecutor, NOW, "由他人顶替")
        assert (one.state, one.ground) == ("stopped", "impostor")
        return
    with pytest.raises(OffCourse):
        stop(one, "impostor", prepared.town.prosecutor, NOW, "由他人顶替")


def test_grounds_are_those_of_the_scheme(prepared: Prepared) -> None:
    one = prepared.serving()
    with pytest.raises(NoGround):
        stop(one, "too_slow", prepared.town.prosecutor, NOW, "…")
    with pytest.raises(NoGround):
        exempt(one, "impostor", prepared.town.prosecutor, NOW, "…")
    exempt(one, "illness", prepared.town.prosecutor, NOW, "病历")
    assert (one.state, one.ground) == ("exempted", "illness")


def test_what_was_served_goes_along_as_a_proof_and_counts_once(crossing: Crossing) -> None:
    """8.5 `transfer`: never a copy; the ledger of the first office stays what it was."""
    town, person = crossing.town, crossing.person()
    one = all_of(Assessment)[0]
    shift = crossing.shift(date(2026, 11, 25))
    book(shift, person, person, NOW)
    serve(crossing, shift)
    later = shift.event.ends_at + timedelta(days=1)
    proof = transfer(one, town.other_office, town.prosecutor, later, "改变管辖")
    assert (one.state, proof.minutes, len(proof.lines)) == ("transferred", 90, 1)
    other = Prepared(town, neighbour=True).proposed(id_number=person.id_number)
    assert (other.person_id, other.office_id, other.proof.id) == (person.id, town.other_office.id, proof.id)
    assert [figures_of([a], NOW)[a.id].done for a in (one, other)] == [90, 90]
    assert [credited_minutes(a) for a in (one, other)] == [90, 90]
    assert proof_for(person, town.other_office) is None
    for change in ({"minutes": 900}, {"counts_for_id": None}, {"counts_for_id": one.id}):
        with pytest.raises(IntegrityError, match="service_proof_stands"), act("proof.cheat", one, by=None, at=NOW):
            db.session.execute(update(ServiceProof).values(**change))
        db.session.rollback()
    assert broken() == []


@pytest.mark.parametrize(("minutes", "state"), [(0, "serving"), (60, "serving"), (90, "hours_complete")])
def test_hours_handed_on_are_corrected_where_they_were_credited_and_the_figure_follows(
    crossing: Crossing, minutes: int, state: str
) -> None:
    """V-08, V-14: the proof stays; what counts at the next office, and at the one after it, is what the ledger says."""
    town, person = crossing.town, crossing.person()
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    book(shift, person, person, NOW)
    serve(crossing, shift)
    (attendance,) = all_of(Attendance)
    start, later = shift.event.starts_at, shift.event.ends_at + timedelta(days=1)
    seen = Grounds("other times", "other", "camera")
    first = propose(attendance, (start, start + timedelta(minutes=80)), seen, town.coordinator, later)
    approve(first, town.squad_leader, later, "seen")
    proof = transfer(one, town.other_office, town.prosecutor, later, "改变管辖")
    there = Prepared(town, neighbour=True)
    other = there.serving(id_number=person.id_number, minutes=90)
    times = (start, start + timedelta(minutes=minutes)) if minutes else None
    made = propose(attendance, times, seen, town.coordinator, later)
    approve(made, town.squad_leader, later, "seen")
    assert (proof.minutes, proof.standing_minutes) == (80, minutes)
    assert [figures_of([a], NOW)[a.id].done for a in (one, other)] == [minutes, minutes]
    assert (credited_minutes(other), other.state) == (minutes, state)
    told = [m.recipient_id for m in all_of(Message) if m.template == "volunteers/proof_corrected"]
    assert told == [other.prosecutor_id]
    onward = transfer(other, town.office, town.neighbour("prosecutor"), later, "改变管辖")
    assert (onward.minutes, sum(line[2] for line in onward.lines)) == (minutes, minutes)
    back = propose(attendance, (start, start + timedelta(minutes=70)), seen, town.coordinator, later)
    approve(back, town.squad_leader, later, "seen")
    assert [p.standing_minutes for p in (proof, onward)] == [70, 70]
    assert broken() == []


def test_what_is_brought_along_is_no_other_offices_nor_anybody_elses(crossing: Crossing, prepared: Prepared) -> None:
    person = crossing.person()
    one = all_of(Assessment)[0]
    transfer(one, crossing.town.other_office, crossing.town.prosecutor, NOW, "改变管辖")
    assert proof_for(person, crossing.town.office) is None
    assert prepared.proposed().proof is None


@pytest.mark.parametrize("seen", ["booked", "arrived", "left", "confirmed"])
def test_nothing_is_handed_on_while_a_shift_that_has_begun_is_not_settled(crossing: Crossing, seen: str) -> None:
    """8.5 `transfer`: the hours served go along; what is ticked, or still to be ticked, would be lost."""
    town, person = crossing.town, crossing.person()
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    attendance = book(shift, person, person, NOW)
    starts_at, ends_at = shift.event.starts_at, shift.event.ends_at
    if seen in {"arrived", "left"}:
        arrive(attendance, town.traffic_officer, starts_at, Device("phone", starts_at))
    if seen == "left":
        leave(attendance, town.traffic_officer, ends_at, Device("phone", ends_at))
    if seen == "confirmed":
        serve(crossing, shift, final=False)
    assert attendance.state == seen
    with pytest.raises(StillPending) as refused:
        transfer(one, town.other_office, town.prosecutor, ends_at, "改变管辖")
    assert refused.value.count == 1
    assert one.state == "serving"


def test_a_shift_ahead_does_not_keep_a_case_from_being_handed_on(crossing: Crossing) -> None:
    """Up to the minute at which it begins."""
    town, person = crossing.town, crossing.person()
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    attendance = book(shift, person, person, NOW)
    with pytest.raises(StillPending):
        transfer(one, town.other_office, town.prosecutor, shift.event.starts_at, "改变管辖")
    transfer(one, town.other_office, town.prosecutor, shift.event.starts_at - timedelta(minutes=1), "改变管辖")
    assert (one.state, attendance.state, attendance.fault) == ("transferred", "cancelled", "nobody")


def test_hours_that_were_struck_out_and_count_again_after_the_proof_follow_it(crossing: Crossing) -> None:
    """V-14: the proof stays what it was; its figure is what the ledger says."""
    town, person, officer = crossing.town, crossing.person(), crossing.town.traffic_officer
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    attendance = book(shift, person, person, NOW)
    arrive(attendance, officer, shift.event.starts_at, Device("phone", shift.event.starts_at))
    leave(attendance, officer, shift.event.ends_at, Device("phone", shift.event.ends_at))
    strike_out(attendance, officer, shift.event.ends_at, "认错人")
    proof = transfer(one, town.other_office, town.prosecutor, shift.event.ends_at, "改变管辖")
    other = Prepared(town, neighbour=True).serving(id_number=person.id_number, minutes=90)
    restore(attendance, officer, shift.event.ends_at)
    confirm(shift, officer, shift.event.ends_at)
    for confirmation in standing_confirmations(shift):
        append(confirmation, confirmation.final_at)
    assert (proof.minutes, proof.standing_minutes) == (0, 90)
    assert (credited_minutes(other), other.state) == (90, "hours_complete")
    told = [m.recipient_id for m in all_of(Message) if m.template == "volunteers/proof_corrected"]
    assert told == [other.prosecutor_id]
    assert broken() == []


def test_fewer_hours_by_a_supplement_can_be_complete_at_once(crossing: Crossing) -> None:
    person = crossing.person()
    (one,) = all_of(Assessment)
    shift = crossing.shift(date(2026, 11, 25))
    book(shift, person, person, NOW)
    serve(crossing, shift)
    later = shift.event.ends_at + timedelta(days=1)
    amend(one, 91, date(2026, 11, 25), "补充协议1号", crossing.town.prosecutor, later, "减少")
    assert one.state == "serving"
    amend(one, 90, date(2026, 11, 25), "补充协议2号", crossing.town.prosecutor, later, "减少")
    assert one.state == "hours_complete"
    assert history(one)[-2:] == ["assessment.complete", "assessment.amend"]
