"""Declaring an interest in somebody: by the officer himself, or entered by the coordinator (D-29)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Blueprint, flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select

from accounts.access import Forbidden, NotFound, Viewer, grants_of, holds, may
from accounts.models import Office, Person, Role
from accounts.presenting import span
from accounts.web import find, needs, now, person, see_other, today, viewer
from extensions import db
from scheduler.calendar.desk import Wait
from volunteers.actions import interests
from volunteers.forms.interests import EndingForm, InterestForm, InterestOfForm
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.interests import Interest
from volunteers.models.shifts import Posting, Shift
from volunteers.rights import DECLARE_INTEREST, KEEP_SHIFTS, POST_TRAFFIC_OFFICER, SEE_ASSESSMENT, TICK, deciders
from volunteers.views.assessments import at_the_desk, inspects
from volunteers.views.crossing import more_page
from volunteers.words import INTERESTS

bp = Blueprint("interests", __name__, url_prefix="/interests")
SOON = timedelta(days=2)


@bp.post("/<uuid:public_id>/declaration")
@needs(DECLARE_INTEREST)
def declare(public_id: uuid.UUID) -> ResponseReturnValue:
    """One's own, from the page of the person on the roll."""
    one = find(Attendance, public_id, may=TICK)
    form = InterestForm.of(lambda form: more_page(find(Attendance, public_id, may=TICK), interest=form))
    interests.declare(one, person(), form.kind.data, person(), now())
    flash(gettext("Noted. Another officer ticks and confirms for %(name)s.", name=one.person.name), "good")
    return see_other("crossing.show", public_id=one.shift.public_id)


@bp.post("/<uuid:public_id>/ending")
@needs(DECLARE_INTEREST)
def end_own(public_id: uuid.UUID) -> ResponseReturnValue:
    """One's own is over, from the same page."""
    one = find(Attendance, public_id, may=TICK)
    form = EndingForm.of(lambda form: more_page(find(Attendance, public_id, may=TICK), ending=form))
    standing = interests.of_officer(person(), one.person_id)
    if standing is None:
        raise interests.EndedBefore()
    interests.end(standing, person(), now(), form.reason.data)
    flash(gettext("Noted. You tick and confirm for %(name)s again.", name=one.person.name), "good")
    return see_other("crossing.show", public_id=one.shift.public_id)


@bp.post("/<uuid:public_id>/declared/<uuid:interest_id>/ending")
@needs(KEEP_SHIFTS)
def end(public_id: uuid.UUID, interest_id: uuid.UUID) -> ResponseReturnValue:
    """By the coordinator; by a squad leader his own."""
    one = find(Attendance, public_id, may=KEEP_SHIFTS)
    standing = next((known for known in _known(one) if known.public_id == interest_id), None)
    if standing is None:
        raise NotFound()
    form = EndingForm.of(lambda form: _page(one, InterestOfForm(formdata=None, officers=_officers(one)), form))
    interests.end(standing, person(), now(), form.reason.data)
    flash(gettext("Noted. %(name)s speaks for these hours again.", name=standing.officer.name), "good")
    return see_other("interests.show", public_id=public_id)


def _known(one: Attendance | Assessment) -> list[Interest]:
    rows = select(Interest).where(Interest.person_id == one.person_id, Interest.office_id == one.office_id)
    return list(db.session.scalars(rows.order_by(Interest.id)))


@bp.get("/people/<uuid:public_id>")
@needs(SEE_ASSESSMENT)
def of_person(public_id: uuid.UUID) -> ResponseReturnValue:
    """Somebody under assessment, for whoever decides in his case."""
    return _page_of(_assessed(public_id))


@bp.post("/people/<uuid:public_id>")
@needs(DECLARE_INTEREST)
def declare_in(public_id: uuid.UUID) -> ResponseReturnValue:
    """One's own, from the page of somebody under assessment."""
    assessment = _assessed(public_id)
    form = InterestForm.of(lambda form: _page_of(_assessed(public_id), form))
    interests.declare(assessment, person(), form.kind.data, person(), now())
    flash(gettext("Noted. Somebody else decides and acts for %(name)s.", name=assessment.person.name), "good")
    return see_other("interests.of_person", public_id=public_id)


