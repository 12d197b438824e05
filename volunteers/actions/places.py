"""A place that is free goes to whoever waits, as long as he can still be told in time (DOMAIN 8.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select

from accounts.models import Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from scheduler.timeline import waiting
from scheduler.timeline.models import WAITING, BookingRole, Quota, Resource, Waiting, WaitingState
from volunteers.models.shifts import Shift
from volunteers.rules.booking import may_fill
from volunteers.rules.obstacles import Obstacle


class ListClosed(Refusal):
    code = "list_closed"
    message = "Nobody moves up any more: the shift begins in less than %(minutes)s minutes."
    help = "If a place stays free, the officer can still admit you at the crossing."
    source = "DOMAIN 9.2"


def fill_minutes(shift: Shift) -> int:
    """Until how many minutes before the start a place is given to the next in line."""
    return int(rule_for("service.fill_before", shift.office, shift.starts_on).amount)


def list_is_open(shift: Shift, at: datetime) -> bool:
    """Whether a place that becomes free still goes to the next in line."""
    return may_fill(shift.event.starts_at, at, fill_minutes(shift))


def fill_places(shift: Shift, at: datetime) -> None:
    """Later a place stays free: whoever stands there without a booking may take it."""
    if shift.stopped_at is None and list_is_open(shift, at):
        waiting.fill(shift.event, BookingRole.VOLUNTEER, at)


def check_list_open(shift: Shift, at: datetime) -> None:
    """Raises: ListClosed."""
    if not list_is_open(shift, at):
        raise ListClosed(minutes=fill_minutes(shift))


def may_wait(shift: Shift, found: Sequence[Obstacle], at: datetime) -> bool:
    """Whether nothing but a free place is missing, and the waiting list still leads to one."""
    return [one.code for one in found] == ["full"] and list_is_open(shift, at)


def wait_no_longer(shift: Shift, resource: Resource, by: Person, at: datetime) -> None:
    """Whoever has booked a place that stayed free waits for none."""
    for place in db.session.scalars(_waits(), {"event": shift.event_id, "resource": resource.id}).all():
        with act("waiting.leave", place, by=by, at=at):
            WAITING.step("leave", place)


@cache
def _waits() -> Select[Waiting]:
    places = select(Waiting).join(Quota, Quota.id == Waiting.quota_id).where(Quota.event_id == bindparam("event"))
    return places.where(Waiting.resource_id == bindparam("resource"), Waiting.state == WaitingState.WAITING)
