"""The office's own pages: what it is called, its departments and the organisations that work for it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import access
from accounts.actions.offices import (
    change_office,
    enter_department,
    enter_organisation,
    heads_to_be,
    name_head,
    people_in,
    rename_unit,
    resume_unit,
    retire_unit,
)
from accounts.forms.office import KINDS, DepartmentForm, HeadForm, OfficeForm, OrganisationForm, RetireForm, UnitForm
from accounts.models import Department, Office, Organisation, Person
from accounts.rights import CHANGE_INSTALLATION, CHANGE_SETTINGS
from accounts.web import find, needs, now, office_for, person, see_other, viewer
from extensions import db

bp = Blueprint("office", __name__, url_prefix="/office")
UNITS: dict[str, Any] = {"departments": Department, "organisations": Organisation}
PAGES = (
    ("office.index", _l("Office"), CHANGE_SETTINGS),
    ("rooms.index", _l("Rooms"), CHANGE_SETTINGS),
    ("installation.index", _l("Mail, copies, time zone"), CHANGE_INSTALLATION),
    ("guide.index", _l("First steps"), CHANGE_SETTINGS),
)


def tabs(active: str) -> list[dict[str, Any]]:
    """The pages about the office, for `table.saved`."""
    return [
        {"url": url_for(endpoint), "label": label, "active": endpoint == active}
        for endpoint, label, permission in PAGES
        if endpoint in current_app.view_functions and access.holds(viewer(), permission)
    ]


@bp.get("")
@needs(CHANGE_SETTINGS)
def index() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    return _index(office)


def _index(office: Office, **forms: Any) -> str:
    departments = select(Department).where(Department.office_id == office.id)
    organisations = select(Organisation).where(Organisation.office_id == office.id)
    return render_template(
        "accounts/office.html",
        office_here=office,
        departments=list(db.session.scalars(departments.order_by(Department.active.desc(), Department.id))),
        organisations=list(
            db.session.scalars(organisations.order_by(Organisation.active.desc(), Organisation.kind, Organisation.id))
        ),
        kinds=KINDS,
        tabs=tabs("office.index"),
        department_form=forms.get("department") or DepartmentForm(prefix="department-", heads=head_choices(office)),
        organisation_form=forms.get("organisation") or OrganisationForm(prefix="organisation-"),
    )


@bp.get("/change")
@needs(CHANGE_SETTINGS)
def names() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    superior = str(office.parent.public_id) if office.parent else ""
    return _names(OfficeForm(obj=office, superior=superior, superiors=_superiors(office)))


def _names(form: OfficeForm) -> str:
    return render_template("accounts/office_names.html", form=form, tabs=tabs("office.index"))


def _superiors(office: Office) -> list[tuple[str, str]]:
    others = db.session.scalars(select(Office).where(Office.id != office.id).order_by(Office.id))
    return [(str(other.public_id), other.name) for other in others]


@bp.post("/change")
@needs(CHANGE_SETTINGS)
def change() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = OfficeForm.of(_names, superiors=_superiors(office))
    facts = form.values
    reason, superior = facts.pop("reason"), facts.pop("superior")
    above = db.session.scalar(select(Office.id).where(Office.public_id == uuid.UUID(superior))) if superior else None
    change_office(office, {**facts, "parent_id": above}, person(), now(), reason)
    flash(gettext("The office is changed."), "good")
    return see_other("office.index")


@bp.post("/departments")
@needs(CHANGE_SETTINGS)
def add_department() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    heads = head_choices(office)
    form = DepartmentForm.of(lambda form: _index(office, department=form), prefix="department-", heads=heads)
    enter_department(office, form.name.data, person(), now(), chosen_head(office, form))
    flash(gettext("“%(name)s” is entered.", name=form.name.data), "good")
    return see_other("office.index")


def head_choices(office: Office) -> list[tuple[str, str]]:
    return [(str(one.public_id), one.name) for one in heads_to_be(office, now())]


def chosen_head(office: Office, form: HeadForm) -> Person | None:
    return next((one for one in heads_to_be(office, now()) if str(one.public_id) == form.head.data), None)


@bp.post("/departments/<uuid:public_id>/head")
@needs(CHANGE_SETTINGS)
def name_department_head(public_id: uuid.UUID) -> ResponseReturnValue:
    found = find(Department, public_id, may=CHANGE_SETTINGS)
    office = db.session.get_one(Office, found.office_id)
    form = HeadForm.of(lambda form: _unit("departments", found, None, form), heads=head_choices(office))
    name_head(found, chosen_head(office, form), person(), now())
    flash(gettext("Noted: who heads it."), "good")
    return see_other("office.unit", units="departments", public_id=public_id)


@bp.post("/organisations")
@needs(CHANGE_SETTINGS)
def add_organisation() -> ResponseReturnValue:
    office = office_for(CHANGE_SETTINGS)
    form = OrganisationForm.of(lambda form: _index(office, organisation=form), prefix="organisation-")
    enter_organisation(office, form.kind.data, form.name.data, person(), now())
    flash(gettext("“%(name)s” is entered.", name=form.name.data), "good")
    return see_other("office.index")


@bp.get("/<any(departments, organisations):units>/<uuid:public_id>")
@needs(CHANGE_SETTINGS)
def unit(units: str, public_id: uuid.UUID) -> ResponseReturnValue:
    found = find(UNITS[units], public_id, may=CHANGE_SETTINGS)
    return _unit(units, found, UnitForm(obj=found))


def _unit(units: str, found: Any, form: UnitForm | None, head_form: HeadForm | None = None) -> str:
    kind = KINDS[found.kind] if isinstance(found, Organisation) else gettext("Department")
    if isinstance(found, Department) and head_form is None:
        office = db.session.get_one(Office, found.office_id)
        heading = str(found.head.public_id) if found.head else ""
        head_form = HeadForm(formdata=None, heads=head_choices(office), data={"head": heading})
    return render_template(
        "accounts/office_unit.html",
        units=units,
        unit=found,
        kind=kind,
        form=form or UnitForm(formdata=None, obj=found),
        head_form=head_form,
        people=people_in(found),
        tabs=tabs("office.index"),
    )


@bp.post("/<any(departments, organisations):units>/<uuid:public_id>/renaming")
@needs(CHANGE_SETTINGS)
def rename(units: str, public_id: uuid.UUID) -> ResponseReturnValue:
    found = find(UNITS[units], public_id, may=CHANGE_SETTINGS)
    form = UnitForm.of(lambda form: _unit(units, found, form))
    rename_unit(found, form.name.data, person(), now())
    flash(gettext("Renamed."), "good")
    return see_other("office.unit", units=units, public_id=public_id)


@bp.post("/<any(departments, organisations):units>/<uuid:public_id>/retirement")
@needs(CHANGE_SETTINGS)
def retire(units: str, public_id: uuid.UUID) -> ResponseReturnValue:
    """Offer it no more."""
    found = find(UNITS[units], public_id, may=CHANGE_SETTINGS)
    form = RetireForm.of(lambda _: _unit(units, found, UnitForm(formdata=None, obj=found)))
    retire_unit(found, person(), now(), form.reason.data)
    flash(gettext("“%(name)s” is out of use.", name=found.name), "good")
    return see_other("office.unit", units=units, public_id=public_id)


@bp.post("/<any(departments, organisations):units>/<uuid:public_id>/resumption")
@needs(CHANGE_SETTINGS)
def resume(units: str, public_id: uuid.UUID) -> ResponseReturnValue:
    found = find(UNITS[units], public_id, may=CHANGE_SETTINGS)
    resume_unit(found, person(), now())
    flash(gettext("“%(name)s” is in use again.", name=found.name), "good")
    return see_other("office.unit", units=units, public_id=public_id)
