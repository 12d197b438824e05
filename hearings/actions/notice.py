"""Notice: everybody who takes part is told, with words that are settled then; what is told by hand is noted (H-41)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from accounts.models import Person
from cases.actions.parties import hold_people
from errors import Refusal
from hearings.actions.openness import exclude_public
from hearings.actions.telling import LAST, hold, tell
from hearings.models import HEARING, Capacity, Hearing, Notice, NoticeKind, Participant
from hearings.plan_facts import Judging, left_behind
from hearings.rules.notice import SOURCE, notice_doubts
from law import Doubt
from record.act import act


class NoticeTooShort(Refusal):
    """`latest` is the last lawful day."""

    code = "notice_too_short"
    status = 422
    message = "Too late: people had to be told by %(latest)s."
    help = "Move the hearing to a later day, then tell people of that one."
    source = SOURCE


class NoticeNeedsReason(Refusal):
    """Between the two ways of counting; `safe` is the last day of the careful one."""

    code = "notice_needs_reason"
    status = 422
    message = "To be safe, people should have been told by %(safe)s."
    help = "Three whole days do not lie between. If it must be so, say why, and send it again."
    source = SOURCE


class OfficersMissing(Refusal):
    code = "officers_missing"
    status = 422
    message = "%(number)s hearing officers take part, at least %(least)s are needed."
    help = "The parties are told the names of the hearing officers: choose the missing ones first."
    source = "DOMAIN H-42, H-21"


class ChairMissing(Refusal):
    code = "chair_missing"
    status = 422
    message = "Nobody chairs this hearing."
    help = "The parties are told who chairs it: seat the handler or the lead prosecutor on its page, or move it."
    source = "DOMAIN H-42, H-27"


class LeftTheCase(Refusal):
    """Cause, time and names go to nobody who is no longer in the case."""

    code = "left_the_case"
    status = 422
    message = "%(names)s: no longer in the case, or in another role there, but still in the hearing."
    help = "Let this person go on the page of the hearing, then give notice."
    source = "DOMAIN H-20"


class WrongTime(Refusal):
    code = "told_at_a_wrong_time"
    status = 422
    message = "Nobody can have been told then."
    help = "Give the day and time between the notice and now."


class LateReason(Refusal):
    code = "told_late"
    status = 422
    message = "That was after the last lawful day, %(latest)s."
    help = "Note in the result what the person said to it, so that it can be decided whether the hearing must be moved."
    source = SOURCE


def check_notice(judging: Judging, sits_on: date, told_on: date, despite: str) -> None:
    """Raises: NoticeTooShort, NoticeNeedsReason."""
    for doubt in notice_doubts(sits_on, told_on, judging.lax, judging.strict, waived=judging.waived):
        if doubt.level == "refuse":
            raise NoticeTooShort(latest=doubt.facts["on"])
        if not despite.strip():
            raise NoticeNeedsReason(safe=doubt.facts["on"])


def notify_hearing(
    hearing: Hearing, ways: Mapping[Participant, str], by: Person, at: datetime, *, despite: str = ""
) -> list[Notice]:
    """Give notice to everybody who takes part; `ways` says how, where it is not the usual one.

    Raises: NoticeTooShort, NoticeNeedsReason, ChairMissing, OfficersMissing, LeftTheCase, NotByUs, OffCourse.
    """
    hold_people(hearing.case)
    with act("hearing.notify", hearing, by=by, at=at, reason=despite):
        hold(hearing)
        HEARING.step("notify", hearing)
        assert hearing.event is not None  # planned, so it has its sitting
        judging = Judging(hearing, at)
        check_notice(judging, judging.day(hearing.event.starts_at), judging.today, despite)
        if not hearing.taking_part(Capacity.CHAIR):
            raise ChairMissing()
        _check_officers(hearing, judging)
        _check_parties(hearing)
        exclude_public(hearing, by, at, told=False)
        return tell(hearing, NoticeKind.TIME, hearing.taking_part(), by, at, ways=ways)


def _check_officers(hearing: Hearing, judging: Judging) -> None:
    number = len(hearing.taking_part("hearing_officer"))
    least = judging.rules["hearing_officer.per_hearing.min"].amount
    if number < least:
        raise OfficersMissing(number=number, least=least)


def _check_parties(hearing: Hearing) -> None:
    behind = left_behind(hearing)
    if behind:
        raise LeftTheCase(names="、".join(p.name for p in behind))  # citation: a list of names


def pending(hearing: Hearing) -> list[Notice]:
    """Notices that still have to be told by hand; only the newest for each participant counts, and of whoever no
    longer takes part only the one that tells him so."""
    newest = {n.participant_id: n for n in hearing.notices}
    return [n for n in newest.values() if n.told_at is None and (n.participant.live or n.kind in LAST)]


def late(notice: Notice, told_on: date, judging: Judging) -> Doubt | None:
    """What speaks against a notice told on a day: it came after the last lawful one."""
    event = notice.hearing.event
    if event is None or notice.kind in LAST:
        return None
    doubts = notice_doubts(judging.day(event.starts_at), told_on, judging.lax, judging.strict, waived=judging.waived)
    return next((doubt for doubt in doubts if doubt.level == "refuse"), None)


def note_telling(  # noqa: PLR0917 - how, when, with what result, noted by whom and when
    notice: Notice, channel: str, told_at: datetime, result: str, by: Person, at: datetime
) -> None:
    """Note that somebody was told by hand: how, when, with what result.

    Raises: WrongTime; LateReason where it was too late and the result says nothing of it.
    """
    judging = Judging(notice.hearing, at)
    told_on = judging.day(told_at)
    if not judging.day(notice.given_at) <= told_on or told_at > at:
        raise WrongTime()
    too_late = late(notice, told_on, judging)
    if too_late is not None and not result.strip():
        raise LateReason(latest=too_late.facts["on"])
    with act("notice.tell", notice, by=by, at=at, how=channel):
        notice.channel, notice.told_at, notice.told_by, notice.result = channel, told_at, by, result
