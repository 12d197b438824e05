"""Rotas: the months of each station, one month as a grid, drafted, generated, discarded; printed, copied, exported."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts import access
from accounts.access import grants_of, listed
from accounts.models import Role
from accounts.presenting import dated, month_name
from accounts.rights import CHANGE_SETTINGS
from accounts.web import day_asked, find, needs, now, person, see_other, today, viewer
from exchange.sending import saved
from exchange.writing import write_xlsx
from extensions import db
from lawyers import on_duty
from lawyers.actions.duty import CellRefused
from lawyers.actions.rota import asked_of, demand, discard_rota, draft_rota, fill_rota
from lawyers.forms.rota import DemandForm, MonthForm
from lawyers.grid import (
    broken_in_words,
    cause_in_words,
    grid_of,
    load,
    mend_in_words,
    month_words,
    text_of,
)
from lawyers.models import Duty, DutyState, Rota, RotaState, Station
from lawyers.rights import DRAFT_ROTA, PUBLISH_ROTA, SEE_ROTA
from lawyers.rota_facts import Facts
from record.edge import outside_transaction, own_transaction
from scheduler.fairness.rota_values import Mend, NoRota

bp = Blueprint("rota", __name__)
MONTHS_AHEAD, MONTHS_SHOWN = 4, 18


@bp.get("/rotas")
@needs(SEE_ROTA)
def index() -> ResponseReturnValue:
    """The months of each station. A lawyer is led to his own duties first."""
    roles = {membership.role for membership, _ in grants_of(viewer(), SEE_ROTA)}
    if roles == {Role.LAWYER} and "all" not in request.args:
        return redirect(url_for("duties.mine"))
    stations = listed(viewer(), Station, SEE_ROTA).where(Station.active).order_by(Station.name, Station.id)
    rotas = listed(viewer(), Rota, SEE_ROTA).where(Rota.state.in_([RotaState.DRAFT, RotaState.PUBLISHED]))
    found = db.session.scalars(rotas.order_by(Rota.first_on.desc(), Rota.version.desc()).limit(MONTHS_SHOWN * 9))
    by_station: dict[int, list[Rota]] = {}
    for rota in found:
        by_station.setdefault(rota.station_id, []).append(rota)
    return render_template(
        "lawyers/rotas.html",
        stations=(shown := list(db.session.scalars(stations))),
        on_duty=on_duty.on_day([station.id for station in shown], today()),
        may_draft=(drafted := _drafted_stations()),
        may_open=access.holds(viewer(), CHANGE_SETTINGS),
        months={s.id: _months_of(by_station.get(s.id, []), s.id in drafted) for s in shown},
    )


def _drafted_stations() -> set[int]:
    return set(db.session.scalars(select(Station.id).where(access.clause(viewer(), Station, DRAFT_ROTA))))


@dataclass(frozen=True)
class Month:
    """A month of a station with its rotas in force, the published one first. `first`: it is the one to begin next."""

    on: date
    rotas: tuple[Rota, ...]
    first: bool = False

    @property
    def words(self) -> str:
        return month_name(self.on)

    @property
    def value(self) -> str:
        return f"{self.on:%Y-%m}"


def _months_of(rotas: list[Rota], may_draft: bool) -> list[Month]:
    """The months that have a rota; for whoever drafts also this one and the next, the nearest first."""
    found: dict[date, list[Rota]] = {}
    for rota in rotas:
        found.setdefault(rota.first_on, []).append(rota)
    coming = [today().replace(day=1)]
    while len(coming) <= MONTHS_AHEAD:
        coming.append((coming[-1] + timedelta(days=32)).replace(day=1))
    days = sorted({*found, *(coming if may_draft else ())}, key=lambda on: (on < coming[0], abs((on - coming[0]).days)))
    begin = next((on for on in days if on >= coming[0] and on not in found), None)
    return [
        Month(on, tuple(sorted(found.get(on, ()), key=lambda r: r.state, reverse=True)), on == begin) for on in days
    ]


@bp.post("/stations/<uuid:public_id>/rotas")
@needs(DRAFT_ROTA)
def draft(public_id: uuid.UUID) -> ResponseReturnValue:
    station = find(Station, public_id, may=DRAFT_ROTA)
    form = MonthForm.of(lambda _form: render_template("errors/refusal.html", refusal=g.refusal))
    first, last = form.span
    standing = select(Rota).filter_by(station_id=station.id, first_on=first, state=RotaState.DRAFT)
    rota = db.session.scalar(standing) or draft_rota(station, first, last, person(), now())
    return see_other("rota.show", public_id=rota.public_id)


@bp.get("/rotas/<uuid:public_id>")
@needs(SEE_ROTA)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return page_of(find(Rota, public_id, may=SEE_ROTA))


def page_of(rota: Rota, fragment: bool = False, **more: Any) -> str:
    """The month's page, or its grid alone; beside it whatever was just refused."""
    may_draft = access.may(viewer(), DRAFT_ROTA, rota)
    grid = grid_of(rota, today(), full=may_draft)
    refusal = g.get("refusal")
    return render_template(
        "lawyers/_grid.html" if fragment else "lawyers/rota.html",
        rota=rota,
        grid=grid,
        may_draft=may_draft,
        may_publish=may_draft and access.may(viewer(), PUBLISH_ROTA, rota),
        month=month_words(rota),
        text=text_of(rota, [duty for column in grid.columns for duty in column.duties]),
        refused=refusal,
        no_rota=_no_rota(refusal, rota, grid.facts) if isinstance(refusal, NoRota) else None,
        whys=_whys(refusal) if isinstance(refusal, CellRefused) else {},
        demand=more.get("demand") or DemandForm(formdata=None, obj=rota),
        mode=request.form.get("mode", "set"),
        chosen=more.get("chosen"),
        other=_other_version(rota),
        today=today(),
    )


