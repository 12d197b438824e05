"""Puts a shift that has just begun, with ten booked, into the office being looked at; it is the walking officer's, and
the walking volunteer is among the ten.

The demonstration's own shifts begin at the hours of their posts, which may lie far ahead when a walk is made.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Membership, Office, Person, Role
from app import create_app
from demo.office import somebody
from extensions import db
from record.act import transaction
from scheduler.timeline import timeline
from scheduler.timeline.models import Event
from volunteers.actions.booking import book, cancel
from volunteers.actions.postings import end_posting, post_officer
from volunteers.actions.posts import enter_post
from volunteers.actions.shifts import open_one
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.shifts import Posting, Shift
from volunteers.rules.obstacles import NotBookable

PLACE = "临时执勤点"
BOOKED = 10
NOW = datetime.now(UTC)


def main() -> None:
    with create_app().app_context(), transaction():
        office = db.session.scalars(select(Office).where(Office.is_demo, Office.parent_id.is_not(None))).one()
        here = NOW.astimezone(ZoneInfo(office.zone))
        midnight = datetime.combine(here.date(), time(), here.tzinfo)
        starts_at = max(here - timedelta(minutes=5), midnight).replace(second=0, microsecond=0)
        _open(office, starts_at, starts_at + timedelta(minutes=90))


def _open(office: Office, starts_at: datetime, ends_at: datetime) -> None:
    held = select(Person).join(Membership).where(Membership.office_id == office.id)
    coordinator = db.session.scalars(held.where(Membership.role == Role.COORDINATOR).order_by(Person.id)).first()
    officer = somebody(office, Role.TRAFFIC_OFFICER, starts_at.date())
    assert coordinator is not None and officer is not None
    before = starts_at - timedelta(days=2)
    post = enter_post(
        office, {"name": PLACE, "capacity": BOOKED, "weekdays": (1, 2, 3, 4, 5, 6, 7)}, coordinator, before
    )
    shift = open_one(post, starts_at, ends_at, BOOKED, coordinator, before)
    meanwhile = Event.starts_at < ends_at, Event.ends_at > starts_at
    mine = select(Posting).join(Shift).join(Event).where(Posting.person_id == officer.id, Posting.ended_at.is_(None))
    for posting in db.session.scalars(mine.where(*meanwhile)).all():
        end_posting(posting, coordinator, NOW, "调岗")
    post_officer(shift, officer, coordinator, NOW, "调岗")
    walking = somebody(office, Role.VOLUNTEER, starts_at.date())
    assert walking is not None
    _fill(shift, walking, coordinator, before)


def _fill(shift: Shift, walking: Person, by: Person, at: datetime) -> None:
    """Ten of those who serve on the day: the walking one, then whoever has nothing to do then nor soon after, then
    others. They give back what else they had booked for the day."""
    serving = select(Assessment).filter_by(office_id=shift.office_id, state=AssessmentState.SERVING)
    people = [one.person for one in db.session.scalars(serving.order_by(Assessment.id)).all()]
    resources = {person.id: timeline.resource_of(person).id for person in people}
    soon = shift.event.ends_at + timedelta(hours=1)
    free = timeline.free_between(resources.values(), shift.event.starts_at, soon)
    booked = 0
    for person in sorted(people, key=lambda one: (one.id != walking.id, resources[one.id] not in free)):
        _give_back(person, shift, by, at)
        try:
            book(shift, person, by, at)
        except NotBookable:
            continue
        booked += 1
        if booked == BOOKED:
            return
    raise SystemExit(f"only {booked} could be booked")


def _give_back(person: Person, shift: Shift, by: Person, at: datetime) -> None:
    his = select(Attendance).join(Shift).where(Attendance.person_id == person.id, Shift.starts_on == shift.starts_on)
    for attendance in db.session.scalars(his.where(Attendance.state == AttendanceState.BOOKED)).all():
        cancel(attendance, by, at, "调岗")


if __name__ == "__main__":
    main()
