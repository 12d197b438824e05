"""The permissions of hearings (TRUST section 2). A hearing is somebody's own where its case is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, select

from accounts.access import Viewer, covers, declare, grants_of, scope
from accounts.models import Membership, Role
from cases.models import Case
from cases.rights import case_is_mine, not_in_it
from hearings.models import Hearing, HearingApproval, Participant, PoolMember

KEEP_POOL = declare("keep_pool", PoolMember, "case_management:f", stage="hearings")
READ_POOL = declare("read_pool", PoolMember, "coordinator:f, case_management:f")
REQUEST_HEARING = declare("request_hearing", Case, "prosecutor:a, coordinator:f, receptionist:f, lawyer:a")
APPROVE_HEARING = declare("approve_hearing", Hearing, "chief:f, deputy_chief:fD")
PLAN_HEARING = declare("plan_hearing", Hearing, "coordinator:f, prosecutor:a, clerk:a")
SEND_NOTICE = declare("send_notice", Hearing, "coordinator:f, clerk:a, prosecutor:a")
SEE_PARTICIPANTS = declare(
    "see_participants",
    Hearing,
    "prosecutor:a, coordinator:f, chief:f, deputy_chief:f, case_management:f, clerk:a, lawyer:a",
)
# The page of a hearing, and a request while it is not decided: whoever asks at the counter or for a client reads what
# became of it, and amends what he asked for himself.
SEE_HEARING = declare(
    "see_hearing",
    Hearing,
    "prosecutor:a, coordinator:f, chief:f, deputy_chief:f, case_management:f, clerk:a, lawyer:a, receptionist:o",
)
AMEND_HEARING = declare("amend_hearing", Hearing, "prosecutor:a, coordinator:f, receptionist:o, lawyer:o")
covers(APPROVE_HEARING, HearingApproval)
ANSWER_INVITATION = declare(
    "answer_invitation",
    Participant,
    "hearing_officer:o, lawyer:o, prosecutor:o, chief:o, deputy_chief:o, clerk:o",
)


def _in_cases(where: Callable[[Viewer, Membership], ColumnElement[bool]]) -> Callable[..., ColumnElement[bool]]:
    def clause(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
        result: ColumnElement[bool] = Hearing.case_id.in_(select(Case.id).where(where(viewer, mine)))
        return result

    return clause


def _of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Case.office_id == mine.office_id) & not_in_it(viewer)


scope(Hearing, "a")(_in_cases(case_is_mine))
scope(Hearing, "f")(_in_cases(_of_my_office))


@scope(Hearing, "o")
def _asked_for_by_me(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    where = case_is_mine if mine.role == Role.LAWYER else _of_my_office
    return _in_cases(where)(viewer, mine) & (Hearing.requested_by_id == viewer.person.id)


def reads_inside(viewer: Viewer, hearing: Hearing) -> bool:
    """Whether somebody reads why a hearing is asked for, what the chief said of it, and what is still missing: the
    office's own people and whoever asked, but no defender where the prosecutor asked."""
    return hearing.requested_by_id == viewer.person.id or of_the_office(viewer, hearing)


def of_the_office(viewer: Viewer, hearing: Hearing) -> bool:
    """Whether somebody reads what others answered and were told: the office's own people, but no defender, not even
    one who asked for the hearing himself."""
    held = grants_of(viewer, SEE_HEARING)
    return any(m.office_id == hearing.office_id and m.role != Role.LAWYER for m, _ in held)


@scope(HearingApproval, "f")
def _before_my_chief(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    seen: ColumnElement[bool] = HearingApproval.hearing_id.in_(
        select(Hearing.id).where(_in_cases(_of_my_office)(viewer, mine))
    )
    return seen


@scope(Participant, "o")
def _my_invitations(viewer: Viewer, mine: Membership) -> ColumnElement[Any]:
    """What somebody was asked to take part in, at the offices he works with in that role."""
    return (Participant.person_id == viewer.person.id) & (Participant.office_id == mine.office_id)
