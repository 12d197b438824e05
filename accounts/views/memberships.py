"""Memberships of field roles: giving one, ending one, moving somebody to another organisation."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import Forbidden, may
from accounts.actions.memberships import HOMES, appoint, change_organisation, end_membership
from accounts.forms.memberships import EndingForm, MembershipForm, TransferForm
from accounts.forms.people import role_word
from accounts.models import Membership, Organisation, Person, Role
from accounts.rights import KEEP_MEMBERSHIPS, KEEP_PEOPLE, SEE_PEOPLE, keeps, kept_roles
from accounts.searching import organisations_of
from accounts.views.people import check_keeps, offers
from accounts.web import find, needs, now, office_for, person, see_other, today, viewer

bp = Blueprint("memberships", __name__)


@bp.get("/people/<uuid:public_id>/memberships/new")
@needs(KEEP_PEOPLE)
def new(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=KEEP_PEOPLE)
    form = MembershipForm(formdata=None, data={"starts_on": today()}, **_offers())
    return _giving_page(shown, form)


@bp.post("/people/<uuid:public_id>/memberships")
@needs(KEEP_PEOPLE)
def give(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=KEEP_PEOPLE)
    form = MembershipForm.of(lambda form: _giving_page(shown, form), **_offers())
    office, role = office_for(KEEP_PEOPLE), form.role.data
    check_keeps(role, office, form.chosen)
    appoint(
        shown,
        office,
        role,
        starts_on=form.starts_on.data,
        by=person(),
        at=now(),
        organisation=form.chosen,
        number=form.number.data or "",
        reason=form.reason.data or "",
    )
    flash(gettext("%(name)s has the role now: %(role)s.", name=shown.name, role=role_word(role)), "good")
    return see_other("people.show", public_id=shown.public_id)


def _offers() -> dict[str, Any]:
    office = office_for(KEEP_PEOPLE)
    if not kept_roles(viewer(), office.id):
        raise Forbidden()
    return offers(office)


def _giving_page(shown: Person, form: Any) -> str:
    return render_template("accounts/membership_new.html", shown=shown, form=form)


@bp.get("/memberships/<uuid:public_id>/ending")
@needs(KEEP_MEMBERSHIPS)
def ending(public_id: uuid.UUID) -> ResponseReturnValue:
    membership = _kept(public_id)
    return _ending_page(membership, EndingForm(formdata=None, data={"ends_on": today()}))


@bp.post("/memberships/<uuid:public_id>/ending")
@needs(KEEP_MEMBERSHIPS)
def end(public_id: uuid.UUID) -> ResponseReturnValue:
    membership = _kept(public_id)
    form = EndingForm.of(lambda form: _ending_page(membership, form))
    end_membership(membership, form.ends_on.data, person(), now(), form.reason.data)
    flash(gettext("The role of %(name)s ends.", name=membership.person.name), "good")
    return _back(membership)


def _ending_page(membership: Membership, form: Any) -> str:
    return render_template("accounts/membership_ending.html", membership=membership, form=form)


@bp.get("/memberships/<uuid:public_id>/transfer")
@needs(KEEP_MEMBERSHIPS)
def transfer(public_id: uuid.UUID) -> ResponseReturnValue:
    membership = _kept(public_id)
    form = TransferForm(formdata=None, data={"starts_on": today()}, organisations=_homes(membership))
    return _transfer_page(membership, form)


@bp.post("/memberships/<uuid:public_id>/transfer")
@needs(KEEP_MEMBERSHIPS)
def move(public_id: uuid.UUID) -> ResponseReturnValue:
    membership = _kept(public_id)
    homes = _homes(membership)
    form = TransferForm.of(lambda form: _transfer_page(membership, form), organisations=homes)
    chosen = next(home for home in homes if str(home.public_id) == form.organisation.data)
    change_organisation(membership, chosen, form.starts_on.data, by=person(), at=now(), reason=form.reason.data or "")
    flash(gettext("%(name)s belongs to %(home)s.", name=membership.person.name, home=chosen.name), "good")
    return _back(membership)


def _homes(membership: Membership) -> list[Organisation]:
    """Where somebody could move to, of those the viewer keeps; a squad leader cannot give away to another squad."""
    kinds = tuple(str(kind) for kind in HOMES.get(Role(membership.role), ()))
    if not kinds:
        raise Forbidden()
    office_id, role = membership.office_id, membership.role
    homes = [o for o in organisations_of(membership.office, kinds) if o.id != membership.organisation_id]
    return [o for o in homes if keeps(viewer(), role, office_id, o.id)]


def _transfer_page(membership: Membership, form: Any) -> str:
    return render_template("accounts/membership_transfer.html", membership=membership, form=form)


def _kept(public_id: uuid.UUID) -> Membership:
    """A membership the viewer may end. Raises: NotFound, Forbidden (a staff role is not his to end)."""
    membership = find(Membership, public_id, may=KEEP_MEMBERSHIPS)
    if not keeps(viewer(), membership.role, membership.office_id, membership.organisation_id):
        raise Forbidden()
    return membership


def _back(membership: Membership) -> ResponseReturnValue:
    """To the person's page, if he is still among those the viewer sees."""
    if may(viewer(), SEE_PEOPLE, membership.person):
        return see_other("people.show", public_id=membership.person.public_id)
    return see_other("people.listing")
