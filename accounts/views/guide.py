"""The first-run guide: from an empty database to the first booking, in short steps that can be left at any point."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from sqlalchemy import select

from accounts import access, guide
from accounts.access import Forbidden, NotFound
from accounts.actions.guide import (
    NAMED_IN_GUIDE,
    Named,
    WrongStartCode,
    check_first,
    found_coordinator,
    holder,
    name_holder,
    set_aside,
)
from accounts.actions.offices import (
    change_office,
    open_office,
    set_backup_place,
    set_mail_server,
)
from accounts.actions.passwords import hashed
from accounts.actions.sessions import open_session
from accounts.forms.guide import CoordinatorForm, HolderForm, StartForm
from accounts.forms.mail import BackupForm, MailForm
from accounts.forms.office import NamesForm
from accounts.models import ADMINISTRATORS, MailServer, Office, Role, SessionKind
from accounts.rights import CHANGE_INSTALLATION, CHANGE_SETTINGS
from accounts.rules.password import PasswordsDiffer
from accounts.sign_in import device_here, let_in, tries_limited
from accounts.web import needs, now, office_for, person, public, see_other, today, viewer
from extensions import db
from record.edge import network, own_transaction

bp = Blueprint("guide", __name__, url_prefix="/guide")
ROLES = {
    Role.SYSTEM_ADMIN: (_l("System administrator"), _l("Machine, mail, copies, accounts.")),
    Role.SECURITY_ADMIN: (_l("Security administrator"), _l("Roles and rights.")),
    Role.AUDIT_ADMIN: (_l("Audit administrator"), _l("Reads the trail, changes nothing.")),
    Role.CHIEF: (_l("Chief procurator"), _l("Approves hearings and leave, and what needs a second person.")),
    Role.DEPUTY_CHIEF: (_l("Deputy chief procurator"), _l("Approves where the chief has delegated it, with dates.")),
}
APPROVERS = (Role.CHIEF, Role.DEPUTY_CHIEF)


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """Where the installation stands: the start code, the step that is next, or all of them."""
    if guide.is_open():
        return redirect(url_for("guide.office")) if guide.is_installer() else _start(StartForm())
    if not current_user.is_authenticated:
        return redirect(url_for("security.login", next=url_for("guide.index")))
    office = office_for(CHANGE_SETTINGS)
    return render_template("accounts/guide.html", progress=guide.progress(office), office_here=office)


def _start(form: StartForm) -> str:
    return render_template("accounts/guide_start.html", form=form)


@bp.post("/start")
@public
@tries_limited
def start() -> ResponseReturnValue:
    """Take the start code, so that no stranger takes over an empty installation."""
    form = StartForm.of(_start)
    if not guide.is_open():
        return see_other("guide.index")
    if not guide.admits(form.code.data):
        raise WrongStartCode()
    return see_other("guide.office")


def page(name: str, template: str, office: Office | None, **values: Any) -> str:
    """The page of a step, in the guide's frame. Packages use it for theirs."""
    return render_template(
        template, progress=guide.progress(office), step=guide.named(name), office_here=office, **values
    )


def go_on(name: str) -> ResponseReturnValue:
    """After a step: to the next that is open, or to the overview."""
    office = _office_of_installer() if guide.is_open() else office_for(CHANGE_SETTINGS)
    following = guide.progress(office).after(name)
    return see_other(following.endpoint if following else "guide.index")


def _office_of_installer() -> Office | None:
    """The office the installer has entered. Raises: Forbidden for any other browser."""
    if not guide.is_installer():
        raise Forbidden()
    return db.session.scalars(select(Office).order_by(Office.id)).first()


def _office_now() -> Office | None:
    """The office the guide is about, for the installer or a coordinator. Raises: Forbidden."""
    if guide.is_open():
        return _office_of_installer()
    if not current_user.is_authenticated or not access.holds(viewer(), CHANGE_SETTINGS):
        raise Forbidden()
    return office_for(CHANGE_SETTINGS)


@bp.get("/office")
@public
def office() -> ResponseReturnValue:
    standing = _office_now()
    return _office_page(standing, NamesForm(obj=standing))


