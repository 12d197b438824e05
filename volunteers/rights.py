"""The permissions of volunteers (TRUST section 2). Nobody has his own service before him in an office's role."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, or_, select

from accounts.access import Clause, Viewer, bars, covers, declare, scope
from accounts.models import Membership, Person, Role
from accounts.rights import CHANGE_SETTINGS, assigned_people, members, same_human
from cases.models import Case
from cases.rights import case_is_mine
from errors import Refusal
from extensions import db
from scheduler.timeline.models import Event
from volunteers.models.anomalies import Anomaly
from volunteers.models.assessment import TO_BE_TRAINED, Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction
from volunteers.models.evaluation import Remark
from volunteers.models.exports import ServiceExport
from volunteers.models.incidents import Incident
from volunteers.models.interests import Interest
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.papers import PaperTemplate
from volunteers.models.plans import DraftPlan
from volunteers.models.posts import Post, SchoolBreak
from volunteers.models.schemes import Scheme
from volunteers.models.series import Series
from volunteers.models.shifts import Posting, Shift, ShiftState

SEE_ASSESSMENT = declare(
    "see_assessment", Assessment, "prosecutor:a, coordinator:f, chief:f, deputy_chief:f, volunteer:o, inspector:pM"
)
DRAFT_SCHEME = declare("draft_scheme", Scheme, "coordinator:f", "volunteers")
APPROVE_SCHEME = declare("approve_scheme", Scheme, "chief:f2", "volunteers")
SEE_SCHEME = declare("see_scheme", Scheme, "coordinator:f, chief:f, deputy_chief:f, prosecutor:f", "volunteers")
RUN_ASSESSMENT = declare("run_assessment", Assessment, "prosecutor:aR", "volunteers")
PREPARE_ASSESSMENT = declare("prepare_assessment", Assessment, "prosecutor:a, coordinator:f", "volunteers")
RECORD_TRAINING = declare(
    "record_training", Assessment, "squad_leader:a, traffic_officer:a, coordinator:f", "volunteers"
)
WITHDRAW_ASSESSMENT = declare(
    "withdraw_assessment", Assessment, "volunteer:o, prosecutor:a, coordinator:f", "volunteers"
)
LIST_SHIFTS = declare(
    "list_shifts", Shift, "volunteer:f, prosecutor:f, coordinator:f, traffic_officer:a, squad_leader:a"
)
KEEP_SHIFTS = declare("keep_shifts", Shift, "coordinator:f, squad_leader:a")
ENTER_PAPER_SHEET = declare("enter_paper_sheet", Post, "coordinator:f, squad_leader:a", "volunteers")
POST_TRAFFIC_OFFICER = declare("post_traffic_officer", Shift, "squad_leader:aR, coordinator:fR")
BOOK_SHIFT = declare("book_shift", Attendance, "volunteer:o, coordinator:fR")
ANSWER_ON_BEHALF = declare(
    "answer_on_behalf", Attendance, "coordinator:fR, clerk:aR, legal_aid_contact:aR", "volunteers"
)  # clerks and legal-aid contacts answer in rooms of their own: for hearings and lawyers, who come later
SEE_SHIFT_LIST = declare("see_shift_list", Attendance, "traffic_officer:ad, squad_leader:a, coordinator:f")
CLAIM_PRESENCE = declare("claim_presence", Attendance, "volunteer:o", "volunteers")
TICK = declare("tick", Attendance, "traffic_officer:a")
ADMIT_WALK_IN = declare("admit_walk_in", Shift, "traffic_officer:aR, squad_leader:aR", "volunteers")
STEER_SHIFT = declare("steer_shift", Shift, "traffic_officer:aR, squad_leader:aR, coordinator:fR", "volunteers")
NOTE_INCIDENT = declare("note_incident", Shift, "traffic_officer:a, squad_leader:a", "volunteers")
SEE_INCIDENT = declare(
    "see_incident", Incident, "traffic_officer:o, squad_leader:o, prosecutor:a, coordinator:f", "volunteers"
)
ANSWER_INCIDENT = declare("answer_incident", Incident, "prosecutor:aR, coordinator:fR", "volunteers")
CONFIRM_ATTENDANCE = declare("confirm_attendance", Attendance, "traffic_officer:a")
COUNTERSIGN = declare("countersign", Shift, "squad_leader:a2", "volunteers")
SETTLE_CONFLICT = declare("settle_conflict", Attendance, "traffic_officer:aR, squad_leader:aR", "volunteers")
OBJECT_TO_RECORD = declare("object_to_record", Attendance, "volunteer:o", "volunteers")
PROPOSE_CORRECTION = declare(
    "propose_correction", Attendance, "coordinator:fR, traffic_officer:aR, squad_leader:aR, prosecutor:aR", "volunteers"
)
APPROVE_CORRECTION = declare("approve_correction", Correction, "squad_leader:a2RA, chief:f2RA", "volunteers")
DECLARE_INTEREST = declare("declare_interest", None, "everyone:o", "volunteers")
SEE_CORRECTION = declare(
    "see_correction", Correction, "coordinator:f, squad_leader:a, prosecutor:a, chief:f", "volunteers"
)
READ_CREDITS = declare(
    "read_credits",
    CreditEntry,
    "volunteer:o, prosecutor:a, coordinator:f, chief:f, deputy_chief:f, traffic_officer:o, squad_leader:a, lawyer:a, "
    "inspector:pM, audit_admin:pM",
)

EXPORT_NAMES = declare(
    "export_names", Assessment, "coordinator:fRA, prosecutor:aRA, chief:fRA, squad_leader:aRA", "volunteers"
)
WRITE_EVALUATION = declare("write_evaluation", Assessment, "prosecutor:aA", "volunteers")
CLOSE_ANOMALY = declare("close_anomaly", Anomaly, "coordinator:fR, chief:fR", "volunteers")
GIVE_REMARK = declare("give_remark", Remark, "squad_leader:a", "volunteers")

covers(KEEP_SHIFTS, Post, SchoolBreak, Series, Attendance)
covers(BOOK_SHIFT, Shift, Assessment, DraftPlan)
covers(ANSWER_ON_BEHALF, Shift)
covers(RUN_ASSESSMENT, Case)
covers(EXPORT_NAMES, Shift, ServiceExport)
covers(NOTE_INCIDENT, Attendance)
covers(CHANGE_SETTINGS, PaperTemplate)


class InterestStands(Refusal):
    code = "interest_stands"
    status = 403
    message = "You have declared an interest in this person, or it was entered for you."
    help = "Somebody else acts for him. If it is over, end it where it was declared, or tell the coordinator."
    source = "DOMAIN D-29"


def _too_near(viewer: Viewer) -> Select[Any]:
    """The people in whom the viewer has an interest that stands."""
    mine = Interest.officer_id.in_(same_human(viewer.person.id)) & Interest.ended_at.is_(None)
    return select(Interest.person_id).where(mine)


@bars(
    Assessment,
    RUN_ASSESSMENT,
    PREPARE_ASSESSMENT,
    RECORD_TRAINING,
    WITHDRAW_ASSESSMENT,
    WRITE_EVALUATION,
    BOOK_SHIFT,
    refusal=InterestStands,
)
def _assessed_and_too_near(viewer: Viewer) -> ColumnElement[bool]:
    return Assessment.person_id.in_(_too_near(viewer))


@bars(Attendance, BOOK_SHIFT, ANSWER_ON_BEHALF, refusal=InterestStands)
def _booked_and_too_near(viewer: Viewer) -> ColumnElement[bool]:
    return Attendance.person_id.in_(_too_near(viewer))


@bars(Remark, GIVE_REMARK, refusal=InterestStands)
def _remarked_and_too_near(viewer: Viewer) -> ColumnElement[bool]:
    return Remark.assessment_id.in_(select(Assessment.id).where(_assessed_and_too_near(viewer)))


@bars(Incident, ANSWER_INCIDENT, refusal=InterestStands)
def _noted_and_too_near(viewer: Viewer) -> ColumnElement[bool]:
    about = select(Attendance.id).where(_booked_and_too_near(viewer))
    return Incident.attendance_id.is_not(None) & Incident.attendance_id.in_(about)


@bars(Anomaly, CLOSE_ANOMALY, refusal=InterestStands)
def _unusual_and_too_near(viewer: Viewer) -> ColumnElement[bool]:
    return Anomaly.person_id.is_not(None) & Anomaly.person_id.in_(_too_near(viewer))


def mine_now(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Shifts a traffic officer is posted to, and a squad leader's squad's."""
    here = Shift.office_id == mine.office_id
    match mine.role:
        case Role.TRAFFIC_OFFICER:
            posted = select(Posting.shift_id).where(Posting.person_id == viewer.person.id, Posting.ended_at.is_(None))
            return here & Shift.id.in_(posted)
        case Role.SQUAD_LEADER if mine.organisation_id is not None:
            return here & (Shift.squad_id == mine.organisation_id)
    return false()


