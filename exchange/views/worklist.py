"""The work list of an import: doubts about stored rows, each to be settled by a person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from accounts.access import NotFound, listed
from accounts.models import Person
from accounts.web import needs, now, office_for, person, see_other, viewer
from exchange.actions.worklist import reopen_flag, settle_flag, settle_flags, subject_of, subjects_of
from exchange.forms.worklist import DECISIONS, SettlementForm, SettlementsForm
from exchange.models import Decision, Flag, FlagState
from exchange.presenting import DECIDED, page_of, why_of
from exchange.rights import IMPORT_FILES, found, kinds_for
from exchange.taking import taker
from exchange.views.taking import bp
from extensions import db
from record.models import Act

IN_A_GROUP = 20  # rows of one kind of doubt, until it is asked for alone
ON_A_PAGE = 50


@dataclass(frozen=True)
class Group:
    """Doubts of one kind and code: its sentence, how many there are, those that are shown with where they lead."""

    kind: str
    code: str
    title: Any
    why: str
    count: int
    rows: list[tuple[Flag, str]]

    @property
    def leads(self) -> bool:
        """Whether any of its rows leads anywhere."""
        return any(address for _, address in self.rows)

    @property
    def form_id(self) -> str:
        return f"settle-{self.kind}-{self.code}".replace("_", "-")


@bp.get("/flags")
@needs(IMPORT_FILES)
def flags() -> ResponseReturnValue:
    """Open doubts by kind and code, oldest first; with `?state=settled` what was decided."""
    return _list_page(None)


def _list_page(form: Any) -> str:
    state = FlagState.SETTLED if request.args.get("state") == FlagState.SETTLED else FlagState.OPEN
    kind, code = request.args.get("kind", ""), request.args.get("code", "")
    mine = _mine().where(Flag.state == state)
    if request.args.get("run"):
        mine = mine.where(Flag.run.has(public_id=_uuid(request.args["run"])))
    counts = _counts(mine)
    page, groups = _page(), _groups(mine, counts, kind, code)
    total = sum(group.count for group in groups)
    return render_template(
        "exchange/flags.html",
        form=form or SettlementsForm(formdata=None),
        groups=groups,
        counts=counts,
        kinds=kinds_for(viewer(), office_for(IMPORT_FILES)),
        state=state,
        decisions=DECISIONS,
        decided=DECIDED,
        page=page,
        pages=max((total + ON_A_PAGE - 1) // ON_A_PAGE, 1) if code else 1,
        total=total,
    )


def _mine() -> Select[Any]:
    return listed(viewer(), Flag, IMPORT_FILES).where(Flag.office_id == office_for(IMPORT_FILES).id)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound() from None


def _page() -> int:
    asked = request.args.get("page", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def _counts(mine: Select[Any]) -> dict[tuple[str, str], int]:
    """How many there are by kind and code."""
    numbered = mine.with_only_columns(Flag.kind, Flag.code, func.count()).group_by(Flag.kind, Flag.code)
    return {(kind, code): count for kind, code, count in db.session.execute(numbered.order_by(Flag.kind, Flag.code))}


def _groups(mine: Select[Any], counts: dict[tuple[str, str], int], kind: str, code: str) -> list[Group]:
    wanted = mine.options(joinedload(Flag.settled_by), joinedload(Flag.run)).order_by(Flag.kind, Flag.code, Flag.id)
    if kind:
        wanted = wanted.where(Flag.kind == kind)
    if code:
        wanted = wanted.where(Flag.code == code).limit(ON_A_PAGE).offset((_page() - 1) * ON_A_PAGE)
    else:
        place = func.row_number().over(partition_by=(Flag.kind, Flag.code), order_by=Flag.id).label("place")
        first = mine.with_only_columns(Flag.id.label("id"), place).subquery()
        wanted = wanted.where(Flag.id.in_(select(first.c.id).where(first.c.place <= IN_A_GROUP)))
    rows = list(db.session.scalars(wanted))
    subjects = subjects_of(rows)
    return [_group(key, counts, list(some), subjects) for key, some in groupby(rows, lambda row: (row.kind, row.code))]


def _group(key: tuple[str, str], counts: dict[tuple[str, str], int], rows: list[Flag], subjects: Any) -> Group:
    one = taker(key[0])
    linked = [(row, page_of(row.kind, subjects.get((row.subject_table, row.subject_id)))) for row in rows]
    return Group(*key, one.title if one else key[0], why_of(rows[0]), counts[key], linked)


@bp.get("/flags/<uuid:public_id>")
@needs(IMPORT_FILES)
def flag(public_id: uuid.UUID) -> ResponseReturnValue:
    return _flag_page(public_id, SettlementForm(formdata=None))


def _flag_page(public_id: uuid.UUID, form: Any) -> str:
    doubted = found(viewer(), Flag, public_id)
    one = taker(doubted.kind)
    where = Act.subject_table == "flag", Act.subject_id == doubted.id
    acts = select(Act, Person.name).outerjoin(Person, Person.id == Act.actor_id).where(*where).order_by(Act.id)
    return render_template(
        "exchange/flag.html",
        flag=doubted,
        taker=one,
        why=why_of(doubted),
        stored_at=page_of(doubted.kind, subject_of(doubted)),
        form=form,
        decided=DECIDED,
        acts=db.session.execute(acts).all(),
    )


@bp.post("/flags/<uuid:public_id>/settlement")
@needs(IMPORT_FILES)
def settle(public_id: uuid.UUID) -> ResponseReturnValue:
    doubted = found(viewer(), Flag, public_id)
    form = SettlementForm.of(lambda form: _flag_page(public_id, form))
    settle_flag(doubted, Decision(form.decision.data), person(), now(), form.reason.data)
    _say(1, url_for("imports.reopen", public_id=public_id))
    return see_other("imports.flags")


@bp.post("/flags/settlements")
@needs(IMPORT_FILES)
def settle_several() -> ResponseReturnValue:
    """The same decision about several, with one reason."""
    form = SettlementsForm.of(_list_page)
    chosen = [found(viewer(), Flag, _uuid(one)) for one in dict.fromkeys(form.chosen.data)]
    settle_flags(chosen, Decision(form.decision.data), person(), now(), form.reason.data)
    _say(len(chosen), url_for("imports.reopen", public_id=chosen[0].public_id) if len(chosen) == 1 else "")
    return see_other("imports.flags")


def _say(count: int, undo: str) -> None:
    text = ngettext("%(num)d doubt is settled.", "%(num)d doubts are settled.", count)
    if undo:
        flash({"text": text, "url": undo, "seconds": 10}, "undo")  # type: ignore[arg-type]
    else:
        flash(text, "good")


@bp.post("/flags/<uuid:public_id>/reopening")
@needs(IMPORT_FILES)
def reopen(public_id: uuid.UUID) -> ResponseReturnValue:
    """Take a decision back."""
    reopen_flag(found(viewer(), Flag, public_id), person(), now())
    flash(gettext("The doubt is open again."), "good")
    return see_other("imports.flag", public_id=public_id)
