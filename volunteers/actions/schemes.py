"""Drafting a version of the scheme, putting it in force by somebody else's word, discarding it (DOMAIN 3.3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from accounts.actions.memberships import local_day
from accounts.models import Office, Person
from accounts.settings import rule_for
from errors import Refusal
from extensions import db
from record.act import act
from record.course import OffCourse
from volunteers.models.schemes import SCHEME, Scheme, SchemeState
from volunteers.rules.schemes import Terms, check_terms, plain
from volunteers.terms import scheme_in_force


class OwnDraft(Refusal):
    code = "own_draft"
    status = 403
    message = "Whoever drafted a scheme does not put it in force."
    help = "The chief prosecutor does."
    source = "TRUST 2, approve_scheme"


class OlderDraft(Refusal):
    code = "older_draft"
    message = "Version %(number)s was drafted before version %(standing)s, which is in force."
    help = "Draft a new version from the one in force."


def draft(  # noqa: PLR0917 - what it is called and says, who says so when
    office: Office, title: str, preset: str, terms: Terms, by: Person, at: datetime
) -> Scheme:
    """Draft the next version. Raises: TermsWrong and its kinds."""
    _check(office, terms, at)
    last = db.session.scalar(select(func.max(Scheme.number)).where(Scheme.office_id == office.id)) or 0
    scheme = Scheme(
        office_id=office.id,
        number=last + 1,
        title=title,
        preset=preset,
        held=plain(terms),
        drafted_by_id=by.id,
        state=SchemeState.DRAFT,
    )
    with act("scheme.draft", scheme, by=by, at=at):
        db.session.add(scheme)
    return scheme


def redraft(scheme: Scheme, title: str, terms: Terms, by: Person, at: datetime) -> None:
    """Change a draft; the one who changed it last is its drafter. Raises: OffCourse, TermsWrong and its kinds."""
    if scheme.state != SchemeState.DRAFT:
        raise OffCourse(state=scheme.state)
    _check(scheme.office, terms, at)
    with act("scheme.redraft", scheme, by=by, at=at):
        scheme.title, scheme.held, scheme.drafted_by_id = title, plain(terms), by.id


def approve(scheme: Scheme, by: Person, at: datetime) -> None:
    """Put a draft in force from today; the version before it is retired, whoever signed it stays bound to it.

    Raises: OwnDraft, OlderDraft, OffCourse.
    """
    if scheme.drafted_by_id == by.id:
        raise OwnDraft()
    before = scheme_in_force(scheme.office_id)
    if before is not None and scheme.state == SchemeState.DRAFT and scheme.number < before.number:
        raise OlderDraft(number=scheme.number, standing=before.number)
    with act("scheme.approve", scheme, by=by, at=at):
        if before is not None:
            with act("scheme.retire", before, by=by, at=at):
                SCHEME.step("retire", before)
        on = local_day(scheme.office, at)
        SCHEME.step("approve", scheme, approved_by_id=by.id, approved_at=at, in_force_from=on)


def discard(scheme: Scheme, by: Person, at: datetime) -> None:
    """Put a draft away. Raises: OffCourse."""
    with act("scheme.discard", scheme, by=by, at=at):
        SCHEME.step("discard", scheme)


def _check(office: Office, terms: Terms, at: datetime) -> None:
    check_terms(terms, int(rule_for("dd.bac.minor_line", office, local_day(office, at)).amount))