def _office_page(standing: Office | None, form: NamesForm) -> str:
    return page("office", "accounts/guide_office.html", standing, form=form)


@bp.get("/office/preview")
@public
def preview() -> ResponseReturnValue:
    """How the names typed so far will look on a paper."""
    _office_now()
    return render_template("accounts/_guide_paper.html", form=NamesForm(formdata=request.args))


@bp.post("/office")
@public
def name_office() -> ResponseReturnValue:
    standing = _office_now()
    form = NamesForm.of(lambda form: _office_page(standing, form))
    if standing is None:
        open_office(form.values, None, now())
    else:
        by = person() if current_user.is_authenticated else None
        change_office(standing, form.values, by, now(), gettext("first steps"))
    return go_on("office")


@bp.get("/people")
@public
def people() -> ResponseReturnValue:
    standing = _office_now()
    if standing is None:
        return redirect(url_for("guide.office"))
    return _people_page(standing)


def _people_page(standing: Office, form: Any = None, named: Named | None = None) -> str:
    """Before there is a coordinator, the form for oneself; afterwards the three administrators."""
    if guide.is_open():
        return page("people", "accounts/guide_you.html", standing, form=form or CoordinatorForm())
    return _holders_page("people", ADMINISTRATORS, standing, form, named)


def _holders_page(name: str, roles: Any, standing: Office, form: Any = None, named: Named | None = None) -> str:
    return page(
        name,
        "accounts/guide_people.html",
        standing,
        holders={role: holder(standing, role) for role in roles},
        roles=ROLES,
        form=form or HolderForm(formdata=None),
        coordinator=holder(standing, Role.COORDINATOR),
        named=named,
        address=url_for("devices.enrol", token=named.token, _external=True) if named else "",
    )


@bp.post("/people/you")
@public
@tries_limited
def you() -> ResponseReturnValue:
    """Enter oneself as the first coordinator, signed in from now on. The start code is spent.

    A password is judged and hashed outside any transaction, hence the two.
    """
    standing = _office_now()
    if standing is None or not guide.is_open():
        raise NotFound()
    form = CoordinatorForm.of(lambda form: _people_page(standing, form))
    if form.password.data != form.again.data:
        raise PasswordsDiffer()
    facts = {key: form.values[key] for key in ("name", "phone", "username")}
    check_first(standing, facts, form.password.data, now())
    db.session.rollback()
    kept = hashed(form.password.data)
    with own_transaction():
        account = found_coordinator(db.session.get_one(Office, standing.id), facts, kept, now())
        held = access.Viewer(account.person, today()).held
        open_session(
            account,
            SessionKind.STAFF,
            at=now(),
            device=device_here(),
            network=network(request.remote_addr),
            memberships=held,
        )
        let_in(account)
    guide.forget_code()
    flash(gettext("You are the coordinator of this office now, and signed in."), "good")
    return see_other("guide.people")


@bp.post("/people")
@needs(CHANGE_SETTINGS)
def name_administrator() -> ResponseReturnValue:
    standing = office_for(CHANGE_SETTINGS)
    return _name("people", ADMINISTRATORS, standing)


@bp.get("/approvers")
@needs(CHANGE_SETTINGS)
def approvers() -> ResponseReturnValue:
    return _holders_page("approvers", APPROVERS, office_for(CHANGE_SETTINGS))


@bp.post("/approvers")
@needs(CHANGE_SETTINGS)
def name_approver() -> ResponseReturnValue:
    return _name("approvers", APPROVERS, office_for(CHANGE_SETTINGS))


def _name(name: str, roles: tuple[Role, ...], standing: Office) -> ResponseReturnValue:
    """Name the holder of a role, and show the link by which he chooses his password, once."""
    form = HolderForm.of(lambda form: _holders_page(name, roles, standing, form))
    if form.role.data not in roles or form.role.data not in NAMED_IN_GUIDE:
        raise NotFound()
    facts = {key: form.values[key] or "" for key in ("name", "phone", "username")}
    named = name_holder(standing, form.role.data, facts, person(), now())
    return _holders_page(name, roles, standing, named=named)


