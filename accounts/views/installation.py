"""What the system administrator sets for the machine an office runs on: mail server, copies, time zone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.access import NotFound
from accounts.actions.offices import (
    ask_for_test_mail,
    change_office,
    set_backup_place,
    set_mail_server,
    switch_mail,
)
from accounts.forms.mail import AddressForm, BackupForm, MailForm, ZoneForm
from accounts.models import MailServer, Office
from accounts.rights import CHANGE_INSTALLATION
from accounts.views.messages import STATES
from accounts.views.office import tabs
from accounts.web import needs, now, office_for, person, see_other
from extensions import db
from record.models import Act, Message

bp = Blueprint("installation", __name__, url_prefix="/installation")


@bp.get("")
@needs(CHANGE_INSTALLATION)
def index() -> ResponseReturnValue:
    return _page(office_for(CHANGE_INSTALLATION))


def _page(office: Office, **forms: Any) -> str:
    server = server_here(office)
    return render_template(
        "accounts/office_installation.html",
        office_here=office,
        server=server,
        mail_form=forms.get("mail") or MailForm(formdata=None, obj=server),
        backup_form=forms.get("backup") or BackupForm(formdata=None, place=office.backup_place),
        zone_form=forms.get("zone") or ZoneForm(formdata=None, zone=office.zone),
        address_form=forms.get("address") or AddressForm(formdata=None, address=person().email),
        tests=last_tests(server),
        states=STATES,
        tabs=tabs("installation.index"),
    )


def server_here(office: Office) -> MailServer | None:
    return db.session.scalar(select(MailServer).filter_by(office_id=office.id))


def last_tests(server: MailServer | None) -> list[Message]:
    """The last test messages that went by mail."""
    if server is None:
        return []
    tried = select(Message).join(Act, Act.public_id == Message.act_uid)
    tried = tried.where(Act.name == "mail_server.test", Act.subject_id == server.id, Message.channel == "mail")
    return list(db.session.scalars(tried.order_by(Message.id.desc()).limit(3)))


@bp.get("/tests")
@needs(CHANGE_INSTALLATION)
def tests() -> ResponseReturnValue:
    """What became of the last test messages; the page asks again while one is under way."""
    found = last_tests(server_here(office_for(CHANGE_INSTALLATION)))
    return render_template("accounts/_office_tests.html", tests=found, states=STATES)


@bp.post("/mail")
@needs(CHANGE_INSTALLATION)
def mail() -> ResponseReturnValue:
    office = office_for(CHANGE_INSTALLATION)
    form = MailForm.of(lambda form: _page(office, mail=form))
    set_mail_server(office, form.values, person(), now())
    flash(gettext("The mail server is set. Send yourself a test message."), "good")
    return see_other("installation.index")


@bp.post("/mail/<any(on, off):to>")
@needs(CHANGE_INSTALLATION)
def switch(to: str) -> ResponseReturnValue:
    server = server_here(office_for(CHANGE_INSTALLATION))
    if server is None:
        raise NotFound()
    switch_mail(server, to == "on", person(), now())
    flash(gettext("Mail is on.") if to == "on" else gettext("Mail is off; messages stand on people's pages."), "good")
    return see_other("installation.index")


@bp.post("/mail/test")
@needs(CHANGE_INSTALLATION)
def test_mail() -> ResponseReturnValue:
    """Send oneself a message the way all messages go."""
    office = office_for(CHANGE_INSTALLATION)
    server = server_here(office)
    if server is None:
        raise NotFound()
    form = AddressForm.of(lambda form: _page(office, address=form))
    ask_for_test_mail(server, person(), now(), form.address.data or "")
    flash(gettext("The test message is on its way."), "good")
    return see_other("installation.index")


@bp.post("/backup")
@needs(CHANGE_INSTALLATION)
def backup() -> ResponseReturnValue:
    office = office_for(CHANGE_INSTALLATION)
    form = BackupForm.of(lambda form: _page(office, backup=form))
    set_backup_place(office, form.place.data or "", person(), now())
    flash(gettext("The place of the copies is set."), "good")
    return see_other("installation.index")


@bp.post("/zone")
@needs(CHANGE_INSTALLATION)
def zone() -> ResponseReturnValue:
    office = office_for(CHANGE_INSTALLATION)
    form = ZoneForm.of(lambda form: _page(office, zone=form))
    change_office(office, {"zone": form.zone.data}, person(), now(), form.reason.data)
    flash(gettext("The time zone is set."), "good")
    return see_other("installation.index")
