"""Several shifts cancelled for one reason: a span of days and posts is looked at, with how many people it hits."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from accounts.access import listed
from accounts.models import Office
from accounts.web import day_asked, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from scheduler.timeline.models import Event
from volunteers.actions.cancelling import cancel_together, hit_by
from volunteers.forms.cancelling import SpanForm, TogetherForm
from volunteers.models.posts import Post
from volunteers.models.shifts import Shift
from volunteers.rights import KEEP_SHIFTS
from volunteers.views.shifts import kept

bp = Blueprint("cancelling", __name__, url_prefix="/shifts")


@bp.get("/cancellation")
@needs(KEEP_SHIFTS)
def show() -> ResponseReturnValue:
    """The preview: without anything asked for, the day of the address, or today, at every post."""
    posts = _posts(office_for(KEEP_SHIFTS))
    if "first_on" in request.args:
        form = SpanForm(request.args, posts=posts, meta={"csrf": False})
        form.validate()
    else:
        on = max(day_asked(request.args.get("on", "")) or today(), today())
        usual: dict[str, Any] = {"first_on": on, "last_on": on, "posts": [str(one.public_id) for one in posts]}
        form = SpanForm(formdata=None, posts=posts, data=usual, meta={"csrf": False})
    return _page(form)


def _posts(office: Office) -> list[Post]:
    """Every post whose shifts the viewer keeps: one out of use may still have some."""
    rows = listed(viewer(), Post, KEEP_SHIFTS).where(Post.office_id == office.id)
    return list(db.session.scalars(rows.order_by(Post.name)))


def _page(form: SpanForm) -> str:
    wrong = {name for name in form.errors if name != "reason"}
    return render_template(
        "volunteers/cancelling.html",
        form=form,
        reason=form.reason if isinstance(form, TogetherForm) else TogetherForm(formdata=None, posts=[]).reason,
        hit=None if wrong else hit_by(_chosen(form), now()),
        refused=g.get("refusal"),
    )


def _chosen(form: SpanForm) -> list[Shift]:
    rows = kept().where(Shift.post_id.in_(form.chosen), Shift.starts_on.between(form.first_on.data, form.last_on.data))
    return list(db.session.scalars(rows.order_by(Event.starts_at, Shift.id)))


@bp.post("/cancellation")
@needs(KEEP_SHIFTS)
def cancel() -> ResponseReturnValue:
    """Cancel what the preview showed, all of it or nothing."""
    office = office_for(KEEP_SHIFTS)
    form = TogetherForm.of(_page, posts=_posts(office))
    hit = cancel_together(office, _chosen(form), person(), now(), form.reason.data, shown=form.shown.data or None)
    said = ngettext("%(num)d shift is cancelled.", "%(num)d shifts are cancelled.", len(hit.shifts))
    told = hit.people + hit.waiting + hit.officers
    flash(f"{said} {ngettext('%(num)d person is told.', '%(num)d people are told.', told)}", "good")
    return see_other("shifts.week", on=form.first_on.data.isoformat())
