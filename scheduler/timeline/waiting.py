"""Waiting lists: a freed place goes to the next whom it fits, in the transaction that frees it (I04)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline.models import WAITING, Booking, Event, EventStatus, Quota, Resource, Waiting, WaitingState
from scheduler.timeline.timeline import Collision, Take, rebook

Fits = Callable[[Event, Resource, datetime], str]
Promoted = Callable[[Waiting, Booking, datetime], None]

_gates: dict[str, tuple[Fits, Promoted]] = {}


class WaitsAlready(Refusal):
    code = "waits_already"
    message = "You are already on this waiting list."
    help = "You will be told as soon as a place becomes free."


def promote_by(kind: str, fits: Fits, promoted: Promoted) -> None:
    """Register, for events of a kind, who may take a place (a reason if not) and what follows when he does."""
    _gates[kind] = (fits, promoted)


def join(quota: Quota, resource: Resource, now: datetime, first_until: datetime | None = None) -> Waiting:
    """Put somebody at the end of the list; until `first_until` he comes before those without such a time.

    Raises: WaitsAlready.
    """
    db.session.execute(select(Quota.id).where(Quota.id == quota.id).with_for_update())
    mine = select(Waiting).filter_by(quota_id=quota.id, resource_id=resource.id, state=WaitingState.WAITING)
    if db.session.scalar(mine) is not None:
        raise WaitsAlready()
    last = db.session.scalar(select(func.max(Waiting.number)).where(Waiting.quota_id == quota.id)) or 0
    waiting = Waiting(
        quota=quota,
        office_id=quota.office_id,
        resource=resource,
        number=last + 1,
        joined_at=now,
        first_until=first_until,
    )
    db.session.add(waiting)
    db.session.flush()
    return waiting


def _rank(now: datetime) -> ColumnElement[int]:
    return case((Waiting.first_until > now, 0), else_=1)


def line(quota_id: int, now: datetime) -> list[Waiting]:
    """Who waits, in the order in which a place that is freed now would be offered."""
    rows = select(Waiting).filter_by(quota_id=quota_id, state=WaitingState.WAITING)
    return list(db.session.scalars(rows.order_by(_rank(now), Waiting.number)))


def ahead(place: Waiting, now: datetime) -> int:
    """How many would be offered a place before this one."""
    mine = 0 if place.first_until is not None and place.first_until > now else 1
    before = or_(_rank(now) < mine, and_(_rank(now) == mine, Waiting.number < place.number))
    rows = select(func.count(Waiting.id)).filter_by(quota_id=place.quota_id, state=WaitingState.WAITING)
    return db.session.scalar(rows.where(before)) or 0


def fill(event: Event, role: str, now: datetime) -> list[Booking]:
    """Give every free place of an event to the waiting, in order; whom it does not fit is passed over and told why."""
    quota = db.session.scalar(select(Quota).filter_by(event_id=event.id, role=role).with_for_update())
    if quota is None or event.status == EventStatus.CANCELLED:
        return []
    taken: list[Booking] = []
    for waiting in line(quota.id, now):
        db.session.refresh(quota, ["taken", "capacity"])
        if quota.taken >= quota.capacity:
            break
        booking = _offer(waiting, event, role, now)
        if booking is not None:
            taken.append(booking)
    return taken


def _offer(waiting: Waiting, event: Event, role: str, now: datetime) -> Booking | None:
    fits, promoted = _gates[event.kind]
    why = fits(event, waiting.resource, now)
    if not why:
        try:
            with db.session.begin_nested(), act("waiting.promote", waiting, by=None, at=now):
                WAITING.step("promote", waiting, promoted_at=now)
                booking = rebook(Take(event, waiting.resource, role))[0]
                promoted(waiting, booking, now)
            return booking
        except Refusal as refusal:  # somebody was faster, or his day is full meanwhile
            why = "overlap" if isinstance(refusal, Collision) else refusal.code
    with act("waiting.pass_over", waiting, by=None, at=now, why=why):
        WAITING.step("pass_over", waiting, why=why)
    return None
