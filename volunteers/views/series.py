"""Series of shifts: the list, a new one with its preview, one with what it keeps open, changing and ending it."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from accounts.access import listed
from accounts.settings import rule_for
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from scheduler.timeline.models import Event
from volunteers.actions.obstacles import quotas_of
from volunteers.actions.series import (
    AHEAD,
    Wanted,
    change_series,
    days_kept,
    end_series,
    make_series,
    plan_series,
    shifts_ahead,
    wanted_of,
)
from volunteers.forms.posts import ClosingForm
from volunteers.forms.series import SeriesChangeForm, SeriesForm
from volunteers.models.series import Series
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rights import KEEP_SHIFTS
from volunteers.views.opening import cells_of, columns_of, kept_posts

bp = Blueprint("series", __name__, url_prefix="/shifts/series")


@bp.get("")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    """Those that keep shifts open, by post, each with until when; those that were ended below."""
    rows = listed(viewer(), Series, KEEP_SHIFTS).where(Series.office_id == here().id).options(joinedload(Series.post))
    series = sorted(db.session.scalars(rows.order_by(Series.id)), key=lambda one: one.post.name)
    return render_template(
        "volunteers/series_list.html",
        running=[one for one in series if one.ended_at is None],
        ended=[one for one in series if one.ended_at is not None],
        ahead=_ahead([one.id for one in series]),
        days=rule_for(AHEAD, here(), today()).amount,
    )


def _ahead(ids: list[int]) -> dict[int, tuple[int, date]]:
    """How many shifts each series keeps open, and until which day. One query."""
    query = (
        select(Shift.series_id, func.count(Shift.id), func.max(Shift.starts_on))
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.series_id.in_(ids), Shift.state == ShiftState.OPEN, Event.starts_at > now())
        .group_by(Shift.series_id)
    )
    return {key or 0: (count, last) for key, count, last in db.session.execute(query)}


@bp.get("/new")
@needs(KEEP_SHIFTS)
def new() -> ResponseReturnValue:
    """The form; once it says what is wanted, what that would open in the next weeks and what it leaves out."""
    posts = kept_posts(office_for(KEEP_SHIFTS))
    if "first_on" in request.args:
        form = SeriesForm(request.args, posts=posts, meta={"csrf": False})
        form.validate()
        return _making(form)
    wanted = next((post for post in posts if str(post.public_id) == request.args.get("post")), None)
    data: dict[str, Any] = {"first_on": today(), "slots": list(wanted.windows) if wanted else ["morning"]}
    data |= {"post": str(wanted.public_id)} if wanted else {}
    return _making(SeriesForm(formdata=None, posts=posts, data=data, meta={"csrf": False}))


def _making(form: SeriesForm) -> str:
    plan = None if form.errors or form.at_post is None else _plan(form.wanted)
    return render_template("volunteers/series_new.html", form=form, plan=plan, refused=g.get("refusal"))


def _plan(wanted: Wanted, series: Series | None = None) -> dict[str, Any]:
    """What a series opens in the next weeks as a grid, and how much it leaves out for which reason."""
    found = plan_series(wanted, now(), series)
    days = days_kept(here(), wanted.first_on, wanted.last_on, now())
    return {
        "posts": list(found.posts.values()),
        "opens": len(found.planned),
        "days": columns_of(days, found.calendar),
        "cells": cells_of(found),
        "left_out": Counter(out.why for out in found.left_out).most_common(),
    }


@bp.post("")
@needs(KEEP_SHIFTS)
def make() -> ResponseReturnValue:
    form = SeriesForm.of(_making, posts=kept_posts(office_for(KEEP_SHIFTS)))
    series, shifts = make_series(form.wanted, person(), now(), shown=form.seen)
    said = ngettext(
        "The series is made; %(num)d shift is open.", "The series is made; %(num)d shifts are open.", len(shifts)
    )
    flash(said, "good")
    return see_other("series.show", public_id=series.public_id)


@bp.get("/<uuid:public_id>")
@needs(KEEP_SHIFTS)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Series, public_id, may=KEEP_SHIFTS))


def _page(series: Series, change: SeriesChangeForm | None = None, ending: ClosingForm | None = None) -> str:
    ahead = shifts_ahead(series, now())
    quotas = quotas_of(ahead)
    data = {"slots": series.slots, "capacity": series.capacity, "last_on": series.last_on}
    return render_template(
        "volunteers/series.html",
        series=series,
        ahead=ahead,
        booked=sum(1 for shift in ahead if quotas[shift.event_id].taken),
        change=change or SeriesChangeForm(formdata=None, series=series, data=data),
        trouble=ending,
        refused=g.get("refusal"),
        trail=trail_of(series),
        plan=_plan(wanted_of(series), series) if series.ended_at is None else None,
    )


@bp.post("/<uuid:public_id>/correction")
@needs(KEEP_SHIFTS)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    series = find(Series, public_id, may=KEEP_SHIFTS)
    form = SeriesChangeForm.of(lambda form: _page(series, change=form), series=series)
    shifts = change_series(series, form.wanted, person(), now())
    said = ngettext(
        "The series is changed; %(num)d further shift is open. What was open stays as it is.",
        "The series is changed; %(num)d further shifts are open. What was open stays as it is.",
        len(shifts),
    )
    flash(said, "good")
    return see_other("series.show", public_id=public_id)


@bp.post("/<uuid:public_id>/ending")
@needs(KEEP_SHIFTS)
def end(public_id: uuid.UUID) -> ResponseReturnValue:
    series = find(Series, public_id, may=KEEP_SHIFTS)
    form = ClosingForm.of(lambda form: _page(series, ending=form))
    gone = end_series(series, person(), now(), form.reason.data, cancel=request.form.get("shifts") == "cancel")
    stays = len(shifts_ahead(series, now()))
    said = [gettext("The series is ended.")]
    if gone:
        said.append(ngettext("%(num)d shift is cancelled.", "%(num)d shifts are cancelled.", len(gone)))
    if stays:
        said.append(ngettext("%(num)d open shift stays.", "%(num)d open shifts stay.", stays))
    flash(" ".join(said), "good")
    return see_other("series.show", public_id=public_id)
