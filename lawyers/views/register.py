"""The register of duty lawyers: the list, one lawyer with his share, pattern and leave."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from accounts import access
from accounts.models import Membership, Organisation, Person
from accounts.searching import joined_pinyin
from accounts.setting_values import weekday
from accounts.web import find, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from lawyers.actions.register import keep_lawyer, record_leave
from lawyers.forms.register import KeepForm, LeaveForm, block_words
from lawyers.models import Duty, DutyState, LawyerEntry
from lawyers.rights import DRAFT_ROTA
from lawyers.rota_facts import registered
from scheduler.actions.absence import HitsUnseen
from scheduler.timeline.models import Absence, AbsenceState, Booking, Event

bp = Blueprint("register", __name__, url_prefix="/lawyers")
AHEAD = timedelta(days=120)


@bp.get("")
@needs(DRAFT_ROTA)
def index() -> ResponseReturnValue:
    office = office_for(DRAFT_ROTA)
    query = registered(office.id).where(access.clause(viewer(), LawyerEntry, DRAFT_ROTA))
    entries = list(db.session.scalars(_filtered(query)))
    return render_template(
        "lawyers/register.html",
        entries=entries,
        leave=_leave_of([entry.membership.person_id for entry in entries], office.id),
        half_days=dict(block_words()),
        firms=_firms(office.id),
        total=db.session.scalar(select(func.count()).select_from(LawyerEntry).filter_by(office_id=office.id)),
        remarks=_open_remarks(office.id),
        import_url=url_for("imports.new", kind="lawyers") if "imports.new" in current_app.view_functions else None,
    )


def _filtered(query: Select[Any]) -> Select[Any]:
    wanted, firm = request.args.get("q", "").strip(), request.args.get("firm", "")
    if wanted:
        like = f"%{wanted.lower()}%"
        parts = (Person.name, Person.pinyin, joined_pinyin(), Person.initials, LawyerEntry.licence, LawyerEntry.field)
        query = query.where(or_(*(func.lower(part).like(like) for part in parts)))
    if firm:
        named = select(Organisation.id).where(Organisation.name == firm)
        query = query.where(Membership.organisation_id.in_(named))
    if request.args.get("show") == "remarks":
        query = query.where(LawyerEntry.remark != "", LawyerEntry.remark_dealt_with.is_(False))
    return query


def _firms(office_id: int) -> list[tuple[str, str]]:
    """The firms of the register, as choices."""
    used = select(Organisation.name).join(Membership, Membership.organisation_id == Organisation.id)
    used = used.join(LawyerEntry, LawyerEntry.membership_id == Membership.id).where(LawyerEntry.office_id == office_id)
    return [(name, name) for name in db.session.scalars(used.distinct().order_by(Organisation.name))]


def _open_remarks(office_id: int) -> int:
    waiting = select(func.count()).select_from(LawyerEntry).filter_by(office_id=office_id, remark_dealt_with=False)
    return int(db.session.scalar(waiting.where(LawyerEntry.remark != "")) or 0)


def _leave_of(people: list[int], office_id: int) -> dict[int, list[Absence]]:
    """Leave asked for or approved that is not over, by person, soonest first. One query."""
    query = (
        select(Absence)
        .join(Event, Absence.event_id == Event.id)
        .options(joinedload(Absence.event))
        .where(
            Absence.person_id.in_(people),
            Absence.office_id == office_id,
            Absence.state.in_([AbsenceState.REQUESTED, AbsenceState.APPROVED]),
            Event.ends_at > now(),
        )
        .order_by(Event.starts_at)
    )
    found: dict[int, list[Absence]] = {}
    for absence in db.session.scalars(query):
        found.setdefault(absence.person_id, []).append(absence)
    return found


@bp.get("/<uuid:public_id>")
@needs(DRAFT_ROTA)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(LawyerEntry, public_id, may=DRAFT_ROTA))


def _page(entry: LawyerEntry, keep: Any = None, leave: Any = None) -> str:
    refusal = g.get("refusal")
    return render_template(
        "lawyers/register_one.html",
        entry=entry,
        keep=keep or KeepForm(formdata=None, obj=entry),
        leave=leave or LeaveForm(formdata=None),
        hits=refusal.hits if isinstance(refusal, HitsUnseen) else [],
        absences=_leave_of([entry.membership.person_id], entry.office_id).get(entry.membership.person_id, []),
        duties=_coming_duties(entry),
        half_days=dict(block_words()),
        weekday_word=weekday,
    )


def _coming_duties(entry: LawyerEntry) -> list[Duty]:
    coming = select(Duty).where(
        Duty.lawyer_id == entry.id,
        Duty.state == DutyState.PUBLISHED,
        Duty.serves_on.between(today(), today() + AHEAD),
    )
    return list(db.session.scalars(coming.options(joinedload(Duty.event)).order_by(Duty.serves_on)))


@bp.post("/<uuid:public_id>/keep")
@needs(DRAFT_ROTA)
def keep(public_id: uuid.UUID) -> ResponseReturnValue:
    entry = find(LawyerEntry, public_id, may=DRAFT_ROTA)
    form = KeepForm.of(lambda form: _page(entry, keep=form))
    keep_lawyer(entry, person(), now(), **form.values)
    flash(gettext("Kept for %(name)s.", name=entry.name), "good")
    return see_other("register.show", public_id=public_id)


@bp.post("/<uuid:public_id>/leave")
@needs(DRAFT_ROTA)
def leave(public_id: uuid.UUID) -> ResponseReturnValue:
    """Enter leave that the lawyer told; what it hits is released only after it was seen."""
    entry = find(LawyerEntry, public_id, may=DRAFT_ROTA)
    form = LeaveForm.of(lambda form: _page(entry, leave=form))
    release = _ids(form.release.data)
    record_leave(entry, form.first_on.data, form.last_on.data, person(), now(), why=form.why.data, release=release)
    flash(gettext("%(name)s is on leave then.", name=entry.name), "good")
    return see_other("register.show", public_id=public_id)


def _ids(texts: list[str] | None) -> list[int]:
    """The ids of bookings named by their public ids; what is no such id names none."""
    known = []
    for text in texts or ():
        try:
            known.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(db.session.scalars(select(Booking.id).where(Booking.public_id.in_(known)))) if known else []
