"""Passwords and second factors of staff. Hashing takes a tenth of a second: it is done outside any transaction."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from flask_security import hash_password
from flask_security.utils import verify_password
from sqlalchemy import func, select, update

from accounts.actions.devices import issue_link, use_link
from accounts.actions.revocation import end_further_ways
from accounts.actions.sessions import live_sessions, revoke_sessions
from accounts.models import FIELD_ROLES, Account, Enrolment, Membership, Office, Person, PersonSession
from accounts.rules.limits import LIMITS, Limits
from accounts.rules.password import POLICY, PasswordUsedBefore, Policy, check_password
from errors import Refusal
from extensions import db, storable
from record.act import act

COMMON = Path(__file__).parent.parent / "common_passwords.txt"


class NoSecondFactor(Refusal):
    code = "no_second_factor"
    message = "No authenticator is set up for this person."
    help = "One is set up at the next sign-in."


class UsernameTaken(Refusal):
    code = "username_taken"
    message = "Somebody else signs in with this name."
    help = "Add a digit or the office to the name."


@lru_cache
def common_passwords() -> frozenset[str]:
    """Words and patterns that others try first, in lower case."""
    return frozenset(COMMON.read_text(encoding="utf-8").split())


def hashed(secret: str) -> str:
    """An argon2id hash of a password or PIN. Never call it while a transaction is open."""
    return str(hash_password(storable(secret)))


def matches(secret: str, kept: str | None) -> bool:
    """Whether a secret is the one kept; takes as long where none is kept (T24)."""
    if kept is None:
        hash_password(storable(secret))
        return False
    return bool(verify_password(storable(secret), kept))


def account_of(person: Person) -> Account:
    """The person's account, made where he has none yet; it opens nothing by itself."""
    if person.account is None:
        person.account = Account(person_id=person.id, fs_uniquifier=uuid.uuid4().hex)
        db.session.add(person.account)
        db.session.flush()
    return person.account


def open_account(person: Person, username: str, office: Office, by: Person, at: datetime) -> str:
    """Give somebody of the staff a name to sign in with. Returns the secret of a link to choose a password.

    Raises: UsernameTaken.
    """
    taken = select(Account.id).where(func.lower(Account.username) == username.lower(), Account.person_id != person.id)
    if db.session.scalar(taken) is not None:
        raise UsernameTaken()
    with act("account.open", person, by=by, at=at, username=username, at_office=office.id):
        account_of(person).username = username
        return issue_link(person, "", office, by, at)


def issue_password_link(person: Person, office: Office, by: Person, at: datetime) -> str:
    """Let somebody choose a password himself: nobody chooses one for him (ASVS 6.4.6). Returns the link's secret."""
    account_of(person)
    return issue_link(person, "", office, by, at)


def check_not_used_before(password: str, earlier: list[str], policy: Policy) -> None:
    """Raises: PasswordUsedBefore, where graded protection remembers. Never call it while a transaction is open."""
    if policy.graded and any(matches(password, kept) for kept in earlier[: policy.remembered]):
        raise PasswordUsedBefore(n=policy.remembered)


def check_new_password(account: Account, password: str, policy: Policy = POLICY) -> None:
    """Judge a password somebody chooses for himself. Raises: PasswordRefused."""
    person = account.person
    offices = select(Office.name).where(Office.id.in_(select(Membership.office_id).filter_by(person_id=person.id)))
    names = [
        account.username,
        person.name,
        person.pinyin.replace(" ", ""),
        person.phone,
        person.id_number,
        *db.session.scalars(offices),
    ]
    check_password(password, [name for name in (*names, "fengli") if name], common_passwords(), policy)


def set_password(
    account: Account,
    password_hash: str,
    at: datetime,
    *,
    spare: PersonSession | None = None,
    link: Enrolment | None = None,
    policy: Policy = POLICY,
) -> None:
    """Take a password that its owner has chosen, by a link where he has one; his other sessions end. With a reset by
    link ends also what else opens his things: whoever knew the old password may have made himself a way in.

    Raises: LinkUsed.
    """
    person = account.person
    with act("password.set", person, by=person, at=at):
        if link is not None:
            use_link(link, at)
            end_further_ways(person, person, at)
        earlier = [kept for kept in (account.password, *(account.earlier_passwords or [])) if kept]
        account.earlier_passwords = earlier[: policy.remembered] if policy.graded else []
        account.password, account.password_set_at = password_hash, at
        account.must_change_password = False
        account.failures, account.locked_until = 0, None
        if any(opened is not spare for opened in live_sessions(person, at)):
            revoke_sessions(person, person, at, spare=spare)


def note_failure(account_id: int, at: datetime, limits: Limits = LIMITS) -> bool:
    """Count a wrong password or code; the last one allowed locks the account. Returns whether it did."""
    where = Account.id == account_id
    db.session.execute(update(Account).where(where).values(failures=Account.failures + 1))
    account = db.session.get_one(Account, account_id, populate_existing=True)
    if account.failures < limits.tries:
        return False
    with act("account.lock", account.person, by=None, at=at, minutes=int(limits.lock.total_seconds() // 60)):
        account.failures, account.locked_until = 0, at + limits.lock
    return True


def reset_second_factor(person: Person, by: Person, at: datetime, reason: str) -> None:
    """Forget a lost authenticator; he sets up another one at his next sign-in. His sessions end.

    Raises: NoSecondFactor.
    """
    account = account_of(person)
    if account.tf_totp_secret is None:
        raise NoSecondFactor()
    with act("totp.end", person, by=by, at=at, reason=reason):
        account.tf_totp_secret = account.tf_primary_method = account.mf_recovery_codes = None
        revoke_sessions(person, by, at, reason)


def account_named(typed: str, phone_hash: str | None) -> Account | None:
    """The account that signs in by this name, or by this phone where nobody else of the staff has it."""
    live = select(Account).join(Account.person).where(Account.active, Person.merged_into_id.is_(None))
    named = db.session.scalar(live.where(func.lower(Account.username) == typed.lower()))
    if named is not None or phone_hash is None:
        return named
    found = list(db.session.scalars(live.where(Person.phone_hash == phone_hash, Account.password.is_not(None))))
    return found[0] if len(found) == 1 else None


def may_use_password(memberships: list[Membership]) -> bool:
    """Staff sign in with a password; whoever has only field roles enrols a device (TRUST 7.3)."""
    return not memberships or any(m.role not in FIELD_ROLES for m in memberships)
