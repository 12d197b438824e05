"""One row of each model on which a permission is declared, in a given office: what the matrix of rights is tried on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from accounts.models import (
    Account,
    Delegation,
    HandOver,
    Membership,
    Office,
    Organisation,
    Person,
    PersonSession,
    RoleGrant,
)
from cases.models import Case
from exchange import word
from extensions import db
from hearings.actions.request import request_hearing
from hearings.models import Hearing, Participant
from lawyers.models import Duty, Rota, Station
from record.act import act
from record.models import Act, Message
from scheduler.actions.absence import request_absence
from scheduler.timeline.models import Booking, Event, Resource
from scheduler.timeline.timeline import Take, rebook, resource_of
from tests.town import NOW, Town
from volunteers.actions import papers
from volunteers.actions.corrections import ask
from volunteers.actions.evaluation import ask_squad
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.schemes import draft
from volunteers.actions.shifts import open_one
from volunteers.models.anomalies import Anomaly
from volunteers.models.assessment import Assessment, AssessmentState, Origin
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction
from volunteers.models.evaluation import Remark
from volunteers.models.exports import ServiceExport
from volunteers.models.incidents import Incident
from volunteers.models.papers import PaperTemplate
from volunteers.models.posts import Post
from volunteers.models.schemes import Scheme
from volunteers.models.shifts import Shift
from volunteers.rules.schemes import Terms

Example = Callable[[Town, Office], Any]
EXAMPLES: dict[str, Example] = {}


def example(model: str) -> Callable[[Example], Example]:
    def register(make: Example) -> Example:
        EXAMPLES[model] = make
        return make

    return register


def count_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def someone(office: Office, role: str = "receptionist") -> Person:
    found = select(Person).join(Membership).where(Membership.office_id == office.id, Membership.role == role)
    return db.session.scalars(found.order_by(Person.id).limit(1)).one()


@example("Person")
def person(town: Town, office: Office) -> Person:
    return someone(office)


@example("Office")
def own_office(town: Town, office: Office) -> Office:
    return office


@example("Act")
def an_act(town: Town, office: Office) -> Act:
    return db.session.scalars(select(Act).where(Act.office_id == office.id).order_by(Act.id)).first()


@example("Resource")
def room(town: Town, office: Office) -> Resource:
    return town.room(office=office)


@example("Event")
def event(town: Town, office: Office) -> Event:
    return town.event("会议", "2026-11-25 09:00", "2026-11-25 10:00", office=office)


@example("PersonSession")
def session_of_somebody(town: Town, office: Office) -> PersonSession:
    account = db.session.scalars(select(Account).where(Account.person_id == someone(office).id)).one()
    now = datetime.now(UTC)
    row = PersonSession(
        account=account,
        kind="staff",
        token_hash=f"x{office.id}",
        opened_at=now,
        last_seen_at=now,
        fresh_at=now,
        expires_at=now + timedelta(days=1),
    )
    db.session.add(row)
    db.session.commit()
    return row


@example("Absence")
def absence(town: Town, office: Office) -> Any:
    who = someone(office, "clerk")
    return request_absence(who, office, NOW, NOW + timedelta(days=1), by=who, at=NOW)


@example("HandOver")
def hand_over(town: Town, office: Office) -> HandOver:
    row = HandOver(
        office_id=office.id,
        role="clerk",
        from_person_id=someone(office, "clerk").id,
        to_person_id=someone(office, "coordinator").id,
        starts_on=NOW.date(),
        ends_on=NOW.date(),
    )
    with act("hand_over.give", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Membership")
def membership(town: Town, office: Office) -> Membership:
    return someone(office, "hearing_officer").memberships[0]


@example("Delegation")
def delegation(town: Town, office: Office) -> Delegation:
    chief, deputy = someone(office, "chief"), someone(office, "deputy_chief")
    row = Delegation(
        office_id=office.id,
        from_person_id=chief.id,
        to_person_id=deputy.id,
        starts_on=NOW.date(),
        ends_on=NOW.date(),
    )
    with act("delegation.give", row, by=chief, at=NOW):
        db.session.add(row)
    return row


@example("RoleGrant")
def role_grant(town: Town, office: Office) -> RoleGrant:
    row = RoleGrant(
        person_id=someone(office).id,
        office_id=office.id,
        role="clerk",
        change="give",
        starts_on=NOW.date(),
        proposed_by_id=town.security_admin.id,
        proposed_at=NOW,
    )
    with act("role.propose", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Case")
def case(town: Town, office: Office) -> Case:
    return _case(office, f"检刑诉〔2026〕{office.id}-{count_of(Case)}号")


def _case(office: Office, number: str) -> Case:
    handler = someone(office, "prosecutor")
    row = Case(
        office_id=office.id,
        number=number,
        cause="危险驾驶",
        received_on=NOW.date(),
        handler_id=handler.id,
    )
    with act("case.enter", row, by=handler, at=NOW):
        db.session.add(row)
    return row


@example("Hearing")
def hearing(town: Town, office: Office) -> Hearing:
    of = case(town, office)
    facts = {"kind": "non_prosecution", "mode": "ordinary", "grounds": ["dispute"], "why": "争议较大"}
    return request_hearing(of, facts, of.handler, NOW)


@example("Message")
def message(town: Town, office: Office) -> Message:
    said = an_act(town, office)
    row = Message(
        act_uid=said.public_id,
        recipient_id=someone(office).id,
        office_id=office.id,
        channel="page",
        template="plain",
        created_at=NOW,
        due_at=NOW,
    )
    db.session.add(row)
    db.session.commit()
    return row


@example("Rota")
def rota(town: Town, office: Office) -> Rota:
    body = db.session.scalars(select(Organisation).filter_by(office_id=office.id, kind="legal_aid_body")).one()
    station = Station(
        office_id=office.id, organisation_id=body.id, name="工作站", am_starts=time(9), am_ends=time(11, 30)
    )
    row = Rota(
        station=station,
        office_id=office.id,
        first_on=date(2026, 12, 1),
        last_on=date(2026, 12, 31),
        version=1,
        min_distance=7,
    )
    with act("rota.draft", row, by=None, at=NOW):
        db.session.add_all([station, row])
    return row


@example("Duty")
def duty(town: Town, office: Office) -> Duty:
    drafted = db.session.scalars(select(Rota).where(Rota.office_id == office.id)).first() or rota(town, office)
    row = Duty(office_id=office.id, rota_id=drafted.id, serves_on=date(2026, 12, 3), sessions="am")
    with act("duty.assign", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Shift")
def shift(town: Town, office: Office) -> Shift:
    squad = db.session.scalars(select(Organisation).filter_by(office_id=office.id, kind="squad")).one()
    post = Post(
        office_id=office.id, name=f"路口{count_of(Post)}", squad_id=squad.id, capacity=3, weekdays=[1, 2, 3, 4, 5, 6, 7]
    )
    with act("post.enter", post, by=None, at=NOW):
        db.session.add(post)
    begins = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=3)
    coordinator = someone(office, "coordinator")
    return open_one(post, begins, begins + timedelta(minutes=90), 3, by=coordinator, at=datetime.now(UTC))


@example("Scheme")
def scheme(town: Town, office: Office) -> Scheme:
    return draft(office, "考察方案", "custom", Terms(), someone(office, "coordinator"), NOW)


@example("Assessment")
def assessment(town: Town, office: Office) -> Assessment:
    standing = assessment_at(someone(office, "volunteer"), office.id)
    if standing is not None:
        return standing
    today = datetime.now(UTC).date()
    row = Assessment(
        office_id=office.id,
        person_id=someone(office, "volunteer").id,
        case_id=case(town, office).id,
        first_on=today - timedelta(days=1),
        last_on=today + timedelta(days=20),
        required_minutes=1200,
        bac_hundredths=16050,
        origin=Origin.IMPORT,
        state=AssessmentState.SERVING,
    )
    with act("assessment.import", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Remark")
def remark(town: Town, office: Office) -> Remark:
    squad = db.session.scalars(select(Organisation).filter_by(office_id=office.id, kind="squad")).one()
    return ask_squad(assessment(town, office), squad, someone(office, "coordinator"), NOW)


@example("PaperTemplate")
def paper_template(town: Town, office: Office) -> PaperTemplate:
    content = word.shipped(papers.source_of("undertaking"))
    return papers.send(office, "undertaking", content, "own.docx", someone(office, "coordinator"), NOW, "…")


@example("ServiceExport")
def service_export(town: Town, office: Office) -> ServiceExport:
    row = ServiceExport(office_id=office.id, by_id=someone(office, "prosecutor").id, at=NOW, count=1)
    with act("service_export.take", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Anomaly")
def anomaly(town: Town, office: Office) -> Anomaly:
    facts = {"count": 20, "within": 1, "on": NOW.date().isoformat()}
    row = Anomaly(office_id=office.id, kind="many_at_once", about=str(count_of(Anomaly)), facts=facts, found_at=NOW)
    with act("anomaly.find", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Attendance")
def attendance(town: Town, office: Office) -> Attendance:
    from tests.volunteers.phone import booked_at

    return booked_at(town, office)


@example("Incident")
def incident(town: Town, office: Office) -> Incident:
    of = shift(town, office)
    by = someone(office, "traffic_officer").id
    row = Incident(office_id=office.id, shift_id=of.id, kind="accident", words="", by_id=by, noted_at=NOW)
    with act("incident.note", row, by=None, at=NOW):
        db.session.add(row)
    return row


@example("Correction")
def correction(town: Town, office: Office) -> Correction:
    """Asked for by the volunteer of a booking that is over."""
    booked = db.session.scalar(select(Attendance).where(Attendance.office_id == office.id).limit(1))
    attendance = booked or EXAMPLES["Attendance"](town, office)
    event = attendance.shift.event
    return ask(attendance, (event.starts_at, event.ends_at), attendance.person, event.ends_at, "was there")


@example("Participant")
def participant(town: Town, office: Office) -> Participant:
    """An invitation of the office's hearing officer."""
    asked = db.session.scalar(select(Hearing).where(Hearing.office_id == office.id)) or hearing(town, office)
    row = Participant(
        hearing_id=asked.id,
        office_id=office.id,
        capacity="hearing_officer",
        person_id=someone(office, "hearing_officer").id,
        issue=1,
    )
    with act("participant.invite", row, by=None, at=NOW, moved=False):
        db.session.add(row)
    return row


@example("Booking")
def booking(town: Town, office: Office) -> Booking:
    """A morning of the office's lawyer on duty."""
    on_duty = Event(office_id=office.id, kind="duty", title="值班", starts_at=NOW, ends_at=NOW + timedelta(hours=3))
    with act("duty.publish", on_duty, by=None, at=NOW):
        db.session.add(on_duty)
        db.session.flush()
        return rebook(Take(on_duty, resource_of(someone(office, "lawyer")), "duty_lawyer"))[0]
