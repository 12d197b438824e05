"""Tidied and stored values: as JSON, compared, and as a person reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from accounts.presenting import dated

_WORDS = {"": _l("(nothing)"), "male": _l("male"), "female": _l("female")}


def simple(value: Any) -> Any:
    """A tidied value as JSON can hold it, alike for equal values: 173.290 and 173.29, a tuple and a list."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | time):
        return value.isoformat()
    return _several(value)


def _several(value: Any) -> Any:
    """A tidied value made of others; anything else as its text."""
    if isinstance(value, dict):
        return {str(key): simple(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [simple(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(simple(one) for one in value)
    if is_dataclass(value):
        return {one.name: simple(getattr(value, one.name)) for one in fields(value)}
    return str(value)


def written(values: dict[str, Any]) -> str:
    """The tidied values of a row as they are kept with it."""
    return json.dumps(simple(values))


def alike(one: Any, other: Any) -> bool:
    empty: Sequence[Any] = (None, "", [])
    one, other = simple(one), simple(other)
    return one == other or (one in empty and other in empty)


def shown(value: Any) -> str:
    """A stored value as a person reads it."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, time) for one in value):
        return f"{value[0]:%H:%M}–{value[1]:%H:%M}"
    if isinstance(value, list | tuple | set | frozenset) and value:
        return gettext(", ").join(shown(one) for one in value)
    return _one(value)


def _one(value: Any) -> str:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return dated(value)
    text = format(value.normalize(), "f") if isinstance(value, Decimal) else str(value or "")
    return str(_WORDS.get(text, text))
