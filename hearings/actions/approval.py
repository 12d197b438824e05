"""What is put before the chief, and what he says: the hearing itself, a place that is no hearing room, an outsider."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.access import delegation_to
from accounts.models import Person
from accounts.settings import rule_for
from cases.actions.parties import hold_people
from errors import Refusal
from extensions import db
from hearings.actions.openness import exclude_public
from hearings.dates import day_of
from hearings.models import HEARING, About, Hearing, HearingApproval, HearingState
from hearings.rules.approval import judge_approval, judge_words
from record.act import act
from scheduler.actions.deadlines import cancel_deadline, meet_deadline, start_deadline
from scheduler.deadlines.models import Deadline, DeadlineState

REPLY = "hearing.application_reply"


class DocumentMissing(Refusal):
    code = "approval_document_missing"
    status = 422
    message = "An approval needs the number of its document."
    help = "Give the number under which the approval is filed."
    source = "DOMAIN H-02; 人民检察院审查案件听证工作规定 art. 4"  # citation


class RemarkMissing(Refusal):
    code = "approval_remark_missing"
    status = 422
    message = "Say what should be changed."
    help = "A remark of one sentence is enough."
    source = "DOMAIN 8.1"


class ReasonsMissing(Refusal):
    code = "refusal_reasons_missing"
    status = 422
    message = "A refusal gives its reasons: the applicant is told them."
    help = "Say in a sentence or two why there is no hearing."
    source = "DOMAIN H-05; 人民检察院审查案件听证工作规定 art. 9"  # citation


class ChangedMeanwhile(Refusal):
    code = "hearing_changed_meanwhile"
    message = "The request was changed while you were reading it."
    help = "Read it again; what you wrote is still here."


class DecidedAlready(Refusal):
    code = "approval_decided_already"
    message = "This is decided already."
    help = "Reload the page; somebody may have been faster."


class NothingToTell(Refusal):
    code = "nothing_to_tell"
    message = "There is no decision yet that the applicant could be told."
    help = "Wait for the chief's word."
    source = "DOMAIN H-05"


class ToldOutOfTime(Refusal):
    code = "told_out_of_time"
    status = 422
    message = "The day on which the applicant was told lies between the decision and today."
    help = "Check the day."
    source = "DOMAIN H-05"


def ask_approval(
    hearing: Hearing,
    about: str,
    *,
    by: Person,
    at: datetime,
    detail: str = "",
    person: Person | None = None,
    why: str = "",
) -> HearingApproval:
    """Put one thing before the chief. Whoever approves in the office hears of it."""
    approval = HearingApproval(
        hearing_id=hearing.id,
        office_id=hearing.office_id,
        about=about,
        detail=detail,
        person_id=person.id if person else None,
        why=why,
        asked_by_id=by.id,
        asked_at=at,
    )
    with act("approval.ask", approval, by=by, at=at):
        db.session.add(approval)
    db.session.expire(hearing, ["approvals"])
    return approval


def approve_hearing(  # noqa: PLR0917 - what an approval says, and what the chief read before it
    hearing: Hearing, by: Person, at: datetime, document: str, remark: str = "", seen: int | None = None
) -> None:
    """Approve: the hearing may be planned (H-02). `seen`: the sequence of the request that was read.

    Raises: DocumentMissing, ChangedMeanwhile, OffCourse.
    """
    if judge_approval(document).level == "refuse":
        raise DocumentMissing()
    _check_seen(hearing, seen)
    hold_people(hearing.case)
    with act("hearing.approve", hearing, by=by, at=at, reason=remark):
        HEARING.step("approve", hearing, returned="")
        _decide(_request(hearing), True, by, at, document=document, remark=remark)
        exclude_public(hearing, by, at)
        _answer_who_reads_it_here(hearing, by, at)


def return_hearing(hearing: Hearing, by: Person, at: datetime, remark: str, seen: int | None = None) -> None:
    """Send a request back with a remark; it waits for whoever asked. Raises: RemarkMissing, ChangedMeanwhile,
    OffCourse, DecidedAlready where it was sent back before."""
    if judge_words(remark).level == "refuse":
        raise RemarkMissing()
    _check_seen(hearing, seen)
    with act("hearing.return", hearing, by=by, at=at, reason=remark):
        HEARING.step("return", hearing, returned=remark)
        _decide(_request(hearing), False, by, at, remark=remark)


def refuse_hearing(hearing: Hearing, by: Person, at: datetime, reasons: str, seen: int | None = None) -> None:
    """Refuse, with the reasons that an applicant is told (H-05).

    Raises: ReasonsMissing, ChangedMeanwhile, OffCourse, DecidedAlready.
    """
    if judge_words(reasons).level == "refuse":
        raise ReasonsMissing()
    _check_seen(hearing, seen)
    with act("hearing.refuse", hearing, by=by, at=at, reason=reasons):
        HEARING.step("refuse", hearing, returned="")
        _decide(_request(hearing), False, by, at, remark=reasons)
        _answer_who_reads_it_here(hearing, by, at)


def grant_approval(approval: HearingApproval, by: Person, at: datetime, document: str = "", remark: str = "") -> None:
    """Allow a place or a person (H-35, H-45). Raises: DecidedAlready."""
    with act("approval.grant", approval, by=by, at=at, reason=remark):
        _decide(approval, True, by, at, document=document, remark=remark)


def deny_approval(approval: HearingApproval, by: Person, at: datetime, remark: str) -> None:
    """Do not allow it. Raises: RemarkMissing, DecidedAlready."""
    if judge_words(remark).level == "refuse":
        raise RemarkMissing()
    with act("approval.deny", approval, by=by, at=at, reason=remark):
        _decide(approval, False, by, at, remark=remark)


def tell_applicant(hearing: Hearing, told_on: date, how: str, by: Person, at: datetime) -> None:
    """Note that the applicant was told what became of his application, by what way (H-05): the answer is given.

    Raises: NothingToTell, ToldOutOfTime.
    """
    said = hearing.approval
    if not hearing.applicant or hearing.applicant_told_on or said is None or hearing.state == HearingState.REQUESTED:
        raise NothingToTell()
    if not day_of(said.decided_at or at, hearing.office) <= told_on <= day_of(at, hearing.office):
        raise ToldOutOfTime()
    with act("hearing.tell_applicant", hearing, by=by, at=at, how=how):
        hearing.applicant_told_on = told_on
        running = reply_deadline(hearing)
        if running is not None:
            noon = at if told_on == day_of(at, hearing.office) else _noon(hearing, told_on)
            meet_deadline(running, by=by, at=at, evidence=how, met_at=noon)


def reply_deadline(hearing: Hearing) -> Deadline | None:
    """The running deadline for the answer to the applicant."""
    mine = select(Deadline).where(
        Deadline.subject_table == Hearing.__tablename__,
        Deadline.subject_id == hearing.id,
        Deadline.rule_key == REPLY,
        Deadline.state == DeadlineState.RUNNING,
    )
    return db.session.scalar(mine.order_by(Deadline.id.desc()))


def follow_application(hearing: Hearing, by: Person, at: datetime, reason: str = "") -> None:
    """Make the deadline of the answer say what the hearing says, inside the act under way: begun with an application,
    begun anew when its day is corrected, ended when the hearing is cancelled."""
    running = reply_deadline(hearing)
    owed = bool(hearing.applicant) and hearing.state != HearingState.CANCELLED and hearing.applicant_told_on is None
    if running is not None and not (owed and running.starts_on == hearing.applied_on):
        cancel_deadline(running, by=by, at=at, reason=reason)
        running = None
    if owed and running is None and hearing.applied_on is not None:
        rule = rule_for(REPLY, hearing.office, hearing.applied_on)
        handler = hearing.case.handler
        start_deadline(
            hearing,
            rule,
            hearing.applied_on,
            office=hearing.office,
            by=by,
            at=at,
            responsible=handler,
            role="prosecutor",
        )


def _request(hearing: Hearing) -> HearingApproval:
    """The request as it lies before the chief. Raises: DecidedAlready."""
    waiting = [a for a in hearing.approvals if a.about == About.HEARING and a.granted is None]
    if not waiting:
        raise DecidedAlready()
    return waiting[0]


def _check_seen(hearing: Hearing, seen: int | None) -> None:
    if seen is not None and seen != hearing.sequence:
        raise ChangedMeanwhile()


def _decide(  # noqa: PLR0917 - the row it writes, field by field
    approval: HearingApproval, granted: bool, by: Person, at: datetime, document: str = "", remark: str = ""
) -> None:
    db.session.refresh(approval, with_for_update=True)
    if approval.granted is not None:
        raise DecidedAlready()
    approval.delegation = delegation_to(by, approval.office_id, day_of(at, approval.hearing.office))
    approval.granted, approval.decided_at, approval.decided_by_id = granted, at, by.id
    approval.document, approval.remark = document.strip(), remark.strip()


def _answer_who_reads_it_here(hearing: Hearing, by: Person, at: datetime) -> None:
    """A defender who asked for the hearing himself is told by the program's own message: that is the answer."""
    if hearing.applicant and any(p.person_id == hearing.requested_by_id for p in hearing.case.present_parties):
        tell_applicant(hearing, day_of(at, hearing.office), "message", by, at)


def _noon(hearing: Hearing, on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(hearing.office.zone))
