"""Choosing the language of the pages, signed in or not."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_security import current_user

from accounts.actions.people import correct_person
from accounts.entrance import within
from accounts.language import LANGUAGES
from accounts.refusals import page_of
from accounts.web import now, public

bp = Blueprint("language", __name__)


@bp.post("/language")
@public
def choose() -> ResponseReturnValue:
    """This browser speaks it from now on; whoever is signed in is written to in it as well."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted
        if current_user.is_authenticated and not g.locked and current_user.person.language != wanted:
            correct_person(current_user.person, {"language": wanted}, by=current_user.person, at=now())
    return redirect(page_of(within(request.form.get("next"))), 303)
