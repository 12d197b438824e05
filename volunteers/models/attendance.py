"""Who came to a shift, and what was ticked (DOMAIN 8.4). An attendance is made with its booking (SETTLED 5)."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from extensions import Model
from record import guards
from record.course import Course, Step
from record.models import Audited, one_of
from scheduler.timeline.models import Booking
from volunteers.models.assessment import Assessment
from volunteers.models.shifts import Shift

if TYPE_CHECKING:
    from volunteers.models.corrections import Correction
    from volunteers.models.ledger import Confirmation
    from volunteers.models.scan import PresenceClaim


class AttendanceState(enum.StrEnum):
    """DOMAIN 8.4. `left`: came and went, to be confirmed."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    ARRIVED = "arrived"
    LEFT = "left"
    CONFIRMED = "confirmed"
    CREDITED = "credited"
    NO_SHOW = "no_show"


UNSETTLED = (AttendanceState.BOOKED, AttendanceState.ARRIVED, AttendanceState.LEFT)  # an officer has still to say


class Outcome(enum.StrEnum):
    """How it went, beside the state (DOMAIN 8.4)."""

    ATTENDED = "attended"
    LEFT_EARLY = "left_early"
    SENT_HOME = "sent_home"
    ABSENT_TOLD = "absent_told"
    ABSENT_LATE = "absent_late"
    NO_SHOW = "no_show"
    CANCELLED_BY_SERVICE = "cancelled_by_service"
    EXTRA = "extra"


class Fault(enum.StrEnum):
    PERSON = "person"
    SERVICE = "service"
    NOBODY = "nobody"


