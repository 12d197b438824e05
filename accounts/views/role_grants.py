"""Staff roles: one security administrator proposes, a second person decides."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import NotFound, listed
from accounts.actions.memberships import approve_role, may_decide, propose_end, propose_role, refuse_role, withdraw_role
from accounts.actions.people import memberships_from
from accounts.forms.memberships import RoleEndForm, RoleForm
from accounts.forms.people import ReasonForm
from accounts.models import FIELD_ROLES, Membership, Office, Organisation, Person, Role, RoleGrant
from accounts.rights import APPROVE_ROLE, GRANT_ROLE
from accounts.web import find, needs, now, person, see_other, today, viewer
from extensions import db

bp = Blueprint("role_grants", __name__)
LATEST = 50


@bp.get("/roles")
@needs(APPROVE_ROLE)
def index() -> ResponseReturnValue:
    return _page(ReasonForm(formdata=None))


def _page(form: Any) -> str:
    """Proposals that wait, then those decided lately."""
    names = joinedload(RoleGrant.person), joinedload(RoleGrant.proposed_by), joinedload(RoleGrant.decided_by)
    where = joinedload(RoleGrant.office), joinedload(RoleGrant.organisation)
    query = listed(viewer(), RoleGrant, APPROVE_ROLE).options(*names, *where).order_by(RoleGrant.id.desc())
    grants = list(db.session.scalars(query.limit(LATEST)))
    waiting, at = [g for g in grants if g.state == "proposed"], now()
    return render_template(
        "accounts/roles.html",
        waiting=waiting,
        mine_to_decide={g.id for g in waiting if may_decide(g, person(), at)},
        decided=[g for g in grants if g.state != "proposed"],
        form=form,
        me=person(),
    )


@bp.get("/people/<uuid:public_id>/roles/new")
@needs(GRANT_ROLE)
def new(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=GRANT_ROLE)
    return _proposal_page(shown, RoleForm(formdata=None, data={"starts_on": today()}, **_offers()))


@bp.post("/people/<uuid:public_id>/roles")
@needs(GRANT_ROLE)
def propose(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=GRANT_ROLE)
    offers = _offers()
    form = RoleForm.of(lambda form: _proposal_page(shown, form), **offers)
    office = _chosen(offers["offices"], form.office.data)
    propose_role(
        shown,
        office,
        form.role.data,
        starts_on=form.starts_on.data,
        by=person(),
        at=now(),
        reason=form.reason.data,
        organisation=_chosen(offers["bodies"], form.organisation.data) if form.organisation.data else None,
        leader=form.leader.data,
    )
    flash(gettext("The role is proposed. It holds once a second person has approved it."), "wait")
    return see_other("people.show", public_id=shown.public_id)


def _chosen(rows: list[Any], public_id: str) -> Any:
    return next(row for row in rows if str(row.public_id) == public_id)


def _offers() -> dict[str, Any]:
    bodies = select(Organisation).where(Organisation.kind == "legal_aid_body", Organisation.active)
    return {
        "offices": list(db.session.scalars(select(Office).order_by(Office.id))),
        "roles": [str(role) for role in Role if role not in FIELD_ROLES],
        "bodies": list(db.session.scalars(bodies.order_by(Organisation.name))),
    }


def _proposal_page(shown: Person, form: Any) -> str:
    return render_template("accounts/role_new.html", shown=shown, form=form)


@bp.get("/people/<uuid:public_id>/role-endings/new")
@needs(GRANT_ROLE)
def new_ending(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=GRANT_ROLE)
    form = RoleEndForm(formdata=None, data={"ends_on": today()}, memberships=_staff_roles(shown))
    return _ending_page(shown, form)


@bp.post("/people/<uuid:public_id>/role-endings")
@needs(GRANT_ROLE)
def propose_ending(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=GRANT_ROLE)
    held = _staff_roles(shown)
    form = RoleEndForm.of(lambda form: _ending_page(shown, form), memberships=held)
    membership = _chosen(held, form.membership.data)
    propose_end(membership, form.ends_on.data, person(), now(), form.reason.data)
    flash(gettext("The end of the role is proposed. It ends once a second person has approved it."), "wait")
    return see_other("people.show", public_id=shown.public_id)


def _staff_roles(shown: Person) -> list[Membership]:
    held = [m for m in memberships_from(shown, today()) if m.role not in FIELD_ROLES]
    if not held:
        raise NotFound()
    return held


def _ending_page(shown: Person, form: Any) -> str:
    return render_template("accounts/role_ending.html", shown=shown, form=form)


@bp.post("/roles/<uuid:public_id>/approval")
@needs(APPROVE_ROLE)
def approve(public_id: uuid.UUID) -> ResponseReturnValue:
    grant = find(RoleGrant, public_id, may=APPROVE_ROLE)
    approve_role(grant, person(), now())
    flash(gettext("Approved: %(name)s.", name=grant.person.name), "good")
    return see_other("role_grants.index")


@bp.post("/roles/<uuid:public_id>/refusal")
@needs(APPROVE_ROLE)
def refuse(public_id: uuid.UUID) -> ResponseReturnValue:
    grant = find(RoleGrant, public_id, may=APPROVE_ROLE)
    form = ReasonForm.of(_page)
    refuse_role(grant, person(), now(), form.reason.data)
    flash(gettext("Refused: %(name)s.", name=grant.person.name), "good")
    return see_other("role_grants.index")


@bp.post("/roles/<uuid:public_id>/withdrawal")
@needs(GRANT_ROLE)
def withdraw(public_id: uuid.UUID) -> ResponseReturnValue:
    grant = find(RoleGrant, public_id, may=APPROVE_ROLE)
    withdraw_role(grant, person(), now())
    flash(gettext("The proposal is taken back."), "good")
    return see_other("role_grants.index")


def waiting_for_me() -> int:
    """How many proposals wait for the viewer to decide."""
    open_ones = listed(viewer(), RoleGrant, APPROVE_ROLE).where(RoleGrant.state == "proposed")
    at = now()
    return sum(may_decide(grant, person(), at) for grant in db.session.scalars(open_ones.limit(LATEST)))
