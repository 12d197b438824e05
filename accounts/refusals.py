"""What somebody reads whose wish is refused: the form's page again, a page of its own, or problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from flask import (
    Flask,
    current_app,
    flash,
    g,
    get_template_attribute,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from accounts.presenting import clock, day, duration
from errors import Refusal
from extensions import READING, db
from law import Minutes

MOST_DRAINED = 64 * 1024 * 1024


def refused(refusal: Refusal) -> ResponseReturnValue:
    """The one handler of refusals."""
    db.session.rollback()
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return problem(refusal)
    g.refusal = refusal
    shown = g.pop("shown_again", None)
    if shown is not None:
        page, form = shown
        return page(form), refusal.status, _later(refusal)
    return render_template("errors/refusal.html", refusal=refusal), refusal.status, _later(refusal)


def _later(refusal: Refusal) -> dict[str, str]:
    """When to ask again, in seconds, where nothing but the moment is wrong."""
    return {"Retry-After": "2"} if refusal.status == 503 else {}


def problem(refusal: Refusal) -> ResponseReturnValue:
    """RFC 9457."""
    body = {
        "type": f"/problems/{refusal.code}",
        "title": said(refusal),
        "status": refusal.status,
        "detail": helped(refusal),
        "source": refusal.source,
    }
    response = make_response(body, refusal.status, _later(refusal))
    response.content_type = "application/problem+json"
    return response


def said(refusal: Refusal) -> str:
    """What a refusal says, in the language of whoever reads it."""
    return str(gettext(refusal.message, **in_words(refusal.facts)))


def helped(refusal: Refusal) -> str:
    """What helps, the same way; "" where it says nothing."""
    return str(gettext(refusal.help, **in_words(refusal.facts))) if refusal.help else ""


def in_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a sentence as they are written everywhere: days, times, lengths, states, lists of them."""
    return {name: _state(value) if name == "state" else _fact(value) for name, value in facts.items()}


def _fact(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{day(value)} {clock(value)}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Minutes):
        return duration(value)
    if isinstance(value, list | tuple):
        return gettext(", ").join(str(_fact(one)) for one in value)
    return value


def _state(value: Any) -> str:
    return str(get_template_attribute("components/state.html", "word")(value)).strip()


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's own errors (404, 405, 413 …) on pages of ours.

    A refused form stands on the address it was sent to: whoever reloads it is brought to the page it belongs to.
    """
    known = {400, 403, 404, 405, 413, 429}
    status = error.code or 500
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return make_response({"type": "about:blank", "title": error.name, "status": status}, status)
    if status == 413:
        _drain()
        if not request.headers.get("HX-Request"):
            flash(gettext("The file is too large: files of up to 12 MB can be taken. Nothing was stored."), "bad")
            return redirect(page_of(request.path), 303)
    if status == 405 and request.method in READING:
        flash(
            gettext("That address only takes a form; this is the page it belongs to. Nothing was sent again."), "info"
        )
        return redirect(page_of(request.path), 303)
    return render_template(f"errors/{status if status in known else 500}.html"), status


def _drain() -> None:
    """Read what is still being sent, within reason: a browser that cannot finish sending shows no answer."""
    left = min(request.content_length or 0, MOST_DRAINED)
    while left > 0 and (read := request.environ["wsgi.input"].read(min(left, 64 * 1024))):
        left -= len(read)


def page_of(address: str) -> str:
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


def init_app(app: Flask) -> None:
    app.add_template_global(in_words)
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, http_error)