def roll_is_open(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """From the shift's day until it is closed (D-24, SETTLED 10)."""
    tomorrow = datetime.combine(viewer.on + timedelta(days=1), clock(), ZoneInfo(mine.office.zone))
    begun = select(Event.id).where(Event.starts_at < tomorrow)
    return Shift.event_id.in_(begun) & (Shift.state == ShiftState.OPEN)


@scope(Shift, "a")
def _my_shifts(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return mine_now(viewer, mine)


@scope(Shift, "o")
def _shifts_i_may_book(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Shift.office_id == mine.office_id


@scope(Post, "a")
def _posts_of_my_squad(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    if mine.role != Role.SQUAD_LEADER or mine.organisation_id is None:
        return false()
    return (Post.office_id == mine.office_id) & (Post.squad_id == mine.organisation_id)


@scope(Series, "a")
def _series_of_my_squad(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Series.post_id.in_(select(Post.id).where(_posts_of_my_squad(viewer, mine)))


@scope(SchoolBreak, "a")
def _no_school_holidays_of_a_squad(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """They hold for the whole office: the coordinator keeps them."""
    return false()


@scope(Attendance, "o")
def _my_attendances(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Attendance.person_id == viewer.person.id) & (Attendance.office_id == mine.office_id)


@scope(DraftPlan, "o")
def _no_plan_of_ones_own(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A plan names everybody: it is the desk's."""
    return false()


@scope(Attendance, "a")
def _attendances_of_my_shifts(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    if mine.role == Role.PROSECUTOR:
        return Attendance.assessment_id.in_(select(Assessment.id).where(assessment_is_mine(viewer, mine)))
    shifts = select(Shift.id).where(mine_now(viewer, mine))
    if mine.role == Role.TRAFFIC_OFFICER:
        shifts = shifts.where(roll_is_open(viewer, mine))
    return Attendance.shift_id.in_(shifts)


@scope(Attendance, "a", of=PROPOSE_CORRECTION)
def _attendances_i_may_set_right(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A traffic officer's also those he confirmed: what is credited needs correcting, when the list is closed."""
    if mine.role != Role.TRAFFIC_OFFICER:
        return _attendances_of_my_shifts(viewer, mine)
    said = select(Confirmation.attendance_id).where(Confirmation.by_id == viewer.person.id)
    confirmed = (Attendance.office_id == mine.office_id) & Attendance.id.in_(said)
    return or_(_attendances_of_my_shifts(viewer, mine), confirmed)


@scope(Correction, "a")
def _corrections_of_my_attendances(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    of_mine = select(Attendance.id).where(_attendances_of_my_shifts(viewer, mine))
    return Correction.attendance_id.in_(of_mine) & (Correction.person_id != viewer.person.id)


def _of_the_office(model: type[Assessment] | type[Attendance] | type[CreditEntry] | type[Correction]) -> Clause:
    return lambda viewer, mine: (
        (model.office_id == mine.office_id) & model.person_id.not_in(same_human(viewer.person.id))
    )


for _model in (Assessment, Attendance, CreditEntry, Correction):
    scope(_model, "f")(_of_the_office(_model))


@scope(Assessment, "o")
def _my_assessment(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Assessment.person_id == viewer.person.id) & (Assessment.office_id == mine.office_id)


@scope(Assessment, "a")
def assessment_is_mine(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A prosecutor's own cases and those handed over to him, a lawyer's clients; of a squad those it trains. Never his
    own."""
    of_my_cases = Assessment.case_id.in_(select(Case.id).where(case_is_mine(viewer, mine)))
    not_me = (Assessment.office_id == mine.office_id) & (Assessment.person_id != viewer.person.id)
    if mine.role in (Role.SQUAD_LEADER, Role.TRAFFIC_OFFICER):
        return not_me & (Assessment.squad_id == mine.organisation_id) & Assessment.state.in_(TO_BE_TRAINED)
    if mine.role == Role.PROSECUTOR:
        return not_me & or_(of_my_cases, Assessment.prosecutor_id.in_(viewer.people(mine.role, mine.office_id)))
    return not_me & of_my_cases


@scope(ServiceExport, "a")
def _exports_i_took(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A prosecutor's hold his own cases; a squad takes none."""
    if mine.role != Role.PROSECUTOR:
        return false()
    return (ServiceExport.office_id == mine.office_id) & ServiceExport.by_id.in_(
        viewer.people(mine.role, mine.office_id)
    )


@scope(Incident, "o")
def _notes_i_wrote(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Incident.office_id == mine.office_id) & Incident.by_id.in_(same_human(viewer.person.id))


@scope(Incident, "a")
def _notes_about_people_i_assess(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Incident.attendance_id.in_(select(Attendance.id).where(_attendances_of_my_shifts(viewer, mine)))


@scope(Incident, "f")
def _notes_of_the_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Not those about himself."""
    about_me = select(Attendance.id).where(Attendance.person_id.in_(same_human(viewer.person.id)))
    not_me = Incident.attendance_id.is_(None) | Incident.attendance_id.not_in(about_me)
    return (Incident.office_id == mine.office_id) & not_me


@scope(Remark, "a")
def _remarks_my_squad_is_asked_for(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    if mine.role != Role.SQUAD_LEADER or mine.organisation_id is None:
        return false()
    return (Remark.office_id == mine.office_id) & (Remark.squad_id == mine.organisation_id)


@scope(CreditEntry, "o")
def _my_credits(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A volunteer's own lines; a traffic officer's are those he confirmed."""
    here = CreditEntry.office_id == mine.office_id
    if mine.role == Role.TRAFFIC_OFFICER:
        said = select(Confirmation.id).where(Confirmation.by_id == viewer.person.id)
        return here & CreditEntry.confirmation_id.in_(said)
    return here & CreditEntry.person_id.in_(same_human(viewer.person.id))


@scope(CreditEntry, "a")
def _credits_assigned_to_me(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    if mine.role == Role.SQUAD_LEADER:
        of_squad = select(Attendance.id).join(Shift).where(mine_now(viewer, mine))
        return CreditEntry.attendance_id.in_(of_squad)
    return CreditEntry.assessment_id.in_(select(Assessment.id).where(assessment_is_mine(viewer, mine)))


@assigned_people(Role.PROSECUTOR)
def _people_i_assess(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Person.id.in_(select(Assessment.person_id).where(assessment_is_mine(viewer, mine)))


def deciders(shift: Shift, on: date) -> list[int]:
    """Who decides corrections of a shift on a day: the squad leaders of the post, and the chief (DOMAIN 8.6)."""
    leads = select(Membership.person_id).where(
        Membership.office_id == shift.office_id,
        Membership.organisation_id == shift.squad_id,
        Membership.role == Role.SQUAD_LEADER,
        Membership.starts_on <= on,
        Membership.ends_on.is_(None) | (Membership.ends_on >= on),
    )
    return [*db.session.scalars(leads.order_by(Membership.id)), *members(shift.office_id, Role.CHIEF, on)]
