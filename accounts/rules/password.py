"""What a password must be: long, and none that others try first (DOMAIN 9.2 `password.*`, S-21; ASVS 6.2). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from errors import Refusal

ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


@dataclass(frozen=True)
class Policy:
    """`graded` turns on what graded protection (GB/T 22239) asks: classes of characters and a change now and then.

    Off by default: ASVS 6.2.5 and 6.2.10 forbid both (TRUST finding 13).
    """

    least: int = 12
    most: int = 256
    graded: bool = False
    classes: int = 3
    lasts: timedelta = timedelta(days=90)
    remembered: int = 5


POLICY = Policy()


class PasswordRefused(Refusal):
    status = 422


class PasswordTooShort(PasswordRefused):
    code = "password_too_short"
    message = "A password has at least %(n)s characters."
    help = "Three or four words in a row are easy to remember and hard to guess."


class PasswordTooLong(PasswordRefused):
    code = "password_too_long"
    message = "A password has at most %(n)s characters."
    help = "Take a shorter one."


class PasswordTooCommon(PasswordRefused):
    code = "password_too_common"
    message = "This password is among the first that others try."
    help = "Take words that have nothing to do with you, your office or a row of keys."


class PasswordTooPlain(PasswordRefused):
    code = "password_too_plain"
    message = "This password mixes too few kinds of characters; the office asks for %(n)s of four."
    help = "Mix small letters, capital letters, digits and signs."


class PasswordsDiffer(PasswordRefused):
    code = "passwords_differ"
    message = "The two passwords are not the same."
    help = "Type the new password twice."


class PasswordUsedBefore(PasswordRefused):
    code = "password_used_before"
    message = "You had this password before; the office remembers the last %(n)s."
    help = "Take one you have not used yet."


class PasswordSame(PasswordRefused):
    code = "password_same"
    message = "This is the password you have already."
    help = "Take another one."


def check_password(password: str, words: Iterable[str], common: frozenset[str], policy: Policy = POLICY) -> None:
    """Judge a password somebody chooses. `words`: his names and those of his office. `common`: lower-case entries.

    Raises: PasswordTooShort, PasswordTooLong, PasswordTooCommon, PasswordTooPlain.
    Source: DOMAIN 9.2 password.staff.min, password.graded_protection; S-21; ASVS 6.2.1-6.2.12.
    """
    if len(password) < policy.least:
        raise PasswordTooShort(n=policy.least)
    if len(password) > policy.most:
        raise PasswordTooLong(n=policy.most)
    plain = unicodedata.normalize("NFKC", password).casefold()
    bare = re.sub(r"[\W_]+", "", plain)
    if plain in common or _is_common(bare, common) or _is_row(bare) or _says_who(bare, words):
        raise PasswordTooCommon()
    if policy.graded and _classes(password) < policy.classes:
        raise PasswordTooPlain(n=policy.classes)


def is_due(set_at: datetime | None, now: datetime, policy: Policy = POLICY) -> bool:
    """Whether graded protection asks for another password by now. Never without that policy."""
    return policy.graded and (set_at is None or now - set_at >= policy.lasts)


def _is_common(bare: str, common: frozenset[str]) -> bool:
    """Listed, or a listed word with digits before or after it, or one said twice."""
    core = bare.strip("0123456789")
    halves = {bare[: len(bare) // n] for n in (2, 3, 4) if bare and bare == bare[: len(bare) // n] * n}
    return bool({bare, core} & common) or bool(halves & common)


def _is_row(bare: str) -> bool:
    """One character or a short piece over and over, or keys in a row, forth or back."""
    if not bare or any(bare == (bare[:n] * len(bare))[: len(bare)] for n in (1, 2, 3, 4)):
        return True
    return any(bare in row or bare[::-1] in row for row in ROWS)


def _says_who(bare: str, words: Iterable[str]) -> bool:
    """A name with little beside it: fewer than eight other characters once it is taken away."""
    for word in words:
        plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", word).casefold())
        if len(plain) >= 2 and plain in bare and len(bare.replace(plain, "")) < 8:
            return True
    return False


def _classes(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(kind(c) for c in password) for kind in kinds)
