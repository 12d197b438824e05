"""People: the list and its search, a person's page, entering and correcting."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.access import Forbidden, NotFound, holds, may
from accounts.actions.devices import roles_of
from accounts.actions.disclosure import contact_of, is_gone
from accounts.actions.memberships import HOMES, appoint
from accounts.actions.passwords import open_account
from accounts.actions.people import correct_person, enter_person, holds_staff_role, may_correct
from accounts.actions.sessions import live_sessions
from accounts.forms.people import AccountForm, CorrectionForm, EntryForm, ReasonForm, UnmaskingForm
from accounts.history import acts_of
from accounts.language import LANGUAGES
from accounts.models import FIELD_ROLES, Enrolment, Office, Organisation, Person, Role
from accounts.rights import (
    CREATE_ACCOUNT,
    ENROL_DEVICE,
    GRANT_ROLE,
    KEEP_PEOPLE,
    REVOKE_ACCESS,
    SEE_PEOPLE,
    UNMASK,
    ends_access_of,
    keeps,
    kept_roles,
)
from accounts.searching import (
    Asked,
    doubles,
    memberships_seen,
    organisations_of,
    people,
    sees_everywhere,
    stayed_instead,
)
from accounts.trail import lines
from accounts.web import find, here, needs, now, office_for, person, see_other, today, viewer
from extensions import db

bp = Blueprint("people", __name__)
ACTS = (UNMASK, KEEP_PEOPLE, ENROL_DEVICE, GRANT_ROLE, CREATE_ACCOUNT)


@bp.get("/people")
@needs(SEE_PEOPLE)
def listing() -> ResponseReturnValue:
    office = office_for(SEE_PEOPLE)
    asked = _asked()
    seen = viewer()
    found = people(seen, office, asked)
    return render_template(
        "accounts/people.html",
        found=found,
        asked=asked,
        everywhere=sees_everywhere(seen),
        roles=_shown_roles(),
        organisations=organisations_of(office),
        may_enter=bool(kept_roles(seen, office.id)),
        may_open_account=holds(viewer(), CREATE_ACCOUNT),
        filtered=bool(asked.q or asked.role or asked.organisation or asked.state),
    )


def _asked() -> Asked:
    role, page = request.args.get("role", ""), request.args.get("page", "")
    try:
        organisation = uuid.UUID(request.args.get("organisation", ""))
    except ValueError:
        organisation = None
    return Asked(
        q=request.args.get("q", "").strip()[:100],
        role=role if role in set(Role) else "",
        organisation=organisation,
        state="former" if request.args.get("state") == "former" else "",
        sort=request.args.get("sort", "name"),
        descending=request.args.get("dir") == "desc",
        page=int(page[:6]) if page.isascii() and page.isdecimal() else 1,
    )


def _shown_roles() -> list[str]:
    """The roles a viewer can filter by: those he may see."""
    if sees_everywhere(viewer()):
        return [str(role) for role in Role if role != Role.VOLUNTEER]
    kept = set(kept_roles(viewer(), here().id))
    wide = any(m.role in {Role.COORDINATOR, Role.CHIEF} for m in viewer().memberships)
    return [str(role) for role in Role if wide or role in kept]


@bp.get("/people/<uuid:public_id>")
@needs(SEE_PEOPLE)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    try:
        return person_page(find(Person, public_id, may=SEE_PEOPLE))
    except NotFound:
        kept = _kept_instead(public_id)
        return redirect(url_for("people.show", public_id=kept.public_id), 301)


def _kept_instead(public_id: uuid.UUID) -> Person:
    """Whom an address of a merged row means now. Raises: NotFound."""
    stays = stayed_instead(public_id)
    if stays is None:
        raise NotFound()
    return find(Person, stays, may=SEE_PEOPLE)


def person_page(shown: Person, **more: Any) -> str:
    """A person's page, masked; `opened` holds the contact where it was disclosed just now."""
    seen, office, on = viewer(), here(), today()
    held = memberships_seen(seen, office, [shown.id])
    everywhere = sees_everywhere(seen)
    gone = not everywhere and is_gone(shown, office, on)
    acts = acts_of(shown, seen, office)
    asked = {"unmasking": UnmaskingForm(formdata=None), "disclosure": ReasonForm(formdata=None), **more}
    contact = None if everywhere or gone else contact_of(shown, office, on)
    asked["unmasking"].fact.choices = [c for c in asked["unmasking"].fact.choices if getattr(contact, c.value, None)]
    return render_template(
        "accounts/person.html",
        shown=shown,
        memberships=held,
        current=[m for m in held if m.ends_on is None or m.ends_on >= on],
        contact=contact,
        gone=gone,
        everywhere=everywhere,
        on=on,
        may={name: may(seen, name, shown) for name in ACTS},
        may_end=may(seen, REVOKE_ACCESS, shown) and ends_access_of(seen, roles_of(shown, on)),
        kept={m.id for m in held if keeps(seen, m.role, m.office_id, m.organisation_id)},
        homes=HOMES,
        field_roles=FIELD_ROLES,
        may_give=bool(kept_roles(seen, office.id)) and may(seen, KEEP_PEOPLE, shown),
        may_correct=_correctable(shown),
        doubles=doubles(shown, seen, office) if holds(viewer(), KEEP_PEOPLE) else [],
        devices=_devices(shown, office),
        lines=lines(acts),
        languages=LANGUAGES,
        endpoints=current_app.view_functions,
        **{"opened": None, "unmasked": {}, **asked},
    )


