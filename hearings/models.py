"""The pool of hearing officers; hearings, their sittings, who takes part, what the chief approved, who was told."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Delegation, Office, Person
from cases.models import Case, Party
from extensions import Model
from record.course import Course, Step
from record.models import Audited, one_of
from record.sealed import Sealed
from scheduler.timeline.models import Booking, Event


class PoolMember(Audited, Model):
    """Somebody in an office's pool of hearing officers; the person also has the membership of that role (H-30 to H-37).

    `barred` with `bar_reason`: may never be chosen (H-24). `left_on`: no longer in the pool; what he did stays.
    """

    __tablename__ = "pool_member"
    __table_args__ = (
        UniqueConstraint("office_id", "person_id"),
        CheckConstraint("NOT barred OR bar_reason <> ''", name="barred_for_a_reason"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    standing: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    field: Mapped[str] = mapped_column(default="")
    joined_on: Mapped[date]
    remark: Mapped[str] = mapped_column(default="")
    barred: Mapped[bool] = mapped_column(default=False, server_default=false())
    bar_reason: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]

    office: Mapped[Office] = relationship()
    person: Mapped[Person] = relationship()


class HearingKind(enum.StrEnum):
    """The families of cases that may go to a hearing (H-01, H-03, H-06)."""

    NON_PROSECUTION = "non_prosecution"
    CUSTODY_REVIEW = "custody_review"
    CRIMINAL_PETITION = "criminal_petition"
    CIVIL_SUPERVISION = "civil_supervision"
    ADMINISTRATIVE_SUPERVISION = "administrative_supervision"
    PUBLIC_INTEREST = "public_interest"
    ARREST_REVIEW = "arrest_review"
    DETENTION_EXTENSION = "detention_extension"
    OTHER = "other"


class Ground(enum.StrEnum):
    """Why a hearing: three grounds (H-01), and what an arrest review hears about (H-03)."""

    DISPUTE = "dispute"
    SOCIAL_IMPACT = "social_impact"
    FACE_TO_FACE = "face_to_face"
    SOCIAL_DANGER = "social_danger"
    SOCIAL_SUPPORT = "social_support"


class Mode(enum.StrEnum):
    """How it is held (H-58)."""

    ORDINARY = "ordinary"
    SIMPLIFIED = "simplified"
    ON_SITE = "on_site"
    REMOTE = "remote"


class ClosedReason(enum.StrEnum):
    """Why a hearing is not public (H-07, H-11)."""

    STATE_SECRET = "state_secret"  # noqa: S105 - a reason, no password
    PRIVACY = "privacy"
    COMMERCIAL_SECRET = "commercial_secret"  # noqa: S105 - a reason, no password
    MINOR = "minor"
    ARREST_OR_DETENTION = "arrest_or_detention"
    OTHER_LAW = "other_law"


class HearingState(enum.StrEnum):
    """DOMAIN 8.1. What follows `noticed` comes with the running of a hearing."""

    REQUESTED = "requested"
    REFUSED = "refused"
    APPROVED = "approved"
    PLANNED = "planned"
    NOTICED = "noticed"
    READY = "ready"
    HELD = "held"
    ADJOURNED = "adjourned"
    CONCLUDED = "concluded"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OVER = (HearingState.REFUSED, HearingState.CANCELLED, HearingState.CONCLUDED, HearingState.CLOSED)


class Hearing(Audited, Model):
    """A hearing in a case, from its request on; it exists before it has a time (DOMAIN 8.1).

    `why` says in words what the grounds (a list of `Ground`) rest on. `applicant` is who applied for it, if anybody did
    (H-05), `applied_on` when, `applicant_told_on` when he was told what became of it. `public_why`: why it departs from
    the rule of its kind (H-12). `consent`: the parties' recorded consent to a simplified hearing (H-58). `returned`:
    the chief's remark with which the request waits for its author. `officers_why`: why these officers (H-36).
    `sequence` rises with every act, so that nobody decides on what he has not read.
    """

    __tablename__ = "hearing"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        ForeignKeyConstraint(["case_id", "office_id"], ["legal_case.id", "legal_case.office_id"]),
        one_of("kind", HearingKind),
        one_of("mode", Mode),
        one_of("state", HearingState),
        CheckConstraint("is_public = (closed_reason = '')", name="closed_for_a_reason"),
        CheckConstraint("(applicant = '') = (applied_on IS NULL)", name="applied_for_on_a_day"),
    )

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    case_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    mode: Mapped[str] = mapped_column(default=Mode.ORDINARY)
    grounds: Mapped[list[Any]] = mapped_column(default=list)
    why: Mapped[str]
    applicant: Mapped[str] = mapped_column(default="")
    applied_on: Mapped[date | None]
    applicant_told_on: Mapped[date | None]
    is_public: Mapped[bool]
    closed_reason: Mapped[str] = mapped_column(default="")
    public_why: Mapped[str] = mapped_column(default="")
    consent: Mapped[str] = mapped_column(default="")
    questions: Mapped[str] = mapped_column(default="")
    officers_why: Mapped[str] = mapped_column(default="")
    returned: Mapped[str] = mapped_column(default="")
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=HearingState.REQUESTED, index=True)
    sequence: Mapped[int] = mapped_column(default=0)

    office: Mapped[Office] = relationship(overlaps="case")
    case: Mapped[Case] = relationship(overlaps="office")
    requested_by: Mapped[Person] = relationship()
    sittings: Mapped[list[Sitting]] = relationship(back_populates="hearing", order_by="Sitting.id")
    participants: Mapped[list[Participant]] = relationship(back_populates="hearing", order_by="Participant.id")
    approvals: Mapped[list[HearingApproval]] = relationship(back_populates="hearing", order_by="HearingApproval.id")
    notices: Mapped[list[Notice]] = relationship(back_populates="hearing", order_by="Notice.id")

    @property
    def sitting(self) -> Sitting | None:
        """The sitting that is planned, open or ended: the last that was not cancelled."""
        return next((s for s in reversed(self.sittings) if s.state != SittingState.CANCELLED), None)

    @property
    def event(self) -> Event | None:
        return self.sitting.event if self.sitting else None

    @property
    def shown_state(self) -> str:
        """The state in one word: a request that the chief sent back waits for its author, not for him."""
        return "returned" if self.state == HearingState.REQUESTED and self.returned else self.state

    def asked(self, *about: str) -> list[HearingApproval]:
        """What is put before the chief and not decided, oldest first; of some matters or of any. When the hearing is
        over nothing is asked any more."""
        waiting = [] if self.state in OVER else [a for a in self.approvals if a.granted is None]
        return [a for a in waiting if not about or a.about in about]

    @property
    def approval(self) -> HearingApproval | None:
        """The chief's word on the hearing itself: the last one given (H-02)."""
        said = [a for a in self.approvals if a.about == About.HEARING and a.granted is not None]
        return said[-1] if said else None

    def taking_part(self, *capacities: str) -> list[Participant]:
        """Who takes part now, in one of the capacities or in any."""
        return [p for p in self.participants if p.live and (not capacities or p.capacity in capacities)]


