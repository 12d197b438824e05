"""What the rota has for "my day": who is on duty, what waits for whoever drafts, and how a duty reads in a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import access
from accounts.access import Viewer
from accounts.models import Office, Role
from accounts.presenting import day, month_name
from accounts.web import today
from extensions import db
from lawyers import on_duty
from lawyers.actions.duty import KIND
from lawyers.models import Rota, RotaState, Station
from lawyers.rights import CALL_LAWYER, DRAFT_ROTA, PUBLISH_ROTA, SEE_ROTA
from scheduler.calendar import desk, kinds
from scheduler.timeline.models import LIVE, BookingRole, Event

LOOKED_AHEAD = timedelta(days=14)
BEGIN_BEFORE = timedelta(days=10)


def sees_staff_side(viewer: Viewer) -> bool:
    """Whether the viewer sees rotas otherwise than as a lawyer of them."""
    return any(member.role != Role.LAWYER for member, _ in access.grants_of(viewer, SEE_ROTA))


def _stations(viewer: Viewer, office: Office, permission: str) -> list[Station]:
    mine = access.clause(viewer, Station, permission)
    here = select(Station).where(mine, Station.office_id == office.id, Station.active)
    return list(db.session.scalars(here.order_by(Station.name, Station.id)))


def panel(viewer: Viewer, office: Office, now: datetime) -> desk.Panel | None:
    """Today's lawyers at each station, for whoever has to find them."""
    if not sees_staff_side(viewer):
        return None
    stations = _stations(viewer, office, SEE_ROTA)
    if not stations:
        return None
    there = on_duty.on_day([station.id for station in stations], today(now))
    shown = [(s, there.get(s.id, []), on_duty.hours_at(s, "am+pm")) for s in stations]
    may = {name: access.holds(viewer, name) for name in (CALL_LAWYER, DRAFT_ROTA)}
    values = {"on_duty": shown, "may_call": may[CALL_LAWYER], "may_mend": may[DRAFT_ROTA]}
    return desk.Panel("lawyers/_on_duty.html", values)


def waiting(viewer: Viewer, office: Office, now: datetime) -> Iterable[desk.Wait]:
    """Duties on days off, days on which nobody is on duty, drafts to be published, the next month if not begun."""
    if not access.holds(viewer, DRAFT_ROTA):
        return
    stations, on = _stations(viewer, office, DRAFT_ROTA), today(now)
    for duty in on_duty.on_days_off([station.id for station in stations], on):
        url = url_for("cells.show", public_id=duty.rota.public_id, on=duty.serves_on)
        what = gettext("A duty lies on %(on)s, which is off now", on=day(duty.serves_on))
        yield desk.Wait(what, url, gettext("Decide"), duty.rota.station.name, duty.serves_on, "calendar-off")
    for duty in on_duty.uncovered([station.id for station in stations], on, on + LOOKED_AHEAD):
        url = url_for("cells.show", public_id=duty.rota.public_id, on=duty.serves_on)
        what = gettext("Nobody is on duty on %(on)s", on=day(duty.serves_on))
        yield desk.Wait(what, url, gettext("Find somebody"), duty.rota.station.name, duty.serves_on, "alert-triangle")
    for station in stations:
        yield from _months(station, on, access.holds(viewer, PUBLISH_ROTA))


def _months(station: Station, on: date, may_publish: bool) -> Iterable[desk.Wait]:
    """What is to be done about the months of a station that are not over."""
    following = (on.replace(day=1) + timedelta(days=32)).replace(day=1)
    open_states = select(Rota).where(
        Rota.station_id == station.id,
        Rota.state.in_([RotaState.DRAFT, RotaState.PUBLISHED]),
        Rota.last_on >= on,
    )
    rotas = list(db.session.scalars(open_states.order_by(Rota.first_on)))
    if may_publish:
        for rota in (rota for rota in rotas if rota.state == RotaState.DRAFT):
            what = gettext("The rota for %(month)s is a draft", month=month_name(rota.first_on))
            url = url_for("rota.show", public_id=rota.public_id)
            yield desk.Wait(what, url, gettext("Go on"), station.name, max(rota.first_on, on), "pencil")
    if following - on <= BEGIN_BEFORE and all(rota.first_on != following for rota in rotas):
        what = gettext("The rota for %(month)s has not been begun", month=month_name(following))
        yield desk.Wait(what, url_for("rota.index"), gettext("Begin it"), station.name, following, "calendar-plus")


def title(event: Event, viewer: Viewer) -> str | None:
    """For whoever sees the rota who is on duty; for the lawyer himself where."""
    known = {member.office_id for member, _ in access.grants_of(viewer, SEE_ROTA) if member.role != Role.LAWYER}
    live = [b for b in event.bookings if b.role == BookingRole.DUTY_LAWYER and b.status in LIVE]
    if any(booking.resource.person_id == viewer.person.id for booking in live):
        return gettext("Duty at %(station)s", station=event.title)
    if event.office_id not in known:
        return None
    if not live:
        return gettext("Nobody on duty at %(station)s", station=event.title)
    names = "、".join(dict.fromkeys(booking.resource.name for booking in live))  # citation: a list of names
    return gettext("Duty lawyer: %(names)s", names=names)


def link(event: Event, viewer: Viewer) -> str | None:
    live = [b for b in event.bookings if b.role == BookingRole.DUTY_LAWYER and b.status in LIVE]
    if any(booking.resource.person_id == viewer.person.id for booking in live):
        return url_for("duties.mine")
    known = {member.office_id for member, _ in access.grants_of(viewer, SEE_ROTA)}
    return url_for("duties.of_event", public_id=event.public_id) if event.office_id in known else None


def register() -> None:
    kinds.register_kind(kinds.Kind(KIND, _l("Lawyer's duty"), "scale", title=title, link=link))
    desk.shows("duty_lawyer", panel)
    desk.waits("rota", waiting)
