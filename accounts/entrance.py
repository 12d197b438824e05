"""The door of every route: who is it, is his session alive, did he prove lately who he is, may he at all.

Whoever is asked again who he is (a PIN after idling, a fresh sign-in) loses nothing: the page that asks carries what he
had sent, and sends it on to where it was meant for (`accounts.views.sign_in.verify`, SETTLED 23).
"""

from __future__ import annotations

from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import current_user, logout_user
from werkzeug.datastructures import ImmutableMultiDict

from accounts import access
from accounts.access import Forbidden
from accounts.actions.sessions import empty_cookie, staff_roles_of
from accounts.limiting import limits_for
from accounts.models import FIELD_ROLES, PersonSession, SessionKind
from accounts.refusals import problem
from accounts.rules.limits import LIMITS, is_fresh
from accounts.web import now, today, viewer
from errors import Refusal
from extensions import READING, storable
from record import traces

SIGNED_IN = "signed_in"
USED = frozenset(
    f"security.{name}"
    for name in (
        "login",
        "two_factor_setup",
        "two_factor_setup_validate",
        "two_factor_token_validation",
        "mf_recovery",
        "mf_recovery_codes",
    )
)  # of Flask-Security's pages; any other is none of ours
OWN_SECOND_FACTOR = frozenset(
    {"security.two_factor_setup", "security.two_factor_setup_validate", "security.mf_recovery_codes"}
)
ASKING = frozenset({"sign_in.verify", "sign_in.verify_again"})
PASSWORD_PAGES = frozenset({"sign_in.password", "sign_in.password_change"})
CARRIED_BY_ITSELF = frozenset({"csrf_token", "again_secret", "again_target", "again_kept"})


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401
    message = "Please sign in first."
    help = "You have not signed in, or were away for too long. Nothing was changed."


class Reauth(Refusal):
    code = "reauth"
    status = 401
    message = "Please confirm who you are."
    help = "Type your password, or the PIN of this device, and send it again."


class PasswordDue(Refusal):
    code = "password_due"
    status = 403
    message = "Please choose a password of your own first."
    help = "Open the first page; it leads you there. Nothing was changed."


class Confined(Refusal):
    code = "confined"
    status = 403
    message = "This tablet serves people at the counter; nothing else is opened on it."
    help = "Leave the counter mode first, with your password."


def declared(app: Flask, endpoint: str) -> str | None:
    """The permission a route declares; None where none is. Flask-Security's own pages judge for themselves."""
    if endpoint == "static" or endpoint.startswith("security."):
        return access.PUBLIC
    permission: str | None = getattr(app.view_functions.get(endpoint), "permission", None)
    return permission


def check() -> ResponseReturnValue | None:
    """Before each request. Objects are judged by `find`; a route without one is judged here."""
    endpoint = request.endpoint or ""
    if request.method not in READING and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise Forbidden()
    # what is searched for is asked of the database like anything that is stored
    for text in chain.from_iterable(request.args.listvalues()):
        storable(text)
    if endpoint.startswith("security."):
        if endpoint not in USED:
            abort(404)
        _drop_outside_next()
    permission = declared(current_app, endpoint)
    guarded = endpoint in OWN_SECOND_FACTOR and current_user.is_authenticated
    if permission in {None, access.PUBLIC} and not guarded:
        return None
    return _check_session(endpoint, permission or "", guarded)


def _check_session(endpoint: str, permission: str, guarded: bool) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        return _to_sign_in()
    if _roles_have_changed(g.person_session):
        logout_user()
        empty_cookie("language")
        return _to_sign_in()
    if g.locked:
        return None if endpoint in ASKING else ask_again()
    only = g.person_session.confined_to
    if only and endpoint not in ASKING and endpoint.partition(".")[0] != only:
        if request.method in READING:
            return _go(url_for(f"{only}.show"))
        raise Confined()
    return _check_right(endpoint, permission, guarded)


def _check_right(endpoint: str, permission: str, guarded: bool) -> ResponseReturnValue | None:
    opened: PersonSession = g.person_session
    if _password_is_due() and endpoint not in PASSWORD_PAGES:
        if request.method in READING:
            return redirect(url_for("sign_in.password"))
        raise PasswordDue()
    if guarded and opened.kind == SessionKind.FIELD:
        abort(404)
    _seen(opened)
    named = permission not in {access.PUBLIC, SIGNED_IN}
    if named and not request.view_args and not access.holds(viewer(), permission):
        raise Forbidden()
    if (guarded or (named and _asks_for_fresh(permission))) and not _is_fresh(opened):
        return ask_again()
    return None


