"""Opening shifts: a span of days looked at as a grid and opened in one act; a single shift entered by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from accounts.access import listed
from accounts.models import Office
from accounts.web import here, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from scheduler.deadlines.working_days import Calendar
from volunteers.actions.shifts import Plan, last_opened, open_one, open_shifts, plan
from volunteers.forms.opening import OpeningForm, SingleForm, hours_of
from volunteers.models.posts import Post
from volunteers.rights import KEEP_SHIFTS
from volunteers.rules.shifts import days_from

bp = Blueprint("opening", __name__, url_prefix="/shifts")
FORTNIGHT = 14


def kept_posts(office: Office) -> list[Post]:
    """The posts in use whose shifts the viewer may open, by name."""
    rows = listed(viewer(), Post, KEEP_SHIFTS).where(Post.office_id == office.id, Post.active)
    return list(db.session.scalars(rows.options(joinedload(Post.squad)).order_by(Post.name)))


@bp.get("/opening")
@needs(KEEP_SHIFTS)
def show() -> ResponseReturnValue:
    """The preview: without anything asked for, a fortnight of every post from the day after the last open shift."""
    office = office_for(KEEP_SHIFTS)
    posts = kept_posts(office)
    if "first_on" in request.args:
        form = OpeningForm(request.args, posts=posts, meta={"csrf": False})
        form.validate()
    else:
        form = OpeningForm(formdata=None, posts=posts, data=_usual(office, posts), meta={"csrf": False})
    return _page(form)


def _usual(office: Office, posts: list[Post]) -> dict[str, Any]:
    last = last_opened(office)
    wanted = request.args.getlist("posts")
    return {
        "first_on": max(last + timedelta(days=1) if last else today(), today()),
        "days": FORTNIGHT,
        "slots": ["morning", "evening"],
        "holidays_too": False,
        "posts": wanted or [str(post.public_id) for post in posts],
    }


def _page(form: OpeningForm) -> str:
    office = here()
    found = None if form.errors else plan(office, form.span, now())
    return render_template(
        "volunteers/opening.html",
        form=form,
        found=found,
        days=columns_of(days_from(form.first_on.data, form.days.data), found.calendar) if found else [],
        cells=cells_of(found) if found else {},
        refused=g.get("refusal"),
        last=last_opened(office),
    )


def columns_of(days: list[date], calendar: Calendar) -> list[dict[str, Any]]:
    """The columns of the grid: each day with what kind of day it is, and whether its year's calendar is known."""
    return [
        {"on": day, "kind": calendar.kind(day), "name": calendar.name(day), "official": calendar.is_official(day.year)}
        for day in days
    ]


def cells_of(found: Plan) -> dict[tuple[int, date], list[tuple[str, str]]]:
    """The grid's cells, by post and day: slots with "" for what would be opened, else why it is left out."""
    cells: dict[tuple[Any, date], list[tuple[str, str]]] = {}
    for one in found.planned:
        cells.setdefault((one.post, one.on), []).append((one.slot, ""))
    for out in found.left_out:
        cells.setdefault((out.post, out.on), []).append((out.slot, out.why))
    return {key: sorted(marks, key=lambda mark: mark[0], reverse=True) for key, marks in cells.items()}


@bp.post("/opening")
@needs(KEEP_SHIFTS)
def open_span() -> ResponseReturnValue:
    """Open what the preview showed, all of it or nothing."""
    office = office_for(KEEP_SHIFTS)
    form = OpeningForm.of(_page, posts=kept_posts(office))
    shifts = open_shifts(office, form.span, person(), now(), shown=form.seen)
    said = ngettext(
        "%(num)d shift is open. Volunteers can book it now.",
        "%(num)d shifts are open. Volunteers can book them now.",
        len(shifts),
    )
    flash(said, "good")
    return see_other("shifts.week", on=shifts[0].starts_on.isoformat())


@bp.get("/new")
@needs(KEEP_SHIFTS)
def new() -> ResponseReturnValue:
    office = office_for(KEEP_SHIFTS)
    posts = kept_posts(office)
    wanted = {"day": today() + timedelta(days=1), "capacity": 4, "post": request.args.get("post", "")}
    return _entering(SingleForm(formdata=None, posts=posts, data=wanted))


def _entering(form: SingleForm) -> str:
    return render_template("volunteers/shift_new.html", form=form)


@bp.post("")
@needs(KEEP_SHIFTS)
def enter() -> ResponseReturnValue:
    office = office_for(KEEP_SHIFTS)
    form = SingleForm.of(_entering, posts=kept_posts(office))
    times = hours_of(form.day.data, form.starts.data, form.ends.data, office.zone)
    shift = open_one(form.chosen, *times, form.capacity.data, by=person(), at=now())
    flash(gettext("The shift is open. Volunteers can book it now."), "good")
    return see_other("shifts.show", public_id=shift.public_id)
