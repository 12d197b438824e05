"""What happens to the limit of a case (D-15), and the deadline that follows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.settings import rule_for
from cases.limits import deadline_of, limit_of, review_key, standing
from cases.models import Case, CaseStage, LimitSpell, SpellKind
from errors import Refusal
from extensions import db
from record.act import act
from record.following import Following
from scheduler.actions.deadlines import cancel_deadline, extend_deadline, recount_deadline, start_deadline
from scheduler.deadlines.counting import Period
from scheduler.deadlines.models import Deadline, DeadlineSpell


class PaperMissing(Refusal):
    code = "limit_paper_missing"
    status = 422
    message = "Say which document this rests on."
    help = "Give the number of the document."
    source = "DOMAIN D-15"


class NoSuchExtension(Refusal):
    """One extension, of at most so many days (D-10)."""

    code = "no_such_extension"
    status = 422
    message = "A review limit can be extended by %(days)s days at most, and once after each receipt."
    help = "Check what is recorded already."
    source = "DOMAIN D-10; 刑诉法 172"  # citation


class SpellInTheFuture(Refusal):
    code = "spell_in_the_future"
    status = 422
    message = "%(on)s lies ahead: record what has happened."
    help = "Record it on the day of its document."


def record_spell(
    case: Case, kind: str, on: date, by: Any, at: datetime, *, document: str, days: int | None = None, today: date
) -> LimitSpell:
    """Record one fact about the limit, on the date of its document; the limit is counted anew.

    Raises: PaperMissing, SpellInTheFuture, NoSuchExtension; TooManyReturns, SpellOutOfOrder where it does not follow.
    """
    if not document.strip():
        raise PaperMissing()
    if on > today:
        raise SpellInTheFuture(on=on)
    extended = kind == SpellKind.EXTENDED
    spell = LimitSpell(
        case_id=case.id,
        office_id=case.office_id,
        kind=kind,
        happened_on=on,
        days=days if extended else None,
        document=document,
    )
    if extended:
        _check_extension(case, spell, on)
    limit_of(case, today, spells=[*case.spells, spell])
    with act(f"limit.{kind}", case, by=by, at=at, on=on, document=document):
        db.session.add(spell)
        db.session.flush()
        db.session.expire(case, ["spells"])
        follow_limit(case, by, at, document)
    return spell


def withdraw_spell(spell: LimitSpell, by: Any, at: datetime, reason: str, today: date) -> None:
    """Take back what was recorded by mistake; the row stays, and a row that says so.

    Raises: SpellOutOfOrder where later spells rest on it.
    """
    case = spell.case
    taken_back = LimitSpell(
        case_id=case.id,
        office_id=case.office_id,
        kind=SpellKind.WITHDRAWN,
        happened_on=today,
        withdraws_id=spell.id,
        document=reason,
    )
    limit_of(case, today, spells=[*case.spells, taken_back])
    with act("limit.withdraw", case, by=by, at=at, reason=reason):
        db.session.add(taken_back)
        db.session.flush()
        db.session.expire(case, ["spells"])
        follow_limit(case, by, at, reason)


def _check_extension(case: Case, spell: LimitSpell, on: date) -> None:
    most = rule_for("case.review_extension", case.office, on).amount
    since: list[LimitSpell] = []
    for one in standing(case.spells):
        since = [] if one.kind in {SpellKind.RE_RECEIVED, SpellKind.JURISDICTION_CHANGED} else [*since, one]
    if not 0 < (spell.days or 0) <= most or any(one.kind == SpellKind.EXTENDED for one in since):
        raise NoSuchExtension(days=most)


# what a higher room keeps in step with the limit, custody and bail of a case: `(case, by, at, reason)`
follows_limit: Following[[Case, Any, datetime, str]] = Following()


def follow_limit(case: Case, by: Any, at: datetime, reason: str) -> None:
    """Make everything that counts from a case say what the case says, inside the act under way."""
    _follow_deadline(case, by, at, reason)
    follows_limit.tell(case, by, at, reason)


def _follow_deadline(case: Case, by: Any, at: datetime, reason: str) -> None:
    """The deadline: recounted, or where need be begun anew."""
    deadline = deadline_of(case)
    runs = case.stage == CaseStage.PROSECUTION_REVIEW
    key = review_key(case)
    held = standing(case.spells)
    fits = deadline is not None and (deadline.starts_on, deadline.rule_key) == (case.received_on, key)
    if deadline is not None and not (runs and fits and _continues(deadline, held)):
        cancel_deadline(deadline, by=by, at=at, reason=reason)
        deadline = None
    if not runs:
        return
    if deadline is None:
        rule = rule_for(key, case.office, case.received_on)
        deadline = start_deadline(
            case,
            rule,
            case.received_on,
            office=case.office,
            by=by,
            at=at,
            custody=case.in_custody,
            criminal=True,
            responsible=case.handler,
            role="prosecutor",
        )
    for spell in held[len(deadline.spells) :]:
        _tell(deadline, spell, by, at)
    if deadline.custody != case.in_custody:
        recount_deadline(deadline, by=by, at=at, reason=reason, custody=case.in_custody)


def _continues(deadline: Deadline, held: list[LimitSpell]) -> bool:
    """Whether what the deadline was told is the beginning of what holds now."""
    told = [(s.kind, s.happened_on, s.amount) for s in deadline.spells]
    return told == [(s.kind, s.happened_on, s.days) for s in held[: len(told)]]


def _tell(deadline: Deadline, spell: LimitSpell, by: Any, at: datetime) -> None:
    if spell.kind == SpellKind.EXTENDED:
        period = Period(spell.days or 0, "day")
        extend_deadline(deadline, period, document=spell.document, on=spell.happened_on, by=by, at=at)
        return
    told = DeadlineSpell(kind=spell.kind, happened_on=spell.happened_on, document=spell.document)
    recount_deadline(deadline, by=by, at=at, reason=spell.document, spell=told)
