"""A paper sheet typed at the desk or by the squad leader, where it is too short for a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts.access import grants_of, listed
from accounts.models import Office
from accounts.web import needs, now, office_for, person, see_other, today, viewer
from extensions import db
from volunteers.actions.postings import traffic_officers
from volunteers.actions.sheet import RowsRefused, enter_sheet
from volunteers.forms.sheet import SheetForm
from volunteers.models.posts import Post
from volunteers.rights import ENTER_PAPER_SHEET

bp = Blueprint("paper_sheet", __name__, url_prefix="/shifts/paper-sheet")


@bp.get("")
@needs(ENTER_PAPER_SHEET)
def show() -> ResponseReturnValue:
    office = office_for(ENTER_PAPER_SHEET)
    return _page(SheetForm(formdata=None, data={"on": today()}, **_choices(office)))


def _choices(office: Office) -> dict[str, Any]:
    grants = [(m, grant.scope) for m, grant in grants_of(viewer(), ENTER_PAPER_SHEET)]
    own = None if any(scope == "f" for _, scope in grants) else {m.organisation_id for m, _ in grants}
    posts = listed(viewer(), Post, ENTER_PAPER_SHEET).where(Post.office_id == office.id).order_by(Post.name)
    officers = {one.person.name for one in traffic_officers(office, today(), own)}
    return {
        "posts": list(db.session.scalars(posts)),
        "officers": [(name, name) for name in sorted(officers)],
        "today": today(),
    }


def _page(form: SheetForm) -> str:
    return render_template("volunteers/paper_sheet.html", form=form)


@bp.post("")
@needs(ENTER_PAPER_SHEET)
def enter() -> ResponseReturnValue:
    office = office_for(ENTER_PAPER_SHEET)
    form = SheetForm.of(_page, **_choices(office))
    try:
        judged = enter_sheet(form.chosen_post, form.on.data, form.officer.data, form.rows, person(), now())
    except RowsRefused as refused:
        form.lines.errors = list(refused.lines())
        raise
    doubtful = sum(1 for row in judged.rows if row.flags)
    flash(ngettext("%(num)d row is entered.", "%(num)d rows are entered.", judged.taken), "good")
    if doubtful:
        flash(ngettext("%(num)d of them raises a doubt.", "%(num)d of them raise doubts.", doubtful), "wait")
    if judged.already_there:
        flash(gettext("%(n)s stood there already.", n=judged.already_there), "info")
    return see_other("paper_sheet.show")
