"""My day: what is today, what waits for me. Nothing else."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts import access, navigation
from accounts.web import here, now, signed_in, today, viewer
from extensions import db
from scheduler.calendar import desk
from scheduler.calendar.folding import same_kind, shown, shown_folded
from scheduler.calendar.visible import between, own_between, takes_part
from scheduler.rights import SEE_CALENDAR
from scheduler.timeline.models import Event, EventStatus

bp = Blueprint("day", __name__)
COMING = 3


def local_day(on: object) -> tuple[datetime, datetime]:
    """The local midnights around a day of the office."""
    start = datetime.combine(on, time(), ZoneInfo(here().zone))  # type: ignore[arg-type]
    return start, start + timedelta(days=1)


@bp.get("/")
@signed_in
def begin() -> ResponseReturnValue:
    """Where everybody begins: field people on the page of their own work, everybody else on his day."""
    own = navigation.home(viewer())
    return redirect(url_for(own)) if own else mine()


@bp.get("/day")
@signed_in
def mine() -> ResponseReturnValue:
    office, seen = here(), viewer()
    starts_at, ends_at = local_day(today())
    own = list(db.session.scalars(own_between(seen, starts_at, ends_at)))
    others = []
    if any(grant.scope == "f" for _, grant in access.grants_of(seen, SEE_CALENDAR)):
        others = [e for e in db.session.scalars(between(seen, starts_at, ends_at, office.id)) if e not in own]
    return render_template(
        "scheduler/day.html",
        own=[shown(e, seen) for e in own],
        others=shown_folded(others, seen, same_kind),
        coming=[shown(e, seen) for e in _coming(ends_at)],
        waiting=desk.waiting_for(seen, office, now()),
        panels=desk.panels_for(seen, office, now()),
        today=today(),
        office=g.office,
    )


def _coming(since: datetime) -> list[Event]:
    """The next own events after today."""
    query = select(Event).where(Event.starts_at >= since, Event.id.in_(takes_part(viewer().person.id)))
    query = query.where(Event.status != EventStatus.CANCELLED).order_by(Event.starts_at, Event.id).limit(COMING)
    return list(db.session.scalars(query))
