"""School holidays of the office: the list with the shifts they hit, entering, changing, removing."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from accounts.access import Forbidden
from accounts.models import Office
from accounts.web import find, here, needs, now, office_for, person, see_other, today
from extensions import db
from volunteers.actions.school_breaks import change_break, enter_break, hit_by, remove_break
from volunteers.forms.posts import ClosingForm
from volunteers.forms.school_breaks import BreakForm
from volunteers.models.posts import Post, SchoolBreak
from volunteers.rights import KEEP_SHIFTS
from volunteers.staffing import school_breaks
from volunteers.views.posts import keeps_all

bp = Blueprint("school_breaks", __name__, url_prefix="/shifts/school-holidays")


def _office() -> Office:
    """School holidays are the whole office's: a squad leader reads them. Raises: Forbidden."""
    office = office_for(KEEP_SHIFTS)
    if not keeps_all(office):
        raise Forbidden()
    return office


@bp.get("")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    return _page(BreakForm(formdata=None))


def _page(form: BreakForm, row: SchoolBreak | None = None, trouble: ClosingForm | None = None) -> str:
    """The list with its form; `row`: what the form changes."""
    office = here()
    rows = [one for one in school_breaks(office) if one.last_on >= today()]
    schools = select(func.count()).select_from(Post).where(Post.office_id == office.id, Post.active, Post.at_school)
    return render_template(
        "volunteers/school_breaks.html",
        rows=[(one, hit_by(one, now())) for one in rows],
        over=[one for one in reversed(school_breaks(office)) if one.last_on < today()],
        schools=db.session.scalar(schools) or 0,
        form=form,
        row=row,
        trouble=trouble,
        may_change=keeps_all(office),
        refused=g.get("refusal"),
    )


@bp.post("")
@needs(KEEP_SHIFTS)
def enter() -> ResponseReturnValue:
    office = _office()
    form = BreakForm.of(_page)
    row = enter_break(office, form.name.data, form.first_on.data, form.last_on.data, by=person(), at=now())
    return _told(row, gettext("%(name)s is entered.", name=row.name))


def _told(row: SchoolBreak, said: str) -> ResponseReturnValue:
    """Say what was done, and which open shifts lie in these days: nothing is cancelled by it."""
    hit = len(hit_by(row, now()))
    more = ngettext(
        "%(num)d open shift at a school lies in these days. It stays until somebody decides: it is named below.",
        "%(num)d open shifts at schools lie in these days. They stay until somebody decides: they are named below.",
        hit,
    )
    flash(f"{said} {more}" if hit else said, "wait" if hit else "good")
    return see_other("school_breaks.index")


@bp.get("/<uuid:public_id>/correction")
@needs(KEEP_SHIFTS)
def correction(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(SchoolBreak, public_id, may=KEEP_SHIFTS)
    data: dict[str, Any] = {"name": row.name, "first_on": row.first_on, "last_on": row.last_on}
    return _page(BreakForm(formdata=None, data=data), row)


@bp.post("/<uuid:public_id>/correction")
@needs(KEEP_SHIFTS)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(SchoolBreak, public_id, may=KEEP_SHIFTS)
    form = BreakForm.of(lambda form: _page(form, row))
    change_break(row, form.name.data, form.first_on.data, form.last_on.data, by=person(), at=now())
    return _told(row, gettext("%(name)s is changed.", name=row.name))


@bp.post("/<uuid:public_id>/removal")
@needs(KEEP_SHIFTS)
def remove(public_id: uuid.UUID) -> ResponseReturnValue:
    row = find(SchoolBreak, public_id, may=KEEP_SHIFTS)
    form = ClosingForm.of(lambda form: _page(BreakForm(formdata=None), trouble=form))
    hit, name = len(hit_by(row, now())), row.name
    remove_break(row, person(), now(), form.reason.data)
    said = gettext("%(name)s is removed: posts at schools are staffed on these days.", name=name)
    more = ngettext(
        "%(num)d shift that is open in these days stays.", "%(num)d shifts that are open in these days stay.", hit
    )
    flash(f"{said} {more}" if hit else said, "good")
    return see_other("school_breaks.index")
