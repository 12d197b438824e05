"""Cells of a rota by hand: in the grid, or a day with everybody who could take it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound
from accounts.web import day_asked, find, needs, now, person, see_other, today
from errors import Refusal
from lawyers.actions.duty import (
    CellRefused,
    assign_duty,
    cancel_duty,
    give_up_duty,
    judge_for,
    lock_duty,
    substitute_duty,
    swap_duties,
    undo_edit,
)
from lawyers.grid import Grid, broken_in_words, grid_of, month_words
from lawyers.models import Duty, DutyState, LawyerEntry, Rota, RotaState, key_of
from lawyers.rights import DRAFT_ROTA
from lawyers.rota_facts import cells_of
from lawyers.views.rota import page_of

bp = Blueprint("cells", __name__, url_prefix="/rotas/<uuid:public_id>")


class NoSuchCell(Refusal):
    code = "no_such_cell"
    status = 422
    message = "There is no such cell in this rota."
    help = "Reload the page; the rota may have changed."


class DayFull(Refusal):
    code = "day_full"
    message = "On %(on)s every place is taken."
    help = "Take somebody off that day first."


@bp.post("/cells")
@needs(DRAFT_ROTA)
def press(public_id: uuid.UUID) -> ResponseReturnValue:
    """A cell of the grid was pressed: set or emptied, locked or freed, or the second of two that change places."""
    rota = find(Rota, public_id, may=DRAFT_ROTA)
    fragment = request.headers.get("HX-Request") == "true"
    g.shown_again = (lambda _form: page_of(rota, fragment), None)
    on, entry = _cell(rota, request.form.get("cell", ""))
    standing = next((d for d in rota.duties if d.serves_on == on and d.lawyer_id == entry.id), None)
    mode, chosen = request.form.get("mode", "set"), None
    if mode == "lock" and standing is not None:
        lock_duty(standing, not standing.locked, person(), now())
    elif mode == "swap" and standing is not None:
        chosen = _swap(rota, standing, request.form.get("first", ""))
    elif mode == "set":
        _set(rota, on, entry, standing)
    if fragment:
        return page_of(rota, fragment=True, chosen=chosen)
    return page_of(rota, chosen=chosen) if chosen else see_other("rota.show", public_id=public_id)


def _cell(rota: Rota, text: str) -> tuple[date, LawyerEntry]:
    """A cell as the grid names it: `2026-12-01/<public id>`. Raises: NoSuchCell, NotFound."""
    day, _, key = text.partition("/")
    on = day_asked(day)
    try:
        known = uuid.UUID(key)
    except ValueError:
        raise NoSuchCell() from None
    entry = find(LawyerEntry, known, may=DRAFT_ROTA)
    if on is None or entry.office_id != rota.office_id or not any(duty.serves_on == on for duty in rota.duties):
        raise NoSuchCell()
    return on, entry


def _set(rota: Rota, on: date, entry: LawyerEntry, standing: Duty | None) -> None:
    """Put the lawyer there, in the place of whoever stands there alone; pressed again, take him off."""
    if standing is not None:
        assign_duty(standing, None, person(), now())
        return
    places = [duty for duty in rota.duties if duty.serves_on == on]
    free = next((duty for duty in places if duty.lawyer_id is None), None)
    if free is None and len(places) > 1:
        raise DayFull(on=on)
    assign_duty(free or places[0], entry, person(), now())


def _swap(rota: Rota, second: Duty, first: str) -> str | None:
    """Remember the first of two cells, or let the two change places. Returns what is remembered."""
    other = next((duty for duty in rota.duties if str(duty.public_id) == first), None)
    if other is None:
        return str(second.public_id)
    if other is not second:
        swap_duties(other, second, person(), now())
    return None


@bp.post("/undo")
@needs(DRAFT_ROTA)
def undo(public_id: uuid.UUID) -> ResponseReturnValue:
    rota = find(Rota, public_id, may=DRAFT_ROTA)
    fragment = request.headers.get("HX-Request") == "true"
    g.shown_again = (lambda _form: page_of(rota, fragment), None)
    undo_edit(rota, person(), now())
    return page_of(rota, fragment=True) if fragment else see_other("rota.show", public_id=public_id)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a place: how far he is from what he owes, and what he would break."""

    entry: LawyerEntry
    served: int
    difference: Fraction
    why: tuple[str, ...]


