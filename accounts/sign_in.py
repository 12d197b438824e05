"""Signing in with Flask-Security-Too: which parts of it are used, and how they meet our sessions.

The password and its second factor are Flask-Security's; who is signed in is decided by our `PersonSession` alone: a
browser without a live one is nobody, whatever its cookie says.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import segno
from flask import Flask, Response, flash, g, make_response, render_template, request, session
from flask_babel import gettext
from flask_security import MfRecoveryCodesUtil, Security, SQLAlchemyUserDatastore, Totp, current_user, views
from flask_security.recovery_codes import mf_recovery, mf_recovery_codes
from flask_security.signals import tf_code_confirmed, tf_disabled, tf_profile_changed, user_authenticated
from flask_security.utils import set_request_attr
from flask_wtf import FlaskForm
from passlib.exc import TokenError  # type: ignore[import-untyped]
from sqlalchemy import inspect, or_, update

from accounts.access import Forbidden, Viewer
from accounts.actions.devices import opens
from accounts.actions.sessions import open_session, session_at_hand
from accounts.forms.sign_in import CodeForm, RecoveryForm, RescueForm, SetUpForm, SignInForm
from accounts.limiting import limits_for, policy_for
from accounts.models import Account, PersonSession, SessionKind
from accounts.rules.device import device_name
from accounts.rules.limits import LIMITS, Limits, judge_session
from accounts.rules.password import is_due
from accounts.web import here, now, today
from errors import Refusal
from extensions import db, limiter
from record.act import act
from record.edge import know_people_by, network, outside_transaction, own_transaction
from record.sealed import keyed_hash

PER_ADDRESS = "30 per 5 minutes"  # a county may stand behind one address
IN_ALL = "600 per 5 minutes"  # each try costs 64 MiB for a tenth of a second


def tries_limited(view: Any) -> Any:
    """A view that judges a secret: few POSTs from one address, and not too many in all (T24)."""
    by_address = limiter.limit(PER_ADDRESS, methods=["POST"])
    in_all = limiter.shared_limit(IN_ALL, scope="secrets", key_func=lambda: "all", methods=["POST"])
    return outside_transaction(by_address(in_all(view)))


class CodeUsed(Refusal):
    code = "recovery_code_used"
    status = 422
    message = "This recovery code was used at this moment by somebody else."
    help = "Take another one, and make new ones afterwards."


class OneUseTotp(Totp):
    """Codes of an authenticator, each taken once: the last time step is kept in a column (PyPI 26-1, 26-2)."""

    def verify_totp(self, token: str, totp_secret: str, user: Account, window: int = 30) -> bool:
        try:
            found = self._totp.verify(token, totp_secret, window=window, last_counter=user.totp_last_counter)
        except TokenError:
            return False
        counter = Account.totp_last_counter
        unused = update(Account).where(Account.id == user.id, or_(counter.is_(None), counter < found.counter))
        with own_transaction():
            taken = db.session.scalar(unused.values(totp_last_counter=found.counter).returning(Account.id))
        return taken is not None

    def generate_qrcode(self, username: str, totp: str) -> str:
        return segno.make(self.get_totp_uri(username, totp), error="m").svg_data_uri(scale=4, border=2)


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes are shown once and kept as keyed hashes (ASVS 6.5.2)."""

    def create_recovery_codes(self, user: Account) -> list[str]:
        codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(10)]
        with own_transaction(), act("totp.recovery", user.person, by=user.person, at=now()):
            user.mf_recovery_codes = [_code_hash(code) for code in codes]
        return codes

    def get_recovery_codes(self, user: Account) -> list[str]:
        return []

    def check_recovery_code(self, user: Account, code: str) -> bool:
        return _code_hash(code) in (user.mf_recovery_codes or [])

    def delete_recovery_code(self, user: Account, code: str) -> bool:
        db.session.refresh(user, with_for_update=True)
        if not self.check_recovery_code(user, code):
            raise CodeUsed()
        user.mf_recovery_codes = [kept for kept in user.mf_recovery_codes or [] if kept != _code_hash(code)]
        return True


def _code_hash(code: str) -> str:
    return keyed_hash("recovery_code", code.strip().lower().replace("-", "").replace(" ", ""))


def page(template: str, **values: Any) -> Response:
    """Render a page of Flask-Security; a form that was refused answers 422, as all of ours do."""
    forms = [value for value in values.values() if isinstance(value, FlaskForm)]
    refused = request.method == "POST" and any(form.errors for form in forms)
    return make_response(render_template(template, **values), 422 if refused else 200)


