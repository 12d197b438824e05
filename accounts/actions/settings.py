"""Changing a setting: always a new row, in force from a day on, kept with its reason."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Office, Person, Setting
from accounts.rules.settings import (
    AlreadySo,
    ValueMissing,
    check_amount,
    check_beginning,
    check_choice,
    check_order,
    check_reason,
    check_switch,
    check_weeks,
    check_windows,
)
from accounts.setting_values import Value, stored
from accounts.settings import INHERIT, Declared, declaration, declared, in_force, waiting
from extensions import db
from record.act import act

NUMBERS = ("whole", "decimal", "money")


def change_setting(
    office: Office,
    key: str,
    value: Value,
    *,
    by: Person | None,
    at: datetime,
    reason: str,
    effective_from: date | None = None,
    citation: str = "",
) -> Setting:
    """Set a value from a day on (today, unless said otherwise). What began under the old value keeps it.

    Raises: subclasses of ValueRefused, citing the law where a bound is the law's; AlreadySo; ReasonMissing.
    """
    one = declaration(key)
    value = Value(value.amount, value.unit or one.units[0])
    begins = effective_from or _today(office, at)
    check_beginning(begins, _today(office, at))
    _check(one, value, office, begins)
    standing = in_force(office, begins, [key])[key]
    if standing.own and standing.row and (standing.value, standing.row.citation) == (value, citation):
        raise AlreadySo(since=standing.row.effective_from)
    row = Setting(office_id=office.id, key=key, value=stored(value, one.kind), effective_from=begins, citation=citation)
    return _append(row, office, by, at, reason)


def return_setting(office: Office, key: str, *, by: Person | None, at: datetime, reason: str) -> Setting:
    """Take the office's own value back: from today the superior's holds again, or the default.

    Raises: WrongOrder where that crosses a neighbour; ReasonMissing.
    """
    one, begins = declaration(key), _today(office, at)
    value = in_force(office.parent, begins, [key])[key].value if office.parent else one.standing
    if one.kind in NUMBERS and value.amount is not None:
        _check_neighbours(one, value.amount, office, begins)
    row = Setting(office_id=office.id, key=one.key, value=dict(INHERIT), effective_from=begins)
    return _append(row, office, by, at, reason)


def _append(row: Setting, office: Office, by: Person | None, at: datetime, reason: str) -> Setting:
    check_reason(reason)
    row.set_by_id = by.id if by else None
    with act("setting.change", row, by=by, at=at, reason=reason, key=row.key):
        db.session.add(row)
    return row


def _today(office: Office, at: datetime) -> date:
    return at.astimezone(ZoneInfo(office.zone)).date()


def _check(one: Declared, value: Value, office: Office, begins: date) -> None:
    """Everything the value must be. Raises: subclasses of ValueRefused."""
    if value.amount is None:
        if not one.optional:
            raise ValueMissing()
        return
    check_choice(value.unit, one.units)
    match one.kind:
        case kind if kind in NUMBERS:
            check_amount(value.amount, one.bounds)
            _check_neighbours(one, value.amount, office, begins)
        case "switch":
            check_switch(value.amount, one.always_on, office.is_demo)
        case "choice":
            check_choice(value.amount, list(one.words))
        case "windows":
            check_windows(value.amount)
        case "monthly":
            check_weeks(value.amount.weeks)


def _check_neighbours(one: Declared, amount: int | Decimal, office: Office, begins: date) -> None:
    """A lower bound and its upper one never cross, whichever of the two is changed, on no day that is settled yet:
    a neighbour may change later, while this value holds."""
    lower = [other.key for other in declared() if other.below == one.key]
    neighbours = [*lower, one.below] if one.below else lower
    later = waiting(office, begins)
    until = min((row.effective_from for row in later.get(one.key, ())), default=date.max)
    changing = {row.effective_from for key in neighbours for row in later.get(key, ())}
    for on in sorted({begins} | {day for day in changing if day < until}):
        for key, other in in_force(office, on, neighbours).items():
            if key == one.below:
                check_order(amount, other.value.amount, one.label, other.declared.label)
            else:
                check_order(other.value.amount, amount, other.declared.label, one.label)