def _whys(refusal: CellRefused) -> dict[tuple[date, str], list[str]]:
    """By day and lawyer, why the cell was refused."""
    return {(on, key): [broken_in_words(one, refusal.known) for one in broken] for on, key, broken in refusal.cells}


def _other_version(rota: Rota) -> Rota | None:
    """Beside a draft the version in force, beside that the draft, for whoever may see it."""
    other = {RotaState.DRAFT: RotaState.PUBLISHED, RotaState.PUBLISHED: RotaState.DRAFT}.get(RotaState(rota.state))
    rows = listed(viewer(), Rota, SEE_ROTA).where(Rota.station_id == rota.station_id, Rota.first_on == rota.first_on)
    return db.session.scalar(rows.where(Rota.state == (other or RotaState.PUBLISHED), Rota.id != rota.id))


def _no_rota(refusal: NoRota, rota: Rota, facts: Facts) -> dict[str, Any]:
    """Why no rota exists, and each way out: a button that takes it, or a link to where it is taken."""
    ways = [{"label": mend_in_words(mend, facts), **_way(mend, rota, facts)} for mend in refusal.mends]
    return {"causes": [cause_in_words(cause, facts) for cause in refusal.clash], "ways": ways}


def _way(mend: Mend, rota: Rota, facts: Facts) -> dict[str, Any]:
    """A button with its fields, a link, or nothing where it can only be said."""
    params = mend.params
    fields: dict[str, Callable[[], dict[str, Any]]] = {
        "shorter_distance": lambda: {"min_distance": params["distance"]},
        "wider_share": lambda: {"within": params["within"]},
        "uncovered": lambda: {"accept_empty": ",".join(on.isoformat() for on in params["days"])},
    }
    if mend.code in fields:
        return {"post": url_for("rota.generate", public_id=rota.public_id), "fields": fields[mend.code]()}
    if mend.code == "unlock":
        return {"url": url_for("cells.show", public_id=rota.public_id, on=params["on"])}
    if mend.code == "more_per_week":
        return {"url": url_for("settings.show", key="rota.max_per_week")}
    entry = facts.entry(params.get("lawyer", ""))
    return {"url": url_for("register.show", public_id=entry.public_id)} if entry else {}


