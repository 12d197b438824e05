"""The permissions of cases (TRUST section 2). Whoever is in a case himself sees it by no office of his."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select

from accounts.access import Viewer, declare, scope
from accounts.models import Membership, Person, Role
from accounts.rights import has_work
from cases.models import COUNSEL, Case, Party

ENTER_CASE = declare("enter_case", Case, "prosecutor:a, coordinator:f, case_management:f")
SEE_CASE = declare(
    "see_case",
    Case,
    "prosecutor:a, coordinator:f, chief:f, deputy_chief:f, case_management:f, clerk:a, lawyer:a, inspector:pM",
)
REASSIGN_CASE = declare("reassign_case", Case, "chief:fR, case_management:fR", stage="volunteers")

# A list may name a prosecutor whom nobody has entered before: he handles the case, and gets his role by two people
has_work(lambda: Person.id.in_(select(Case.handler_id)))


def not_in_it(viewer: Viewer) -> ColumnElement[bool]:
    """Cases in which the viewer is neither party, witness nor counsel himself."""
    return Case.id.not_in(select(Party.case_id).where(Party.person_id == viewer.person.id))


def case_is_mine(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A prosecutor's and a clerk's own cases, and those handed over to them; a lawyer's clients' cases."""
    here = Case.office_id == mine.office_id
    people = viewer.people(mine.role, mine.office_id)
    match mine.role:
        case Role.PROSECUTOR:
            return here & or_(Case.handler_id.in_(people), Case.lead_id.in_(people)) & not_in_it(viewer)
        case Role.CLERK:
            return here & Case.clerk_id.in_(people) & not_in_it(viewer)
        case Role.LAWYER:
            counsel = select(Party.case_id).where(
                Party.person_id == viewer.person.id, Party.role.in_(COUNSEL), Party.left_on.is_(None)
            )
            return here & Case.id.in_(counsel)
    return false()


@scope(Case, "a")
def _my_cases(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return case_is_mine(viewer, mine)


@scope(Case, "f")
def _cases_of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Case.office_id == mine.office_id) & not_in_it(viewer)
