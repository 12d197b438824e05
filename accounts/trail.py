"""What acts are called in words, what they were done to, and from what to what: the registry behind the trail.

Packages say their part at start-up: `say({"sitting.move": _l("moved a sitting")})`,
`call(Sitting, _l("sitting"), title, link)`, `name_columns({"starts_at": _l("begins")})` and `name_values({"tick.kind":
{"in": _l("arrival")}})`. What nobody named is shown by its name in code, so that nothing disappears.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from flask_babel import gettext
from sqlalchemy import Column, ColumnElement, Date, Select, or_, select

from accounts.models import Person
from extensions import Utc, db
from record.act import model_of
from record.models import Act

Title = Callable[[Any], str]
Link = Callable[[Any], "str | None"]
Grouped = dict[tuple[str, str], list[dict[str, Any]]]
FIRST_ROWS = 12
PERSONAL = {"person", "account"}
PLAIN = re.compile(r"[a-z][a-z_]*|-?[0-9]{1,5}(\.[0-9]+)?|●+.{0,2}")  # what may be shown of an act without names

_words: dict[str, Any] = {}
_titles: dict[str, tuple[Title, Link | None]] = {}
_columns: dict[str, Any] = {}
_values: dict[str, Mapping[Any, Any]] = {}
_tables: dict[str, Any] = {}
_hidden: set[str] = set()


def say(words: dict[str, Any]) -> None:
    """Register what acts are called: a lazy text each, in the past, without a subject ("moved a sitting")."""
    _words.update(words)


def call(model: Any, noun: Any, title: Title | None = None, link: Link | None = None) -> None:
    """Register what rows of a model are (a lazy noun), how one is called (else title or name), where its page is."""
    _tables[model.__tablename__] = noun
    _titles[model.__tablename__] = (title or _title, link)


def name_columns(words: dict[str, Any]) -> None:
    """Register what columns are called, by `column` or, where that would be wrong elsewhere, by `table.column`."""
    _columns.update(words)


def name_values(words: dict[str, Mapping[Any, Any]]) -> None:
    """Register what the values of columns are called, code by code (a lazy text each), by `table.column`."""
    _values.update(words)


def hide_columns(*names: str) -> None:
    """Register columns that tell a reader nothing (keys of machines, marks of the program), by `table.column`."""
    _hidden.update(names)


def in_words(name: str) -> str:
    """`sitting.move` -> "moved a sitting"; an act nobody named as "sitting: move"."""
    known = _words.get(name)
    return str(known) if known is not None else name.replace("_", " ").replace(".", ": ")


def called_alike(name: str) -> list[str]:
    """All acts that are called as this one is in the reader's language, itself among them."""
    return [name, *(other for other in _words if other != name and in_words(other) == in_words(name))]


def column_in_words(table: str, column: str) -> str:
    known = _columns.get(f"{table}.{column}", _columns.get(column))
    return str(known) if known is not None else column.removesuffix("_id").replace("_", " ")


def table_in_words(table: str) -> str:
    known = _tables.get(table)
    return str(known) if known is not None else table.replace("_", " ")


def has_words(name: str) -> bool:
    """Whether an act has words; `has_noun` and `has_column` ask the same of a table and of a column that is shown."""
    return name in _words


def has_noun(table: str) -> bool:
    return table in _tables


def has_value(table: str, column: str, code: str) -> bool:
    return code in _values.get(f"{table}.{column}", ())


def is_hidden(table: str, column: str) -> bool:
    return f"{table}.{column}" in _hidden


def has_column(table: str, column: str) -> bool:
    return bool({f"{table}.{column}", column} & _columns.keys()) or f"{table}.{column}" in _hidden


@dataclass(frozen=True)
class Called:
    """A row as the trail names it."""

    text: str
    link: str | None = None


