"""What `flask verify-db` asks of hearings: state, sittings, bookings and notices agree (DOMAIN 8.1, TRUST I47)."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cases.models import Case
from extensions import db
from hearings.dates import public_with_a_minor
from hearings.models import OVER, Hearing, Sitting
from record.invariants import invariant, rows


@invariant("a planned hearing has one sitting ahead, any other none")
def _sittings() -> list[str]:
    ahead = (
        "(SELECT COUNT(*) FROM sitting s JOIN event e ON e.id = s.event_id "
        "WHERE s.hearing_id = h.id AND s.state = 'planned' AND e.status <> 'cancelled')"
    )
    return rows(
        f"SELECT h.id AS hearing, h.state FROM hearing h WHERE (h.state IN ('planned', 'noticed') AND {ahead} <> 1) "
        f"OR (h.state IN ('requested', 'refused', 'approved', 'cancelled') AND {ahead} <> 0)"
    )


@invariant("who takes part in a hearing is booked at its sitting, who does not any more is not")
def _participants() -> list[str]:
    return rows(
        "SELECT p.id AS participant FROM hearing_participant p JOIN booking b ON b.id = p.booking_id "
        "WHERE (p.ended_at IS NULL) <> (b.status IN ('invited', 'accepted')) "
        "OR NOT EXISTS (SELECT 1 FROM sitting s WHERE s.hearing_id = p.hearing_id AND s.event_id = b.event_id)"
    )


@invariant("somebody chairs a noticed hearing until its sitting begins (H-27, H-42)")
def _chaired() -> list[str]:
    return rows(
        "SELECT h.id AS hearing FROM hearing h JOIN sitting s ON s.hearing_id = h.id AND s.state = 'planned' "
        "JOIN event e ON e.id = s.event_id WHERE h.state = 'noticed' AND NOT EXISTS (SELECT 1 FROM "
        "hearing_participant p WHERE p.hearing_id = h.id AND p.capacity = 'chair' "
        "AND (p.ended_at IS NULL OR p.ended_at >= e.starts_at))"
    )


@invariant("a notice by message is told when it is given")
def _messages() -> list[str]:
    return rows("SELECT id AS notice FROM notice WHERE channel = 'message' AND told_at IS NULL")


@invariant("a hearing that is not over is not public with a minor in its case (H-11)")
def _public_with_a_minor() -> list[str]:
    at = datetime.now(UTC)  # edge: verify-db is asked now, about now
    public = select(Hearing).where(Hearing.is_public, Hearing.state.not_in(OVER)).order_by(Hearing.id)
    loaded = (
        joinedload(Hearing.case).selectinload(Case.parties),
        selectinload(Hearing.sittings).joinedload(Sitting.event),
    )
    found = db.session.scalars(public.options(*loaded)).all()
    return [f"hearing {hearing.id}" for hearing in found if public_with_a_minor(hearing, at)]
