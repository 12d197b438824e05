"""The office's settings: all of them by chapter, one with its history, a change of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.access import NotFound
from accounts.actions.settings import change_setting, return_setting
from accounts.forms.settings import form_of, typed_of
from accounts.models import Office, Person, Setting
from accounts.refusals import helped
from accounts.refusals import said as told
from accounts.rights import CHANGE_SETTINGS
from accounts.rules.settings import BeginsInThePast, ValueRefused
from accounts.setting_values import Value, loaded, said, unit_word, with_unit
from accounts.settings import INHERIT, Declared, InForce, UnknownSetting, declaration, declared, in_force, waiting
from accounts.web import needs, now, office_for, person, see_other, today
from errors import Refusal
from extensions import db
from record.models import Act

bp = Blueprint("settings", __name__, url_prefix="/settings")


@dataclass(frozen=True)
class Waiting:
    """A value that begins on a later day."""

    text: str
    begins: date


@dataclass(frozen=True)
class Line:
    """One setting as the page shows it."""

    one: Declared
    text: str
    held: InForce
    waits: list[Waiting]

    @property
    def origin(self) -> str:
        return "own" if self.held.own else "superior" if self.held.row else "default"


@dataclass(frozen=True)
class Change:
    """A row of a setting's history: what held before it among the office's own rows, what since."""

    row: Setting
    who: str
    act: Act | None
    was: str
    became: str


@bp.get("")
@needs(CHANGE_SETTINGS)
def index() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    wanted = request.args.get("q", "").strip().casefold()
    origin = request.args.get("from", "")
    lines = [line for line in _lines(office) if _meant(line.one, wanted) and origin in {"", line.origin}]
    chapters = [(chapter, list(group)) for chapter, group in groupby(lines, key=lambda line: line.one.chapter)]
    total = len(declared())
    return render_template("accounts/settings.html", chapters=chapters, shown=len(lines), total=total)


@bp.get("/<key>")
@needs(CHANGE_SETTINGS)
def show(key: str) -> ResponseReturnValue:
    office, one = office_for(CHANGE_SETTINGS), _declaration(key)
    held = in_force(office, today(), [key])[key]
    return _page(office, one, form_of(key)(data=typed_of(one, held.value, today())))


@bp.post("/<key>/change")
@needs(CHANGE_SETTINGS)
def change(key: str) -> ResponseReturnValue:
    office, one = office_for(CHANGE_SETTINGS), _declaration(key)
    form = form_of(key).of(lambda form: _page(office, one, form))
    change_setting(
        office,
        key,
        form.value,
        by=person(),
        at=now(),
        reason=form.reason.data,
        effective_from=form.effective_from.data,
        citation=form.citation.data or "",
    )
    flash(gettext("“%(label)s” is set.", label=one.label), "good")
    return see_other("settings.show", key=key)


@bp.post("/<key>/return")
@needs(CHANGE_SETTINGS)
def back(key: str) -> ResponseReturnValue:
    """Take the office's own value back."""
    office, one = office_for(CHANGE_SETTINGS), _declaration(key)
    return_setting(office, key, by=person(), at=now(), reason=request.form.get("reason", "").strip())
    flash(gettext("“%(label)s” has its default again.", label=one.label), "good")
    return see_other("settings.show", key=key)


def _declaration(key: str) -> Declared:
    try:
        return declaration(key)
    except UnknownSetting:
        raise NotFound() from None


def _lines(office: Office) -> list[Line]:
    """Every setting of the office today. Two queries, however many there are."""
    on = today()
    held, later = in_force(office, on), waiting(office, on)
    return [
        Line(one, _text(one, held[one.key].value), held[one.key], _waits(one, later.get(one.key, [])))
        for one in declared()
    ]


def _meant(one: Declared, wanted: str) -> bool:
    return wanted in f"{one.label} {one.help} {one.key} {one.source} {one.chapter.title}".casefold()


def _text(one: Declared, value: Value) -> str:
    return said(Value(value.amount, value.unit or one.units[0]), one.kind, one.words)


def _waits(one: Declared, rows: list[Setting]) -> list[Waiting]:
    return [Waiting(_kept(one, row.value), row.effective_from) for row in rows]


def _kept(one: Declared, kept: dict[str, Any]) -> str:
    return gettext("as without a value of its own") if kept == INHERIT else _text(one, loaded(kept, one.kind))


def _page(office: Office, one: Declared, form: Any) -> str:
    _explain(form, g.get("refusal"))
    held = in_force(office, today(), [one.key])[one.key]
    waits = _waits(one, waiting(office, today()).get(one.key, []))
    return render_template(
        "accounts/settings_one.html",
        line=Line(one, _text(one, held.value), held, waits),
        default=_text(one, one.standing),
        bounds=_bounds(one),
        unit=unit_word(one.units[0]) if len(one.units) == 1 else "",
        form=form,
        changes=_history(office, one),
    )


def _explain(form: Any, refusal: Refusal | None) -> None:
    """Say a refused value at its field, with the law behind it."""
    if isinstance(refusal, ValueRefused):
        field = form.effective_from if isinstance(refusal, BeginsInThePast) else form.amount
        law = gettext("The law: %(source)s.", source=refusal.source) if refusal.source else ""
        field.errors = [f"{told(refusal)} {helped(refusal)} {law}".strip()]


def _bounds(one: Declared) -> str:
    """What the number may be, in words."""
    least, most = one.bounds.least, one.bounds.most
    if one.kind == "money":
        return gettext("Leave it empty for none.")
    if one.kind not in {"whole", "decimal"} or least is None or most is None:
        return ""
    if least == most:
        return gettext("Fixed at %(bound)s.", bound=with_unit(least, one.units[0]))
    return gettext("From %(least)s to %(most)s.", least=with_unit(least, ""), most=with_unit(most, one.units[0]))


def _history(office: Office, one: Declared) -> list[Change]:
    """The office's own rows, newest first, each with its act and who set it. One query."""
    act = aliased(Act)
    rows = (
        select(Setting, Person.name, act)
        .outerjoin(Person, Person.id == Setting.set_by_id)
        .outerjoin(act, (act.subject_table == "setting") & (act.subject_id == Setting.id))
        .where(Setting.office_id == office.id, Setting.key == one.key)
        .order_by(Setting.id)
    )
    changes: list[Change] = []
    was = gettext("no value of its own")
    for row, name, done in db.session.execute(rows):
        became = _kept(one, row.value)
        changes.insert(0, Change(row, name or gettext("the program"), done, was, became))
        was = became
    return changes
