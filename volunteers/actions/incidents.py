"""Notes of what happened at a shift: written there, read by the office; and who stood there (TRUST 2 `note_incident`).

A note is the office's: no other volunteer sees it, and its author learns nothing of the case by it (D-24).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.access import Viewer, clause, grants_of
from accounts.actions.memberships import local_day
from accounts.models import Membership, Office, Person, Role
from accounts.rights import same_human
from cases.models import Case
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from volunteers.actions.confirmation import take_back
from volunteers.actions.corrections import DecisionNeedsReason
from volunteers.actions.doubts import hold
from volunteers.actions.interests import check_near
from volunteers.actions.ticks import CORRECTABLE, NotForOneself
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState, TickKind
from volunteers.models.incidents import Incident, IncidentDecision, IncidentKind, IncidentReading
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rights import ANSWER_INCIDENT, SEE_INCIDENT, assessment_is_mine

SHOWN = 200


class NotYetTheDay(Refusal):
    code = "not_yet_the_day"
    message = "Something can be noted from the day of the shift on."
    help = "Come back on that day; until then ring the office."
    source = "DOMAIN D-24"


class WhoNeeded(Refusal):
    code = "who_needed"
    status = 422
    message = "That somebody else stood there is noted about a person."
    help = "Open the name on the list and note it there."


class WordsNeeded(Refusal):
    code = "words_needed"
    status = 422
    message = "This needs a few words."
    help = "Say what happened."
    field = "words"


class NothingToDecide(Refusal):
    code = "nothing_to_decide"
    message = "This is decided like that already, or there is nothing to decide."
    help = "Look at the note as it is now."


class NotOnesOwnNote(Refusal):
    code = "not_ones_own_note"
    status = 403
    message = "Whoever wrote a note does not decide about it."
    help = "The prosecutor or another coordinator decides."
    source = "TRUST 2"


def note(  # noqa: PLR0917 - where, about whom, what, in which words, by whom, when
    shift: Shift, attendance: Attendance | None, kind: IncidentKind, words: str, by: Person, at: datetime
) -> Incident:
    """Note what happened, about one person or the whole shift, from its day until it is closed. Of an impostor nothing
    counts from then on, until the office has decided.

    Raises: OffCourse, NotYetTheDay, WhoNeeded, WordsNeeded, NotForOneself, NotWithAnInterest.
    """
    if shift.state != ShiftState.OPEN:
        raise OffCourse(state=shift.state)
    if local_day(shift.office, at) < shift.starts_on:
        raise NotYetTheDay()
    if attendance is None and kind == IncidentKind.IMPOSTOR:
        raise WhoNeeded()
    if kind == IncidentKind.OTHER and not words.strip():
        raise WordsNeeded()
    if attendance is not None:
        if attendance.person_id in set(db.session.scalars(same_human(by.id))):
            raise NotForOneself()
        check_near(attendance.shift, attendance.person_id, by)
        hold(Attendance.id == attendance.id)
    incident = Incident(
        office_id=shift.office_id,
        shift_id=shift.id,
        attendance_id=attendance.id if attendance else None,
        kind=kind,
        words=words.strip(),
        by_id=by.id,
        noted_at=at,
    )
    with act("incident.note", incident, by=by, at=at):
        db.session.add(incident)
        db.session.flush()
    return incident


def read(incident: Incident, by: Person, at: datetime) -> None:
    """Say that one has read it. A second press finds it said."""
    if incident.reading is not None:
        return
    with act("incident.read", incident, by=by, at=at):
        db.session.add(IncidentReading(office_id=incident.office_id, incident_id=incident.id, by_id=by.id, read_at=at))
        db.session.flush()
    db.session.expire(incident, ["reading"])


def decide(incident: Incident, was_he: bool, by: Person, at: datetime, reason: str) -> None:
    """Decide who stood there; the last decision holds. It was he: it counts as if nothing had been noted. Another:
    what is confirmed is taken back, the attendance struck out; what is credited already two people correct.

    Raises: DecisionNeedsReason, NothingToDecide, NotForOneself, NotOnesOwnNote.
    """
    attendance = incident.attendance
    if not reason.strip():
        raise DecisionNeedsReason()
    if incident.kind != IncidentKind.IMPOSTOR or attendance is None:
        raise NothingToDecide()
    mine = set(db.session.scalars(same_human(by.id)))
    if attendance.person_id in mine:
        raise NotForOneself()
    if incident.by_id in mine:
        raise NotOnesOwnNote()
    with act("incident.decide", incident, by=by, at=at):
        hold(Attendance.id == attendance.id)
        db.session.refresh(attendance)
        db.session.expire(incident, ["decisions"])
        before = incident.decision
        if before is not None and before.was_he == was_he:
            raise NothingToDecide()
        decision = IncidentDecision(
            office_id=incident.office_id, was_he=was_he, reason=reason.strip(), by_id=by.id, decided_at=at
        )
        incident.decisions.append(decision)
        db.session.flush()
        if was_he and before is not None:
            _count_again(attendance, by, at)
        elif not was_he:
            _strike_out(attendance, by, at)


def _strike_out(attendance: Attendance, by: Person, at: datetime) -> None:
    if attendance.state == AttendanceState.CONFIRMED:
        take_back(attendance, by, at)
    if attendance.state in CORRECTABLE[TickKind.IN] and not attendance.struck_out:
        with act("attendance.strike_out", attendance, by=by, at=at):
            attendance.struck_out = True


def _count_again(attendance: Attendance, by: Person, at: datetime) -> None:
    if attendance.struck_out and not attendance.from_paper:
        with act("attendance.restore", attendance, by=by, at=at):
            attendance.struck_out = False


def needs_correction(incident: Incident) -> bool:
    """Whether what was decided can be carried out by two people only: it counts already, or the shift is closed."""
    one, decision = incident.attendance, incident.decision
    if one is None or decision is None:
        return False
    if decision.was_he:
        return one.state == AttendanceState.LEFT and incident.shift.state != ShiftState.OPEN
    return one.state == AttendanceState.CREDITED


# What somebody sees


def waits_for(viewer: Viewer, office: Office) -> ColumnElement[bool]:
    """What waits for somebody: of the prosecutor what he has not read of his people; of the coordinator what is about a
    whole shift, or about somebody without a prosecutor; of both an impostor, until one of them has decided."""
    unread = ~exists().where(IncidentReading.incident_id == Incident.id)
    decided = exists().where(IncidentDecision.incident_id == Incident.id)
    undecided = (Incident.kind == IncidentKind.IMPOSTOR) & ~decided
    mine = clause(viewer, Incident, ANSWER_INCIDENT) & (Incident.office_id == office.id)
    return mine & ((unread & _read_by(viewer)) | undecided)


def _read_by(viewer: Viewer) -> ColumnElement[bool]:
    """For whom a note was written: the prosecutor of the person, else the coordinators."""
    held = [m for m, _ in grants_of(viewer, ANSWER_INCIDENT)]
    his = [_about(assessment_is_mine(viewer, m)) for m in held if m.role == Role.PROSECUTOR]
    desk = [m.office_id for m in held if m.role == Role.COORDINATOR]
    nobodys = Incident.attendance_id.is_(None) | ~_about(_has_prosecutor(viewer.on))
    return or_(false(), *his, Incident.office_id.in_(desk) & nobodys)


def _about(of_assessments: ColumnElement[bool]) -> ColumnElement[bool]:
    return Incident.attendance_id.in_(select(Attendance.id).join(Assessment).where(of_assessments))


def _has_prosecutor(on: date) -> ColumnElement[bool]:
    """Whether somebody named in an assessment, or in its case, is a prosecutor of the office on a day."""
    named = Membership.person_id.in_([Assessment.prosecutor_id, Case.handler_id])
    standing = Membership.starts_on <= on, Membership.ends_on.is_(None) | (Membership.ends_on >= on)
    return exists().where(
        Membership.office_id == Assessment.office_id,
        Membership.role == Role.PROSECUTOR,
        Case.id == Assessment.case_id,
        named,
        *standing,
    )


def written_for(viewer: Viewer, several: Iterable[Incident]) -> set[int]:
    """Which of some notes were written for somebody, by their ids."""
    ids = [one.id for one in several]
    return set(db.session.scalars(select(Incident.id).where(Incident.id.in_(ids), _read_by(viewer))))


def notes(*where: ColumnElement[bool]) -> list[Incident]:
    """Notes with all that is shown of them, the newest first. Three queries."""
    query = (
        select(Incident)
        .where(*where)
        .options(
            joinedload(Incident.shift).options(joinedload(Shift.event), joinedload(Shift.post)),
            joinedload(Incident.attendance).joinedload(Attendance.person),
            joinedload(Incident.by),
            joinedload(Incident.reading).joinedload(IncidentReading.by),
            selectinload(Incident.decisions).joinedload(IncidentDecision.by),
        )
        .order_by(Incident.id.desc())
        .limit(SHOWN)
    )
    return list(db.session.scalars(query))


def seen_by(viewer: Viewer, office: Office) -> tuple[list[Incident], list[Incident]]:
    """What waits for somebody, the oldest first; and all else that he may see, the newest first."""
    waiting = notes(waits_for(viewer, office))
    known = [one.id for one in waiting]
    seen = clause(viewer, Incident, SEE_INCIDENT), Incident.office_id == office.id
    return waiting[::-1], notes(*seen, Incident.id.not_in(known))


def own_notes(shift: Shift, attendance: Attendance | None, by: Person) -> Iterable[Incident]:
    """What somebody has noted himself about a person of a shift, or about the shift."""
    about = Incident.attendance_id == attendance.id if attendance else Incident.attendance_id.is_(None)
    return notes(Incident.shift_id == shift.id, about, Incident.by_id.in_(same_human(by.id)))
