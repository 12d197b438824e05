"""Opening somebody's full record, or one masked fact: each answers a POST and is an act (SETTLED 3, T11)."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import may
from accounts.actions.disclosure import disclose, unmask
from accounts.forms.people import ReasonForm, UnmaskingForm
from accounts.models import Person
from accounts.rights import SEE_PEOPLE, UNMASK
from accounts.views.people import person_page
from accounts.web import find, here, needs, now, person, today, viewer

bp = Blueprint("disclosure", __name__)


@bp.post("/people/<uuid:public_id>/disclosure")
@needs(UNMASK)
def disclosure(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=UNMASK)
    form = ReasonForm.of(lambda form: _page(shown, disclosure=form))
    opened = disclose(shown, here(), by=person(), at=now(), on=today(), reason=form.reason.data)
    return _page(shown, opened=opened)


@bp.post("/people/<uuid:public_id>/unmasking")
@needs(UNMASK)
def unmasking(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = find(Person, public_id, may=UNMASK)
    form = UnmaskingForm.of(lambda form: _page(shown, unmasking=form))
    fact = form.fact.data
    value = unmask(shown, fact, here(), by=person(), at=now(), on=today(), reason=form.reason.data)
    if request.headers.get("HX-Request"):
        return render_template("accounts/_person_fact.html", value=value)
    return _page(shown, unmasked={fact: value})


def _page(shown: Person, **more: object) -> str:
    """The person's page around the answer; who may not see that page (a prosecutor) gets the facts alone."""
    if may(viewer(), SEE_PEOPLE, shown):
        return person_page(shown, **more)
    return render_template("accounts/person_facts.html", shown=shown, **more)