security = Security(
    login_form=SignInForm,
    two_factor_setup_form=SetUpForm,
    two_factor_verify_code_form=CodeForm,
    two_factor_rescue_form=RescueForm,
    mf_recovery_form=RecoveryForm,
    totp_cls=OneUseTotp,
    mf_recovery_codes_util_cls=HashedRecoveryCodes,
    render_template=page,
)
LIMITED = {
    "security.login": tries_limited(views.login),
    "security.two_factor_token_validation": tries_limited(views.two_factor_token_validation),
    "security.two_factor_setup_validate": tries_limited(views.two_factor_setup_validate),
    "security.mf_recovery": tries_limited(mf_recovery),
    "security.two_factor_setup": outside_transaction(views.two_factor_setup),
    "security.mf_recovery_codes": outside_transaction(mf_recovery_codes),
}


class NoRoles:
    """Flask-Security asks for a role model; ours are memberships, judged by `accounts.access`."""


def load_account(user_id: str) -> Account | None:
    """Who is here: whose live session the browser's cookie opens. A device that waits for its PIN is `g.locked`."""
    opened = session_at_hand()
    if opened is None:
        return None
    account = opened.account
    state = judge_session(opened.kind, opened.last_seen_at, opened.expires_at, now(), _limits_of(opened))
    if state == "over" or account.fs_uniquifier != user_id or not account.active or account.person.merged_into_id:
        return None
    set_request_attr("fs_authn_via", "session")
    g.person_session, g.locked = opened, state == "locked"
    g.only_roles = opens(opened.role) if opened.role else None
    return account


def _limits_of(opened: PersonSession) -> Limits:
    """The limits the session was opened under."""
    if opened.idle_minutes is None:
        return LIMITS
    idle = timedelta(minutes=opened.idle_minutes)
    return replace(LIMITS, staff_idle=idle, pin_after=idle)


def who_asks() -> str:
    """One person, or before sign-in one browser: whose answers are kept under a form's identity (I07)."""
    if current_user.is_authenticated:
        return f"person {current_user.person_id}"
    mark = session.get("csrf_token") or session.setdefault("browser", secrets.token_urlsafe(16))
    return "browser " + hashlib.sha256(str(mark).encode()).hexdigest()


def office_at_work() -> int | None:
    if not current_user.is_authenticated or g.get("locked"):
        return None
    try:
        return here().id
    except Forbidden:
        return None


def _open(app: Flask, user: Account, **facts: Any) -> None:
    """After Flask-Security has signed somebody in: the session becomes a row, the cookie a new one."""
    g.pop("csrf_token", None)
    with own_transaction():
        opened = open_session(
            user,
            SessionKind.STAFF,
            at=now(),
            device=device_here(),
            network=network(request.remote_addr),
            memberships=Viewer(user.person, today()).held,
            limits=limits_for(user.person, today()),
        )
        user.must_change_password |= is_due(user.password_set_at, now(), policy_for(user.person, today()))
    let_in(user)
    g.person_session, g.locked, g.only_roles = opened, False, None


def let_in(account: Account) -> None:
    """Say to Flask-Login whose session has just been opened in this browser."""
    session.update({"_user_id": account.fs_uniquifier, "_fresh": True, "fs_cc": "set"})


def device_here() -> str:
    return device_name(request.headers.get("User-Agent", ""))


def _note_second_factor(app: Flask, user: Account, **facts: Any) -> None:
    """An authenticator was set up or changed: an act. A code at sign-in changes nothing and is none."""
    if not inspect(user).attrs.tf_totp_secret.history.has_changes():
        return
    with own_transaction(), act("totp.set", user.person, by=user.person, at=now()):
        user.mf_recovery_codes = None
    flash(gettext("The second factor is set up. Now make recovery codes, in case the phone is lost."), "good")


def _note_no_second_factor(app: Flask, user: Account, **facts: Any) -> None:
    with own_transaction(), act("totp.end", user.person, by=user.person, at=now()):
        user.mf_recovery_codes = None


def init_app(app: Flask) -> None:
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = [
        {"username": {"mapper": lambda typed: typed, "case_insensitive": True}}
    ]
    security.init_app(app, SQLAlchemyUserDatastore(db, Account, NoRoles))
    security.want_json(lambda _: False)
    security.login_manager.user_loader(load_account)
    security.login_manager.request_loader(lambda _: None)
    security.login_manager.session_protection = None
    app.view_functions.update(LIMITED)
    user_authenticated.connect(_open, app)
    tf_code_confirmed.connect(_note_second_factor, app)
    tf_profile_changed.connect(_note_second_factor, app)
    tf_disabled.connect(_note_no_second_factor, app)
    know_people_by(who_asks, office_at_work)
