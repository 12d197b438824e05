"""Signed-in browsers: opening, looking up, revoking. A session is a row; the cookie holds its one-time secret."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from flask import session
from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import contains_eager

from accounts.models import FIELD_ROLES, Account, Enrolment, Membership, Person, PersonSession, SessionKind
from accounts.rules.limits import LIMITS, Limits
from extensions import db
from record.act import act

COOKIE_KEY = "sid"
BROWSER_KEY = "mark"  # random, kept in the cookie whoever signs in or out: it says nothing but that it is one browser


def token_hash(token: str) -> str:
    """A fast hash suffices: a token has 256 random bits (TRUST section 7)."""
    return hashlib.sha256(token.encode()).hexdigest()


def staff_roles_of(memberships: Iterable[Membership]) -> str:
    """The staff memberships of a person as one text, so that a change of them is seen (T23)."""
    return " ".join(sorted(f"{m.office_id}:{m.role}" for m in memberships if m.role not in FIELD_ROLES))


def open_session(
    account: Account,
    kind: SessionKind,
    *,
    at: datetime,
    device: str = "",
    network: str = "",
    memberships: Iterable[Membership] = (),
    enrolment: Enrolment | None = None,
    pin_hash: str | None = None,
    limits: Limits = LIMITS,
) -> PersonSession:
    """Open a session in the browser at hand; an older one there ends, and of its cookie only the browser's mark is kept
    (T23, T32).

    `memberships`: those in force. A field session is an enrolled device: it takes its role from the enrolment.
    """
    token = secrets.token_urlsafe(32)
    by_pin = kind == SessionKind.FIELD
    life, idle = (limits.field_absolute, limits.pin_after) if by_pin else (limits.staff_absolute, limits.staff_idle)
    person = account.person
    with act("session.open", person, by=person, at=at, kind=kind, device=device):
        end_this_session(at, "language", "_flashes")
        opened = PersonSession(
            account=account,
            kind=kind,
            role=enrolment.role if enrolment else "",
            staff_roles=staff_roles_of(memberships),
            idle_minutes=int(idle.total_seconds() // 60),
            enrolment_id=enrolment.id if enrolment else None,
            token_hash=token_hash(token),
            device=device,
            browser=token_hash(session.setdefault(BROWSER_KEY, secrets.token_urlsafe(16))),
            network=network,
            opened_at=at,
            last_seen_at=at,
            fresh_at=at,
            expires_at=at + life,
            pin_hash=pin_hash,
            pin_length=limits.pin_length,
        )
        db.session.add(opened)
        account.failures, account.locked_until = 0, None
        db.session.flush()
    session[COOKIE_KEY] = token
    session.permanent = True
    return opened


def session_at_hand() -> PersonSession | None:
    """The session of the browser at hand, unless it was revoked; with its account and person, in one query."""
    token = session.get(COOKIE_KEY)
    if not isinstance(token, str):
        return None
    query = (
        select(PersonSession)
        .join(PersonSession.account)
        .join(Account.person)
        .options(contains_eager(PersonSession.account).contains_eager(Account.person))
        .where(PersonSession.token_hash == token_hash(token), PersonSession.revoked_at.is_(None))
    )
    return db.session.scalar(query)


def end_this_session(at: datetime, *keep: str) -> None:
    """Revoke the session of the browser at hand and empty its cookie, but for what is to be kept."""
    current = session_at_hand()
    if current is not None:
        current.revoked_at = at
    empty_cookie(*keep)


def empty_cookie(*keep: str) -> None:
    kept = {name: session[name] for name in (BROWSER_KEY, *keep) if name in session}
    session.clear()
    session.update(kept)


def leave(of: Person, at: datetime) -> None:
    """Sign out of the browser at hand."""
    with act("session.leave", of, by=of, at=at):
        end_this_session(at, "language")


def refresh(opened: PersonSession, at: datetime) -> None:
    """Note that whoever is here has just proved who he is."""
    opened.last_seen_at = opened.fresh_at = at
    opened.pin_failures = 0


def live_sessions(of: Person, at: datetime) -> list[PersonSession]:
    """The sessions and devices of a person that are not over, the one seen last first."""
    query = _of(of).where(PersonSession.revoked_at.is_(None), PersonSession.expires_at > at)
    return list(db.session.scalars(query.order_by(PersonSession.last_seen_at.desc(), PersonSession.id.desc())))


def _of(person: Person) -> Select[PersonSession]:
    return select(PersonSession).join(PersonSession.account).where(Account.person_id == person.id)


def revoke_sessions(
    of: Person,
    by: Person,
    at: datetime,
    reason: str = "",
    *,
    only: PersonSession | None = None,
    spare: PersonSession | None = None,
) -> int:
    """End one session of a person, all, or all but one. It shows on the next request. Returns how many ended."""
    chosen: list[ColumnElement[bool]] = [PersonSession.revoked_at.is_(None)]
    chosen.append(PersonSession.account_id.in_(select(Account.id).where(Account.person_id == of.id)))
    if only is not None:
        chosen.append(PersonSession.id == only.id)
    if spare is not None:
        chosen.append(PersonSession.id != spare.id)
    with act("session.revoke", of, by=by, at=at, reason=reason) as doing:
        ending = update(PersonSession).where(*chosen).values(revoked_at=at).returning(PersonSession.id)
        ended = len(db.session.scalars(ending).all())
        doing.facts["ended"] = ended
    return ended