@bp.post("/people/<uuid:public_id>/<uuid:interest_id>/ending")
@needs(DECLARE_INTEREST)
def end_in(public_id: uuid.UUID, interest_id: uuid.UUID) -> ResponseReturnValue:
    """One's own is over; by the coordinator anybody's."""
    assessment = _assessed(public_id)
    standing = next((known for known in _listed(assessment) if known.public_id == interest_id), None)
    if standing is None:
        raise NotFound()
    form = EndingForm.of(lambda form: _page_of(_assessed(public_id), ending=form))
    interests.end(standing, person(), now(), form.reason.data)
    flash(gettext("Noted. %(name)s decides and acts for this person again.", name=standing.officer.name), "good")
    return see_other("interests.of_person", public_id=public_id)


def _assessed(public_id: uuid.UUID) -> Assessment:
    assessment = find(Assessment, public_id, may=SEE_ASSESSMENT)
    at_the_desk()
    if inspects():
        raise Forbidden()
    return assessment


def _listed(assessment: Assessment) -> list[Interest]:
    """To a coordinator everybody's at the office, to all others their own; what stands of one's own wherever it was
    declared, as it holds everywhere."""
    here = [one for one in _known(assessment) if _ends_all() or one.officer_id == person().id]
    mine = interests.of_officer(person(), assessment.person_id)
    return here if mine is None or mine in here else [*here, mine]


def _ends_all() -> bool:
    return any(m.role == Role.COORDINATOR for m, _ in grants_of(viewer(), KEEP_SHIFTS))


def _page_of(assessment: Assessment, form: InterestForm | None = None, ending: EndingForm | None = None) -> str:
    return render_template(
        "volunteers/interest_of_person.html",
        assessment=assessment,
        form=form or InterestForm(formdata=None),
        ending=ending or EndingForm(formdata=None),
        known=_listed(assessment),
        standing=interests.of_officer(person(), assessment.person_id),
        ends_all=_ends_all(),
        kinds=INTERESTS,
        refused=g.get("refusal"),
    )


@bp.get("/<uuid:public_id>")
@needs(KEEP_SHIFTS)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    one = find(Attendance, public_id, may=KEEP_SHIFTS)
    return _page(one, InterestOfForm(formdata=None, officers=_officers(one)))


def _officers(one: Attendance) -> list[Person]:
    """Who could speak for the hours of a shift: whoever is posted, and whoever decides."""
    posted = select(Posting.person_id).where(Posting.shift_id == one.shift_id)
    ids = {*db.session.scalars(posted), *deciders(one.shift, today())} - {one.person_id}
    return list(db.session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.pinyin, Person.id)))


def _page(one: Attendance, form: InterestOfForm, ending: EndingForm | None = None) -> str:
    return render_template(
        "volunteers/interest.html",
        one=one,
        form=form,
        ending=ending or EndingForm(formdata=None),
        known=_known(one),
        ends_all=_ends_all(),
        kinds=INTERESTS,
        refused=g.get("refusal"),
    )


@bp.post("/<uuid:public_id>")
@needs(KEEP_SHIFTS)
def enter(public_id: uuid.UUID) -> ResponseReturnValue:
    """The coordinator enters what he was told; a squad leader his own or one of his squad's."""
    one = find(Attendance, public_id, may=KEEP_SHIFTS)
    form = InterestOfForm.of(lambda form: _page(one, form), officers=_officers(one))
    officer = db.session.scalars(select(Person).where(Person.public_id == form.chosen)).one()
    interests.declare(one, officer, form.kind.data, person(), now())
    flash(gettext("Noted. %(name)s no longer speaks for these hours.", name=officer.name), "good")
    return see_other("shifts.show", public_id=one.shift.public_id)


def needs_another_officer(seen: Viewer, office: Office, at: datetime) -> Iterator[Wait]:
    """On "my day" of whoever posts officers: people for whom nobody posted may speak."""
    if not holds(seen, POST_TRAFFIC_OFFICER):
        return
    waiting: dict[Shift, int] = {}
    for one in interests.without_officer(office, at + SOON):
        waiting[one.shift] = waiting.get(one.shift, 0) + 1
    for shift, number in waiting.items():
        if may(seen, POST_TRAFFIC_OFFICER, shift):
            yield Wait(
                ngettext("%(num)d person needs another officer", "%(num)d people need another officer", number),
                url_for("shifts.show", public_id=shift.public_id, _anchor="officers-title"),
                gettext("Post another officer"),
                about=f"{shift.post.name} · {span(shift.event.starts_at, shift.event.ends_at)}",
                due_on=shift.starts_on,
                icon="user-x",
            )