_LIVE = ("planned", "noticed", "ready", "adjourned")

HEARING = Course(
    Hearing,
    [
        Step("request", (), "requested", "request_hearing"),
        Step("amend", ("requested",), "requested", "amend_hearing"),
        Step("return", ("requested",), "requested", "approve_hearing"),
        Step("refuse", ("requested",), "refused", "approve_hearing"),
        Step("approve", ("requested",), "approved", "approve_hearing"),
        Step("plan", ("approved",), "planned", "plan_hearing"),
        Step("notify", ("planned",), "noticed", "send_notice"),
        Step("replan", _LIVE, "planned", "plan_hearing"),
        Step("cancel", ("requested", "approved", *_LIVE, "held"), "cancelled", "plan_hearing"),
    ],
)


class SittingState(enum.StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Sitting(Audited, Model):
    """One time a hearing meets. Its time, room and people stand on the timeline, in its event."""

    __tablename__ = "sitting"
    __table_args__ = (
        ForeignKeyConstraint(["hearing_id", "office_id"], ["hearing.id", "hearing.office_id"]),
        ForeignKeyConstraint(["event_id", "office_id"], ["event.id", "event.office_id"]),
        one_of("state", SittingState),
    )

    hearing_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    event_id: Mapped[int] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=SittingState.PLANNED)

    hearing: Mapped[Hearing] = relationship(back_populates="sittings", overlaps="event")
    event: Mapped[Event] = relationship(overlaps="hearing,sittings")


SITTING = Course(
    Sitting,
    [
        Step("plan", (), "planned", "plan_hearing"),
        Step("move", ("planned",), "planned", "plan_hearing"),
        Step("cancel", ("planned",), "cancelled", "plan_hearing"),
    ],
)


