"""Links that enrol a device or let somebody choose a password; ending somebody's access."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts import access
from accounts.access import Forbidden, NotFound
from accounts.actions import devices, passwords, sessions
from accounts.actions.revocation import revoke_access
from accounts.entrance import within
from accounts.forms.devices import PinForm
from accounts.forms.profile import RevocationForm
from accounts.forms.sign_in import PasswordForm
from accounts.limiting import limits_for, policy_for
from accounts.models import FIELD_ROLES, Enrolment, Office, Person, Role
from accounts.presenting import qr
from accounts.rights import CREATE_ACCOUNT, ENROL_DEVICE, REVOKE_ACCESS, ends_access_of
from accounts.rules.limits import LIMITS
from accounts.rules.password import PasswordsDiffer
from accounts.rules.pin import PinsDiffer, check_pin, digits_of
from accounts.sign_in import device_here, let_in, tries_limited
from accounts.web import find, here, needs, now, person, public, see_other, today, viewer
from extensions import db
from record.edge import network, own_transaction

bp = Blueprint("devices", __name__)
ISSUED_BY = {
    Role.COORDINATOR: FIELD_ROLES,
    Role.SQUAD_LEADER: frozenset({Role.TRAFFIC_OFFICER, Role.SQUAD_LEADER}),
    Role.LEGAL_AID_CONTACT: frozenset({Role.LAWYER}),
}


def _roles_to_issue(whom: Person) -> list[str]:
    """The field roles of a person at the office at work that the viewer may hand out a link for."""
    office = here()
    mine = {m.role for m, _ in access.grants_of(viewer(), ENROL_DEVICE) if m.office_id == office.id}
    may: frozenset[str] = frozenset().union(*(ISSUED_BY.get(Role(role), frozenset()) for role in mine))
    return sorted(devices.roles_of(whom, today(), office) & may)


def _card(whom: Person, **more: Any) -> str:
    return render_template(
        "accounts/enrolment.html",
        whom=whom,
        roles=_roles_to_issue(whom),
        links=[link for link in devices.open_links(whom, now()) if link.role],
        devices=[opened for opened in sessions.live_sessions(whom, now()) if opened.enrolment_id],
        **more,
    )


@bp.get("/people/<uuid:public_id>/enrolment")
@needs(ENROL_DEVICE)
def enrolment(public_id: uuid.UUID) -> ResponseReturnValue:
    whom = find(Person, public_id, may=ENROL_DEVICE)
    return _card(whom)


@bp.post("/people/<uuid:public_id>/enrolment", endpoint="issue")
@needs(ENROL_DEVICE)
def issue_enrolment(public_id: uuid.UUID) -> ResponseReturnValue:
    whom = find(Person, public_id, may=ENROL_DEVICE)
    role = request.form.get("role", "")
    if role not in _roles_to_issue(whom):
        devices.check_field_role(whom, role, here(), today())
        raise Forbidden()
    limits = limits_for(whom, today())
    token = devices.issue_enrolment(whom, role, here(), person(), now())
    passwords.account_of(whom)
    address = url_for("devices.enrol", token=token, _external=True)
    until = now() + LIMITS.link
    return _card(whom, address=address, code=qr(address), role=role, until=until, days=limits.field_absolute.days)


@bp.post("/people/<uuid:public_id>/enrolment/<uuid:link_id>/cancellation")
@needs(ENROL_DEVICE)
def cancel(public_id: uuid.UUID, link_id: uuid.UUID) -> ResponseReturnValue:
    whom = find(Person, public_id, may=ENROL_DEVICE)
    link = db.session.scalar(db.select(Enrolment).where(Enrolment.public_id == link_id, Enrolment.person_id == whom.id))
    if link is None or not link.role:
        raise NotFound()
    devices.cancel_enrolment(link, person(), now())
    flash(gettext("The link is withdrawn."), "good")
    return see_other("devices.enrolment", public_id=whom.public_id)


@bp.get("/people/<uuid:public_id>/password-link")
@needs(CREATE_ACCOUNT)
def password_link(public_id: uuid.UUID) -> ResponseReturnValue:
    whom = find(Person, public_id, may=CREATE_ACCOUNT)
    return render_template("accounts/enrolment_password.html", whom=whom)


@bp.post("/people/<uuid:public_id>/password-link", endpoint="issue_password_link")
@needs(CREATE_ACCOUNT)
def issue_password_link(public_id: uuid.UUID) -> ResponseReturnValue:
    whom = find(Person, public_id, may=CREATE_ACCOUNT)
    token = passwords.issue_password_link(whom, _office_of(whom), person(), now())
    address = url_for("devices.enrol", token=token, _external=True)
    until = now() + LIMITS.link
    return render_template("accounts/enrolment_password.html", whom=whom, address=address, until=until)


def _office_of(whom: Person) -> Office:
    """Where the person works; a new account may have no office yet, then the administrator's."""
    held = access.Viewer(whom, today()).held
    return held[0].office if held else here()