def may_install() -> bool:
    """The system administrator's; as long as there is none, the coordinator's, or an office could not begin."""
    standing = office_for(CHANGE_SETTINGS)
    return access.holds(viewer(), CHANGE_INSTALLATION) or holder(standing, Role.SYSTEM_ADMIN) is None


@bp.get("/mail")
@needs(CHANGE_SETTINGS)
def mail() -> ResponseReturnValue:
    return _mail()


def _mail(mail_form: MailForm | None = None, backup_form: BackupForm | None = None) -> str:
    standing = office_for(CHANGE_SETTINGS)
    server = db.session.scalar(select(MailServer).filter_by(office_id=standing.id))
    return page(
        "mail",
        "accounts/guide_mail.html",
        standing,
        server=server,
        mail_form=mail_form or MailForm(formdata=None, obj=server),
        backup_form=backup_form or BackupForm(formdata=None, place=standing.backup_place),
        mine=may_install(),
        administrator=holder(standing, Role.SYSTEM_ADMIN),
    )


@bp.post("/mail")
@needs(CHANGE_SETTINGS)
def set_mail() -> ResponseReturnValue:
    form = MailForm.of(lambda form: _mail(mail_form=form))
    if not may_install():
        raise Forbidden()
    set_mail_server(office_for(CHANGE_SETTINGS), form.values, person(), now())
    flash(gettext("The mail server is set."), "good")
    return see_other("guide.mail")


@bp.post("/backup")
@needs(CHANGE_SETTINGS)
def set_backup() -> ResponseReturnValue:
    form = BackupForm.of(lambda form: _mail(backup_form=form))
    if not may_install():
        raise Forbidden()
    set_backup_place(office_for(CHANGE_SETTINGS), form.place.data or "", person(), now())
    flash(gettext("The place of the copies is set."), "good")
    return see_other("guide.mail")


@bp.post("/<name>/later")
@needs(CHANGE_SETTINGS)
def later(name: str) -> ResponseReturnValue:
    """Leave a step open and go on."""
    step = guide.named(name)
    if step is None or not step.optional:
        raise NotFound()
    set_aside(office_for(CHANGE_SETTINGS), step, person(), now())
    return go_on(name)


def _remains_of_office(standing: Office) -> str:
    return "" if standing.seal_text else gettext("the seal text is missing")


def _remains_of_people(standing: Office) -> str:
    named = sum(holder(standing, role) is not None for role in ADMINISTRATORS)
    return "" if named == 3 else gettext("%(n)s of 3 administrators named", n=named)


def _remains_of_approvers(standing: Office) -> str:
    return "" if holder(standing, Role.DEPUTY_CHIEF) else gettext("no deputy named")


def _has_mail(standing: Office) -> bool:
    return db.session.scalar(select(MailServer.id).filter_by(office_id=standing.id, active=True)) is not None


def _remains_of_mail(standing: Office) -> str:
    if not standing.backup_place:
        return gettext("no place for copies")
    return "" if _has_mail(standing) else gettext("no mail server")


guide.step(
    10,
    "office",
    _l("The office"),
    _l("What it is called, and what stands below its papers."),
    "guide.office",
    done=lambda _: True,
    remains=_remains_of_office,
)
guide.step(
    20,
    "people",
    _l("You and the administrators"),
    _l("You coordinate; three administrators watch over the machine, the rights and the trail."),
    "guide.people",
    done=lambda standing: holder(standing, Role.COORDINATOR) is not None,
    remains=_remains_of_people,
)
guide.step(
    30,
    "approvers",
    _l("Who approves"),
    _l("The chief procurator, and a deputy who stands in."),
    "guide.approvers",
    done=lambda standing: holder(standing, Role.CHIEF) is not None,
    optional=True,
    remains=_remains_of_approvers,
)
guide.step(
    60,
    "mail",
    _l("Mail and copies"),
    _l("How messages leave, and where copies of the database go."),
    "guide.mail",
    done=lambda standing: _has_mail(standing) or bool(standing.backup_place),
    optional=True,
    remains=_remains_of_mail,
)
