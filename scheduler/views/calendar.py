"""The calendar: month, week and list of what this viewer may see."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.presenting import local
from accounts.web import day_asked, here, needs, today, viewer
from extensions import db
from scheduler.calendar.folding import same_block, shown_folded
from scheduler.calendar.visible import between
from scheduler.rights import SEE_CALENDAR

bp = Blueprint("calendar", __name__)
LONGEST = timedelta(days=62)
CLASSES = {"hearing", "duty", "shift", "absence"}


@bp.get("/calendar")
@needs(SEE_CALENDAR)
def show() -> ResponseReturnValue:
    """A week as a plain list, and the calendar that a script draws from `events`."""
    monday = _monday(request.args.get("on", ""))
    starts_at = _midnight(monday)
    found = list(db.session.scalars(between(viewer(), starts_at, starts_at + timedelta(days=7))))
    days = [
        (day, shown_folded(events, viewer(), same_block(viewer())))
        for day, events in groupby(found, key=lambda e: local(e.starts_at).date())
    ]
    return render_template(
        "scheduler/calendar.html",
        days=days,
        monday=monday,
        before=url_for(".show", on=monday - timedelta(days=7)),
        after=url_for(".show", on=monday + timedelta(days=7)),
    )


@bp.get("/calendar/events")
@needs(SEE_CALENDAR)
def events() -> ResponseReturnValue:
    """What stands between two days, in the office's local time: the script knows no zones."""
    first, last = (day_asked(request.args.get(side, "")[:10]) for side in ("start", "end"))
    if first is None or last is None:
        first = last = today()
    starts_at = _midnight(first)
    ends_at = min(_midnight(last), starts_at + LONGEST)
    found = db.session.scalars(between(viewer(), starts_at, ends_at))
    return jsonify([_plain(shown) for shown in shown_folded(found, viewer(), same_block(viewer()))])


def _plain(shown: dict[str, Any]) -> dict[str, object]:
    event = shown["event"]
    kind = event.kind if event.kind in CLASSES else "other"
    return {
        "id": str(event.public_id),
        "title": shown["title"],
        "start": local(shown["starts_at"]).strftime("%Y-%m-%d %H:%M:%S"),
        "end": local(shown["ends_at"]).strftime("%Y-%m-%d %H:%M:%S"),
        "allDay": event.all_day,
        "classNames": [f"kind-{kind}", *(["provisional"] if event.status == "tentative" else [])],
        "extendedProps": {"url": shown["url"], "place": shown["place"]},
    }


def _monday(typed: str) -> date:
    day = day_asked(typed) or today()
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(here().zone))
