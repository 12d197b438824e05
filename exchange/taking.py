"""What a domain gives so that its list can be imported: a `Taker`, registered under the word of its kind.

    from exchange.rights import IMPORT_FILES
    from exchange.taking import Taker, register_taker

    register_taker(Taker("posts", _l("Traffic posts"), POSTS, IMPORT_FILES, context=..., store=..., current=...))

`exchange.actions.taking.take(office, taker("posts"), content, file_name, options, by, at)` stores a file;
`exchange.looking.look(office, taker("posts"), content, options)` only says what would become of its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Office, Person, Role
from exchange.judging import Column, TakenRow

PERSONAL = frozenset({"id_number", "phone"})
_NAMING = 3  # columns that name a row of a list whose rows have no name


@dataclass(frozen=True)
class Options:
    """What the person chose: the day judged as of, and the month of a paper sheet. `at`: the moment of judging, which
    taking always gives; None: the end of that day."""

    on: date
    year_month: tuple[int, int] | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Taker:
    """How one kind of list is taken.

    `kind` is the word of the command and of the address; `importer` the pure importer. `context` gives the importer
    its context: settings in force, stored identities, what the rows refer to. `store` writes one right or flagged row
    inside the act `import.take`, opens an act of its own and returns the row's subject. `current` gives what is stored
    today for the row's identity, by the keys of its values, or None where it is not stored; keys it leaves out are not
    compared.

    `roles` are those who may import this kind, among the holders of `permission`. `note` says in a sentence what the
    list is; `monthly`: its sheets are of one month; `personal` are the columns that are masked on screen. `settled`
    is told, inside its act, that a doubt about a subject was settled. `page` is the endpoint on which a stored row is
    seen, by its `public_id`. Kinds stand by `order`, which is the order in which an office brings them.
    """

    kind: str
    title: Any
    importer: Any
    permission: str
    context: Callable[[Office, Options], Any]
    store: Callable[[TakenRow, Office, Person | None, datetime], Any]
    current: Callable[[TakenRow, Office], dict[str, Any] | None]
    roles: frozenset[str] = frozenset({Role.COORDINATOR})
    note: Any = ""
    monthly: bool = False
    personal: frozenset[str] = PERSONAL
    settled: Callable[[Any, Any, Person, datetime], None] | None = None
    page: str = ""
    order: int = 50

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns by which a person knows a row."""
        keys = [column.key for column in self.importer.columns]
        mandatory = [column.key for column in self.importer.columns if column.mandatory]
        return ("name",) if "name" in keys else tuple(mandatory[:_NAMING])

    def column(self, key: str) -> Column[Any] | None:
        return next((column for column in self.importer.columns if column.key == key), None)


_takers: dict[str, Taker] = {}


def register_taker(taker: Taker) -> None:
    """Register how a kind is taken; the same kind again replaces it."""
    _takers[taker.kind] = taker


def takers() -> list[Taker]:
    """Every kind, in the order in which an office brings them."""
    return sorted(_takers.values(), key=lambda one: one.order)


def taker(kind: str) -> Taker | None:
    return _takers.get(kind)