@bp.post("/people/<uuid:public_id>/revocation")
@needs(REVOKE_ACCESS)
def revoke(public_id: uuid.UUID) -> ResponseReturnValue:
    whom = _whose_access(public_id)
    form = RevocationForm()
    ended = revoke_access(whom, person(), now(), form.reason.data or "")
    flash(ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", ended.sessions), "good")
    if ended.further:
        said = ngettext("%(num)d calendar address has ended.", "%(num)d calendar addresses have ended.", ended.further)
        flash(said, "good")
    return redirect(within(form.next.data) or "/", 303)


@bp.post("/people/<uuid:public_id>/second-factor-reset")
@needs(REVOKE_ACCESS)
def reset_second_factor(public_id: uuid.UUID) -> ResponseReturnValue:
    """For somebody whose authenticator is lost. Whoever gives out links to choose a password does not do this: it
    takes two to let somebody else in."""
    whom = _whose_access(public_id)
    form = RevocationForm()
    passwords.reset_second_factor(whom, person(), now(), form.reason.data or "")
    said = gettext("The authenticator is forgotten. %(name)s sets up another one at the next sign-in.", name=whom.name)
    flash(said, "good")
    return redirect(within(form.next.data) or "/", 303)


def _whose_access(public_id: uuid.UUID) -> Person:
    whom = find(Person, public_id, may=REVOKE_ACCESS)
    if not ends_access_of(viewer(), devices.roles_of(whom, today())):
        raise Forbidden()
    return whom


# What the link opens


def _link(token: str) -> tuple[Enrolment, datetime]:
    at = now()
    link = devices.link_of(token, at)
    g.office = link.office
    return link, at


@bp.after_request
def _unlisted(response: Response) -> Response:
    """No search engine keeps what a link opened."""
    if (request.endpoint or "").startswith("devices.enrol"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _link_page(link: Enrolment, token: str, form: Any) -> str:
    page, whom = "enrol" if link.role else "enrol_password", link.person
    limits, policy = limits_for(whom, today()), policy_for(whom, today())
    return render_template(
        f"accounts/{page}.html", link=link, whom=whom, token=token, f=form, limits=limits, policy=policy
    )


@bp.get("/i/<token>")
@public
def enrol(token: str) -> ResponseReturnValue:
    """Say whom the link is for. Changes nothing: messengers open links to preview them (T34)."""
    link, _ = _link(token)
    return _link_page(link, token, PinForm(formdata=None) if link.role else PasswordForm(formdata=None))


@bp.post("/i/<token>", endpoint="enrol_here")
@public
@tries_limited
def use_link(token: str) -> ResponseReturnValue:
    """Enrol this browser, or take the password chosen."""
    link, at = _link(token)
    if link.role:
        return _enrol(link, token, at)
    return _choose_password(link, token, at)


def _enrol(link: Enrolment, token: str, at: datetime) -> ResponseReturnValue:
    form = PinForm.of(lambda form: _link_page(link, token, form))
    pin, whom = digits_of(form.pin.data), link.person
    if pin != digits_of(form.again.data):
        raise PinsDiffer()
    limits = limits_for(whom, today())
    check_pin(pin, whom.birth_on, (whom.phone, whom.id_number), limits.pin_length)
    db.session.rollback()
    pin_hash = passwords.hashed(pin)
    with own_transaction():
        link = devices.link_of(token, at)
        account = passwords.account_of(link.person)
        devices.enrol_device(
            link, account, pin_hash, at, device=device_here(), network=network(request.remote_addr), limits=limits
        )
        let_in(account)
    flash(
        gettext("This device is enrolled. It stays signed in for %(n)s days.", n=limits.field_absolute.days),
        "good",
    )
    return redirect("/", 303)


def _choose_password(link: Enrolment, token: str, at: datetime) -> ResponseReturnValue:
    form = PasswordForm.of(lambda form: _link_page(link, token, form))
    typed = form.new.data
    if typed != form.again.data:
        raise PasswordsDiffer()
    with own_transaction():
        account, policy = passwords.account_of(link.person), policy_for(link.person, today())
        passwords.check_new_password(account, typed, policy)
        earlier = [kept for kept in (account.password, *(account.earlier_passwords or [])) if kept]
    passwords.check_not_used_before(typed, earlier, policy)
    fresh = passwords.hashed(typed)
    with own_transaction():
        link = devices.link_of(token, at)
        passwords.set_password(passwords.account_of(link.person), fresh, at, link=link, policy=policy)
    flash(gettext("Your password is set. Sign in with it now."), "good")
    return redirect(url_for("security.login"), 303)
