"""The edge of a request: one place that opens the transaction, keeps the answer under its key, and tries again.

A request that may write claims its key, runs the view, stores status, headers and body under the key and commits, all
in one transaction; on a deadlock, a serialization failure or a locked database the view runs again from its start,
three times in all, then 503. The answer is sent after the commit (I07; TRUST findings 1 and 2).
"""

from __future__ import annotations

import copy
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from errors import Refusal
from extensions import READING, db, only_looking, rows_hit
from record.act import origin, transaction
from record.away import is_away, tell
from record.faults import in_words
from record.models import StoredAnswer
from record.sealed import keys

F = TypeVar("F", bound=Callable[..., Any])

TRIES = 3
RETRIED_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "08006", "08003"})
LONGEST_KEY = 128
KEPT = timedelta(days=7)  # idempotency.keep
NOT_MEANT = frozenset(
    {"csrf_token", "again_secret", "again_target", "again_kept"}
)  # the page that asks again who is here
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
KEPT_HEADERS = frozenset(
    {"content-type", "location", "hx-redirect", "hx-trigger", "hx-location", "content-disposition"}
)


class KeyReused(Refusal):
    code = "key_reused"
    status = 422
    message = "This form was already sent with other content."
    help = "Open the page again and send what you mean now."


class KeyMissing(Refusal):
    code = "key_missing"
    status = 422
    message = "The form carried no identity, so sending it twice could not be told from sending it once."
    help = "Open the page again and send it from there."


class Busy(Refusal):
    code = "busy"
    status = 503
    message = "Somebody else is changing the same thing at this moment."
    help = "Nothing was changed. Please try again in a few seconds."


def now() -> datetime:
    """The time at the edge; everything inside receives it as an argument."""
    return datetime.now(UTC)


_who: list[Callable[[], str]] = []
_office: list[Callable[[], int | None]] = []


def know_people_by(who: Callable[[], str], office: Callable[[], int | None] | None = None) -> None:
    """Register who is asking: a stable name for one person or, before sign-in, one browser; and at which office."""
    _who[:] = [who]
    _office[:] = [office] if office else []


def stands(response: Response) -> Response:
    """Mark a refusal that is itself a fact (a code that was not taken): what it wrote stays, with its answer."""
    response.stands = True  # type: ignore[attr-defined]
    return response


def outside_transaction(view: F) -> F:
    """Mark a view that handles its own transactions (sign-in: a password is checked outside any)."""
    view.outside_transaction = True  # type: ignore[attr-defined]
    return view


@contextmanager
def own_transaction() -> Iterator[None]:
    """The transaction that such a view opens itself, where the edge would have opened one."""
    with transaction(), origin(**_origin()):
        yield


class Fengli(Flask):
    """Flask, with the edge around every view that may write. What stands before and after the tries only looks: it
    waits for no writer, and who is here is asked where nothing would be tried again."""

    def log_exception(self, exc_info: Any) -> None:
        """Log a fault by its endpoint and its lines: an address may hold a secret (a feed's token, an invitation)."""
        self.logger.error("fault in %s [%s]\n%s", request.endpoint, request.method, in_words(exc_info[1]))

    def preprocess_request(self) -> ResponseReturnValue | None:
        with only_looking():
            return super().preprocess_request()

    def handle_user_exception(self, e: Exception) -> Any:
        with only_looking():
            return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Response:
        """Answer a fault with its page; where none can be made (the database is away), with one that asks nothing.

        What got past here would be logged by the web server, with the address that was asked and all that it says.
        """
        if is_away(e):
            return self._away(e)
        with only_looking():
            try:
                return super().handle_exception(e)
            except Exception as worse:
                if worse is e:
                    raise
                return self._away(worse)

    def _away(self, trouble: Exception) -> Response:
        if is_away(trouble):
            tell(self.logger, trouble)
        else:
            self.logger.error("no page can be made: %s", type(trouble).__name__)
        answer = self.send_static_file("away.html")
        answer.status_code, answer.headers["Retry-After"] = 503, "10"
        answer.headers["Cache-Control"] = "no-store"
        return self.finalize_request(answer, from_error_handler=True)

    def dispatch_request(self) -> ResponseReturnValue:
        view = self.view_functions.get(request.endpoint or "")
        if request.method in READING or view is None or getattr(view, "outside_transaction", False):
            return super().dispatch_request()
        return run(super().dispatch_request)


