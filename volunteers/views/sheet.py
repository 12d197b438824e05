"""A paper sheet typed at the desk or by the squad leader, where it is too short for a file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.access import grants_of, listed
from accounts.models import Office
from accounts.web import needs, now, office_for, person, see_other, today, viewer
from exchange.models import Flag, ImportRun
from exchange.presenting import why_of
from exchange.rights import kinds_for
from extensions import db
from volunteers.actions.postings import traffic_officers
from volunteers.actions.sheet import SIGN_INS, RowsRefused, enter_sheet
from volunteers.forms.sheet import SheetForm
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post
from volunteers.rights import ENTER_PAPER_SHEET


@dataclass(frozen=True)
class Doubt:
    """What a row of the sheet raises, about whom, in words."""

    flag: Flag
    attendance: Attendance
    why: str


bp = Blueprint("paper_sheet", __name__, url_prefix="/shifts/paper-sheet")


@bp.get("")
@needs(ENTER_PAPER_SHEET)
def show() -> ResponseReturnValue:
    office = office_for(ENTER_PAPER_SHEET)
    return _page(SheetForm(formdata=None, data={"on": today()}, **_choices(office)), _just_entered(office))


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


def _just_entered(office: Office) -> list[Doubt]:
    """The doubts of the sheet that the viewer has just entered, row by row, with whom each is about."""
    try:
        run = uuid.UUID(request.args.get("run", ""))
    except ValueError:
        return []
    mine = ImportRun.public_id == run, ImportRun.by_id == person().id, ImportRun.office_id == office.id
    found = select(Flag).join(ImportRun).where(*mine).order_by(Flag.row, Flag.id)
    flags = list(db.session.scalars(found))
    people = select(Attendance).where(Attendance.id.in_([one.subject_id for one in flags]))
    whose = {
        one.id: one
        for one in db.session.scalars(people.options(joinedload(Attendance.person), joinedload(Attendance.shift)))
    }
    return [Doubt(one, whose[one.subject_id], why_of(one)) for one in flags if one.subject_id in whose]


def _page(form: SheetForm, doubts: Sequence[Doubt] = ()) -> str:
    settles = SIGN_INS in {one.kind for one in kinds_for(viewer(), office_for(ENTER_PAPER_SHEET))}
    return render_template("volunteers/paper_sheet.html", form=form, doubts=doubts, settles=settles)


@bp.post("")
@needs(ENTER_PAPER_SHEET)
def enter() -> ResponseReturnValue:
    office = office_for(ENTER_PAPER_SHEET)
    form = SheetForm.of(_page, **_choices(office))
    try:
        run, judged = enter_sheet(form.chosen_post, form.on.data, form.officer.data, form.rows, person(), now())
    except RowsRefused as refused:
        form.lines.errors = list(refused.lines())
        raise
    doubtful = sum(1 for row in judged.rows if row.flags)
    flash(ngettext("%(num)d row is entered.", "%(num)d rows are entered.", judged.taken), "good")
    if doubtful:
        flash(ngettext("%(num)d of them raises a doubt.", "%(num)d of them raise doubts.", doubtful), "wait")
    if judged.already_there:
        flash(gettext("%(n)s stood there already.", n=judged.already_there), "info")
    return see_other("paper_sheet.show", **({"run": run.public_id} if doubtful else {}))
