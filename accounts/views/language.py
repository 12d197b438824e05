"""Choosing the language of the pages, signed in or not."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Blueprint, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from accounts.actions.people import correct_person
from accounts.entrance import within
from accounts.language import LANGUAGES
from accounts.web import now, public

bp = Blueprint("language", __name__)


@bp.post("/language")
@public
def choose() -> ResponseReturnValue:
    """This browser speaks it from now on; whoever is signed in is written to in it as well."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
        if current_user.is_authenticated and not g.locked and current_user.person.language != wanted:
            correct_person(current_user.person, {"language": wanted}, by=current_user.person, at=now())
    return redirect(_page_of(within(request.form.get("next"))), 303)


def _page_of(address: str) -> str:
    """The address, where it is that of a page; a refused form stands on the address it was sent to, which is none: then
    the nearest page above it, at last the first one."""
    path = address.partition("?")[0]
    above = path.rstrip("/")
    if path and _is_page(path):
        return address
    while above := above.rpartition("/")[0]:
        if _is_page(above):
            return above
    return "/"


def _is_page(path: str) -> bool:
    """Whether the address answers when it is only read."""
    try:
        current_app.url_map.bind(request.host).match(unquote(path), method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
