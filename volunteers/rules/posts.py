"""The list of traffic posts: where volunteers stand, when, how many, and under which officers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exchange import tidy, tidy_times
from exchange.judging import Column, Context, Fault, Importer, TakenRow, Values, alone
from exchange.vocabulary import vocabulary_beside

_NAMES: dict[str, Any] = vocabulary_beside(__file__)["columns"]
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


def complete_post(values: Values, _context: Context) -> list[Fault]:
    """A post without a word about its days is staffed every day; one without officers has none."""
    if "weekdays" in values:
        values["weekdays"] = values["weekdays"] or EVERY_DAY
    for key in ("officers", "badges"):
        values[key] = values.get(key) or ()
    return []


def judge_post(_values: Values, _context: Context, _others: Sequence[TakenRow]) -> list[Fault]:
    """A post whose cells can be read is taken; a window that ends before it begins is refused where it is read."""
    return []


POSTS: Importer[Context] = Importer(
    name="posts",
    columns=(
        Column("name", _NAMES["name"], alone(tidy.name), mandatory=True),
        Column("squad", _NAMES["squad"], alone(tidy.name), optional=True),
        Column("officers", _NAMES["officers"], alone(tidy.names), optional=True),
        Column("badges", _NAMES["badges"], alone(tidy.identifiers), optional=True),
        Column("capacity", _NAMES["capacity"], alone(tidy.count), mandatory=True),
        Column("morning", _NAMES["morning"], alone(tidy_times.window), mandatory=True, optional=True),
        Column("evening", _NAMES["evening"], alone(tidy_times.window), mandatory=True, optional=True),
        Column("weekdays", _NAMES["weekdays"], alone(tidy_times.weekdays), optional=True),
        Column("remark", _NAMES["remark"], alone(tidy.remark), optional=True, verbatim=True),
    ),
    identity=("name",),
    named_by="name",
    complete=complete_post,
    judge_row=judge_post,
    reasons={},
)
