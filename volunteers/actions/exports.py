"""Service handed over to the national volunteer system, and the board as a sheet (V-03, V-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from accounts.access import Viewer, clause
from accounts.actions.disclosure import NotEntered, WorksHereNoMore, unmask
from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from accounts.presenting import local, masked_id
from accounts.rights import UNMASK
from errors import Refusal
from exchange.writing import Cell, Kind, write
from extensions import db
from record.act import act
from record.models import Act
from volunteers.figures import officers_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.exports import ServiceExport, Synced
from volunteers.models.ledger import Confirmation, CreditEntry, CreditKind
from volunteers.models.shifts import Posting, Shift
from volunteers.rights import EXPORT_NAMES

CHINESE = "zh_Hans_CN"


class NothingToExport(Refusal):
    code = "nothing_to_export"
    message = "Everything that counts has been handed over already."
    help = "Earlier files can be downloaded again below."


def unsynced(seen: Viewer, office: Office) -> Select[Any]:
    """Lines of the ledger not handed over yet, of those the viewer may export. What was credited and taken back in
    between is left out; a reversal of what was handed over is a line of its own."""
    credit, reversal = aliased(CreditEntry), aliased(CreditEntry)
    done = select(Synced.entry_id)
    undone = select(reversal.reverses_id).where(reversal.reverses_id.is_not(None))
    void = select(reversal.id).join(credit, credit.id == reversal.reverses_id).where(credit.id.not_in(done))
    return (
        select(CreditEntry)
        .join(Assessment, Assessment.id == CreditEntry.assessment_id)
        .where(
            CreditEntry.office_id == office.id,
            clause(seen, Assessment, EXPORT_NAMES),
            CreditEntry.id.not_in(done),
            CreditEntry.id.not_in(undone.where(reversal.id.not_in(done))),
            CreditEntry.id.not_in(void),
        )
        .order_by(CreditEntry.starts_at, CreditEntry.id)
    )


def count_unsynced(seen: Viewer, office: Office) -> int:
    return db.session.scalar(select(func.count()).select_from(unsynced(seen, office).order_by(None).subquery())) or 0


def export(seen: Viewer, office: Office, by: Person, at: datetime, reason: str) -> ServiceExport:
    """Take everything that is not handed over yet; from now on it is. Raises: NothingToExport."""
    entries = list(db.session.scalars(unsynced(seen, office)))
    if not entries:
        raise NothingToExport()
    row = ServiceExport(office_id=office.id, by_id=by.id, at=at, count=len(entries))
    with act("service_export.take", row, by=by, at=at, reason=reason):
        db.session.add(row)
        db.session.flush()
        db.session.add_all(Synced(entry_id=entry.id, export_id=row.id) for entry in entries)
        db.session.flush()
    return row


def taken_for(row: ServiceExport) -> str:
    """What whoever took it said it is for."""
    told = select(Act.reason).where(Act.name == "service_export.take", Act.subject_id == row.id)
    return db.session.scalar(told) or ""


def download(  # noqa: PLR0917 - which, as what, by whom, when, what for; in whose eyes numbers may stand in full
    row: ServiceExport, kind: Kind, by: Person, at: datetime, reason: str, in_full: Viewer | None = None
) -> bytes:
    """The file of an export, now or again; each time is an act, which says of how many people.

    With `in_full`, ID numbers stand in full where this viewer may unmask them: each is an act that the person can read
    (V-13).
    """
    entries = _entries(row)
    people = {entry.attendance.person_id: entry.attendance.person for entry in entries}
    posted = officers_of([entry.attendance.shift for entry in entries])
    name = "service_export.disclose" if in_full else "service_export.download"
    with act(name, row, by=by, at=at, reason=reason, form=kind) as doing:
        numbers = {key: masked_id(one.id_number) for key, one in people.items()}
        doing.note(row, "people", None, len(people))
        if in_full:
            opened = _opened(in_full, row.office, people, at, reason)
            numbers |= opened
            doing.note(row, "in_full", None, len(opened))
    with force_locale(CHINESE):
        cells = [_cells(entry, numbers[entry.attendance.person_id], _in_charge(entry, posted)) for entry in entries]
        return write(kind, _headers(bool(in_full)), cells)


def _opened(seen: Viewer, office: Office, people: Mapping[int, Person], at: datetime, reason: str) -> dict[int, str]:
    """The full numbers that the viewer may see; those that the office has not typed itself, or of people who work with
    it no more, stay masked (I34)."""
    mine = select(Person.id).where(Person.id.in_(people), clause(seen, Person, UNMASK)).order_by(Person.id)
    found = {}
    for key in db.session.scalars(mine).all():
        with suppress(NotEntered, WorksHereNoMore):
            on = local_day(office, at)
            found[key] = unmask(people[key], "id_number", office, by=seen.person, at=at, on=on, reason=reason)
    return found


def _entries(row: ServiceExport) -> Sequence[CreditEntry]:
    at = joinedload(CreditEntry.attendance)
    shift = at.joinedload(Attendance.shift)
    query = (
        select(CreditEntry)
        .join(Synced, Synced.entry_id == CreditEntry.id)
        .where(Synced.export_id == row.id)
        .options(
            at.joinedload(Attendance.person),
            shift.joinedload(Shift.event),
            shift.joinedload(Shift.squad),
            at.selectinload(Attendance.confirmations).joinedload(Confirmation.by),
        )
        .order_by(CreditEntry.starts_at, CreditEntry.id)
    )
    return db.session.scalars(query).all()


def _in_charge(entry: CreditEntry, posted: Mapping[int, list[Posting]]) -> str:
    """The officer at the crossing: who confirmed the service, else who was posted first. Never who decided on a
    correction: that is the office's own affair (V-05)."""
    confirmed = [one.by for one in entry.attendance.confirmations if one.undone_at is None][-1:]
    found = confirmed or [one.person for one in posted.get(entry.attendance.shift_id, [])]
    return found[0].name if found else ""


def _headers(in_full: bool) -> list[str]:
    """V-04, V-05: who, and what, when, where, for whom, how long, organised and answered for by whom."""
    return [
        gettext("Name"),
        gettext("ID number (in full)") if in_full else gettext("ID number (masked)"),
        gettext("Activity"),
        gettext("Day"),
        gettext("Time"),
        gettext("Place"),
        gettext("Who benefits"),
        gettext("Content of the service"),
        gettext("Minutes of service"),
        gettext("Organised by"),
        gettext("Person in charge"),
    ]


def _cells(entry: CreditEntry, number: str, in_charge: str) -> list[Cell]:
    shift, person = entry.attendance.shift, entry.attendance.person
    minutes = -entry.minutes if entry.kind == CreditKind.REVERSAL else entry.minutes
    return [
        person.name,
        number,
        gettext("Traffic volunteering"),
        shift.starts_on.isoformat(),
        f"{local(entry.starts_at):%H:%M}-{local(entry.ends_at):%H:%M}",
        shift.event.place,
        gettext("the public"),
        gettext("Guiding traffic at a crossing"),
        minutes,
        shift.squad.name if shift.squad else "",
        in_charge,
    ]


def note_board(office: Office, by: Person, at: datetime, reason: str, count: int) -> None:
    """The board was taken as a sheet with names."""
    with act("office.export_board", office, by=by, at=at, reason=reason, count=count):
        pass