def run(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Run a writing view in its transaction, once, however often the request arrives."""
    key = request.headers.get("Idempotency-Key") or request.form.get("form_id") or ""
    if not key or len(key) > LONGEST_KEY or not key.isascii():
        raise KeyMissing()
    with only_looking():
        who = _who[0]() if _who else ""
    claim = {"who": who, "route": request.method + " " + request.path, "key": key}
    body = _body_hash()
    cookie = copy.deepcopy(dict(session))
    for attempt in range(TRIES):
        try:
            return _once(view, claim, body)
        except DBAPIError as trouble:
            db.session.rollback()
            if not worth_trying_again(trouble):
                raise
            _take_back(cookie)
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise Busy()


def _take_back(cookie: dict[str, Any]) -> None:
    """Before another try: what the first one put into the cookie (a flashed sentence) must not stand there twice."""
    session.clear()
    session.update(copy.deepcopy(cookie))


def _once(view: Callable[[], ResponseReturnValue], claim: dict[str, str], body: str) -> Response:
    kept = db.session.scalar(select(StoredAnswer).filter_by(**claim))
    if kept is not None:
        return _again(kept, body)
    with transaction(), origin(**_origin()):
        answer = StoredAnswer(**claim, body_hash=body, stored_at=now())
        db.session.add(answer)
        db.session.flush()
        response = current_app.make_response(view())
        if response.status_code < 400 or getattr(response, "stands", False):
            response.direct_passthrough = False  # a file is an answer as well: it is kept with the others
            answer.status = response.status_code
            answer.headers = [[k, v] for k, v in response.headers if k.lower() in KEPT_HEADERS]
            answer.body = keys().cipher.encrypt(response.get_data())
        else:
            db.session.rollback()
    return response


def _origin() -> dict[str, Any]:
    """By which way the acts of this request come; the office at work, for subjects that have none of their own."""
    office = _office[0]() if _office else None
    return {"via": "web", "network": network(request.remote_addr), **({"office": office} if office else {})}


def _again(kept: StoredAnswer, body: str) -> Response:
    if kept.body_hash != body or kept.status is None or kept.body is None:
        raise KeyReused()
    response = Response(keys().cipher.decrypt(kept.body), status=kept.status)
    for name, value in kept.headers:
        response.headers[name] = value
    response.headers["Idempotent-Replay"] = "true"
    return response


def _body_hash() -> str:
    """SHA-256 of what was sent, whatever order a browser put it in, but for what is not part of what is meant."""
    digest = hashlib.sha256(b"?" + request.query_string + b"\n")
    for name in sorted(set(request.form) - NOT_MEANT):
        for value in request.form.getlist(name):
            digest.update(f"{name}={len(value)}:{value}".encode("utf-8", "surrogatepass"))
    for name in sorted(request.files):
        for file in request.files.getlist(name):
            digest.update(f"{name}={file.filename}:".encode("utf-8", "surrogatepass"))
            digest.update(hashlib.sha256(file.stream.read()).digest())
            file.stream.seek(0)
    if request.mimetype not in FORM_TYPES:
        digest.update(request.get_data())
    return digest.hexdigest()


def worth_trying_again(trouble: DBAPIError) -> bool:
    """Whether the same transaction may succeed at once: deadlock, serialization, a lost connection, a locked SQLite,
    or a rival who claimed the same key first (his answer is stored by now)."""
    if isinstance(trouble, IntegrityError):
        diagnosis = getattr(trouble.orig, "diag", None)
        table = diagnosis.table_name if diagnosis is not None else str(trouble.orig).partition("failed: ")[2]
        return str(table).startswith("stored_answer")
    state = getattr(trouble.orig, "sqlstate", None)
    locked = "database is locked" in str(trouble.orig)
    return bool(trouble.connection_invalidated or state in RETRIED_STATES or locked)


def network(address: str | None) -> str:
    """A caller's network: /24 of IPv4, /48 of IPv6; enough to notice a stranger, too little to follow a person."""
    if not address:
        return ""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + "::/48"
    return ".".join(address.split(".")[:3]) + ".0/24"


def forget_old_answers(now: datetime) -> int:
    """Delete stored answers older than `idempotency.keep`. Returns how many."""
    with transaction():
        return rows_hit(db.session.execute(delete(StoredAnswer).where(StoredAnswer.stored_at < now - KEPT)))
