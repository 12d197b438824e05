"""Rights: who may do what to which row. Loading is authorisation.

A permission is a row of data, `permission -> {role: scope}`, declared in a package's `rights.py` in the spelling of
TRUST section 2: `coordinator:fRA` is the role, the scope letter and the marks. A scope is one SQL clause; whether a
person may touch one row is the same clause asked for that row, so list and judgement cannot disagree.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import joinedload

from accounts.models import ADMINISTRATORS, Delegation, HandOver, Membership, Office, Person, Role
from errors import Refusal
from extensions import Model, db

M = TypeVar("M", bound=Any)


class NotFound(Refusal):
    """There is no such thing, or it is none of this person's business; both are told alike (T12)."""

    code = "not_found"
    status = 404
    message = "There is nothing here."
    help = "The address may be mistyped, or what stood here is not open to you."


class Forbidden(Refusal):
    code = "forbidden"
    status = 403
    message = "Your role does not include this step."
    help = "Ask the coordinator of your office who may take it."


@dataclass(frozen=True)
class Grant:
    """What one role holds of a permission. Marks: R reason, 2 second person, A fresh sign-in, D delegation, M masked,
    d from the shift's day until it is closed."""

    role: str
    scope: str
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Declared:
    name: str
    on: Any
    grants: dict[str, Grant]
    stage: str


Clause = Callable[["Viewer", Membership], ColumnElement[bool]]
Barred = Callable[["Viewer"], ColumnElement[bool]]

PUBLIC = "public"
_permissions: dict[str, Declared] = {}
_scopes: dict[tuple[Any, str, str | None], Clause] = {}


def declare(name: str, on: Any, who: str, stage: str = "house") -> str:
    """Declare a permission on a model (None: on nothing stored). `who` is a cell of TRUST section 2, brackets left out.

    Returns the name, so that a module can say `KEEP_PEOPLE = declare(...)`.
    """
    grants = {}
    everyone = "".join(p for p in who.split(":")[1:]) if who.startswith("everyone:") else ""
    parts = [f"{role}:{everyone}" for role in Role] if everyone else [p.strip() for p in who.split(",")]
    for part in parts:
        role, _, rest = part.partition(":")
        grants[str(Role(role))] = Grant(role, rest[0], frozenset(rest[1:]))
    _permissions[name] = Declared(name, on, grants, stage)
    return name


def permissions() -> dict[str, Declared]:
    return dict(_permissions)


_further: dict[Any, set[str]] = {}


def covers(permission: str, *models: Any) -> None:
    """Say that a permission judges rows of further models too (the rooms and organisations of change_settings)."""
    for model in models:
        _further.setdefault(model, set()).add(permission)


@dataclass(frozen=True)
class Bar:
    """Rows on which somebody takes certain steps under no role, and what he is told."""

    rows: Barred
    refusal: type[Refusal]


_bars: dict[tuple[Any, str], Bar] = {}


def bars(model: Any, *permissions: str, refusal: type[Refusal]) -> Callable[[Barred], Barred]:
    """Register the rows of a model on which the viewer may use none of these permissions, whatever his role. He may
    know of them as before."""

    def register(rows: Barred) -> Barred:
        for permission in permissions:
            _bars[(model, permission)] = Bar(rows, refusal)
        return rows

    return register


def scope(model: Any, letter: str, of: str | None = None) -> Callable[[Clause], Clause]:
    """Register the clause of a scope letter for a model: `(viewer, membership) -> SQL condition`; `of`: for one
    permission alone, which reaches further or less far than the others."""

    def register(clause: Clause) -> Clause:
        _scopes[(model, letter, of)] = clause
        return clause

    return register


