"""What can be asked of `rebook`, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.timeline.models import Booking, BookingStatus, Event, Resource


@dataclass(frozen=True)
class Move:
    """Put an event at another time; its live bookings go with it, each keeping its distance from the event's edges."""

    event: Event
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Take:
    """Book a resource for an event; by default for the whole of it. Buffers are minutes, for rooms only."""

    event: Event
    resource: Resource
    role: str
    status: str = BookingStatus.ACCEPTED
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    buffer_before: int = 0
    buffer_after: int = 0
    piece_of: Booking | None = None
    lent_from: Booking | None = None


@dataclass(frozen=True)
class Free:
    """Let a booking go: declined, cancelled or released."""

    booking: Booking
    status: str = BookingStatus.CANCELLED


@dataclass(frozen=True)
class Retime:
    """Give a booking another interval within its event, and make it live again if it was not."""

    booking: Booking
    starts_at: datetime
    ends_at: datetime
    status: str = BookingStatus.ACCEPTED


@dataclass(frozen=True)
class Cancel:
    """Cancel an event with all its live bookings."""

    event: Event


@dataclass(frozen=True)
class Reassign:
    """Let a booking be of another resource, the row into which its person was merged; the database allows no other."""

    booking: Booking
    resource: Resource


Change = Move | Take | Free | Retime | Cancel | Reassign
