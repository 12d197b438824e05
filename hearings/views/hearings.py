"""Hearings: the list, and the page of one, which the chapters of the procedure fill."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from accounts.access import holds, listed, may
from accounts.models import Role
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, person, today, viewer
from cases.limits import days_left, runs_for_case
from cases.models import Case
from cases.rights import SEE_CASE
from cases.words import ROLES
from extensions import db
from hearings.course import rail_of
from hearings.dates import dates_of
from hearings.models import OVER, Hearing, HearingState, Sitting, SittingState
from hearings.panels import missing_for, panels_of
from hearings.rights import REQUEST_HEARING, SEE_HEARING, reads_inside
from hearings.words import KINDS, STATES
from scheduler.deadlines.models import Deadline
from scheduler.timeline.models import Event

bp = Blueprint("hearings", __name__, url_prefix="/hearings")
PAGE = 50
MONTHS_BACK, MONTHS_AHEAD = 3, 4


@bp.get("")
@needs(SEE_HEARING)
def index() -> ResponseReturnValue:
    """Search by case number; filter by state, kind, month of the sitting and whose; what has no time yet first."""
    number = min(max(request.args.get("page", 1, int), 1), 10_000)
    rows = _wanted()
    total = db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    shown = rows.options(
        contains_eager(Hearing.case).joinedload(Case.handler),
        selectinload(Hearing.sittings).joinedload(Sitting.event),
    )
    found = db.session.execute(shown.limit(PAGE).offset((number - 1) * PAGE)).unique().all()
    return render_template(
        "hearings/list.html",
        hearings=found,
        total=total,
        page_number=number,
        pages=-(-total // PAGE),
        states=STATES,
        kinds=KINDS,
        months=_months(today()),
        days_left=lambda until: days_left(until, today()),
        may_request=holds(viewer(), REQUEST_HEARING),
        filtered=any(request.args.get(name) for name in ("q", "state", "kind", "month", "whose")),
    )


def _wanted() -> Select[Any]:
    """The hearings the address asks for, each with the running limit of its case."""
    sits_at = (
        select(func.max(Event.starts_at))
        .join(Sitting, Sitting.event_id == Event.id)
        .where(Sitting.hearing_id == Hearing.id, Sitting.state != SittingState.CANCELLED)
        .correlate(Hearing)
        .scalar_subquery()
    )
    rows = listed(viewer(), Hearing, SEE_HEARING).join(Case, Hearing.case_id == Case.id)
    rows = rows.add_columns(Deadline).outerjoin(Deadline, runs_for_case())
    rows = rows.where(Hearing.office_id == here().id, *_filters(sits_at))
    columns = {"case": Case.number, "asked": Hearing.requested_at, "limit": Deadline.due_on}
    order = columns.get(request.args.get("sort", ""), sits_at)
    falling = request.args.get("dir") == "desc"
    sorted_by = order.desc().nulls_last() if falling else order.asc().nulls_first()
    return rows.order_by(sorted_by, Hearing.requested_at, Hearing.id)


def _filters(sits_at: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    wanted = request.args.get("q", "").strip().casefold()
    if wanted:
        found.append(func.lower(Case.number).contains(wanted, autoescape=True))
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    found.append(Hearing.state == state if state else Hearing.state.not_in(OVER))
    if kind:
        found.append(Hearing.kind == kind)
    if request.args.get("whose") == "mine":
        mine = person().id
        found.append(or_(*(c == mine for c in (Hearing.requested_by_id, Case.handler_id, Case.lead_id, Case.clerk_id))))
    month = request.args.get("month", "")
    if month:
        found.append(_within(month, sits_at))
    return found


def _within(month: str, sits_at: Any) -> ColumnElement[bool]:
    """Sittings of a local month, written 2026-12; of what is no month there are none."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        return false()
    zone = ZoneInfo(here().zone)
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)
    following = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=zone)
    return and_(sits_at >= first, sits_at < following)


def _months(on: date) -> list[tuple[str, str]]:
    """The months one may choose, each as the address writes it and in words."""
    count = on.year * 12 + on.month - 1
    firsts = [date(n // 12, n % 12 + 1, 1) for n in range(count - MONTHS_BACK, count + MONTHS_AHEAD + 1)]
    return [(f"{first:%Y-%m}", format_skeleton("yMMM", first, locale=get_locale())) for first in firsts]


@bp.get("/<uuid:public_id>")
@needs(SEE_HEARING)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return page_of(find(Hearing, public_id, may=SEE_HEARING))


def page_of(hearing: Hearing, **forms: Any) -> str:
    """The page of a hearing; `forms` are forms that stand on it and were refused, by the name of their chapter."""
    on, sees_case, inside = today(), may(viewer(), SEE_CASE, hearing.case), reads_inside(viewer(), hearing)
    over = hearing.state in {HearingState.CANCELLED, HearingState.REFUSED}  # no dates are to be kept any more
    dates = dates_of(hearing, on) if sees_case and not over else None
    return render_template(
        "hearings/show.html",
        hearing=hearing,
        case=hearing.case,
        sees_case=sees_case,
        kinds=KINDS,
        roles=ROLES,
        stops=rail_of(hearing),
        dates=dates,
        today=on,
        left=lambda until: days_left(until, on),
        missing=missing_for(hearing) if inside else [],
        panels=panels_of(hearing, forms),
        trail=trail_of(hearing) if sees_case and inside and not _asks_from_outside() else "",
    )


def _asks_from_outside() -> bool:
    """Whether the viewer is a defender: he reads no trail of the office's acts."""
    return viewer().roles() <= {Role.LAWYER}
