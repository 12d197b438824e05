"""The guide's step of the units: squads, law firms and the legal-aid body that work for the office, its departments."""

from __future__ import annotations

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import guide
from accounts.actions.offices import enter_department, enter_organisation
from accounts.forms.office import KINDS, DepartmentForm, OrganisationForm
from accounts.models import Department, Office, Organisation
from accounts.rights import CHANGE_SETTINGS
from accounts.views.guide import bp, page
from accounts.views.office import chosen_head, head_choices
from accounts.web import needs, now, office_for, person, see_other
from extensions import db


@bp.get("/organisations")
@needs(CHANGE_SETTINGS)
def organisations() -> ResponseReturnValue:
    return _units()


def _units(form: OrganisationForm | None = None, department_form: DepartmentForm | None = None) -> str:
    standing = office_for(CHANGE_SETTINGS)
    mine = select(Organisation).where(Organisation.office_id == standing.id, Organisation.active)
    departments = select(Department).where(Department.office_id == standing.id, Department.active)
    return page(
        "organisations",
        "accounts/guide_organisations.html",
        standing,
        form=form or OrganisationForm(formdata=None),
        department_form=department_form
        or DepartmentForm(formdata=None, prefix="department-", heads=head_choices(standing)),
        entered=list(db.session.scalars(mine.order_by(Organisation.kind, Organisation.id))),
        departments=list(db.session.scalars(departments.order_by(Department.id))),
        kinds=KINDS,
    )


@bp.post("/organisations")
@needs(CHANGE_SETTINGS)
def add_organisation() -> ResponseReturnValue:
    form = OrganisationForm.of(_units)
    enter_organisation(office_for(CHANGE_SETTINGS), form.kind.data, form.name.data, person(), now())
    flash(gettext("“%(name)s” is entered.", name=form.name.data), "good")
    return see_other("guide.organisations")


@bp.post("/departments")
@needs(CHANGE_SETTINGS)
def add_department() -> ResponseReturnValue:
    standing = office_for(CHANGE_SETTINGS)
    heads = head_choices(standing)
    form = DepartmentForm.of(lambda form: _units(department_form=form), prefix="department-", heads=heads)
    enter_department(standing, form.name.data, person(), now(), chosen_head(standing, form))
    flash(gettext("“%(name)s” is entered.", name=form.name.data), "good")
    return see_other("guide.organisations")


def _has_organisations(standing: Office) -> bool:
    mine = select(Organisation.id).where(Organisation.office_id == standing.id, Organisation.active)
    return db.session.scalar(mine.limit(1)) is not None


guide.step(
    50,
    "organisations",
    _l("Squads, lawyers, departments"),
    _l("Traffic police squads, the legal-aid body, law firms; the departments of the office."),
    "guide.organisations",
    done=_has_organisations,
    optional=True,
)
