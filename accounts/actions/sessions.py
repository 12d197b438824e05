"""Signed-in browsers: opening, looking up, revoking. A session is a row; the cookie holds its one-time secret."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from flask import session
from sqlalchemy import select, update

from accounts.models import Account, Person, PersonSession, SessionKind
from extensions import db
from record.act import act

COOKIE_KEY = "sid"


def token_hash(token: str) -> str:
    """A fast hash suffices: a token has 256 random bits (TRUST section 7)."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    account: Account, kind: SessionKind, *, at: datetime, expires_at: datetime, device: str = "", network: str = ""
) -> PersonSession:
    """Open a session in the browser at hand; an older one there ends (T23)."""
    token = secrets.token_urlsafe(32)
    with act("session.open", account.person, by=account.person, at=at, kind=kind, device=device):
        end_this_session(at)
        opened = PersonSession(
            account=account,
            kind=kind,
            token_hash=token_hash(token),
            device=device,
            network=network,
            opened_at=at,
            last_seen_at=at,
            fresh_at=at,
            expires_at=expires_at,
        )
        db.session.add(opened)
        db.session.flush()
    session[COOKIE_KEY] = token
    session.permanent = True
    return opened


def session_at_hand() -> PersonSession | None:
    """The live session of the browser at hand."""
    token = session.get(COOKIE_KEY)
    if not isinstance(token, str):
        return None
    return db.session.scalar(
        select(PersonSession).where(PersonSession.token_hash == token_hash(token), PersonSession.revoked_at.is_(None))
    )


def end_this_session(at: datetime) -> None:
    """Revoke the session of the browser at hand."""
    current = session_at_hand()
    if current is not None:
        current.revoked_at = at
    session.pop(COOKIE_KEY, None)


def revoke_sessions(of: Person, by: Person, at: datetime, reason: str, only: PersonSession | None = None) -> int:
    """End one session of a person, or all. Returns how many ended."""
    with act("session.revoke", of, by=by, at=at, reason=reason):
        live = update(PersonSession).where(PersonSession.revoked_at.is_(None))
        live = live.where(PersonSession.account_id.in_(select(Account.id).where(Account.person_id == of.id)))
        if only is not None:
            live = live.where(PersonSession.id == only.id)
        return int(db.session.execute(live.values(revoked_at=at)).rowcount)
