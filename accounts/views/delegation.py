"""Delegations of the chief's approvals."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import SelectChoice

from accounts.access import delegates, listed
from accounts.actions.delegation import colleagues, delegate, end_delegation
from accounts.forms.delegation import DelegationForm
from accounts.forms.people import ReasonForm, none_chosen
from accounts.models import Delegation, Office, Person, Role
from accounts.rights import DELEGATE_APPROVAL
from accounts.web import find, needs, now, office_for, person, see_other, today, viewer
from extensions import db

bp = Blueprint("delegation", __name__)
LATEST = 50


@bp.get("/delegations")
@needs(DELEGATE_APPROVAL)
def index() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/delegations")
@needs(DELEGATE_APPROVAL)
def give() -> ResponseReturnValue:
    office = office_for(DELEGATE_APPROVAL)
    deputies = _deputies(office)
    form = DelegationForm.of(_page, choices=_choices(deputies))
    to = next(one for one in deputies if str(one.public_id) == form.to.data)
    delegate(
        office,
        to,
        form.starts_on.data,
        form.ends_on.data,
        by=person(),
        at=now(),
        on=today(),
        reason=form.reason.data,
    )
    flash(gettext("%(name)s approves in your place on those days.", name=to.name), "good")
    return see_other("delegation.index")


@bp.post("/delegations/<uuid:public_id>/ending")
@needs(DELEGATE_APPROVAL)
def end(public_id: uuid.UUID) -> ResponseReturnValue:
    given = find(Delegation, public_id, may=DELEGATE_APPROVAL)
    form = ReasonForm.of(lambda _: _page(_form()))
    end_delegation(given, by=person(), at=now(), on=today(), reason=form.reason.data)
    flash(gettext("The delegation has ended."), "good")
    return see_other("delegation.index")


def _form() -> DelegationForm:
    choices = _choices(_deputies(office_for(DELEGATE_APPROVAL)))
    return DelegationForm(formdata=None, data={"starts_on": today()}, choices=choices)


def _deputies(office: Office) -> list[Person]:
    return colleagues(office, Role.DEPUTY_CHIEF, today(), but=person())


def _choices(deputies: list[Person]) -> list[SelectChoice]:
    choices = [SelectChoice(str(one.public_id), one.name) for one in deputies]
    return choices if len(choices) == 1 else [none_chosen(), *choices]


def _page(form: Any) -> str:
    office = office_for(DELEGATE_APPROVAL)
    names = joinedload(Delegation.from_person), joinedload(Delegation.to_person)
    query = listed(viewer(), Delegation, DELEGATE_APPROVAL).where(Delegation.office_id == office.id)
    rows = list(db.session.scalars(query.options(*names).order_by(Delegation.id.desc()).limit(LATEST)))
    standing = set(
        db.session.scalars(select(Delegation.id).where(Delegation.office_id == office.id, delegates(today())))
    )
    return render_template("accounts/delegation.html", form=form, rows=rows, on=today(), standing=standing)