@bp.get("/days/<day:on>")
@needs(DRAFT_ROTA)
def show(public_id: uuid.UUID, on: date) -> ResponseReturnValue:
    return _day_page(find(Rota, public_id, may=DRAFT_ROTA), on)


def _day_page(rota: Rota, on: date) -> str:
    grid = grid_of(rota, today(), full=True)
    column = next((column for column in grid.columns if column.on == on and column.open), None)
    if column is None:
        raise NotFound()
    refusal = g.get("refusal")
    return render_template(
        "lawyers/rota_day.html",
        rota=rota,
        column=column,
        month=month_words(rota),
        candidates=_candidates(rota, column.on, grid),
        refused=refusal,
        whys=[broken_in_words(one, refusal.known) for _, _, broken in refusal.cells for one in broken]
        if isinstance(refusal, CellRefused)
        else [],
        in_force=rota.state == RotaState.PUBLISHED,
    )


def _candidates(rota: Rota, on: date, grid: Grid) -> list[Candidate]:
    """Everybody of the register, who can come first; among them who owes most."""
    facts = grid.facts
    there = [duty for duty in rota.duties if duty.serves_on == on]
    others = cells_of(duty for duty in rota.duties if duty not in there or len(there) > 1)
    if len(there) > 1:  # a place is judged beside the others of its day
        others[on] = others.get(on, ())[: len(there) - 1]
    known = {duty.lawyer_id for duty in there}
    found = [
        Candidate(
            line.entry,
            line.served,
            line.difference or Fraction(0),
            tuple(broken_in_words(one, facts) for one in judge_for(facts, others, on, line.entry)),
        )
        for line in grid.lines
        if line.entry.id not in known
    ]
    return sorted(found, key=lambda one: (bool(one.why), one.difference, key_of(one.entry)))


@bp.post("/days/<day:on>")
@needs(DRAFT_ROTA)
def change_day(public_id: uuid.UUID, on: date) -> ResponseReturnValue:
    """Put a lawyer into a place of a day (`lawyer` empty: nobody); after publishing he stands in at once."""
    rota, duty = _pressed(public_id, on)
    wanted = request.form.get("lawyer", "")
    if "lock" in request.form:
        lock_duty(duty, not duty.locked, person(), now())
    elif not wanted:
        assign_duty(duty, None, person(), now())
    else:
        _take(rota, duty, wanted)
    return see_other("cells.show", public_id=public_id, on=on)


@bp.post("/days/<day:on>/vacancy")
@needs(DRAFT_ROTA)
def give_up(public_id: uuid.UUID, on: date) -> ResponseReturnValue:
    """The lawyer of a published duty cannot come; the place is empty until somebody stands in."""
    rota, duty = _pressed(public_id, on)
    give_up_duty(duty, person(), now(), request.form.get("reason", "").strip())
    flash(gettext("The place is empty. Below stands who could stand in."), "wait")
    return see_other("cells.show", public_id=rota.public_id, on=on)


@bp.post("/days/<day:on>/cancellation")
@needs(DRAFT_ROTA)
def close(public_id: uuid.UUID, on: date) -> ResponseReturnValue:
    """There is no duty that day after all."""
    rota, duty = _pressed(public_id, on)
    cancel_duty(duty, person(), now(), request.form.get("reason", "").strip())
    flash(gettext("The duty is cancelled."), "good")
    return see_other("rota.show", public_id=rota.public_id)


def _pressed(public_id: uuid.UUID, on: date) -> tuple[Rota, Duty]:
    """The duty that the form of a day's page names. Raises: NoSuchCell."""
    rota = find(Rota, public_id, may=DRAFT_ROTA)
    there = [duty for duty in rota.duties if duty.serves_on == on and duty.state != DutyState.CANCELLED]
    g.shown_again = (lambda _form: _day_page(rota, on) if there else page_of(rota), None)
    duty = next((duty for duty in there if str(duty.public_id) == request.form.get("duty", "")), None)
    if duty is None:
        raise NoSuchCell()
    return rota, duty


def _take(rota: Rota, duty: Duty, wanted: str) -> None:
    try:
        entry = find(LawyerEntry, uuid.UUID(wanted), may=DRAFT_ROTA)
    except ValueError:
        raise NoSuchCell() from None
    if rota.state == RotaState.PUBLISHED:
        substitute_duty(duty, entry, person(), now(), request.form.get("reason", "").strip())
        flash(gettext("%(name)s is on duty on that day; both are told.", name=entry.name), "good")
    else:
        assign_duty(duty, entry, person(), now())