@dataclass(frozen=True)
class Change:
    """One column of one row, before and after, as values to be shown. `of` is the table, `key` the column's own name:
    states and roles have their words in the templates."""

    column: str
    before: Any
    after: Any
    of: str = ""
    key: str = ""


@dataclass(frozen=True)
class Line:
    """One act, ready to be shown. `who` is "" for the program itself; `changes` stand by the row they belong to, and
    of an act on many rows those of the first, with how many `more` there are."""

    act: Act
    who: str
    what: str
    subject: Called
    reason: str
    where: str
    changes: list[tuple[Called, list[Change]]]
    more: int = 0


class Naming:
    """Names of the rows that some acts speak of: one query a table, however many acts. `masked` shows no names (M)."""

    def __init__(self, acts: Mapping[Act, Grouped], masked: bool = False) -> None:
        self.masked = masked
        self._wanted: dict[str, set[Any]] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        for act, grouped in acts.items():
            self._want("person", act.actor_id)
            self._want(act.subject_table, act.subject_id)
            for (table, key), changes in grouped.items():
                self._want(table, key)
                for change in changes:
                    for side in ("from", "to"):
                        self._want(_points_at(change), change[side])
        self._load()

    def _want(self, table: str | None, key: Any) -> None:
        if table and key is not None and model_of(table) is not None:
            self._wanted.setdefault(table, set()).add(key)

    def _load(self) -> None:
        for table, keys in self._wanted.items():
            model = model_of(table)
            ids = {k for k in keys if isinstance(k, int)}
            public = {k for k in keys if isinstance(k, str)}
            found = db.session.scalars(select(model).where(model.id.in_(ids) | model.public_id.in_(_uuids(public))))
            for row in found:
                self._rows[table, str(row.id)] = self._rows[table, str(row.public_id)] = row

    def person(self, person_id: int | None) -> str:
        row = self._rows.get(("person", str(person_id)))
        return "" if row is None else self._person(row)

    def _person(self, row: Person) -> str:
        return row.name[:1] + "●●" if self.masked else row.name

    def row(self, table: str, key: Any) -> Called:
        """A row by its id or public id."""
        row = self._rows.get((table, str(key)))
        noun = table_in_words(table)
        if row is None:
            return Called(f"{noun} {'' if isinstance(key, str) else key or ''}".strip())
        title, link = _titles.get(table, (_title, None))
        if isinstance(row, Person):
            return Called(self._person(row), None if self.masked or link is None else link(row))
        if self.masked:
            return Called(f"{noun} {row.id}")
        return Called(title(row) or f"{noun} {row.id}", link(row) if link is not None else None)

    def value(self, change: dict[str, Any], side: str) -> Any:
        """What stood in a column: a row's name, a time, a word; where names are masked, nothing that could be one."""
        value = change[side]
        table = _points_at(change)
        if self.masked and change["table"] in PERSONAL and value is not None:
            return "●●●"
        if table and isinstance(value, int):
            return self.row(table, value).text
        known = _value_in_words(change, value) or _moment(change, value)
        if known is not None:
            return known
        if self.masked and value not in (None, "") and not PLAIN.fullmatch(str(value)):
            return "●●●"
        return value