def _is_fresh(opened: PersonSession) -> bool:
    """An office may only shorten the time, so that what is older than the default needs no look at its settings."""
    at = now()
    if not is_fresh(opened.fresh_at, at, LIMITS):
        return False
    return is_fresh(opened.fresh_at, at, limits_for(viewer().person, today()))


def _roles_have_changed(opened: PersonSession) -> bool:
    """Whether staff memberships are others than at sign-in; a field device ends with the first one (T23, T31)."""
    if opened.staff_roles is not None and opened.staff_roles != staff_roles_of(viewer().held):
        return True
    return opened.kind == SessionKind.FIELD and any(m.role not in FIELD_ROLES for m in viewer().held)


def _password_is_due() -> bool:
    account = current_user
    if g.person_session.kind == SessionKind.FIELD or account.password is None:
        return False
    return bool(account.must_change_password)


def _asks_for_fresh(permission: str) -> bool:
    """Whether every way by which the viewer holds the permission carries the mark A (TRUST section 2)."""
    grants = access.grants_of(viewer(), permission)
    return bool(grants) and all("A" in grant.marks for _, grant in grants)


def _seen(opened: PersonSession) -> None:
    at, opened_id = now(), opened.id
    if not traces.is_due(opened.last_seen_at, at):
        return

    @after_this_request
    def note(response: Response) -> Response:
        if not g.get("leaves_no_trace"):
            traces.leave(response, PersonSession, opened_id, "last_seen_at", at)
        return response


def _drop_outside_next() -> None:
    """Flask-Security reads `next` by itself and mends what it finds; an address outside is not to be mended."""
    if not within(request.args.get("next", "/")):
        request.args = ImmutableMultiDict(pair for pair in request.args.items(multi=True) if pair[0] != "next")
    if not within(request.form.get("next", "/")):
        request.form = ImmutableMultiDict(pair for pair in request.form.items(multi=True) if pair[0] != "next")


def within(target: str | None) -> str:
    """An address inside this site, as path and query; "" for any other (open redirects)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return ""
    if any(ord(c) <= 32 or ord(c) == 127 for c in target):
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc else target


def here_in_site() -> str:
    """The page to come back to: this one, or the one around a fragment that htmx asked for."""
    if request.headers.get("HX-Request"):
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        return within(shown.path + (f"?{shown.query}" if shown.query else "")) or "/"
    return request.full_path.rstrip("?")


def wants_json() -> bool:
    return request.is_json or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return problem(NotSignedIn())
    target = url_for("security.login", next=here_in_site())
    if request.method in READING:
        return _go(target)
    actions = [{"label": gettext("Sign in"), "url": url_for("security.login"), "main": True}]
    return render_template("errors/refusal.html", refusal=NotSignedIn(), actions=actions), 401


def _go(target: str) -> ResponseReturnValue:
    """Lead the whole page there, also where only a fragment was asked for."""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def ask_again() -> ResponseReturnValue:
    """Ask who is here, keeping what was sent."""
    if wants_json():
        return problem(Reauth())
    if request.method in READING:
        return _go(url_for("sign_in.verify", next=here_in_site()))
    return asking_page(request.full_path.rstrip("?"), carried()), 401


def carried() -> list[tuple[str, str]]:
    """What was sent besides what the asking page sends itself; with the identity that makes it happen once."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in CARRIED_BY_ITSELF]
    key = request.headers.get("Idempotency-Key")
    return [*fields, ("form_id", key)] if key and not any(name == "form_id" for name, _ in fields) else fields


def asking_page(target: str, kept: list[tuple[str, str]] | None, **more: Any) -> str:
    """The page that asks for the PIN or the password. `kept` None: nothing was sent, it leads on to `target`."""
    kind = "pin" if g.person_session.kind == SessionKind.FIELD else "verify"
    lost = bool(request.files) and any(file.filename for file in request.files.values())
    fragment = bool(request.headers.get("HX-Request"))
    around = request.headers.get("HX-Target", "") if fragment else ""
    return render_template(
        f"accounts/{kind}.html", target=target, kept=kept, files_lost=lost, around=around, fragment=fragment, **more
    )
