"""Merging two rows of one person: both side by side, what moves, what stands in the way."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts.access import NotFound
from accounts.actions.disclosure import contact_of
from accounts.actions.merging import keeps_all, merge_people, plan_merge
from accounts.forms.people import MergingForm
from accounts.models import Person
from accounts.rights import KEEP_PEOPLE
from accounts.searching import Asked, doubles, memberships_seen, people
from accounts.web import find, here, needs, now, person, see_other, today, viewer

bp = Blueprint("merging", __name__)


@bp.get("/people/<uuid:public_id>/merging")
@needs(KEEP_PEOPLE)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    kept = find(Person, public_id, may=KEEP_PEOPLE)
    other = _other(request.args.get("other", ""))
    if other is None or other.id == kept.id:
        return _choose(kept)
    return _page(kept, other, MergingForm(formdata=None, data={"other": str(other.public_id)}))


@bp.post("/people/<uuid:public_id>/merging")
@needs(KEEP_PEOPLE)
def merge(public_id: uuid.UUID) -> ResponseReturnValue:
    kept = find(Person, public_id, may=KEEP_PEOPLE)
    other = _other(request.form.get("other", ""))
    if other is None:
        raise NotFound()
    form = MergingForm.of(lambda form: _page(kept, other, form))
    merge_people(kept, other, here(), by=person(), at=now(), reason=form.reason.data)
    flash(gettext("The two rows of %(name)s are one now.", name=kept.name), "good")
    return see_other("people.show", public_id=kept.public_id)


def _other(text: str) -> Person | None:
    try:
        return find(Person, uuid.UUID(text), may=KEEP_PEOPLE)
    except ValueError:
        return None


def _choose(kept: Person) -> str:
    """Which row is the same person: those alike first, and a search."""
    q = request.args.get("q", "").strip()[:100]
    found = people(viewer(), here(), Asked(q=q)).lines[:20] if q else []
    alike = doubles(kept, viewer(), here())
    return render_template(
        "accounts/merge_choice.html", kept=kept, q=q, found=[x for x in found if x.person.id != kept.id], alike=alike
    )


def _page(kept: Person, other: Person, form: Any) -> str:
    seen, office = viewer(), here()
    both = []
    for row in (kept, other):
        held = memberships_seen(seen, office, [row.id])
        both.append({"row": row, "contact": contact_of(row, office, today()), "memberships": held})
    plan = plan_merge(kept, other, seen)
    return render_template(
        "accounts/merge.html", kept=kept, other=other, both=both, plan=plan, form=form, allowed=keeps_all(other, seen)
    )