def _value_in_words(change: dict[str, Any], value: Any) -> str | None:
    """A code, or several, in words, and yes or no; None for anything else."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    known = _values.get(f"{change['table']}.{change['column']}", {})
    codes = value if isinstance(value, list) else [value]
    if not codes or not all(isinstance(one, str | int) and one in known for one in codes):
        return None
    return gettext(", ").join(str(known[one]) for one in codes)


def _uuids(texts: set[str]) -> list[Any]:
    from uuid import UUID

    return [UUID(text) for text in texts if re.fullmatch(r"[0-9a-f-]{36}", text)]


def _moment(change: dict[str, Any], value: Any) -> datetime | date | None:
    """An instant or a day, where the column holds such; what somebody typed may look like one and is none."""
    column = _column(change)
    if column is None or not isinstance(value, str):
        return None
    try:
        if isinstance(column.type, Utc):
            return datetime.fromisoformat(value)
        return date.fromisoformat(value) if isinstance(column.type, Date) else None
    except ValueError:
        return None


def _column(change: dict[str, Any]) -> Column[Any] | None:
    """The column that a change speaks of, if the table still has it."""
    model = model_of(change["table"])
    return None if model is None else model.__table__.columns.get(change["column"])


def _points_at(change: dict[str, Any]) -> str | None:
    """The table a column points at, if it is a foreign key to one row's id."""
    column = _column(change)
    keys = [key.column for key in column.foreign_keys] if column is not None else []
    for name, table in (("office_id", "office"), ("person_id", "person")):  # some point there by a key of two columns
        if change["column"] == name or any(key.name == name for key in keys):
            return table
    return next((key.table.name for key in keys if key.name == "id"), None)


def _title(row: Any) -> str:
    return str(getattr(row, "title", None) or getattr(row, "name", None) or "")


def lines(
    acts: list[Act], masked: bool = False, rows: int = FIRST_ROWS, *, skip: int = 0, table: str = ""
) -> list[Line]:
    """Acts as the trail shows them, each with the changes of at most so many `rows`: the first, or those that follow
    after `skip`; of one `table`, or of all."""
    grouped = {act: _grouped(act, table) for act in acts}
    shown = {act: dict(islice(groups.items(), skip, skip + rows)) for act, groups in grouped.items()}
    naming = Naming(shown, masked)
    return [
        Line(
            act=act,
            who=naming.person(act.actor_id),
            what=in_words(act.name),
            subject=naming.row(act.subject_table, act.subject_id),
            reason=_reason(act.reason, masked),
            where=_where(act.origin),
            changes=_changes(shown[act], naming),
            more=max(len(grouped[act]) - skip - len(shown[act]), 0),
        )
        for act in acts
    ]


def _reason(reason: str, masked: bool) -> str:
    return gettext("given, not shown here") if reason and masked else reason


def _where(origin: dict[str, Any]) -> str:
    match origin.get("via"):
        case "web":
            return gettext("browser, network %(network)s", network=origin.get("network") or "–")
        case "job":
            return gettext("by itself, in the background")
        case "import":
            return gettext("import")
        case _:
            return gettext("command")


def rows_by_table(act: Act) -> dict[str, int]:
    """How many rows of each table an act changed, in the order in which it came to them."""
    return dict(Counter(table for table, _ in _grouped(act)))


def concerning(people: Select[Any]) -> ColumnElement[bool]:
    """The acts that concern some people, by their ids: done to them, or to a row that is somebody's."""
    done_to = [(Act.subject_table == "person") & Act.subject_id.in_(people)]
    for table in sorted(_tables):
        model = model_of(table)
        named = [c for c in model.__table__.columns if c.name.endswith("person_id")] if model is not None else []
        if named:
            whose = select(model.id).where(or_(*(column.in_(people) for column in named)))
            done_to.append((Act.subject_table == table) & Act.subject_id.in_(whose))
    return or_(*done_to)


def _grouped(act: Act, table: str = "") -> Grouped:
    """The changes of an act that may be shown, by table and row; those of one table, where one is named."""
    grouped: Grouped = {}
    for change in act.changes:
        if table in {"", change["table"]} and f"{change['table']}.{change['column']}" not in _hidden:
            grouped.setdefault((change["table"], change["row"]), []).append(change)
    return grouped


def _changes(grouped: Grouped, naming: Naming) -> list[tuple[Called, list[Change]]]:
    return [(naming.row(*row), [_change(change, naming) for change in changes]) for row, changes in grouped.items()]


def _change(change: dict[str, Any], naming: Naming) -> Change:
    return Change(
        column_in_words(change["table"], change["column"]),
        naming.value(change, "from"),
        naming.value(change, "to"),
        change["table"],
        change["column"],
    )
