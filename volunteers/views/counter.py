"""The counter's tablet: one person at a time sees his hours, books, waits, gives up; after a minute nothing is left.

It is the coordinator's own session, confined to these pages (`accounts.entrance`); what is done is his act.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, make_response, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from accounts.access import Forbidden, NotFound, grants_of, listed
from accounts.actions.confining import confine, make_stale, set_free
from accounts.entrance import ask_again
from accounts.limiting import limits_for
from accounts.models import PersonSession
from accounts.presenting import qr
from accounts.rules.limits import is_fresh
from accounts.settings import rule_for
from accounts.web import Malformed, find, here, needs, now, office_for, person, see_other, today, viewer
from errors import Refusal
from extensions import db
from record.edge import stands
from scheduler.timeline import waiting
from volunteers.actions import booking, counter
from volunteers.actions.anomalies import keep_refusal
from volunteers.actions.obstacles import obstacles_of, quotas_of
from volunteers.actions.places import may_wait
from volunteers.actions.travel import ways_to
from volunteers.figures import figures_of, lines_of, officers_of, pace_of
from volunteers.forms.counter import FindForm
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.shifts import Shift
from volunteers.rights import BOOK_SHIFT
from volunteers.rules.obstacles import NotBookable, refusal_of
from volunteers.terms import terms_of
from volunteers.views.booking import coming

bp = Blueprint("counter", __name__, url_prefix="/counter")
desk = Blueprint("counter_desk", __name__, url_prefix="/counter-mode")
SERVED = timedelta(seconds=60)
FITS, FULL = 12, 4  # shifts shown
WAYS = {"name": _l("At the counter, known by name and phone"), "card": _l("At the counter, known by the card")}


def _coordinates() -> None:
    """A volunteer books as well, but for himself. Raises: Forbidden."""
    office = office_for(BOOK_SHIFT)
    if not any(m.office_id == office.id and grant.scope == "f" for m, grant in grants_of(viewer(), BOOK_SHIFT)):
        raise Forbidden()


@desk.get("")
@needs(BOOK_SHIFT)
def opening() -> ResponseReturnValue:
    """What counter mode is, and the button that begins it."""
    _coordinates()
    return render_template("volunteers/counter_opening.html", minutes=_idle_minutes(), seconds=_seconds())


@desk.post("")
@needs(BOOK_SHIFT)
def begin() -> ResponseReturnValue:
    _coordinates()
    confine(_session(), "counter", _idle_minutes(), here(), now())
    session.pop("served", None)
    return see_other("counter.show")


@desk.post("/cards/<uuid:public_id>")
@needs(BOOK_SHIFT)
def print_card(public_id: uuid.UUID) -> ResponseReturnValue:
    """A card to take home: a number, its code and the office; nothing about the case."""
    assessment = find(Assessment, public_id, may=BOOK_SHIFT)
    _coordinates()
    number = counter.issue_card(assessment, person(), now())
    return render_template("volunteers/counter_card.html", who=assessment.person, number=number, code=qr(number))


def _idle_minutes() -> int:
    return int(rule_for("service.counter_idle", here(), today()).amount)


def _seconds() -> int:
    return int(SERVED.total_seconds())


def _session() -> PersonSession:
    opened: PersonSession = db.session.merge(g.person_session, load=True)
    return opened


def _at_the_counter() -> None:
    """Raises: Forbidden where the browser is not confined to these pages."""
    if g.person_session.confined_to != bp.name:
        raise Forbidden()


def _served() -> Assessment | None:
    """Who is being served; nobody any more a minute after the last touch."""
    _at_the_counter()
    kept = session.get("served")
    if kept is None or now() - datetime.fromisoformat(kept["at"]) >= SERVED:
        session.pop("served", None)
        return None
    session["served"] = {**kept, "at": now().isoformat()}
    return find(Assessment, uuid.UUID(kept["key"]), may=BOOK_SHIFT)


def _somebody() -> Assessment:
    """Raises: Gone where nobody is served any more; the page asks again who is there."""
    assessment = _served()
    if assessment is None:
        g.shown_again = _asking, FindForm(formdata=None)
        raise Gone()
    return assessment


class Gone(Refusal):
    code = "counter_gone"
    message = "For a minute nobody touched the screen, so it was cleared. Nothing was changed."
    help = "Say again who you are."


def _how() -> str:
    """How he was known, as the act keeps it."""
    return str(WAYS[session["served"]["how"]])


@bp.get("")
@needs(BOOK_SHIFT)
def show() -> ResponseReturnValue:
    """Whoever is served, else the question who is there."""
    if g.person_session.confined_to != bp.name:
        return see_other("counter_desk.opening")
    assessment = _served()
    return _page_of(assessment) if assessment is not None else _asking(FindForm(formdata=None))


def _asking(form: FindForm) -> str:
    return render_template("volunteers/counter_find.html", form=form, refused=g.get("refusal"))


@bp.post("")
@needs(BOOK_SHIFT)
def look() -> ResponseReturnValue:
    """Find one person, or nobody. What was typed is neither kept nor shown again."""
    _at_the_counter()
    session.pop("served", None)
    make_stale(_session(), now())
    try:
        counter.check_misses(person(), now())
        form = FindForm()
        if not form.validate():
            raise Malformed()
    except Refusal as refusal:
        return _asked_again(refusal)
    rows = listed(viewer(), Assessment, BOOK_SHIFT).where(Assessment.office_id == here().id)
    how = "card" if form.card.data else "name"
    found = (
        counter.found_by_card(rows, form.card.data)
        if form.card.data
        else counter.found_by_name(rows, here().id, form.initials.data, form.tail.data)
    )
    if found is None:
        counter.note_miss(person(), here(), now(), how)
        flash(gettext("Nobody is found by this. Try again, or ask the coordinator, who finds you by your name."), "bad")
        return see_other("counter.show")
    session["served"] = {"key": str(found.public_id), "at": now().isoformat(), "how": how}
    return see_other("counter.show")


def _asked_again(refusal: Refusal) -> ResponseReturnValue:
    g.refusal = refusal
    return _asking(FindForm(formdata=None)), refusal.status


def _page_of(assessment: Assessment, refused: Refusal | None = None) -> str:
    at, shifts = now(), coming()
    found, quotas = obstacles_of(assessment, shifts, at), quotas_of(shifts)
    waits, ways = booking.waits_of(assessment.person, here().id), ways_to(assessment, shifts)
    figures = figures_of([assessment], at)[assessment.id]
    lines, terms = lines_of(assessment, at), terms_of(assessment, today())
    full = [one for one in shifts if may_wait(one, found[one.id], at) and one.event_id not in waits]
    until = booking.own_cancels_until(lines.coming, at_counter=True)
    return render_template(
        "volunteers/counter_person.html",
        assessment=assessment,
        unit=terms.round_minutes,
        figures=figures,
        pace=pace_of(assessment, figures, today()),
        booked=[(one, at <= until[one.id]) for one in lines.coming],
        waits=[(one, waiting.ahead(waits[one.event_id], at) + 1) for one in shifts if one.event_id in waits],
        fits=[(one, quotas[one.event_id], ways.get(one.id)) for one in shifts if not found[one.id]][:FITS],
        full=full[:FULL],
        why=refusal_of(found[shifts[0].id]) if shifts and all(found.values()) else None,
        seconds=_seconds(),
        refused=refused,
    )


@bp.get("/touch")
@needs(BOOK_SHIFT)
def touch() -> ResponseReturnValue:
    """The screen is still being read."""
    return "", 204 if _served() is not None else 205


@bp.post("/done")
@needs(BOOK_SHIFT)
def done() -> ResponseReturnValue:
    _at_the_counter()
    session.pop("served", None)
    return see_other("counter.show")


@bp.post("/shifts/<uuid:public_id>/booking")
@needs(BOOK_SHIFT)
def book(public_id: uuid.UUID) -> ResponseReturnValue:
    return _take(public_id, booking.book, gettext("Booked."))


@bp.post("/shifts/<uuid:public_id>/waiting")
@needs(BOOK_SHIFT)
def wait(public_id: uuid.UUID) -> ResponseReturnValue:
    return _take(public_id, booking.wait, gettext("On the waiting list."))


def _take(public_id: uuid.UUID, take: Any, said: str) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    assessment = _somebody()
    try:
        take(shift, assessment.person, person(), now(), reason=_how())
    except NotBookable as refusal:
        kept = keep_refusal(shift, assessment, refusal, person(), now(), g.person_session.device)
        answer = make_response(_page_of(assessment, refusal), refusal.status)
        return stands(answer) if kept else answer
    flash(said, "good")
    return see_other("counter.show")


@bp.post("/shifts/<uuid:public_id>/departure")
@needs(BOOK_SHIFT)
def wait_no_longer(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=BOOK_SHIFT)
    assessment = _somebody()
    place = booking.waits_of(assessment.person, here().id).get(shift.event_id)
    if place is not None:
        booking.leave_list(place, person(), now(), reason=_how())
        flash(gettext("You wait no longer for this shift."), "good")
    return see_other("counter.show")


@bp.post("/bookings/<uuid:public_id>/giving-up")
@needs(BOOK_SHIFT)
def give_up(public_id: uuid.UUID) -> ResponseReturnValue:
    """In time the place is given back, later it is an absence told: as on the volunteer's own page."""
    own = find(Attendance, public_id, may=BOOK_SHIFT)
    assessment = _somebody()
    if own.person_id != assessment.person_id:
        raise NotFound()
    until = booking.own_cancels_until([own], at_counter=True)[own.id]
    give = booking.cancel if now() <= until else booking.report_absence
    give(own, person(), now(), reason=_how())
    flash(gettext("The place is given back."), "good")
    return see_other("counter.show")


@bp.get("/plan")
@needs(BOOK_SHIFT)
def plan() -> ResponseReturnValue:
    """The person's shifts, to print."""
    assessment = _served()
    if assessment is None:
        return see_other("counter.show")
    lines = lines_of(assessment, now()).coming
    return render_template(
        "volunteers/plan_paper.html",
        assessment=assessment,
        unit=terms_of(assessment, today()).round_minutes,
        lines=lines,
        figures=figures_of([assessment], now())[assessment.id],
        officers=officers_of([one.shift for one in lines]),
        office=here(),
        seconds=_seconds(),
    )


@bp.post("/leaving")
@needs(BOOK_SHIFT)
def leave() -> ResponseReturnValue:
    """Out of counter mode, for whoever has just typed the password of this session."""
    _at_the_counter()
    limits = limits_for(person(), today())
    if not is_fresh(g.person_session.fresh_at, now(), limits):
        session.pop("served", None)
        return ask_again()
    set_free(_session(), here(), now(), limits)
    return see_other("day.begin")
