"""The trail: who did what, when, from where, why, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, select

from accounts import access
from accounts.models import Person
from accounts.rights import READ_AUDIT
from accounts.trail import called_alike, concerning, in_words, lines, rows_by_table, table_in_words
from accounts.web import day_asked, find, here, needs, viewer
from extensions import db
from record.models import Act

bp = Blueprint("trail", __name__)
PER_PAGE = 50
LATEST = 20


@bp.get("/trail")
@needs(READ_AUDIT)
def index() -> ResponseReturnValue:
    """The acts the viewer may read, newest first; `before` and `after` are ids of acts, from page to page."""
    asked = _asked()
    acts = _page(_filtered(access.listed(viewer(), Act, READ_AUDIT), asked), asked)
    return render_template(
        "accounts/trail.html",
        lines=lines(acts[:PER_PAGE], masked()),
        names=_names(),
        tables_in_words=_tables(),
        asked=asked,
        masked=masked(),
        whole=True,
        newer=acts[0].id if acts and _any(asked, Act.id > acts[0].id) else None,
        older=acts[PER_PAGE - 1].id if len(acts) > PER_PAGE else None,
    )


@bp.get("/trail/<uuid:public_id>")
@needs(READ_AUDIT)
def one(public_id: UUID) -> ResponseReturnValue:
    """An act with all that it changed, row by row, a page at a time; an import changes hundreds."""
    act = find(Act, public_id, may=READ_AUDIT)
    rows = rows_by_table(act)
    on = request.args.get("on", "")
    table = on if on in rows else ""
    total = rows[table] if table else sum(rows.values())
    pages = max(-(-total // PER_PAGE), 1)
    number = min(_number(), pages)
    [line] = lines([act], masked(), PER_PAGE, skip=(number - 1) * PER_PAGE, table=table)
    tables = [(name, table_in_words(name), count) for name, count in rows.items()]
    return render_template(
        "accounts/trail_act.html", line=line, tables=tables, on=table, number=number, pages=pages, total=total
    )


def _number() -> int:
    """The page asked for, counted from 1."""
    asked = request.args.get("page", "")
    return max(int(asked[:6]), 1) if asked.isascii() and asked.isdecimal() else 1


def masked() -> bool:
    """Whether every way by which the viewer reads the trail carries the mark M."""
    return all("M" in grant.marks for _, grant in access.grants_of(viewer(), READ_AUDIT))


def _asked() -> dict[str, str]:
    """The filters of the address. A masked viewer cannot look for a name: the answer would say what the mask hides."""
    asked = {key: request.args.get(key, "").strip() for key in ("q", "act", "on", "of", "since", "until")}
    asked |= {key: request.args.get(key, "") for key in ("before", "after")}
    return {**asked, "q": ""} if masked() else asked


def _filtered(acts: Select[Any], asked: dict[str, str]) -> Select[Any]:
    if asked["q"]:
        people = select(Person.id).where(Person.name.contains(asked["q"], autoescape=True))
        acts = acts.where(Act.actor_id.in_(people) | concerning(people))
    if asked["act"]:
        acts = acts.where(Act.name.in_(called_alike(asked["act"])))
    if asked["on"]:
        acts = acts.where(Act.subject_table == asked["on"])
    if asked["of"].isdecimal():
        acts = acts.where(Act.subject_id == int(asked["of"][:18]))
    since, until = day_asked(asked["since"]), day_asked(asked["until"])
    if since:
        acts = acts.where(Act.at >= _midnight(since))
    if until:
        acts = acts.where(Act.at < _midnight(until + timedelta(days=1)))
    return acts


def _page(acts: Select[Any], asked: dict[str, str]) -> list[Act]:
    """One act more than a page, newest first, so that it is known whether there are older ones."""
    if asked["after"].isdecimal():
        newer = acts.where(Act.id > int(asked["after"][:18])).order_by(Act.id).limit(PER_PAGE)
        first = list(db.session.scalars(newer))[-1:]
        if first:
            acts = acts.where(Act.id <= first[0].id)
    if asked["before"].isdecimal():
        acts = acts.where(Act.id < int(asked["before"][:18]))
    return list(db.session.scalars(acts.order_by(Act.id.desc()).limit(PER_PAGE + 1)))


def _any(asked: dict[str, str], further: Any) -> bool:
    acts = _filtered(access.listed(viewer(), Act, READ_AUDIT), asked).where(further)
    return db.session.scalar(acts.with_only_columns(Act.id).limit(1)) is not None


def _mine(column: Any) -> Select[Any]:
    return access.listed(viewer(), Act, READ_AUDIT).with_only_columns(column).distinct()


def _names() -> list[tuple[str, str]]:
    """What the acts are called, each word once: one of the names that share it stands for all of them."""
    called = {in_words(name): name for name in sorted(db.session.scalars(_mine(Act.name)), reverse=True)}
    return sorted(((name, words) for words, name in called.items()), key=lambda pair: pair[1])


def _tables() -> list[tuple[str, str]]:
    tables = ((table, table_in_words(table)) for table in db.session.scalars(_mine(Act.subject_table)))
    return sorted(tables, key=lambda pair: pair[1])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(here().zone))


def trail_of(
    row: Any,
    limit: int = LATEST,
    masked: bool = False,
    also: ColumnElement[bool] | None = None,
    about: Mapping[tuple[str, int], str] | None = None,
) -> Markup:
    """What was done to a row, newest first, for the page of the row itself: `{{ trail_of(sitting) }}`.

    Whoever may see the page sees who did what to the thing on it; `masked` leaves the names out.
    `also` asks for acts on further rows that belong to it; `about` says by table and id whom those are about.
    """
    asked = (Act.subject_table == row.__tablename__) & (Act.subject_id == row.id)
    asked = asked if also is None else asked | also
    acts = list(db.session.scalars(select(Act).where(asked).order_by(Act.id.desc()).limit(limit)))
    whole = access.holds(viewer(), READ_AUDIT)
    page = render_template("accounts/_trail_of.html", lines=lines(acts, masked), about=about or {}, whole=whole)
    return Markup(page)  # noqa: S704
