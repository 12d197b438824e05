"""Notes from the crossing: who reads them, who never does, and that nothing counts while it is unclear who stood there
(TRUST 2 `note_incident`; DOMAIN D-24, 3.3 `stop_if`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.access import Viewer
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Act, Message
from scheduler.timeline.timeline import constraint_of
from tests.town import NOW, Town, local
from tests.volunteers.conftest import DAY, Crossing, all_of, at, officer_called
from volunteers import incident_guards
from volunteers.actions.confirmation import confirm, roll_of, undo, undoable
from volunteers.actions.corrections import DecisionNeedsReason, Grounds, approve, propose
from volunteers.actions.credit import append_due, close
from volunteers.actions.doubts import StillUnclear
from volunteers.actions.incidents import (
    NothingToDecide,
    NotYetTheDay,
    WhoNeeded,
    WordsNeeded,
    decide,
    needs_correction,
    note,
    read,
    seen_by,
)
from volunteers.actions.mistakes import restore
from volunteers.actions.postings import post_officer
from volunteers.actions.ticks import NotForOneself, arrive, leave
from volunteers.actions.unconfirmed import remind, unsettled
from volunteers.figures import Figures, figures_of, lines_of
from volunteers.models.attendance import Attendance
from volunteers.models.incidents import Incident, IncidentKind
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.shifts import Shift

MINUTE = timedelta(minutes=1)


def sees(town: Town, who: Any, office: Any = None) -> tuple[list[str], list[str]]:
    """What waits for somebody, and what else he sees."""
    seen = seen_by(Viewer(who, DAY), office or town.office)
    waiting, others = ([str(one.kind) for one in several] for several in seen)
    return waiting, others


def served(town: Town, *people: Attendance) -> None:
    for one in people:
        arrive(one, town.traffic_officer, at("07:30"))
        leave(one, town.traffic_officer, at("09:00"))


def test_a_note_waits_for_the_prosecutor_of_the_person_until_he_has_read_it(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """Of the whole shift, and of whoever has no prosecutor, for the coordinator. It leaves its words nowhere else."""
    officer, colleague = town.traffic_officer, officer_called(town, "马交警")
    post_officer(shift, colleague, town.coordinator, NOW, "help")
    crossing.prosecutor = None
    [nobodys] = crossing.booked(shift, crossing.person())
    crossing.prosecutor = "郑检察"
    [one] = crossing.booked(shift, crossing.person())
    said = note(shift, one, IncidentKind.ACCIDENT, "摔倒，膝盖擦伤", officer, at("07:40"))
    note(shift, None, IncidentKind.CONFLICT, "与司机争吵", officer, at("07:41"))
    note(shift, nobodys, IncidentKind.UNFIT, "有酒味", officer, at("07:42"))
    assert sees(town, town.prosecutor) == (["accident"], [])
    assert sees(town, town.coordinator) == (["conflict", "unfit"], ["accident"])
    assert sees(town, officer) == ([], ["unfit", "conflict", "accident"])
    for other in (colleague, town.squad_leader, one.person, nobodys.person, town.chief, town.clerk, town.inspector):
        assert sees(town, other) == ([], [])
    assert sees(town, town.neighbour("coordinator"), town.other_office) == ([], [])
    told = all_of(Message, Message.template == "volunteers/incident_noted")
    assert [(one.recipient_id, sorted(one.facts)) for one in told] == [
        (town.prosecutor.id, ["ends_at", "place", "starts_at"]),
        (town.coordinator.id, ["ends_at", "place", "starts_at"]),
        (town.coordinator.id, ["ends_at", "place", "starts_at"]),
    ]
    acts = db.session.scalars(select(Act).where(Act.name == "incident.note")).all()
    assert {change["column"] for one in acts for change in one.changes} == {
        "office_id",
        "shift_id",
        "by_id",
        "noted_at",
    }
    assert [
        word for one in acts for word in ("摔", "司机", "酒") if word in f"{one.reason}{one.facts}{one.changes}"
    ] == []
    read(said, town.prosecutor, at("10:00"))
    read(said, town.prosecutor, at("10:05"))
    assert (sees(town, town.prosecutor), history(said)) == (([], ["accident"]), ["incident.note", "incident.read"])
    assert broken() == []


def test_it_is_written_from_the_day_of_the_shift_until_it_is_closed_and_about_somebody_else(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    officer = town.traffic_officer
    own = crossing.person("朱同名")
    [one] = crossing.booked(shift, own)
    for kind, about, words, by, clock, why in (
        ("accident", one, "", officer, "2026-11-24 23:59", NotYetTheDay),
        ("impostor", None, "", officer, "2026-11-25 07:30", WhoNeeded),
        ("other", one, " ", officer, "2026-11-25 07:30", WordsNeeded),
        ("accident", one, "", own, "2026-11-25 07:30", NotForOneself),
    ):
        with pytest.raises(why):
            note(shift, about, IncidentKind(kind), words, by, local(clock))
    note(shift, one, IncidentKind.ACCIDENT, "", officer, local("2026-11-25 00:00"))
    with act("shift.close", shift, by=None, at=NOW):
        shift.state = "closed"
    with pytest.raises(OffCourse):
        note(shift, one, IncidentKind.ACCIDENT, "", officer, at("12:00"))


def test_of_an_impostor_nothing_is_confirmed_until_the_office_says_that_it_was_he(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """A bulk confirmation leaves him out; the database refuses it as well, and lifts nothing that the officer lifts."""
    officer = town.traffic_officer
    one, other = crossing.booked(shift, crossing.person(), crossing.person())
    served(town, one, other)
    said = note(shift, one, IncidentKind.IMPOSTOR, "照片不像", officer, at("08:00"))
    assert [(line.minutes, line.problem) for line in confirm(shift, officer, at("09:01"))] == [
        (90, "unclear"),
        (90, ""),
    ]
    values = {name: getattr(other.confirmations[0], name) for name in ("starts_at", "ends_at", "final_at", "batch")}
    forged = Confirmation(
        office_id=shift.office_id,
        attendance_id=one.id,
        shift_id=shift.id,
        person_id=one.person_id,
        by_id=officer.id,
        minutes=90,
        shift_minutes=90,
        confirmed_at=at("09:02"),
        apart_minutes=1,
        **values,
    )
    with pytest.raises(IntegrityError) as refused, act("attendance.confirm", one, by=officer, at=at("09:02")):
        db.session.add(forged)
        db.session.flush()
    assert constraint_of(refused.value) == f"{incident_guards.UNCLEAR}_confirmed"
    db.session.rollback()
    assert (sees(town, town.prosecutor)[0], sees(town, town.coordinator)[0]) == (["impostor"], ["impostor"])
    with pytest.raises(DecisionNeedsReason):
        decide(said, True, town.coordinator, at("10:00"), " ")
    decide(said, True, town.coordinator, at("10:00"), "看过身份证")
    assert (sees(town, town.prosecutor)[0], sees(town, town.coordinator)[0]) == (["impostor"], [])
    with pytest.raises(NothingToDecide):
        decide(said, True, town.prosecutor, at("10:01"), "same")
    assert [(line.minutes, line.problem) for line in confirm(shift, officer, at("10:02"))] == [(90, "")]
    assert broken() == []


def test_what_was_confirmed_before_is_held_back_and_taken_back_when_it_was_somebody_else(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """No officer lets it count again; only the office does, by deciding anew."""
    officer = town.traffic_officer
    [one] = crossing.booked(shift, crossing.person())
    served(town, one)
    confirm(shift, officer, at("09:00"))
    said = note(shift, one, IncidentKind.IMPOSTOR, "", officer, at("09:05"))
    assert (append_due(at("09:20")), one.state) == (0, "confirmed")
    decide(said, False, town.prosecutor, at("11:00"), "本人承认")
    assert (one.state, one.struck_out, [c.undone_at for c in one.confirmations]) == ("left", True, [at("11:00")])
    assert (append_due(at("11:20")), history(one)[-3:]) == (
        0,
        ["attendance.confirm", "attendance.undo", "attendance.strike_out"],
    )
    with pytest.raises(StillUnclear):
        restore(one, officer, at("11:21"))
    grounds = Grounds("was there", "ticks", "the ticks")
    with pytest.raises(StillUnclear):
        propose(one, (at("07:30"), at("09:00")), grounds, town.coordinator, at("11:22"))
    decide(said, True, town.prosecutor, at("12:00"), "认错人")
    assert (one.struck_out, [line.problem for line in confirm(shift, officer, at("12:01"))]) == (False, [""])
    assert (append_due(at("12:12")), one.state, broken()) == (1, "credited", [])


def test_the_others_of_a_press_are_undone_though_the_office_took_one_back(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    officer = town.traffic_officer
    people = crossing.booked(shift, *(crossing.person() for _ in range(3)))
    served(town, *people)
    confirm(shift, officer, at("09:02"))
    said = note(shift, people[0], IncidentKind.IMPOSTOR, "", officer, at("09:03"))
    decide(said, False, town.prosecutor, at("09:05"), "本人承认")
    [(batch, still)] = undoable([shift], officer, at("09:06")).items()
    assert (len(still), undo(shift, batch, officer, at("09:06"))) == (2, 2)
    assert [one.state for one in people] == ["left"] * 3
    assert [c.undone_at for c in all_of(Confirmation)] == [at("09:05"), at("09:06"), at("09:06")]
    assert broken() == []


def test_what_is_held_back_is_in_no_figure_and_nobody_is_reminded_or_asked_to_sign(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    """Confirmed before the note or not; everybody else of the shift waits for his officer as always."""
    officer = town.traffic_officer
    confirmed, ticked, other = crossing.booked(shift, *(crossing.person() for _ in range(3)))
    served(town, confirmed)
    confirm(shift, officer, at("09:00"))
    served(town, ticked, other)
    people, late = [one.assessment for one in (confirmed, ticked, other)], at("12:00")
    assert [figures_of(people, late)[one.id] for one in people] == [
        Figures(0, 90),
        Figures(0, 0, 90),
        Figures(0, 0, 90),
    ]
    notes = [note(shift, one, IncidentKind.IMPOSTOR, "", officer, at("09:05")) for one in (confirmed, ticked)]
    assert [figures_of(people, late)[one.id] for one in people] == [Figures(), Figures(), Figures(0, 0, 90)]
    lines = [lines_of(one, late) for one in people]
    assert [([*one.pending, *one.unconfirmed, *one.others], one.held) for one in lines] == [
        ([], [confirmed]),
        ([], [ticked]),
        ([(other, 90)], []),
    ]
    assert {line.attendance.id: line.problem for line in roll_of(shift, officer)} == {
        confirmed.id: "unclear",
        ticked.id: "unclear",
        other.id: "",
    }
    assert [row.people for row in unsettled(town.office, select(Shift.id), late)] == [1]
    confirm(shift, officer, at("12:01"))
    assert (unsettled(town.office, select(Shift.id), late), remind(late)) == ([], 0)
    decide(notes[0], True, town.prosecutor, at("13:00"), "看过身份证")
    decide(notes[1], False, town.prosecutor, at("13:00"), "本人承认")
    assert [figures_of(people, late)[one.id] for one in people] == [Figures(0, 90), Figures(), Figures(0, 90)]
    assert ([one.held for one in map(lines_of, people, [late] * 3)], broken()) == ([[], [], []], [])


def test_what_counts_already_stays_until_two_people_correct_it(town: Town, crossing: Crossing, shift: Any) -> None:
    officer = town.traffic_officer
    [one] = crossing.booked(shift, crossing.person())
    served(town, one)
    confirm(shift, officer, at("09:00"))
    append_due(at("09:11"))
    said = note(shift, one, IncidentKind.IMPOSTOR, "", officer, at("09:12"))
    decide(said, False, town.coordinator, at("11:00"), "本人承认")
    assert (one.state, one.struck_out, len(db.session.scalars(select(CreditEntry)).all())) == ("credited", False, 1)
    proposed = propose(one, None, Grounds("somebody else", "other", "his word"), town.coordinator, at("11:01"))
    assert (proposed.minutes, broken()) == (0, [])


def test_decided_anew_after_the_shift_is_closed_two_people_credit_it(
    town: Town, crossing: Crossing, shift: Any
) -> None:
    [one] = crossing.booked(shift, crossing.person())
    served(town, one)
    said = note(shift, one, IncidentKind.IMPOSTOR, "", town.traffic_officer, at("09:05"))
    decide(said, False, town.prosecutor, at("11:00"), "照片不符")
    close(shift, town.traffic_officer, at("12:00"))
    assert needs_correction(said) is False
    decide(said, True, town.prosecutor, at("13:00"), "认错人")
    assert needs_correction(said) is True
    grounds = Grounds("was there", "ticks", "the ticks")
    correction = propose(one, (at("07:30"), at("09:00")), grounds, town.coordinator, at("13:01"))
    approve(correction, town.chief, at("13:02"), "so it was")
    assert (one.state, needs_correction(said), broken()) == ("credited", False, [])


def test_a_note_is_never_changed_and_is_of_its_own_shift(town: Town, crossing: Crossing, shift: Any) -> None:
    officer = town.traffic_officer
    elsewhere = crossing.shift(DAY, "evening", crossing.post("另一岗"))
    [one] = crossing.booked(elsewhere, crossing.person())
    said = note(elsewhere, one, IncidentKind.ACCIDENT, "", officer, at("17:30"))
    with pytest.raises(DBAPIError) as refused, act("incident.note", said, by=officer, at=at("17:31")):
        said.words = "another"
        db.session.flush()
    assert "permission denied" in str(refused.value) or "incident_is_append_only" in str(refused.value)
    db.session.rollback()
    strange = Incident(
        office_id=shift.office_id,
        shift_id=shift.id,
        attendance_id=one.id,
        kind="accident",
        words="",
        by_id=officer.id,
        noted_at=at("17:31"),
    )
    with pytest.raises(IntegrityError) as wrong, act("incident.note", strange, by=officer, at=at("17:31")):
        db.session.add(strange)
        db.session.flush()
    assert constraint_of(wrong.value) == incident_guards.ITS_SHIFT
    db.session.rollback()
    with pytest.raises(NothingToDecide):
        decide(said, True, town.coordinator, at("18:00"), "why not")
