"""Settings: what an office may set (DOMAIN 9.2), declared once each, and the value in force.

Packages declare their keys in their `settings.py`. A value is a row of `Setting`: append-only, in force from a day on.
`rule_for` answers with the newest row of the office on that day, else the next office up, else the default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, bindparam, literal, select

from accounts.models import Office, Setting
from accounts.rules.settings import Bounds
from accounts.setting_values import Kind, Value, Words, loaded, rule_unit
from extensions import db
from law import Roll, Rule
from record.once import once

Certainty = Literal["A", "A~", "B", "C", "M+", "M", "M-", "D", "Seed"]  # DOMAIN section 0
UNBOUNDED = Bounds()
INHERIT: dict[str, Any] = {"inherit": True}  # a row that takes the office's own value back


@dataclass(frozen=True)
class Chapter:
    """A section of the settings page; chapters stand by `order`. `later`: the pages that use it are still to come."""

    order: int
    name: str
    title: Any
    later: bool = False


@dataclass(frozen=True)
class Declared:
    """One key. `source` cites what the number comes from, `certainty` how sure it is; labels are lazy texts.

    `units`: those an office may choose from, the default's first. `optional`: "none" is a value. `below`: the key whose
    value this one must not exceed. `always_on`: a switch only a demonstration office may turn off.
    """

    key: str
    chapter: Chapter
    label: Any
    help: Any
    default: Any
    kind: Kind
    source: str
    certainty: tuple[Certainty, ...]
    units: tuple[str, ...] = ("",)
    bounds: Bounds = UNBOUNDED
    words: Words = field(default_factory=dict)
    optional: bool = False
    roll: Roll = "none"
    below: str = ""
    always_on: bool = False

    @property
    def standing(self) -> Value:
        """The default, as a value."""
        return Value(self.default, self.units[0])

    def rule(self, value: Value, version: str) -> Rule:
        unit = rule_unit(value.unit or self.units[0], self.kind)
        return Rule(self.key, value.amount, unit, self.roll, version, self.source)


@dataclass(frozen=True)
class InForce:
    """The value of a key in one office on one day, and where it comes from: `row` and `office` None for the default.

    `own`: the row is this office's, not a superior's.
    """

    declared: Declared
    value: Value
    row: Setting | None = None
    office: Office | None = None
    own: bool = False

    @property
    def rule(self) -> Rule:
        return self.declared.rule(self.value, str(self.row.public_id) if self.row else "default")


class UnknownSetting(KeyError):
    """Our own code asked for a key nobody declared."""


_declared: dict[str, Declared] = {}


def declare(*keys: Declared) -> None:
    """Register keys. Raises: RuntimeError for a key that stands already with another meaning."""
    for one in keys:
        standing = _declared.get(one.key)
        if standing is not None and standing.source != one.source:
            raise RuntimeError(f"two settings are called {one.key}")
        _declared[one.key] = one


def declared() -> list[Declared]:
    """Every key, by chapter, in the order of declaration."""
    return sorted(_declared.values(), key=lambda one: one.chapter.order)


def declaration(key: str) -> Declared:
    if key not in _declared:
        raise UnknownSetting(key)
    return _declared[key]


def number(
    chapter: Chapter,
    key: str,
    default: Any,
    unit: str | tuple[str, ...],
    label: Any,
    help: Any,
    source: str,
    certainty: str,
    least: Any = 0,
    most: Any = None,
    by_law: bool = False,
    kind: Kind = "whole",
    **more: Any,
) -> Declared:
    """A number with its unit. `certainty` lists tags with blanks between; `by_law`: the bounds are the source's own."""
    units = (unit,) if isinstance(unit, str) else unit
    bounds = Bounds(least, most, source if by_law else "")
    tags: Any = tuple(certainty.split())
    return Declared(key, chapter, label, help, default, kind, source, tags, units, bounds, **more)


def other(
    chapter: Chapter,
    kind: Kind,
    key: str,
    default: Any,
    label: Any,
    help: Any,
    source: str,
    certainty: str,
    **more: Any,
) -> Declared:
    """A switch, choice, window, clock, date or monthly pattern."""
    tags: Any = tuple(certainty.split())
    return Declared(key, chapter, label, help, default, kind, source, tags, **more)


def rule_for(key: str, office: Office, on: date) -> Rule:
    """The value of `key` in force for the office on a local day, as rules receive it."""
    return in_force(office, on, [key])[key].rule


def in_force(office: Office, on: date, keys: Iterable[str] | None = None) -> dict[str, InForce]:
    """The values in force on a day, by key (all of them, unless some are named). One query a transaction."""
    wanted = {key: declaration(key) for key in keys} if keys is not None else _declared
    found: dict[str, InForce] = {}
    passed: set[tuple[str, int]] = set()
    for row, where in once((Setting, Office), office.id, lambda: _rows_up_the_tree(office.id)):
        if row.effective_from > on or row.key not in wanted or row.key in found or (row.key, row.office_id) in passed:
            continue
        passed.add((row.key, row.office_id))
        if row.value != INHERIT:
            one = wanted[row.key]
            value = loaded(row.value, one.kind)
            found[row.key] = InForce(one, value, row, where, row.office_id == office.id)
    return {key: found.get(key) or InForce(one, one.standing) for key, one in wanted.items()}


def _rows_up_the_tree(office_id: int) -> list[tuple[Setting, Office]]:
    """Rows of an office and its superiors: the nearest office first, there the newest first."""
    return [(row, where) for row, where in db.session.execute(_up_the_tree(), {"office_id": office_id})]


@cache
def _up_the_tree() -> Select[Setting, Office]:
    tree = select(Office.id, Office.parent_id, literal(0).label("up")).where(Office.id == bindparam("office_id"))
    above = tree.cte("offices_above", recursive=True)
    next_up = select(Office.id, Office.parent_id, above.c.up + 1).join(above, Office.id == above.c.parent_id)
    tree_up = above.union_all(next_up)
    newest = (tree_up.c.up, Setting.effective_from.desc(), Setting.id.desc())
    rows = select(Setting, Office).join(tree_up, Setting.office_id == tree_up.c.id)
    return rows.join(Office, Office.id == Setting.office_id).order_by(*newest)


def waiting(office: Office, on: date) -> dict[str, list[Setting]]:
    """The office's own rows that begin after a day, by key, soonest first."""
    rows = select(Setting).where(Setting.office_id == office.id, Setting.effective_from > on)
    found: dict[str, list[Setting]] = {}
    for row in db.session.scalars(rows.order_by(Setting.effective_from, Setting.id)):
        found.setdefault(row.key, []).append(row)
    return found
