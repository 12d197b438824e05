"""Drafting a rota: begun, generated, what it demands, discarded (DOMAIN 8.2)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from accounts.models import Person
from errors import Refusal
from extensions import db
from lawyers.models import (
    ROTA,
    Duty,
    DutyState,
    LawyerEntry,
    Rota,
    RotaState,
    Station,
    key_of,
)
from lawyers.rota_facts import Cells, Facts, cells_of, gather, rules_of
from record.act import act
from record.models import Act
from scheduler.fairness.rota_values import CHANGES, MEASURES, Plan, Problem

MOST_UNDONE = 40


class DraftStands(Refusal):
    code = "draft_stands"
    message = "A draft for this station and time stands already."
    help = "Open it and go on there, or discard it first."


class NobodyServes(Refusal):
    code = "nobody_serves"
    message = "No lawyer of the register takes turns then."
    help = "Import the register, or give somebody a share."


class NeverOpen(Refusal):
    code = "never_open"
    message = "“%(station)s” is not open on any day from %(first)s to %(last)s."
    help = "Look at the station's opening days, or choose a later time."


class SpanOver(Refusal):
    code = "span_over"
    message = "This month is over."
    help = "What was served stays as it was. Begin the month that runs now, or the next one."


class NotADraft(Refusal):
    code = "not_a_draft"
    message = "This rota is no draft any more."
    help = "Begin a new version of it; publishing that one replaces this."


class DraftChanged(Refusal):
    code = "draft_changed"
    message = "Somebody changed the draft while the rest was generated."
    help = "Look at the draft as it is now and generate again."


def local_day(station: Station, at: datetime) -> date:
    """The day at the station."""
    return at.astimezone(ZoneInfo(station.office.zone)).date()


def in_force(station: Station, first: date, state: RotaState) -> Rota | None:
    """The rota of a station that begins on a day, in a state of which there is one at most."""
    return db.session.scalar(select(Rota).filter_by(station_id=station.id, first_on=first, state=state))


def draft_rota(station: Station, first: date, last: date, by: Person, at: datetime) -> Rota:
    """Begin a version: every opening day from today on with its empty places; of a published version, with its lawyers.

    A place whose duty was ended for good stays away. Raises: DraftStands, NeverOpen, SpanOver.
    """
    if last < local_day(station, at):
        raise SpanOver()
    if in_force(station, first, RotaState.DRAFT) is not None:
        raise DraftStands()
    facts, standing = gather(station, first, last), in_force(station, first, RotaState.PUBLISHED)
    places = _places(facts, standing, local_day(station, at))
    if not places:
        raise NeverOpen(station=station.name, first=first, last=last)
    newest = select(func.max(Rota.version)).where(Rota.station_id == station.id, Rota.first_on == first)
    rota = Rota(
        office_id=station.office_id,
        station_id=station.id,
        first_on=first,
        last_on=last,
        version=(db.session.scalar(newest) or 0) + 1,
        provisional=bool(facts.unofficial_years),
        min_distance=standing.min_distance if standing else rules_of(station, first)["rota.min_distance"].amount,
        within=standing.within if standing else 1,
        may_stay_uncovered=list(standing.may_stay_uncovered) if standing else [],
        drafted_by_id=by.id,
    )
    sessions = "+".join(station.sessions)
    with act("rota.draft", rota, by=by, at=at):
        db.session.add(rota)
        rota.duties = [
            Duty(office_id=rota.office_id, serves_on=on, number=number, sessions=sessions, lawyer_id=lawyer_id)
            for (on, number), lawyer_id in sorted(places.items())
        ]
    return rota


def _places(facts: Facts, standing: Rota | None, today: date) -> dict[tuple[date, int], int | None]:
    """The places of a new version, with who stands there so far; what is past stays as it was."""
    so_far = {
        (duty.serves_on, duty.number): duty.lawyer_id
        for duty in (standing.duties if standing else ())
        if duty.state != DutyState.CANCELLED
    }
    places = {place: who for place, who in so_far.items() if place[0] < today}
    ended = ended_places(standing) if standing else set()
    for opening in facts.openings:
        for number in range(1, facts.station.lawyers_a_session + 1):
            if opening.on >= today and (opening.on, number) not in ended:
                places[opening.on, number] = so_far.get((opening.on, number))
    return places


def ended_places(standing: Rota) -> set[tuple[date, int]]:
    """The places whose duties were cancelled in any version of a rota; superseding a version cancels none. One that was
    cancelled because its day was off comes back with the day."""
    cancelled = (
        select(Duty.serves_on, Duty.number)
        .join(Rota)
        .join(Act, (Act.subject_table == Duty.__tablename__) & (Act.subject_id == Duty.id))
        .where(Rota.station_id == standing.station_id, Rota.first_on == standing.first_on, Act.name == "duty.cancel")
        .where(Duty.on_day_off.is_(False))
    )
    return {(on, number) for on, number in db.session.execute(cancelled)}


def check_draft(rota: Rota) -> None:
    """Raises: NotADraft."""
    if rota.state != RotaState.DRAFT:
        raise NotADraft()


@dataclass(frozen=True)
class Asked:
    """What the solver is asked for a draft, and the cells that the question was made from."""

    facts: Facts
    problem: Problem
    made_from: Cells


def asked_of(rota: Rota, today: date) -> Asked:
    """The problem of a draft's days from today on, around what is locked.

    Where a published version stands, keeping it is the first aim: everybody has arranged himself with it.
    Raises: NobodyServes, NotADraft.
    """
    check_draft(rota)
    facts = gather(rota.station, rota.first_on, rota.last_on, rota)
    if not facts.register:
        raise NobodyServes()
    standing = in_force(rota.station, rota.first_on, RotaState.PUBLISHED)
    problem = facts.rest(today, rota.duties)
    keys = {lawyer.key for lawyer in problem.lawyers}
    locked = {on: cell for on, cell in cells_of(rota.duties, locked=True).items() if on >= today}
    existing = {on: cell for on, cell in cells_of(standing.duties if standing else ()).items() if on >= today}
    problem = replace(
        problem,
        locked={on: tuple(key for key in cell if key in keys) for on, cell in locked.items()},
        existing=existing,
        aims=(CHANGES, *MEASURES) if existing else problem.aims,
    )
    return Asked(facts, problem, cells_of(rota.duties))


def fill_rota(rota: Rota, plan: Plan, made_from: Cells, by: Person, at: datetime) -> None:
    """Write a plan into the draft; locked and past cells stay. Raises: DraftChanged, NotADraft."""
    check_draft(rota)
    if cells_of(rota.duties) != made_from:
        raise DraftChanged()
    with act("rota.generate", rota, by=by, at=at, seconds=round(plan.seconds, 1)):
        write_cells(rota, plan.assignments, local_day(rota.station, at))


def write_cells(rota: Rota, cells: Cells, today: date) -> None:
    """Set the lawyers of every open cell of a draft, and note what stood there, for undoing it."""
    named = {key for cell in cells.values() for key in cell}
    rows = select(LawyerEntry).where(
        LawyerEntry.office_id == rota.office_id, LawyerEntry.public_id.in_([uuid.UUID(str(key)) for key in named])
    )
    entries = {key_of(entry): entry for entry in db.session.scalars(rows)}
    free = [duty for duty in rota.duties if not duty.locked and duty.serves_on >= today]
    remember(rota, free)
    left = {on: [key for key in cell if key in entries] for on, cell in cells.items()}
    for duty in rota.duties:
        if duty.locked and duty.lawyer is not None and key_of(duty.lawyer) in left.get(duty.serves_on, []):
            left[duty.serves_on].remove(key_of(duty.lawyer))
    for duty in free:
        cell = left.get(duty.serves_on, [])
        duty.lawyer = entries[str(cell.pop(0))] if cell else None


def remember(rota: Rota, duties: Collection[Duty]) -> None:
    """Note how these cells stand before an edit, so that it can be undone."""
    was = [[str(duty.public_id), key_of(duty.lawyer) if duty.lawyer else None, duty.locked] for duty in duties]
    rota.edits = [*rota.edits, was][-MOST_UNDONE:]


def demand(
    rota: Rota,
    by: Person,
    at: datetime,
    *,
    min_distance: int | None = None,
    within: int | None = None,
    accept_empty: Collection[date] = (),
) -> None:
    """Change what a draft asks of its rota: distance, evenness, days that may stay empty. Raises: NotADraft."""
    check_draft(rota)
    with act("rota.demand", rota, by=by, at=at):
        if min_distance is not None:
            rota.min_distance = max(1, min_distance)
        if within is not None:
            rota.within = max(1, within)
        accepted = {*rota.may_stay_uncovered, *(on.isoformat() for on in accept_empty)}
        rota.may_stay_uncovered = sorted(accepted)


def discard_rota(rota: Rota, by: Person, at: datetime) -> None:
    """Throw a draft away. It binds nothing, so nobody is told."""
    with act("rota.discard", rota, by=by, at=at):
        ROTA.step("discard", rota)