def _correctable(shown: Person) -> bool:
    permission = CREATE_ACCOUNT if holds_staff_role(shown, today()) else KEEP_PEOPLE
    return may(viewer(), permission, shown)


def _devices(shown: Person, office: Office) -> list[Any]:
    """The devices enrolled through this office; another office's enrolments are its own affair."""
    ours = select(Enrolment.id).where(Enrolment.person_id == shown.id, Enrolment.office_id == office.id)
    enrolled = set(db.session.scalars(ours))
    return [opened for opened in live_sessions(shown, now()) if opened.enrolment_id in enrolled]


@bp.get("/people/new")
@needs(KEEP_PEOPLE)
def new() -> ResponseReturnValue:
    return _entry_page(_entry_form(starts_on=today()))


@bp.post("/people")
@needs(KEEP_PEOPLE)
def enter() -> ResponseReturnValue:
    office = _entering_office()
    form = EntryForm.of(_entry_page, **_offers(office))
    check_keeps(form.role.data, office, form.chosen)
    entered = enter_person(form.facts, office, person(), now())
    appoint(
        entered,
        office,
        form.role.data,
        starts_on=form.starts_on.data,
        by=person(),
        at=now(),
        organisation=form.chosen,
        number=form.number.data or "",
    )
    flash(gettext("%(name)s is entered.", name=entered.name), "good")
    alike = doubles(entered, viewer(), office)
    if alike:
        flash(gettext("Somebody like this is entered already: look below, and merge the two if they are one."), "wait")
    return see_other("people.show", public_id=entered.public_id)


def _entering_office() -> Office:
    office = office_for(KEEP_PEOPLE)
    if not kept_roles(viewer(), office.id):
        raise Forbidden()
    return office


def check_keeps(role: str, office: Office, organisation: Organisation | None) -> None:
    """Raises: Forbidden where the viewer may not give or end such a membership."""
    if not keeps(viewer(), role, office.id, organisation.id if organisation else None):
        raise Forbidden()


def _offers(office: Office) -> dict[str, Any]:
    """The roles and organisations a keeper may choose among."""
    roles = kept_roles(viewer(), office.id)
    kinds = tuple(str(kind) for role in roles for kind in HOMES.get(Role(role), ()))
    organisations = organisations_of(office, kinds) if kinds else []
    return {"roles": roles, "organisations": [o for o in organisations if _mine(o, roles)]}


def _mine(organisation: Organisation, roles: list[str]) -> bool:
    """Whether the viewer could give one of the roles in this organisation: a squad leader only in his own squad."""
    return any(keeps(viewer(), role, organisation.office_id, organisation.id) for role in roles)


offers = _offers


def _entry_form(**begins: Any) -> EntryForm:
    return EntryForm(formdata=None, data=begins, **_offers(_entering_office()))


def _entry_page(form: Any) -> str:
    return render_template("accounts/person_new.html", form=form)


@bp.get("/people/<uuid:public_id>/correction")
@needs(SEE_PEOPLE)
def correction(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = _to_correct(public_id)
    return _correction_page(shown, CorrectionForm(formdata=None, data=_was(shown)))


@bp.post("/people/<uuid:public_id>/correction")
@needs(SEE_PEOPLE)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    shown = _to_correct(public_id)
    form = CorrectionForm.of(lambda form: _correction_page(shown, form))
    changed = form.facts(_was(shown))
    if changed:
        correct_person(shown, changed, by=person(), at=now(), reason=form.reason.data or "", office=here())
        flash(gettext("What is known of %(name)s is corrected.", name=shown.name), "good")
    else:
        flash(gettext("Nothing was changed."), "info")
    return see_other("people.show", public_id=shown.public_id)


def _to_correct(public_id: uuid.UUID) -> Person:
    """Raises: NotFound, Forbidden, KeptByAdministrator."""
    shown = find(Person, public_id, may=SEE_PEOPLE)
    return find(Person, public_id, may=may_correct(viewer(), shown))


def _was(shown: Person) -> dict[str, Any]:
    """What the form of a correction begins with; nothing masked is among it."""
    contact = contact_of(shown, here(), today())
    return {
        "name": shown.name,
        "pinyin": shown.pinyin,
        "initials": shown.initials,
        "language": shown.language,
        "sex": contact.sex,
    }


def _correction_page(shown: Person, form: Any) -> str:
    contact = contact_of(shown, here(), today())
    return render_template("accounts/person_correction.html", shown=shown, form=form, contact=contact)


@bp.get("/people/accounts/new")
@needs(CREATE_ACCOUNT)
def new_account() -> ResponseReturnValue:
    return _account_page(AccountForm(formdata=None))


@bp.post("/people/accounts")
@needs(CREATE_ACCOUNT)
def create_account() -> ResponseReturnValue:
    """Somebody of the staff, without a role; the answer holds the link by which he chooses his password, once."""
    office = office_for(CREATE_ACCOUNT)
    form = AccountForm.of(_account_page)
    at = now()
    entered = enter_person(form.facts, office, person(), at)
    token = open_account(entered, form.username.data, office, person(), at)
    address = url_for("devices.enrol", token=token, _external=True)
    return render_template("accounts/person_account.html", form=form, entered=entered, address=address)


def _account_page(form: Any) -> str:
    return render_template("accounts/person_account.html", form=form, entered=None, address=None)
