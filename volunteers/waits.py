"""What waits at the desk: for whoever keeps shifts, and for whoever follows people under assessment ("my day")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from accounts.access import Viewer, clause, grants_of, holds, listed
from accounts.actions.memberships import local_day
from accounts.models import Office
from accounts.presenting import dated, span
from extensions import db
from scheduler.calendar.desk import Wait, waits
from scheduler.deadlines.calendar import Hit, hit_by_calendar
from scheduler.deadlines.working_days import Calendar, Day
from scheduler.timeline.models import Event
from volunteers.actions.equipment import missing
from volunteers.actions.incidents import waits_for
from volunteers.actions.lot import drawn_by_lot
from volunteers.actions.resting import resting
from volunteers.actions.shifts import last_opened
from volunteers.figures import figures_of, pace_of
from volunteers.models.assessment import UNDER_ASSESSMENT, Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.incidents import Incident
from volunteers.models.posts import Post
from volunteers.models.schemes import Scheme, SchemeState
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rights import ANSWER_INCIDENT, APPROVE_SCHEME, COUNTERSIGN, KEEP_SHIFTS, SEE_ASSESSMENT
from volunteers.staffing import at_rest, staffing_of

SOON = timedelta(days=2)
OPEN_AHEAD = timedelta(days=3)


def shifts_to_see_to(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """Shifts of today and tomorrow without an officer; shifts that soon run out."""
    if not holds(viewer, KEEP_SHIFTS):
        return
    tomorrow = now + SOON
    posted = select(Posting.shift_id).where(Posting.ended_at.is_(None))
    query = (
        listed(viewer, Shift, KEEP_SHIFTS)
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.office_id == office.id, Shift.state == ShiftState.OPEN, Shift.id.not_in(posted))
        .where(Event.ends_at > now, Event.starts_at < tomorrow)
    )
    first = db.session.scalar(query.with_only_columns(func.min(Shift.starts_on)))
    if first is not None:
        count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        said = ngettext(
            "%(num)d shift of the next two days has no traffic officer",
            "%(num)d shifts of the next two days have no traffic officer",
            count,
        )
        yield Wait(
            said, url_for("shifts.index", show="uncovered"), gettext("Post officers"), due_on=first, icon="user-x"
        )
    yield from _at_rest(viewer, office, now)
    yield from _run_out(viewer, office, now)


def _at_rest(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """Open shifts on which a changed calendar or school holidays have come to lie."""
    found = [shift.id for shift, _ in resting(office, now)]
    mine = listed(viewer, Shift, KEEP_SHIFTS).where(Shift.id.in_(found))
    first = db.session.scalar(mine.with_only_columns(func.min(Shift.starts_on))) if found else None
    if first is not None:
        count = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        said = ngettext(
            "%(num)d open shift lies on a day of rest by now",
            "%(num)d open shifts lie on days of rest by now",
            count,
        )
        yield Wait(said, url_for("resting.index"), gettext("Decide"), due_on=first, icon="calendar-off")


def _run_out(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """The coordinator opens the next fortnight before the last one is over."""
    on = local_day(office, now)
    last = last_opened(office)
    staffed = select(Post.id).where(Post.office_id == office.id, Post.active).limit(1)
    coordinates = any(grant.scope == "f" for _, grant in grants_of(viewer, KEEP_SHIFTS))
    if not coordinates or (last is not None and last > on + OPEN_AHEAD) or db.session.scalar(staffed) is None:
        return
    said = gettext("No traffic shifts are open yet") if last is None else gettext("The open traffic shifts run out")
    due = max(last, on) if last is not None else None
    yield Wait(said, url_for("opening.show"), gettext("Open shifts"), due_on=due, icon="calendar-plus")


@hit_by_calendar
def shifts_on_days_off(office: Office, changed: Mapping[date, Day], calendar: Calendar) -> Iterable[Hit]:
    """Open shifts whose posts rest on days that are something else now."""
    open_ones = select(Shift).join(Event, Event.id == Shift.event_id).options(contains_eager(Shift.event))
    open_ones = open_ones.where(Shift.office_id == office.id, Shift.state == ShiftState.OPEN)
    open_ones = open_ones.where(Shift.starts_on.in_(list(changed)), Shift.from_paper.is_(False))
    found = db.session.scalars(open_ones.options(joinedload(Shift.post)).order_by(Event.starts_at, Shift.id))
    return [
        Hit(
            _l("Traffic shift at %(post)s on %(on)s", post=shift.post.name, on=dated(shift.starts_on)),
            _l("Its post rests on that day now."),
            url_for("shifts.show", public_id=shift.public_id),
        )
        for shift, _ in at_rest(found, staffing_of(office, calendar))
    ]


def people_behind(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """For coordinator and prosecutor: how many are behind, how many are over with hours missing."""
    roles = {m.role for m, _ in grants_of(viewer, SEE_ASSESSMENT) if m.office_id == office.id}
    if not roles & {"coordinator", "prosecutor"}:
        return
    query = listed(viewer, Assessment, SEE_ASSESSMENT)
    query = query.where(Assessment.office_id == office.id, Assessment.state.in_(UNDER_ASSESSMENT))
    people = list(db.session.scalars(query))
    figures = figures_of(people, now) if people else {}
    on = local_day(office, now)
    standings = [pace_of(one, figures[one.id], on).standing for one in people]
    late, over = standings.count("behind"), standings.count("over")
    if late:
        said = ngettext("%(num)d person is behind with the service", "%(num)d people are behind with the service", late)
        yield Wait(said, url_for("board.show", standing="behind"), gettext("Show who"), icon="alert-triangle")
    if over:
        said = ngettext(
            "The time of %(num)d person is over with hours missing",
            "The time of %(num)d people is over with hours missing",
            over,
        )
        yield Wait(said, url_for("board.show", standing="over"), gettext("Show who"), icon="alert-circle")


def drafts_before_the_chief(viewer: Viewer, office: Office) -> list[Scheme]:
    """Drafts the viewer may put in force: not those he wrote."""
    if not holds(viewer, APPROVE_SCHEME):
        return []
    rows = listed(viewer, Scheme, APPROVE_SCHEME).where(Scheme.office_id == office.id)
    rows = rows.where(Scheme.state == SchemeState.DRAFT, Scheme.drafted_by_id != viewer.person.id)
    return list(db.session.scalars(rows.order_by(Scheme.number)))


def schemes_to_put_in_force(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    for one in drafts_before_the_chief(viewer, office):
        said = gettext("A draft of the service scheme waits: %(title)s, version %(n)s", title=one.title, n=one.number)
        yield Wait(said, url_for("schemes.show", public_id=one.public_id), gettext("Look at it"), icon="clipboard-list")


def notes_to_read(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """What officers noted at the crossing, until he for whom it was written has read it, or it is decided."""
    if not holds(viewer, ANSWER_INCIDENT):
        return
    rows = select(func.count(), func.min(Incident.noted_at)).where(waits_for(viewer, office))
    count, first = db.session.execute(rows).one()
    if count:
        said = ngettext("%(num)d note from a crossing", "%(num)d notes from crossings", count)
        due = local_day(office, first)
        yield Wait(said, url_for("incidents.index"), gettext("Read"), due_on=due, icon="alert-triangle")


def equipment_missing(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """What did not come back from shifts that are closed."""
    if not holds(viewer, KEEP_SHIFTS):
        return
    mine = missing().where(clause(viewer, Attendance, KEEP_SHIFTS), Attendance.office_id == office.id)
    count = db.session.scalar(select(func.count()).select_from(mine.order_by(None).subquery())) or 0
    if count:
        said = ngettext(
            "%(num)d person has not returned the equipment", "%(num)d people have not returned the equipment", count
        )
        yield Wait(said, url_for("equipment.index"), gettext("Settle it"), icon="flag")


def shifts_to_look_at(viewer: Viewer, office: Office, now: datetime) -> Iterator[Wait]:
    """For the squad leader: shifts of today, drawn by lot, at which he may look unannounced (TRUST T01)."""
    if not holds(viewer, COUNTERSIGN):
        return
    today = (
        listed(viewer, Shift, COUNTERSIGN).join(Event, Event.id == Shift.event_id).options(contains_eager(Shift.event))
    )
    today = today.where(Shift.office_id == office.id, Shift.state == ShiftState.OPEN, Shift.from_paper.is_(False))
    today = today.where(Shift.starts_on == local_day(office, now), Event.ends_at > now)
    for shift in drawn_by_lot(db.session.scalars(today.order_by(Event.starts_at, Shift.id)), office):
        said = gettext("Drawn by lot: have a look, unannounced")
        about = f"{span(shift.event.starts_at, shift.event.ends_at)} {shift.event.place}"
        url = url_for("shifts.show", public_id=shift.public_id)
        yield Wait(said, url, gettext("Open it"), about, due_on=shift.starts_on, icon="eye")


waits("volunteers.equipment", equipment_missing)
waits("volunteers.incidents", notes_to_read)
waits("volunteers.schemes", schemes_to_put_in_force)
waits("volunteers.lot", shifts_to_look_at)
waits("volunteers.shifts", shifts_to_see_to)
waits("volunteers.behind", people_behind)