class Attendance(Audited, Model):
    """What was seen of somebody at a shift; made with his booking.

    `struck_out`: of a paper sheet, and found not to count; it is never confirmed. `lost_at`: when the service took the
    place away; until `first_until` the person comes first in return.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("id", "shift_id", "person_id"),
        UniqueConstraint("id", "person_id"),
        ForeignKeyConstraint(["shift_id", "office_id"], ["shift.id", "shift.office_id"]),
        ForeignKeyConstraint(
            ["assessment_id", "person_id", "office_id"],
            ["assessment.id", "assessment.person_id", "assessment.office_id"],
            onupdate="CASCADE",
        ),
        one_of("state", AttendanceState),
        one_of("outcome", Outcome),
        one_of("fault", Fault),
        CheckConstraint(
            "(coalesce(outcome, '') = 'cancelled_by_service') = (lost_at IS NOT NULL)", name="lost_to_the_service"
        ),
        CheckConstraint("(lost_at IS NULL) = (first_until IS NULL)", name="first_after_a_loss"),
        CheckConstraint("lost_at <= first_until", name="first_from_the_loss_on"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    office_id: Mapped[int] = mapped_column(index=True)
    shift_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    assessment_id: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default=AttendanceState.BOOKED, index=True)
    outcome: Mapped[str | None]
    fault: Mapped[str | None]
    from_paper: Mapped[bool] = mapped_column(default=False, server_default=false())
    extra: Mapped[bool] = mapped_column(default=False, server_default=false())
    struck_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    remark: Mapped[str] = mapped_column(default="")
    lost_at: Mapped[datetime | None]
    first_until: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship()
    shift: Mapped[Shift] = relationship(back_populates="attendances", foreign_keys=shift_id)
    person: Mapped[Person] = relationship(foreign_keys=person_id, overlaps="assessment")
    assessment: Mapped[Assessment] = relationship(foreign_keys=assessment_id)
    days: Mapped[list[BookedDay]] = relationship(viewonly=False, order_by="BookedDay.falls_on")
    ticks: Mapped[list[Tick]] = relationship(back_populates="attendance", order_by="Tick.id")
    claim: Mapped[PresenceClaim | None] = relationship(back_populates="attendance")
    choices: Mapped[list[TickChoice]] = relationship(order_by="TickChoice.id")
    confirmations: Mapped[list[Confirmation]] = relationship(
        back_populates="attendance", order_by="Confirmation.id", foreign_keys="Confirmation.attendance_id"
    )
    corrections: Mapped[list[Correction]] = relationship(
        back_populates="attendance", order_by="Correction.id", foreign_keys="Correction.attendance_id"
    )

    @property
    def counting(self) -> list[Tick]:
        """Its ticks, replaced ones included: without those that somebody set aside when he chose between two that
        differed, or took back, and those made by a stop that was taken back. All stay as facts."""
        last = {one.kind: one for one in self.choices}
        stood = [one for one in self.ticks if one.method not in STOPS or one.at == self.shift.stopped_at]
        return [tick for tick in stood if tick.kind not in last or not last[tick.kind].sets_aside(tick)]


class BookedDay(Model):
    """How many minutes a booking takes of a local day, and how many that day may have (I14). One over midnight has two.

    It goes with the booking; what was served beyond it is credited all the same.
    """

    __tablename__ = "booked_day"
    __table_args__ = (
        ForeignKeyConstraint(
            ["attendance_id", "person_id"], ["attendance.id", "attendance.person_id"], onupdate="CASCADE"
        ),
        CheckConstraint("minutes > 0", name="takes_some_time"),
        Index("ix_booked_day_person", "person_id", "falls_on"),
    )

    attendance_id: Mapped[int] = mapped_column(primary_key=True)
    falls_on: Mapped[date] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    minutes: Mapped[int]
    most: Mapped[int]


ATTENDANCE = Course(
    Attendance,
    [
        Step("book", (), "booked", "book_shift"),
        Step("cancel", ("booked",), "cancelled", "book_shift"),
        Step("report_absence", ("booked",), "absent", "book_shift"),
        Step("arrive", ("booked",), "arrived", "tick"),
        Step("leave", ("arrived",), "left", "tick"),
        Step("take_back", ("arrived", "left"), "booked", "tick"),
        Step("take_back_leaving", ("left",), "arrived", "tick"),
        Step("enter_from_paper", ("booked", "arrived"), "left", "import_files"),
        Step("confirm", ("left",), "confirmed", "confirm_attendance"),
        Step("undo", ("confirmed",), "left", "confirm_attendance"),
        Step("send_back", ("confirmed",), "left", "countersign"),
        Step("credit", ("confirmed",), "credited"),
        Step("correct", ("booked", "arrived", "left", "no_show"), "credited", "approve_correction"),
        Step("miss", ("booked",), "no_show", "tick"),
        Step("walk_in", (), "arrived", "admit_walk_in"),
        Step("stay_on", ("left",), "arrived", "steer_shift"),
        Step("call_off", ("arrived",), "cancelled", "steer_shift"),
        Step("reinstate", ("cancelled",), "booked", "steer_shift"),
        Step("come_back", ("cancelled",), "arrived", "steer_shift"),
        Step("excuse", ("no_show",), "absent", "answer_on_behalf"),
    ],
)


class TickKind(enum.StrEnum):
    IN = "in"
    OUT = "out"


class TickMethod(enum.StrEnum):
    """How a tick was made: pressed beside the name, the person's code read or its digits typed, his printed code, a
    paper sheet, the whole shift stopped by an officer posted there, or by somebody who is not (no officer's word);
    admitted without a booking by the squad leader, who is not posted there."""

    HAND = "hand"
    SCAN = "scan"
    TYPED = "typed"
    PRINTED = "printed"
    PAPER = "paper"
    STOP = "stop"
    STOP_AFAR = "stop_afar"
    ADMITTED = "admitted"


STOPS = (TickMethod.STOP, TickMethod.STOP_AFAR)

PAPER = "paper"


class Tick(Audited, Model):
    """A stated arrival or leaving: a fact, never changed (D-28, SETTLED 15). Append-only.

    `at` is the time it states: the device's, unless typed or set for a whole shift. `by` is the officer who states it,
    None where a paper sheet names none. `replaces` is an earlier tick of the same author, corrected with a reason.
    `code` is what was used up of the person's codes: a step of time, or the coming or leaving of the printed one; no
    attendance has one of them twice. `client_id` is the id that a phone gave a tick made without signal, so that it is
    stored once however often it is delivered (I46).
    """

    __tablename__ = "tick"
    __table_args__ = (
        one_of("kind", TickKind),
        one_of("method", TickMethod),
        UniqueConstraint("attendance_id", "code"),
        CheckConstraint(
            "(code IS NULL) = (method IN ('hand', 'paper', 'stop', 'stop_afar', 'admitted'))", name="a_code_is_used_up"
        ),
        UniqueConstraint("id", "attendance_id", "kind"),
        CheckConstraint("by_id IS NOT NULL OR device = 'paper'", name="has_an_author"),
        CheckConstraint("replaces_id IS NULL OR reason <> ''", name="is_corrected_with_a_reason"),
    )

    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), index=True)
    office_id: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    device_at: Mapped[datetime | None]
    server_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    act_uid: Mapped[uuid.UUID] = mapped_column(index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("tick.id"), unique=True)
    reason: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default=TickMethod.HAND)
    code: Mapped[str | None]
    client_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)

    attendance: Mapped[Attendance] = relationship(back_populates="ticks")
    by: Mapped[Person | None] = relationship()


class TickChoice(Audited, Model):
    """Of ticks that differ one was chosen, with a reason; the others stay as facts and do not count (D-28, I45).
    `tick_id` None: none of them counts, they were taken back.

    It decided about the ticks up to `up_to_id`; a later tick is compared with the chosen one anew. The last choice of a
    kind counts. Append-only.
    """

    __tablename__ = "tick_choice"
    __table_args__ = (
        ForeignKeyConstraint(["tick_id", "attendance_id", "kind"], ["tick.id", "tick.attendance_id", "tick.kind"]),
        CheckConstraint("reason <> ''", name="has_a_reason"),
        CheckConstraint("tick_id <= up_to_id", name="of_what_was_there"),
    )

    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"), index=True)
    office_id: Mapped[int]
    kind: Mapped[str]
    tick_id: Mapped[int | None]
    up_to_id: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    chosen_at: Mapped[datetime]
    reason: Mapped[str]

    by: Mapped[Person] = relationship()

    def sets_aside(self, tick: Tick) -> bool:
        return tick.id <= self.up_to_id and tick.id != self.tick_id


guards.append_only("tick")
guards.append_only("tick_choice")