@bp.post("/rotas/<uuid:public_id>/generation")
@needs(DRAFT_ROTA)
@outside_transaction
def generate(public_id: uuid.UUID) -> ResponseReturnValue:
    """Generate what is not locked. The solver runs outside any transaction, so that nobody waits for it."""
    from scheduler.fairness.rota import generate as generate_plan  # here: the solver is a tenth of the program's start

    rota = find(Rota, public_id, may=DRAFT_ROTA)
    g.shown_again = (lambda _form: page_of(find(Rota, public_id, may=DRAFT_ROTA)), None)
    _take_mend(rota)
    asked = asked_of(find(Rota, public_id, may=DRAFT_ROTA), today())
    db.session.rollback()
    plan = generate_plan(asked.problem)
    with own_transaction():
        fill_rota(find(Rota, public_id, may=DRAFT_ROTA), plan, asked.made_from, person(), now())
    worst = plan.measures["total"].spread
    flash(
        gettext(
            "Generated in %(seconds)s s. Nobody differs by more than %(worst)s from what he owes.",
            seconds=f"{plan.seconds:.1f}",
            worst=f"{float(worst):.1f}",
        ),
        "good",
    )
    return see_other("rota.show", public_id=public_id)


def _take_mend(rota: Rota) -> None:
    """A way out that was pressed: it changes what the draft asks for."""
    wanted = {name: request.form.get(name, "") for name in ("min_distance", "within")}
    numbers = {name: int(text) for name, text in wanted.items() if text.isdecimal() and len(text) < 3}
    empty = [day for text in request.form.get("accept_empty", "").split(",") if (day := day_asked(text))]
    if numbers or empty:
        with own_transaction():
            demand(rota, person(), now(), accept_empty=empty, **numbers)


@bp.post("/rotas/<uuid:public_id>/demands")
@needs(DRAFT_ROTA)
def change_demands(public_id: uuid.UUID) -> ResponseReturnValue:
    rota = find(Rota, public_id, may=DRAFT_ROTA)
    form = DemandForm.of(lambda form: page_of(rota, demand=form))
    demand(rota, person(), now(), min_distance=form.min_distance.data, within=form.within.data)
    flash(gettext("The next generation asks for it."), "good")
    return see_other("rota.show", public_id=public_id)


@bp.post("/rotas/<uuid:public_id>/discard")
@needs(DRAFT_ROTA)
def discard(public_id: uuid.UUID) -> ResponseReturnValue:
    rota = find(Rota, public_id, may=DRAFT_ROTA)
    discard_rota(rota, person(), now())
    flash(gettext("The draft is discarded. It had bound nobody."), "good")
    return see_other("rota.index")


@bp.get("/rotas/<uuid:public_id>/sheet")
@needs(SEE_ROTA)
def sheet(public_id: uuid.UUID) -> ResponseReturnValue:
    """The month on one sheet of A4."""
    rota = find(Rota, public_id, may=SEE_ROTA)
    grid = grid_of(rota, rota.first_on, full=False)
    return render_template(
        "lawyers/rota_sheet.html", rota=rota, grid=grid, month=month_words(rota), printed_at=dated(now())
    )


@bp.get("/rotas/<uuid:public_id>/table.xlsx")
@needs(SEE_ROTA)
def export(public_id: uuid.UUID) -> ResponseReturnValue:
    rota = find(Rota, public_id, may=SEE_ROTA)
    duties = [duty for duty in load(rota) if duty.state != DutyState.CANCELLED]
    headers = [gettext("Day"), gettext("Weekday"), gettext("Lawyer"), gettext("Firm"), gettext("Hours")]
    hours = " ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in rota.station.sessions.values())
    rows = [[duty.serves_on.isoformat(), dated(duty.serves_on).split()[-1], *_who(duty), hours] for duty in duties]
    return saved(write_xlsx(headers, rows), f"rota-{rota.first_on:%Y-%m}-v{rota.version}.xlsx")


def _who(duty: Duty) -> list[str]:
    return [duty.lawyer.name, duty.lawyer.firm] if duty.lawyer else [gettext("nobody"), ""]