@dataclass
class Viewer:
    """A person as rights see him on one day: his valid memberships, and those handed over to him.

    `only`: the roles that the device at hand opens; None opens all he has (T31).
    """

    person: Person
    on: date
    only: frozenset[str] | None = None
    _below: dict[int, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def held(self) -> list[Membership]:
        """All his memberships in force, whatever device is at hand."""
        return list(db.session.scalars(_valid(self.on).where(Membership.person_id == self.person.id)))

    @cached_property
    def memberships(self) -> list[Membership]:
        return [m for m in self.held if self.only is None or m.role in self.only]

    @cached_property
    def stands_in_for(self) -> list[HandOver]:
        """Hand-overs in force: whose work this person does today."""
        rows = select(HandOver).where(HandOver.to_person_id == self.person.id, hands_over(self.on))
        return list(db.session.scalars(rows.order_by(HandOver.id)))

    def people(self, role: str, office_id: int) -> list[int]:
        """Ids of those whose own things in this role at this office are his: himself, and who handed over to him
        there."""
        given = (h for h in self.stands_in_for if (h.role, h.office_id) == (role, office_id))
        return [self.person.id, *(h.from_person_id for h in given)]

    def roles(self) -> set[str]:
        return {m.role for m in self.memberships}

    def offices_below(self, office_id: int) -> Any:
        """The office and all its subordinates, as a subquery of ids: the same one each time, as one statement may ask
        for it by several memberships."""
        if office_id not in self._below:
            tree = select(Office.id).where(Office.id == office_id).cte(f"offices_below_{office_id}", recursive=True)
            whole = tree.union_all(select(Office.id).join(tree, Office.parent_id == tree.c.id))
            self._below[office_id] = select(whole.c.id)
        return self._below[office_id]

    def delegated(self, office_id: int) -> bool:
        return delegation_to(self.person, office_id, self.on) is not None


def delegation_to(deputy: Person, office_id: int, on: date) -> Delegation | None:
    """What the chief has delegated to a deputy, in force on a day."""
    return db.session.scalar(
        select(Delegation).where(Delegation.to_person_id == deputy.id, Delegation.office_id == office_id, delegates(on))
    )


def delegates(on: date) -> ColumnElement[bool]:
    """Which delegations are in force on a day: whoever gave one is still the office's chief."""
    return _given(Delegation, Role.CHIEF, on)


def hands_over(on: date) -> ColumnElement[bool]:
    """Which hand-overs are in force on a day: whoever gave one still has that work."""
    return _given(HandOver, HandOver.role, on)


def _given(model: type[Delegation] | type[HandOver], role: Any, on: date) -> ColumnElement[bool]:
    """On their days, not taken back, and by somebody who holds the role there himself: nobody gives what he has not."""
    held = select(Membership.id).where(
        Membership.person_id == model.from_person_id,
        Membership.office_id == model.office_id,
        Membership.role == role,
        _holds_on(on),
    )
    return and_(model.starts_on <= on, model.ends_on >= on, model.ended_at.is_(None), held.exists())


def _holds_on(on: date) -> ColumnElement[bool]:
    return and_(Membership.starts_on <= on, or_(Membership.ends_on.is_(None), Membership.ends_on >= on))


def _valid(on: date) -> Select[Any]:
    """Memberships in force on a day."""
    return (
        select(Membership)
        .options(joinedload(Membership.office), joinedload(Membership.organisation))
        .where(_holds_on(on))
        .order_by(Membership.id)
    )


def grants_of(viewer: Viewer, permission: str) -> list[tuple[Membership, Grant]]:
    """The memberships by which the viewer holds a permission at all."""
    declared = _permissions[permission]
    found = [(m, declared.grants[m.role]) for m in viewer.memberships if m.role in declared.grants]
    return [(m, g) for m, g in found if "D" not in g.marks or viewer.delegated(m.office_id)]


def holds(viewer: Viewer, permission: str) -> bool:
    return bool(grants_of(viewer, permission))


def clause(viewer: Viewer, model: Any, permission: str) -> ColumnElement[bool]:
    """Which rows of `model` the viewer may touch by this permission."""
    granted, bar = _granted(viewer, model, permission), _bars.get((model, permission))
    return granted if bar is None else granted & ~bar.rows(viewer)


def _granted(viewer: Viewer, model: Any, permission: str) -> ColumnElement[bool]:
    held = grants_of(viewer, permission)
    return or_(false(), *(_clause_of(model, g.scope, permission)(viewer, m) for m, g in held))


def _clause_of(model: Any, letter: str, permission: str) -> Clause:
    known = _scopes.get((model, letter, permission)) or _scopes.get((model, letter, None))
    if known is not None:
        return known
    if letter == "f":
        return lambda _, m: _office_column(model) == m.office_id
    if letter == "p":
        return lambda viewer, m: _subordinate(viewer, model, m)
    raise RuntimeError(f"no scope {letter} is declared for {model.__name__}")


def _office_column(model: Any) -> Any:
    return model.id if model is Office else model.office_id


def _subordinate(viewer: Viewer, model: Any, m: Membership) -> ColumnElement[bool]:
    """Subordinate offices; for the three administrators the whole installation."""
    if m.role in ADMINISTRATORS:
        return _office_column(model).is_not(None)
    result: ColumnElement[bool] = _office_column(model).in_(viewer.offices_below(m.office_id))
    return result


def permissions_on(model: Any) -> Iterable[str]:
    further = _further.get(model, set())
    return (name for name, declared in _permissions.items() if declared.on is model or name in further)


def visible(viewer: Viewer, model: Any) -> ColumnElement[bool]:
    """Which rows the viewer may know of: by any permission on the model."""
    return or_(false(), *(_granted(viewer, model, name) for name in permissions_on(model)))


def find_for(viewer: Viewer, model: type[M], public_id: uuid.UUID, may: str) -> M:
    """Load one row for a step. Raises: NotFound where the viewer may not know of it, Forbidden where he may not act, or
    what he is told of a row from which he is barred."""
    row = db.session.scalar(select(model).where(model.public_id == public_id, visible(viewer, model)))
    if row is None:
        raise NotFound()
    this = select(model.id).where(model.id == row.id)
    if db.session.scalar(this.where(clause(viewer, model, may))) is None:
        bar = _bars.get((model, may))
        if bar is not None and db.session.scalar(this.where(_granted(viewer, model, may))) is not None:
            raise bar.refusal()
        raise Forbidden()
    return row


def may(viewer: Viewer, permission: str, row: Any) -> bool:
    """Whether the viewer holds the permission on this row."""
    model = type(row)
    return db.session.scalar(select(model.id).where(model.id == row.id, clause(viewer, model, permission))) is not None


def allowed(viewer: Viewer, permission: str, rows: Collection[Any]) -> set[int]:
    """Ids of those of some rows of one model on which the viewer holds the permission. One query, none for no rows."""
    for row in rows:
        model = type(row)
        held = select(model.id).where(model.id.in_([one.id for one in rows]), clause(viewer, model, permission))
        return set(db.session.scalars(held))
    return set()


def listed(viewer: Viewer, model: type[Model], permission: str) -> Select[Any]:
    """A select of the rows the viewer may see by this permission."""
    return select(model).where(clause(viewer, model, permission))