class Capacity(enum.StrEnum):
    """In what capacity somebody takes part; nobody holds two in one hearing (H-20, H-25)."""

    CHAIR = "chair"
    PROSECUTOR = "prosecutor"
    HEARING_OFFICER = "hearing_officer"
    DUTY_LAWYER = "duty_lawyer"
    PARTY = "party"
    OTHER = "other"


class Participant(Audited, Model):
    """Somebody who takes part in a hearing: a person we know, or a party who has no row of his own.

    `booking` is his time on the timeline, with his yes or no; a party without a row has none. `issue` numbers his
    invitations: no earlier link opens. `answered_how`: link, page, or who entered it. `ended_at`: takes part no more.
    """

    __tablename__ = "hearing_participant"
    __table_args__ = (
        ForeignKeyConstraint(["hearing_id", "office_id"], ["hearing.id", "hearing.office_id"]),
        one_of("capacity", Capacity),
        CheckConstraint("person_id IS NOT NULL OR party_id IS NOT NULL", name="is_somebody"),
        Index(
            "uq_hearing_participant_one_capacity",
            "hearing_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    hearing_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    capacity: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    issue: Mapped[int] = mapped_column(default=0)
    invited_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_how: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(default="")

    hearing: Mapped[Hearing] = relationship(back_populates="participants")
    person: Mapped[Person | None] = relationship()
    party: Mapped[Party | None] = relationship()
    booking: Mapped[Booking | None] = relationship()
    notices: Mapped[list[Notice]] = relationship(back_populates="participant", order_by="Notice.id")

    @property
    def live(self) -> bool:
        return self.ended_at is None

    @property
    def name(self) -> str:
        if self.party is not None:
            return self.party.name
        return self.person.name if self.person else ""


class About(enum.StrEnum):
    """What the chief is asked: the hearing (H-02), a place that is no hearing room (H-45), an outsider (H-35)."""

    HEARING = "hearing"
    VENUE = "venue"
    OUTSIDER = "outsider"


class HearingApproval(Audited, Model):
    """One thing put before the chief, and what he (`granted` None: not yet) or by `delegation` his deputy said."""

    __tablename__ = "hearing_approval"
    __table_args__ = (
        ForeignKeyConstraint(["hearing_id", "office_id"], ["hearing.id", "hearing.office_id"]),
        one_of("about", About),
        CheckConstraint("(granted IS NULL) = (decided_at IS NULL)", name="decided_at_a_time"),
        CheckConstraint("about <> 'hearing' OR granted IS NOT TRUE OR document <> ''", name="has_a_document"),
        Index(
            "uq_hearing_approval_one_request",
            "hearing_id",
            unique=True,
            sqlite_where=text("about = 'hearing' AND granted IS NULL"),
            postgresql_where=text("about = 'hearing' AND granted IS NULL"),
        ),
    )

    hearing_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    about: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    why: Mapped[str] = mapped_column(default="")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    granted: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))
    document: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    hearing: Mapped[Hearing] = relationship(back_populates="approvals")
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    asked_by: Mapped[Person] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)
    delegation: Mapped[Delegation | None] = relationship()


class NoticeKind(enum.StrEnum):
    TIME = "time"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    RELEASE = "release"  # he no longer takes part, the hearing goes on


class Channel(enum.StrEnum):
    """How somebody was told. `message`: the program's own, through the outbox."""

    MESSAGE = "message"
    PHONE = "phone"
    IN_PERSON = "in_person"
    LETTER = "letter"
    OTHER = "other"


class Notice(Audited, Model):
    """One notice to one participant, with the words that were settled when it was given (H-41, H-42).

    `told_at` None: it waits to be told by hand. `result` is what came of it (reached, not reached, refused to take it).
    """

    __tablename__ = "notice"
    __table_args__ = (
        ForeignKeyConstraint(["hearing_id", "office_id"], ["hearing.id", "hearing.office_id"]),
        one_of("kind", NoticeKind),
        one_of("channel", Channel),
    )

    hearing_id: Mapped[int] = mapped_column(index=True)
    office_id: Mapped[int]
    participant_id: Mapped[int] = mapped_column(ForeignKey("hearing_participant.id"), index=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Sealed(), info={"sealed": True})
    given_at: Mapped[datetime]
    channel: Mapped[str]
    told_at: Mapped[datetime | None]
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    result: Mapped[str] = mapped_column(default="")

    hearing: Mapped[Hearing] = relationship(back_populates="notices")
    participant: Mapped[Participant] = relationship(back_populates="notices")
    told_by: Mapped[Person | None] = relationship()
