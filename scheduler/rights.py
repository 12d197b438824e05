"""The permissions of the scheduler (TRUST section 2): calendar, feeds, rooms, leave, lending, files in and out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from accounts.access import Viewer, covers, declare, scope
from accounts.models import Membership, Role
from accounts.rights import CHANGE_SETTINGS
from scheduler.timeline.models import Absence, Booking, BookingRole, Event, Resource

SEE_CALENDAR = declare(
    "see_calendar",
    Event,
    "coordinator:f, prosecutor:f, chief:f, deputy_chief:f, case_management:f, clerk:f, receptionist:f, lawyer:a, "
    "legal_aid_contact:a, traffic_officer:a, squad_leader:a, volunteer:o, inspector:pM",
)
MANAGE_OWN_FEED = declare(
    "manage_own_feed",
    None,
    "coordinator:o, prosecutor:o, chief:o, deputy_chief:o, case_management:o, clerk:o, receptionist:o, lawyer:o, "
    "legal_aid_contact:o, traffic_officer:o, squad_leader:o, volunteer:o, hearing_officer:o, inspector:o",
)
BOOK_ROOM = declare("book_room", Event, "coordinator:f, clerk:f, case_management:f, receptionist:f", stage="calendar")
REQUEST_ABSENCE = declare(
    "request_absence",
    Absence,
    "coordinator:o, prosecutor:o, chief:o, deputy_chief:o, case_management:o, clerk:o, receptionist:o, lawyer:o, "
    "traffic_officer:o, squad_leader:o",
)
APPROVE_ABSENCE = declare("approve_absence", Absence, "coordinator:f, chief:f, legal_aid_contact:a, squad_leader:a")
LEND_LAWYER = declare("lend_lawyer", Booking, "coordinator:f, legal_aid_contact:a")
IMPORT_FILES = declare("import_files", None, "coordinator:f, prosecutor:a, case_management:f, squad_leader:a")
covers(CHANGE_SETTINGS, Resource)


def _of_people(people: Select[Any]) -> ColumnElement[bool]:
    """Events in which somebody of these takes part."""
    theirs = select(Booking.event_id).join(Resource, Resource.id == Booking.resource_id)
    return Event.id.in_(theirs.where(Resource.person_id.in_(people)))


def _led_by(mine: Membership) -> Select[Any]:
    """Whose times somebody arranges: a squad leader his squad's, a legal-aid contact the office's lawyers'."""
    people = select(Membership.person_id)
    if mine.role == Role.LEGAL_AID_CONTACT:
        return people.where(Membership.office_id == mine.office_id, Membership.role == Role.LAWYER)
    return people.where(Membership.organisation_id == mine.organisation_id, Membership.organisation_id.is_not(None))


@scope(Event, "a")
def _events_i_take_part_in(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Own events; for whoever arranges others' times, theirs at the same office as well."""
    own = Event.office_id == mine.office_id, _own_events(viewer, mine)
    if mine.role not in {Role.LEGAL_AID_CONTACT, Role.SQUAD_LEADER}:
        return own[0] & own[1]
    return own[0] & (own[1] | _of_people(_led_by(mine)))


@scope(Event, "o")
def _own_events(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return _of_people(select(Membership.person_id).where(Membership.person_id == viewer.person.id))


@scope(Absence, "o")
def _my_leave(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Absence.person_id == viewer.person.id) & (Absence.office_id == mine.office_id)


@scope(Absence, "a")
def _leave_of_those_i_arrange(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Absence.office_id == mine.office_id) & Absence.person_id.in_(_led_by(mine))


@scope(Booking, "a")
def _duties_of_my_lawyers(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Booking.office_id == mine.office_id) & (Booking.role == BookingRole.DUTY_LAWYER)
