"""The door of every route: who is it, is his session alive, does his role hold the permission at all."""

from __future__ import annotations

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from accounts import access
from accounts.access import Forbidden
from accounts.web import viewer
from errors import Refusal

SIGNED_IN = "signed_in"


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401
    message = "Please sign in first."


def declared(app: Flask, endpoint: str) -> str | None:
    """The permission a route declares; None where none is. Flask-Security's own pages judge for themselves."""
    if endpoint == "static" or endpoint.startswith("security."):
        return access.PUBLIC
    permission: str | None = getattr(app.view_functions.get(endpoint), "permission", None)
    return permission


def check() -> ResponseReturnValue | None:
    """Before each request. Objects are judged by `find`; a route without one is judged here."""
    permission = declared(current_app, request.endpoint or "")
    if permission in {None, access.PUBLIC}:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if permission is not None and permission != SIGNED_IN and not request.view_args and not access.holds(viewer(), permission):
        raise Forbidden()
    return None


def _to_sign_in() -> ResponseReturnValue:
    if request.method == "GET" and request.accept_mimetypes.accept_html:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    raise NotSignedIn()
