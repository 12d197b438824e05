"""Cells of a rota by hand: set, swapped, locked, undone; after publishing a stand-in, or nobody (DOMAIN 8.2)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from accounts.actions.disclosure import contact_of
from accounts.models import Person
from errors import Refusal
from extensions import db
from lawyers.actions.rota import check_draft, local_day, remember
from lawyers.models import DUTY, Duty, DutyState, LawyerEntry, Rota, RotaState, key_of
from lawyers.rota_facts import Cells, Facts, cells_of, gather, session_spans
from record.act import Someone, act, current_act
from scheduler.actions.absence import when_released
from scheduler.fairness.rota_check import Broken, judge_cell
from scheduler.timeline import timeline
from scheduler.timeline.models import Absence, Booking, BookingRole, BookingStatus
from scheduler.timeline.timeline import Cancel, Change, Free, Take

KIND = "duty"


class CellRefused(Refusal):
    """A lawyer cannot take a cell. `cells` holds (day, lawyer's key, what it would break) for each that fails."""

    code = "cell_refused"
    status = 422
    message = "%(who)s cannot serve on %(on)s."
    help = "Choose somebody else, or look at the day: it lists who can."
    source = "DOMAIN L-25, L-27"

    def __init__(self, facts: Facts, cells: Sequence[tuple[date, str, list[Broken]]]) -> None:
        self.cells, self.known = list(cells), facts
        super().__init__(who=facts.name(cells[0][1]), on=cells[0][0])


class DayOver(Refusal):
    code = "day_over"
    message = "%(on)s is over."
    help = "Only days from today on can be changed."


class NothingToUndo(Refusal):
    code = "nothing_to_undo"
    message = "There is nothing to undo."


class NotInForce(Refusal):
    code = "not_in_force"
    message = "This duty is not in force."
    help = "Look at the rota that is published now."


class NobodyThere(Refusal):
    code = "nobody_there"
    message = "Nobody is on duty on %(on)s, so nobody can be called or taken off."
    help = "Look at the day: it lists who could stand in."


class ReasonMissing(Refusal):
    code = "duty_reason_missing"
    status = 422
    message = "Say why."
    help = "The reason stands in the trail, and whoever is concerned reads it."


class NoNumber(Refusal):
    code = "no_number"
    message = "Your office knows no number of %(who)s."
    help = "Ask the legal-aid body, and enter it on the lawyer's page."


class HoursLent(Refusal):
    code = "hours_lent"
    message = "An hour of this duty is lent to a hearing."
    help = "Take it back from the hearing first, or change the hearing."
    source = "DOMAIN L-24"


def assign_duty(duty: Duty, entry: LawyerEntry | None, by: Person, at: datetime) -> None:
    """Put a lawyer into a cell of a draft, or empty it. Raises: CellRefused, DayOver, NotADraft."""
    rota = duty.rota
    check_draft(rota)
    _check_day(duty, at)
    if entry is not None:
        facts = gather(rota.station, rota.first_on, rota.last_on, rota)
        _refuse_broken(facts, _without(rota, duty), [(duty.serves_on, entry)])
    with act("duty.assign", duty, by=by, at=at):
        remember(rota, [duty])
        duty.lawyer = entry
        duty.locked = duty.locked and entry is not None


def swap_duties(one: Duty, other: Duty, by: Person, at: datetime) -> None:
    """Let the lawyers of two cells change places. Raises: CellRefused, DayOver, NotADraft."""
    rota = one.rota
    check_draft(rota)
    for duty in (one, other):
        _check_day(duty, at)
    facts = gather(rota.station, rota.first_on, rota.last_on, rota)
    wanted = [(a.serves_on, b.lawyer) for a, b in ((one, other), (other, one)) if b.lawyer is not None]
    _refuse_broken(facts, _without(rota, one, other), wanted)
    with act("duty.swap", one, by=by, at=at, other=str(other.public_id)):
        remember(rota, [one, other])
        one.lawyer, other.lawyer = other.lawyer, one.lawyer


def lock_duty(duty: Duty, locked: bool, by: Person, at: datetime) -> None:
    """Fix a cell, so that generating leaves it alone, or free it again. Raises: NotADraft."""
    check_draft(duty.rota)
    with act("duty.lock" if locked else "duty.unlock", duty, by=by, at=at):
        remember(duty.rota, [duty])
        duty.locked = locked


def undo_edit(rota: Rota, by: Person, at: datetime) -> None:
    """Take the last edit of a draft back, whoever made it. Raises: NothingToUndo, NotADraft."""
    check_draft(rota)
    if not rota.edits:
        raise NothingToUndo()
    was = {public_id: (key, locked) for public_id, key, locked in rota.edits[-1]}
    keys = [uuid.UUID(key) for key, _ in was.values() if key]
    entries = {
        key_of(one): one for one in db.session.scalars(select(LawyerEntry).where(LawyerEntry.public_id.in_(keys)))
    }
    with act("rota.undo", rota, by=by, at=at):
        for duty in rota.duties:
            if str(duty.public_id) in was:
                key, duty.locked = was[str(duty.public_id)]
                duty.lawyer = entries.get(key) if key else None
        rota.edits = rota.edits[:-1]


def judge_for(facts: Facts, cells: Cells, on: date, entry: LawyerEntry) -> list[Broken]:
    """What a lawyer would break on a day beside these cells."""
    return judge_cell(facts.problem, cells, on, key_of(entry))


def _refuse_broken(facts: Facts, cells: Cells, wanted: Sequence[tuple[date, LawyerEntry]]) -> None:
    refused = []
    for on, entry in wanted:
        broken = judge_for(facts, cells, on, entry)
        if broken:
            refused.append((on, key_of(entry), broken))
        cells = {**cells, on: (*cells.get(on, ()), key_of(entry))}
    if refused:
        raise CellRefused(facts, refused)


def _without(rota: Rota, *duties: Duty) -> Cells:
    return cells_of(duty for duty in rota.duties if duty not in duties)


def _check_day(duty: Duty, at: datetime) -> None:
    if duty.serves_on < local_day(duty.rota.station, at):
        raise DayOver(on=duty.serves_on)


def substitute_duty(duty: Duty, entry: LawyerEntry, by: Person, at: datetime, reason: str = "") -> None:
    """Put another lawyer into a published duty, or one where nobody stands; both are told.

    Raises: CellRefused, Collision, DayOver, NotInForce, HoursLent.
    """
    rota = duty.rota
    check_in_force(duty, at)
    facts = gather(rota.station, rota.first_on, rota.last_on, rota)
    _refuse_broken(facts, _without(rota, duty), [(duty.serves_on, entry)])
    before = duty.lawyer.membership.person_id if duty.lawyer else None
    with act("duty.substitute", duty, by=by, at=at, reason=reason, before=before, on=duty.serves_on):
        timeline.rebook(*_freed(duty), *takes(duty, entry))
        DUTY.step("substitute", duty, lawyer_id=entry.id)


def check_in_force(duty: Duty, at: datetime) -> None:
    """Raises: NotInForce, DayOver."""
    if duty.rota.state != RotaState.PUBLISHED or duty.state not in {DutyState.PUBLISHED, DutyState.UNCOVERED}:
        raise NotInForce()
    _check_day(duty, at)


def _freed(duty: Duty) -> list[Change]:
    """Let go of who stands there. Raises: HoursLent."""
    assert duty.event is not None  # every duty in force has its event
    live = timeline.live_bookings(duty.event, BookingRole.DUTY_LAWYER)
    lent = select(Booking.id).where(Booking.lent_from_id.in_([b.id for b in live]), Booking.binds)
    if live and db.session.scalar(lent.limit(1)) is not None:
        raise HoursLent()
    return [Free(booking, BookingStatus.RELEASED) for booking in live]


def takes(duty: Duty, entry: LawyerEntry) -> list[Change]:
    """The bookings of a duty: one a session, the noon between them is free (L-26)."""
    assert duty.event is not None
    resource = timeline.resource_of(entry.person)
    spans = session_spans(duty.rota.station, duty.serves_on)
    return [
        Take(duty.event, resource, BookingRole.DUTY_LAWYER, starts_at=a, ends_at=b)
        for name, (a, b) in spans.items()
        if name in duty.sessions.split("+")
    ]


def release_duty(booking: Booking, absence: Absence, at: datetime) -> None:
    """An approved leave released a booking of a duty: nobody is on duty then (DOMAIN 8.0)."""
    duty = db.session.scalar(select(Duty).where(Duty.event_id == booking.event_id, Duty.state == DutyState.PUBLISHED))
    if duty is None:
        return
    assert duty.lawyer is not None  # a published duty has its lawyer
    _release(duty, current_act().by, at, "")


def _release(duty: Duty, by: Someone | None, at: datetime, reason: str) -> None:
    assert duty.lawyer is not None  # asked for before
    before = duty.lawyer.membership.person_id
    with act("duty.release", duty, by=by, at=at, reason=reason, before=before, on=duty.serves_on):
        timeline.rebook(*_freed(duty))
        DUTY.step("release", duty, lawyer_id=None)


def give_up_duty(duty: Duty, by: Person, at: datetime, reason: str) -> None:
    """Take the lawyer of a published duty off, who has said that he cannot come; the place is empty then.

    Raises: NotInForce, DayOver, NobodyThere, ReasonMissing, HoursLent.
    """
    check_in_force(duty, at)
    if duty.lawyer is None:
        raise NobodyThere(on=duty.serves_on)
    if not reason:
        raise ReasonMissing()
    _release(duty, by, at, reason)


def cancel_duty(duty: Duty, by: Person, at: datetime, reason: str) -> None:
    """End a published duty for good: a holiday, the station is closed. Its lawyer is told.

    Raises: NotInForce, DayOver, ReasonMissing, HoursLent.
    """
    check_in_force(duty, at)
    if not reason:
        raise ReasonMissing()
    assert duty.event is not None  # every duty in force has its event
    before = duty.lawyer.membership.person_id if duty.lawyer else None
    with act("duty.cancel", duty, by=by, at=at, reason=reason, before=before, on=duty.serves_on):
        timeline.rebook(*_freed(duty), Cancel(duty.event))
        DUTY.step("cancel", duty)


def call_lawyer(duty: Duty, by: Person, at: datetime) -> str:
    """The number of today's lawyer, as the office knows it; each look is an act.

    Raises: NotInForce (also on any other day), NobodyThere, NoNumber.
    """
    check_in_force(duty, at)
    today = local_day(duty.rota.station, at)
    if duty.serves_on != today:
        raise NotInForce()
    if duty.lawyer is None:
        raise NobodyThere(on=duty.serves_on)
    phone = contact_of(duty.lawyer.person, duty.office, today).phone
    if not phone:
        raise NoNumber(who=duty.lawyer.name)
    with act("duty.call", duty, by=by, at=at):
        return phone


when_released(KIND, release_duty, whole=True)
