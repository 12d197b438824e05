"""Reading the yearly official list of days off and make-up working days (C-11): CSV, spreadsheet or JSON. Pure.

Rows name a day, or days from one to another, what they are, and their name. JSON is a list of such rows, or the form
in which holiday data is passed around: {"days": [{"date": …, "name": …, "isOffDay": …}]}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from errors import N_, Refusal
from exchange import tidy_times
from exchange.judging import Column, Context, Fault, Importer, Judged, TakenRow, Values, alone, judge
from exchange.reading import read_table
from exchange.refusals import ColumnsMissing
from exchange.sheets import Row, Table
from exchange.tidy import Untidy, compact, remark
from exchange.vocabulary import vocabulary_beside
from scheduler.deadlines.working_days import Day, Kind, statutory

_WORDS = vocabulary_beside(__file__)
_BETWEEN = re.compile(_WORDS["between"])
_KEYS = ("date", "kind", "name")
_LONGEST_SPELL = 30  # days; no holiday is longer
_DAY_ALONE = re.compile(r"([0-9]{1,2})\D?")
_JSON_OFF = "isOffDay"


class ListUnreadable(Refusal):
    """It looks like JSON and is none, or not rows with a date."""

    code = "list_unreadable"
    status = 422
    message = "This is no list of days: %(why)s."
    help = "Paste rows of date, kind and name, or the JSON in which holiday data is passed around."
    source = "DOMAIN C-11"


@dataclass(frozen=True, kw_only=True)
class ListContext(Context):
    """`year` is the one whose list this is."""

    year: int


@dataclass(frozen=True)
class OfficialList:
    """A list as read: `days` by date, `judged` row by row, and statutory days it does not name (`silent`)."""

    year: int
    days: Mapping[date, Day]
    judged: Judged
    silent: tuple[tuple[date, str], ...]


def read_list(content: bytes, year: int) -> OfficialList:
    """Read the list of a year. Rows that cannot be understood stand in `judged.refused_rows`.

    Raises: ListUnreadable, FileRefused.
    """
    judged = judge(_table(content), _IMPORTER, ListContext(on=date(year, 1, 1), year=year))
    days = {day: Day(row.values["kind"], _named(row.values)) for row in judged.rows for day in _spell(row.values)}
    return OfficialList(year, days, judged, tuple(_silent(year, days)))


def _named(values: Values) -> str:
    name: str = values["name"] or ""
    return name or (_WORDS["makeup_name"] if values["kind"] == "makeup_work" else "")


def _silent(year: int, days: Mapping[date, Day]) -> Iterable[tuple[date, str]]:
    """Days off that stand without the list and that it does not name: they stay off."""
    known = statutory()
    for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        if known.kind(day) == "off" and day not in days:
            yield day, known.name(day)


def _table(content: bytes) -> Table:
    """The rows of the list; a list without a header is read as date, kind, name."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
        return _json_table(content)
    try:
        return read_table(content, _IMPORTER.columns)
    except ColumnsMissing:
        return read_table(b"date,kind,name\n" + _as_csv(content), _IMPORTER.columns)


def _as_csv(content: bytes) -> bytes:
    """Pasted cells come with tabs, lines of a text with blanks; a header of ours needs commas."""
    return re.sub(rb"[\t;]|(?<![,\t;]) +(?![,\t;])", b",", content.removeprefix(b"\xef\xbb\xbf"))


def _json_table(content: bytes) -> Table:
    try:
        kept = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as broken:
        raise ListUnreadable(why="JSON") from broken
    items = kept.get("days") if isinstance(kept, dict) else kept
    if not isinstance(items, list) or not all(isinstance(item, dict) and "date" in item for item in items):
        raise ListUnreadable(why="date")
    rows = (Row(number, _json_cells(item)) for number, item in enumerate(items, start=1))
    return Table(0, _KEYS, {key: place for place, key in enumerate(_KEYS)}, tuple(rows))


def _json_cells(item: dict[str, Any]) -> tuple[str, ...]:
    kind = item.get("kind", item.get(_JSON_OFF, ""))
    return tuple(str(cell) for cell in (item["date"], str(kind).lower(), item.get("name") or ""))


def _days(text: str, context: ListContext) -> tuple[date, date]:
    """One day, or the first and the last of several; the last may be only a day of the month."""
    parts = _BETWEEN.split(text)
    first = tidy_times.day(parts[0], context.year)
    if len(parts) == 1:
        return first, first
    if len(parts) > 2:
        raise Untidy("date_missing")
    alone_ = _DAY_ALONE.fullmatch(compact(parts[1]))
    last = _same_month(first, int(alone_[1])) if alone_ else tidy_times.day(parts[1], context.year)
    if not timedelta(0) <= last - first < timedelta(days=_LONGEST_SPELL):
        raise Untidy("span_impossible")
    return first, last


def _same_month(first: date, day: int) -> date:
    try:
        return first.replace(day=day)
    except ValueError:
        raise Untidy("date_impossible") from None


def _kind(text: str) -> Kind:
    word = compact(text).casefold()
    for kind in ("off", "makeup_work"):
        if word in _WORDS[kind]:
            return kind
    raise Untidy("kind_unknown")


def _spell(values: Values) -> list[date]:
    first, last = values["date"]
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _judge(values: Values, context: ListContext, before: Sequence[TakenRow]) -> list[Fault]:
    """A list is of one year (its New Year may begin in December); nobody makes up a working day on one."""
    first, last = values["date"]
    if first < date(context.year - 1, 12, 1) or last > date(context.year, 12, 31):
        return [Fault("date", "other_year", "refuse", {"year": context.year})]
    if values["kind"] == "makeup_work" and any(day.weekday() < 5 for day in _spell(values)):
        return [Fault("kind", "makeup_on_weekday", "refuse")]
    named = {day for row in before for day in _spell(row.values)}
    if twice := sorted(set(_spell(values)) & named):
        return [Fault("date", "day_named_twice", "refuse", {"day": twice[0].isoformat()})]
    return []


_IMPORTER: Importer[ListContext] = Importer(
    name="official_list",
    columns=(
        Column("date", tuple(_WORDS["date"]), _days, mandatory=True),
        Column("kind", tuple(_WORDS["kind"]), alone(_kind), mandatory=True),
        Column("name", tuple(_WORDS["name"]), alone(remark), optional=True),
    ),
    identity=("date", "kind"),
    named_by="date",
    judge_row=_judge,
    together=lambda _values: "the list",
    reasons={
        "kind_unknown": N_("Write whether it is a day off or a working day"),
        "span_impossible": N_("The days end before they begin, or are too many"),
        "other_year": N_("This day does not belong to the list of %(year)s"),
        "makeup_on_weekday": N_("Only a Saturday or Sunday can be a make-up working day"),
        "day_named_twice": N_("%(day)s is named twice"),
    },
)
