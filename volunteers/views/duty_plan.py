"""The duty plan of a squad's month: a grid to press, a proposal to look at, one sheet of A4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from accounts import access
from accounts.access import NotFound
from accounts.models import Office, Organisation, OrganisationKind
from accounts.presenting import moment, month_name
from accounts.web import day_asked, here, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from scheduler.deadlines.calendar import calendar_in_force
from volunteers.actions.duty_plan import Month, Pair, following, month_of, propose, store
from volunteers.forms.duty_plan import DutyPlanForm
from volunteers.rights import POST_TRAFFIC_OFFICER

bp = Blueprint("duty_plan", __name__, url_prefix="/shifts/duty-plan")
UPRIGHT = 8  # columns that fit on an upright sheet


def squads_planned(office: Office) -> list[Organisation]:
    """The squads whose officers the viewer posts: all of the office, or his own."""
    grants = [(m, grant) for m, grant in access.grants_of(viewer(), POST_TRAFFIC_OFFICER) if m.office_id == office.id]
    query = select(Organisation).where(
        Organisation.office_id == office.id, Organisation.kind == OrganisationKind.SQUAD, Organisation.active
    )
    if not any(grant.scope == "f" for _, grant in grants):
        query = query.where(Organisation.id.in_([m.organisation_id for m, _ in grants]))
    return list(db.session.scalars(query.order_by(Organisation.name)))


def _asked() -> tuple[list[Organisation], Month | None]:
    """The squads to choose from, and the month the address asks for: of the first squad and this month, unless said."""
    squads = squads_planned(office_for(POST_TRAFFIC_OFFICER))
    wanted = request.values.get("squad", "")
    squad = next((one for one in squads if str(one.public_id) == wanted), None)
    if wanted and squad is None:
        raise NotFound()
    squad = squad or next(iter(squads), None)
    first_on = (day_asked(f"{request.values.get('month', '')}-01") or today()).replace(day=1)
    return squads, month_of(squad, first_on, now()) if squad is not None else None


@bp.get("")
@needs(POST_TRAFFIC_OFFICER)
def show() -> ResponseReturnValue:
    """The month as it stands; with `fill` what the program proposes, to be looked at before it is stored."""
    squads, month = _asked()
    if month is None:
        return render_template("volunteers/duty_plan.html", squads=squads, month=None)
    fill = request.args.get("fill", "")
    plan = propose(month, anew=fill == "anew") if fill in {"empty", "anew"} else month.standing
    data = {"seen": month.seen, "reason": gettext("Duty plan of %(month)s", month=month_name(month.first_on))}
    return _page(DutyPlanForm(formdata=None, month=month, data=data), squads, month, plan)


def _page(form: DutyPlanForm, squads: list[Organisation], month: Month, plan: Collection[Pair]) -> str:
    calendar = calendar_in_force(here())
    ahead = {shift.id for shift in month.ahead}
    before = frozenset(pair for pair in month.standing if pair[0] in ahead)
    return render_template(
        "volunteers/duty_plan.html",
        form=form,
        squads=squads,
        month=month,
        plan=plan,
        changes=len(before ^ {pair for pair in plan if pair[0] in ahead}),
        empty=month.without_officer(plan),
        counts=Counter(officer for _, officer in plan),
        calendar=calendar,
        names=(month_name(month.first_on), month_name(following(month.first_on))),
        before=(month.first_on - timedelta(days=1)).strftime("%Y-%m"),
        after=following(month.first_on).strftime("%Y-%m"),
        refused=g.get("refusal"),
    )


@bp.post("")
@needs(POST_TRAFFIC_OFFICER)
def save() -> ResponseReturnValue:
    squads, month = _asked()
    if month is None:
        raise NotFound()
    behind = {pair for pair in month.standing if pair[0] not in {shift.id for shift in month.ahead}}
    form = DutyPlanForm.of(lambda form: _page(form, squads, month, {*form.plan, *behind}), month=month)
    made, ended = store(month, form.plan, form.seen.data or "", person(), now(), form.reason.data)
    said = [
        ngettext("%(num)d posting is made", "%(num)d postings are made", made),
        ngettext("%(num)d has ended", "%(num)d have ended", ended),
    ]
    changed = gettext("%(made)s, %(ended)s. Each officer is told what changed for him.", made=said[0], ended=said[1])
    flash(changed if made or ended else gettext("Nothing has changed."), "good")
    return see_other("duty_plan.show", squad=month.squad.public_id, month=month.first_on.strftime("%Y-%m"))


@bp.get("/paper")
@needs(POST_TRAFFIC_OFFICER)
def paper() -> ResponseReturnValue:
    """The month on one sheet of A4: days down, posts and peaks across."""
    _, month = _asked()
    if month is None:
        raise NotFound()
    columns = sorted({(shift.post, shift.slot) for shift in month.shifts}, key=_place)
    return render_template(
        "volunteers/duty_plan_paper.html",
        month=month,
        title=month_name(month.first_on),
        columns=columns,
        upright=len(columns) <= UPRIGHT,
        days=_days(month),
        cells=_cells(month),
        calendar=calendar_in_force(here()),
        office=here(),
        printed_at=moment(now()),
    )


def _place(column: tuple[Any, str]) -> tuple[str, int]:
    post, slot = column
    return post.name, ["morning", "evening", "other"].index(slot)


def _days(month: Month) -> list[date]:
    return [month.first_on + timedelta(days=n) for n in range((following(month.first_on) - month.first_on).days)]


def _cells(month: Month) -> dict[tuple[int, str, date], list[tuple[Any, list[str]]]]:
    """By post, peak and day: each shift with the names of who stands there."""
    names = {officer.id: officer.name for officer in month.people}
    cells: dict[tuple[int, str, date], list[tuple[Any, list[str]]]] = {}
    for shift in month.shifts:
        there = [names[officer] for key, officer in sorted(month.standing) if key == shift.id]
        cells.setdefault((shift.post_id, shift.slot, shift.starts_on), []).append((shift, there))
    return cells
