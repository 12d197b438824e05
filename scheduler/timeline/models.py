"""The one timeline: resources, events, bookings, quotas, waiting lists, absences."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Office, Person
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of


class ResourceKind(enum.StrEnum):
    PERSON = "person"
    ROOM = "room"
    DESK = "desk"
    VEHICLE = "vehicle"


class Resource(Audited, Model):
    """Whoever or whatever can be in one place at a time. A person's row is global; a room belongs to an office."""

    __tablename__ = "resource"
    __table_args__ = (
        one_of("kind", ResourceKind),
        CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name="a_person_or_a_thing"),
        CheckConstraint("(kind = 'person') = (office_id IS NULL)", name="things_belong_to_an_office"),
        UniqueConstraint("office_id", "kind", "name"),
    )

    kind: Mapped[str]
    name: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    seats: Mapped[int | None]
    is_hearing_room: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    person: Mapped[Person | None] = relationship()


class EventStatus(enum.StrEnum):
    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Visibility(enum.StrEnum):
    OFFICE = "office"
    PARTICIPANTS = "participants"


class Event(Audited, Model):
    """A piece of the timeline, `[starts_at, ends_at)`. The title is neutral: it says nothing of a case."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        one_of("status", EventStatus),
        one_of("visibility", Visibility),
        Index("ix_event_when", "office_id", "starts_at"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    all_day: Mapped[bool] = mapped_column(default=False, server_default=false())
    place: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=EventStatus.CONFIRMED)
    visibility: Mapped[str] = mapped_column(default=Visibility.OFFICE)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]

    office: Mapped[Office] = relationship()
    bookings: Mapped[list[Booking]] = relationship(back_populates="event", order_by="Booking.id")

    @property
    def revision(self) -> int:
        """Rises with whatever is written of the event or of one of its bookings, and never falls.

        Summed, so that two who book the same event at once wait for no row of it. `sequence` alone says whether what
        somebody was told of the event still holds: another one's booking does not change that.
        """
        return self.sequence + sum(booking.sequence for booking in self.bookings)

    @property
    def revised_at(self) -> datetime | None:
        times = [self.changed_at, *(booking.changed_at for booking in self.bookings)]
        return max((at for at in times if at is not None), default=None)


class BookingRole(enum.StrEnum):
    CHAIR = "chair"
    HEARING_OFFICER = "hearing_officer"
    DUTY_LAWYER = "duty_lawyer"
    VOLUNTEER = "volunteer"
    ROOM = "room"
    ABSENCE = "absence"
    PARTY = "party"
    PROSECUTOR = "prosecutor"
    TRAFFIC_OFFICER = "traffic_officer"
    APPROVER = "approver"
    OBSERVER = "observer"
    CONTACT = "contact"


EXCLUSIVE = frozenset(
    {
        BookingRole.CHAIR,
        BookingRole.HEARING_OFFICER,
        BookingRole.DUTY_LAWYER,
        BookingRole.VOLUNTEER,
        BookingRole.ROOM,
        BookingRole.ABSENCE,
        BookingRole.PARTY,
        BookingRole.PROSECUTOR,
    }
)


class BookingStatus(enum.StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    RELEASED = "released"


LIVE = frozenset({BookingStatus.INVITED, BookingStatus.ACCEPTED})


def _list(values: frozenset[BookingRole] | frozenset[BookingStatus]) -> str:
    return ", ".join(f"'{v}'" for v in sorted(values))


SHOULD_BIND = f"(role IN ({_list(EXCLUSIVE)}) AND status IN ({_list(LIVE)}))"


class Booking(Audited, Model):
    """One resource taken by one event for an interval of its own, in a role.

    `binds` is true exactly when the role is exclusive and the status is live (I47); only `rebook` writes it. A session
    of a duty keeps its whole interval; its pieces name it in `piece_of_id`, and what was lent in `lent_from_id` (I42).
    """

    __tablename__ = "booking"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "office_id"], ["event.id", "event.office_id"]),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        one_of("role", BookingRole),
        one_of("status", BookingStatus),
        CheckConstraint(f"NOT binds OR {SHOULD_BIND}", name="binds_only_what_is_live_and_exclusive"),
        CheckConstraint("role = 'room' OR (buffer_before = 0 AND buffer_after = 0)", name="only_rooms_have_buffers"),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers_are_not_negative"),
        Index("ix_booking_resource_when", "resource_id", "starts_at", "ends_at"),
        Index(
            "uq_booking_one_place_a_volunteer",
            "event_id",
            "resource_id",
            unique=True,
            sqlite_where=text("binds AND role = 'volunteer'"),
            postgresql_where=text("binds AND role = 'volunteer'"),
        ),
    )

    event_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    role: Mapped[str]
    status: Mapped[str] = mapped_column(default=BookingStatus.ACCEPTED)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    buffer_before: Mapped[int] = mapped_column(default=0)
    buffer_after: Mapped[int] = mapped_column(default=0)
    binds: Mapped[bool] = mapped_column(default=False, server_default=false(), info={"derived": True})
    piece_of_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    lent_from_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    whole_starts_at: Mapped[datetime | None]
    whole_ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(info={"derived": True})
    sequence: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    changed_at: Mapped[datetime | None] = mapped_column(info={"derived": True})

    event: Mapped[Event] = relationship(back_populates="bookings", overlaps="office")
    resource: Mapped[Resource] = relationship()

    def should_bind(self) -> bool:
        return self.role in EXCLUSIVE and self.status in LIVE


class Quota(Audited, Model):
    """Places of an event for one role. `taken` is moved by the database alone (I04).

    `extra` of them were added for somebody who came without a booking: nobody else may take them (SETTLED 21).
    """

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("event_id", "role"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="never_more_taken_than_there_are"),
        CheckConstraint("extra BETWEEN 0 AND capacity", name="places_added_are_places"),
        one_of("role", BookingRole),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    role: Mapped[str]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0, server_default=text("0"), info={"derived": True})
    extra: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    event: Mapped[Event] = relationship()


class WaitingState(enum.StrEnum):
    WAITING = "waiting"
    PROMOTED = "promoted"
    LEFT = "left"
    PASSED_OVER = "passed_over"


class Waiting(Audited, Model):
    """Somebody who waits for a place. `number` is the order in which people joined, without gap or double per quota.

    Until `first_until` he comes before those who have no such time; among equals the number decides.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        UniqueConstraint("quota_id", "number"),
        one_of("state", WaitingState),
        CheckConstraint("(state = 'promoted') = (promoted_at IS NOT NULL)", name="moved_up_at_a_time"),
        Index(
            "uq_waiting_once_in_a_list",
            "quota_id",
            "resource_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    quota_id: Mapped[int] = mapped_column(ForeignKey("quota.id"), index=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    number: Mapped[int]
    joined_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=WaitingState.WAITING)
    why: Mapped[str] = mapped_column(default="")
    first_until: Mapped[datetime | None]
    promoted_at: Mapped[datetime | None]

    quota: Mapped[Quota] = relationship()
    resource: Mapped[Resource] = relationship()


WAITING = Course(
    Waiting,
    [
        Step("promote", ("waiting",), "promoted"),
        Step("leave", ("waiting",), "left"),
        Step("pass_over", ("waiting",), "passed_over"),
    ],
)


class AbsenceState(enum.StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Absence(Audited, Model):
    """Somebody's leave. Requested it books nothing; approval books it (DOMAIN 8.0)."""

    __tablename__ = "absence"
    __table_args__ = (one_of("state", AbsenceState),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    why: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=AbsenceState.REQUESTED)

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship()


ABSENCE = Course(
    Absence,
    [
        Step("request", (), "requested", "request_absence"),
        Step("approve", ("requested",), "approved", "approve_absence"),
        Step("refuse", ("requested",), "refused", "approve_absence"),
        Step("withdraw", ("requested", "approved"), "withdrawn", "request_absence"),
    ],
)
