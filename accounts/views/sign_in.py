"""Signing out, being asked again who one is, choosing a password. The sign-in page itself is Flask-Security's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import current_user, logout_user

from accounts.actions import passwords, sessions
from accounts.actions.devices import claim_try, give_up_device
from accounts.entrance import asking_page, carried, within
from accounts.forms.sign_in import AgainForm, ChangePasswordForm
from accounts.limiting import limits_for, policy_for
from accounts.models import PersonSession, SessionKind
from accounts.rules.limits import LIMITS
from accounts.rules.password import PasswordSame, PasswordsDiffer
from accounts.rules.pin import digits_of
from accounts.sign_in import tries_limited
from accounts.web import now, public, see_other, signed_in, today
from errors import Refusal
from extensions import db
from record.edge import own_transaction

bp = Blueprint("sign_in", __name__)


class WrongSecret(Refusal):
    """Status 401 for htmx, which then shows the question above the page instead of in it."""

    code = "wrong_secret"
    status = 422
    message = "That was not right."
    help = "Try again. After too many wrong tries this device must be enrolled anew, or you must sign in again."


@bp.post("/account/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End the session of this browser. An enrolled device would need a new link, so it is asked about first."""
    if current_user.is_authenticated:
        if g.person_session.kind == SessionKind.FIELD and not request.form.get("sure"):
            return render_template("accounts/sign_in_leave.html")
        sessions.leave(current_user.person, now())
    logout_user()
    sessions.empty_cookie("language")
    response = redirect(url_for("security.login"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.post("/account/lock")
@signed_in
def lock() -> ResponseReturnValue:
    """Let this device ask for its PIN before anything else is done on it."""
    g.person_session.last_seen_at = now() - LIMITS.pin_after  # the longest an office may allow
    g.leaves_no_trace = True
    return see_other("sign_in.verify")


@bp.get("/account/verify")
@signed_in
def verify() -> ResponseReturnValue:
    return asking_page(within(request.args.get("next")) or "/", None)


@bp.post("/account/verify")
@signed_in
@tries_limited
def verify_again() -> ResponseReturnValue:
    """Let whoever is right go on: to a page, or with what was sent (307 sends it on as it is, SETTLED 23)."""
    target = within(request.form.get("again_target")) or "/"
    kept = carried() if request.form.get("again_kept") else None
    form = AgainForm.of(lambda form: asking_page(target, kept, form=form))
    opened: PersonSession = g.person_session
    by_pin = opened.kind == SessionKind.FIELD
    if not (_pin_is_right if by_pin else _password_is_right)(opened.id, form.again_secret.data):
        return _wrong(target, kept, form)
    with own_transaction():
        sessions.refresh(db.session.get_one(PersonSession, opened.id), now())
    return redirect(target, 303 if kept is None else 307)


def _pin_is_right(session_id: int, typed: str) -> bool:
    """Every try is counted before it is judged; too many end the device."""
    with own_transaction():
        opened = db.session.get_one(PersonSession, session_id)
        left, kept = claim_try(opened, LIMITS), opened.pin_hash
    right = left and passwords.matches(digits_of(typed), kept)
    with own_transaction():
        opened = db.session.get_one(PersonSession, session_id)
        if not right and opened.pin_failures >= LIMITS.pin_tries and opened.revoked_at is None:
            give_up_device(opened, now())
    return right


def _password_is_right(session_id: int, typed: str) -> bool:
    """A wrong password counts as at the sign-in; the last one allowed ends the session too."""
    account_id, kept = current_user.id, current_user.password
    db.session.rollback()
    if passwords.matches(typed, kept):
        return True
    with own_transaction():
        if passwords.note_failure(account_id, now(), limits_for(current_user.person, today())):
            opened = db.session.get_one(PersonSession, session_id)
            sessions.revoke_sessions(opened.account.person, opened.account.person, now(), only=opened)
    return False


def _wrong(target: str, kept: list[tuple[str, str]] | None, form: AgainForm) -> ResponseReturnValue:
    opened = db.session.get_one(PersonSession, g.person_session.id)
    if opened.revoked_at is None:
        form.again_secret.errors = [gettext("That was not right.")]
        left = LIMITS.pin_tries - opened.pin_failures if opened.kind == SessionKind.FIELD else None
        fragment = bool(request.headers.get("HX-Request"))
        return asking_page(target, kept, form=form, tries_left=left), 401 if fragment else 422
    logout_user()
    sessions.empty_cookie("language")
    if opened.kind == SessionKind.FIELD:
        flash(gettext("The PIN was wrong too often. This device must be enrolled anew: ask for a new link."), "bad")
    else:
        flash(gettext("The password was wrong too often. Sign in again later."), "bad")
    return _to_sign_in()


def _to_sign_in() -> Response:
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("security.login")})
    return redirect(url_for("security.login"), 303)  # type: ignore[return-value]


def _password_page(form: Any) -> str:
    return render_template(
        "accounts/sign_in_password.html",
        f=form,
        due=bool(current_user.must_change_password),
        least=policy_for(current_user.person, today()).least,
    )


@bp.get("/account/password")
@signed_in
def password() -> ResponseReturnValue:
    return _password_page(ChangePasswordForm())


@bp.post("/account/password", endpoint="password_change")
@signed_in
@tries_limited
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm.of(_password_page)
    typed = form.new.data
    if typed != form.again.data:
        raise PasswordsDiffer()
    account_id, opened_id = current_user.id, g.person_session.id
    policy, earlier = policy_for(current_user.person, today()), list(current_user.earlier_passwords or [])
    passwords.check_new_password(current_user, typed, policy)
    db.session.rollback()
    if not _password_is_right(opened_id, form.current.data):
        raise WrongSecret()
    if typed == form.current.data:
        raise PasswordSame()
    passwords.check_not_used_before(typed, earlier, policy)
    fresh = passwords.hashed(typed)
    with own_transaction():
        opened = db.session.get_one(PersonSession, opened_id)
        account = db.session.get_one(type(opened.account), account_id)
        passwords.set_password(account, fresh, now(), spare=opened, policy=policy)
    session.pop("csrf_token", None)
    flash(gettext("Your password is changed. Your other sessions and your calendar addresses have ended."), "good")
    return see_other("profile.mine")
