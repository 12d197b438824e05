"""The limits of signing in that hold for one person: what his offices have set, the strictest of them (DOMAIN 9.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from accounts.access import Viewer
from accounts.models import Office, Person
from accounts.rules.limits import LIMITS, Limits
from accounts.rules.password import POLICY, Policy
from accounts.settings import in_force

SESSION_KEYS = (
    "login.max_fail",
    "login.lock",
    "login.staff.idle",
    "login.staff.absolute",
    "login.field.device",
    "login.field.pin",
    "login.field.pin_after_idle",
    "login.fresh",
)
PASSWORD_KEYS = (
    "password.staff.min",
    "password.graded_protection",
    "password.graded_protection.classes",
    "password.graded_protection.days",
    "password.graded_protection.remembered",
)


def offices_of(person: Person, on: date) -> set[Office]:
    return {m.office for m in Viewer(person, on).held}


def limits_for(person: Person, on: date) -> Limits:
    """How long his sessions last and how often he may try."""
    said = [_values(office, on, SESSION_KEYS) for office in offices_of(person, on)]
    if not said:
        return LIMITS
    return Limits(
        tries=_of(min, said, "login.max_fail"),
        lock=timedelta(minutes=_of(max, said, "login.lock")),
        staff_idle=timedelta(minutes=_of(min, said, "login.staff.idle")),
        staff_absolute=timedelta(hours=_of(min, said, "login.staff.absolute")),
        field_absolute=timedelta(days=_of(min, said, "login.field.device")),
        pin_length=_of(max, said, "login.field.pin"),
        pin_after=timedelta(minutes=_of(min, said, "login.field.pin_after_idle")),
        fresh=timedelta(minutes=_of(min, said, "login.fresh")),
    )


def policy_for(person: Person, on: date) -> Policy:
    """What a password of his must be."""
    said = [_values(office, on, PASSWORD_KEYS) for office in offices_of(person, on)]
    if not said:
        return POLICY
    return Policy(
        least=_of(max, said, "password.staff.min"),
        graded=any(one["password.graded_protection"] for one in said),
        classes=_of(max, said, "password.graded_protection.classes"),
        lasts=timedelta(days=_of(min, said, "password.graded_protection.days")),
        remembered=_of(max, said, "password.graded_protection.remembered"),
    )


def second_factor_wanted(person: Person, on: date) -> bool:
    """Whether a code is asked besides the password: off only where all his offices are for demonstration, and none of
    these has turned it on (DOMAIN 9.2 login.second_factor)."""
    offices = offices_of(person, on)
    return not offices or any(not office.is_demo or _turned_on(office, on) for office in offices)


def _turned_on(office: Office, on: date) -> bool:
    kept = in_force(office, on, ["login.second_factor"])["login.second_factor"]
    return kept.own and bool(kept.value.amount)


def _values(office: Office, on: date, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: one.value.amount for key, one in in_force(office, on, keys).items()}


def _of(strictest: Callable[[list[int]], int], said: list[dict[str, Any]], key: str) -> int:
    return strictest([int(values[key]) for values in said])
