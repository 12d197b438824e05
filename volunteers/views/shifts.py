"""The desk's shifts: the week, the list, one shift with who booked and who stands there, changing, cancelling."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_locale, gettext, ngettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from accounts import access
from accounts.access import allowed, holds, listed, may
from accounts.presenting import local, moment
from accounts.web import day_asked, find, here, needs, now, person, see_other, today, viewer
from extensions import db
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.timeline.models import Event, Quota, Waiting, WaitingState
from volunteers.actions.booking import moved_since
from volunteers.actions.corrections import correctable
from volunteers.actions.doubts import held_back
from volunteers.actions.obstacles import obstacles_of_many, quotas_of
from volunteers.actions.postings import traffic_officers
from volunteers.actions.scan import attempts_at
from volunteers.actions.shifts import booked_people, cancel_shift, change_shift, has_begun, waiting_people
from volunteers.actions.unconfirmed import unconfirmed_at
from volunteers.figures import officers_of
from volunteers.forms.on_behalf import BookingForm, GivingUpForm
from volunteers.forms.opening import ChangeForm, OfficerForm, hours_of
from volunteers.forms.posts import ClosingForm
from volunteers.models.assessment import Assessment, AssessmentState
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.posts import Post
from volunteers.models.shifts import Posting, Shift, ShiftState
from volunteers.rights import (
    ADMIT_WALK_IN,
    ANSWER_ON_BEHALF,
    BOOK_SHIFT,
    EXPORT_NAMES,
    KEEP_SHIFTS,
    NOTE_INCIDENT,
    POST_TRAFFIC_OFFICER,
    PROPOSE_CORRECTION,
    SEE_ASSESSMENT,
    SETTLE_CONFLICT,
    STEER_SHIFT,
)
from volunteers.rules.booking import may_cancel
from volunteers.rules.obstacles import NotBookable, refusal_of
from volunteers.terms import terms_of_many
from volunteers.views.shift_history import history_of

bp = Blueprint("shifts", __name__, url_prefix="/shifts")
PAGE = 50


@bp.app_template_filter("grid_day")
def grid_day(on: date) -> str:
    """A day in few signs: `11月24日`."""
    chinese = str(get_locale()).startswith("zh")
    return str(format_date(on, "M月d日" if chinese else "d MMM"))  # citation: the order of a Chinese date


@bp.app_template_filter("month_word")
def month_word(on: date) -> str:
    return str(format_date(on, "MMM"))


@bp.app_template_filter("weekday_short")
def weekday_short(on: date) -> str:
    return str(format_date(on, "EEE"))


@bp.app_template_global("weekdays_words")
def weekdays_words(days: list[int]) -> list[str]:
    """Weekdays (1 Monday to 7 Sunday) in words; two ends where they follow one another."""
    words = [str(format_date(date(2024, 1, n), "EEE")) for n in days]  # 1 January 2024 was a Monday
    in_a_row = len(days) > 2 and list(days) == list(range(days[0], days[0] + len(days)))
    return [gettext("%(first)s to %(last)s", first=words[0], last=words[-1])] if in_a_row else words


@bp.get("/events/<uuid:public_id>")
@needs(KEEP_SHIFTS)
def of_event(public_id: uuid.UUID) -> ResponseReturnValue:
    """From an event of the calendar to its shift."""
    shift = db.session.scalar(kept().where(Event.public_id == public_id))
    if shift is None:
        raise access.NotFound()
    return see_other("shifts.show", public_id=shift.public_id)


@dataclass(frozen=True)
class Row:
    """A shift as lists show it."""

    shift: Shift
    quota: Quota
    officers: list[Posting]
    waiting: int


def rows_of(shifts: list[Shift]) -> list[Row]:
    """Shifts with places, officers and how many wait. Three queries, however many there are."""
    quotas, officers = quotas_of(shifts), officers_of(shifts)
    counted = (
        select(Quota.event_id, func.count(Waiting.id))
        .join(Waiting, Waiting.quota_id == Quota.id)
        .where(Quota.event_id.in_(quotas), Waiting.state == WaitingState.WAITING)
        .group_by(Quota.event_id)
    )
    waiting = {event: int(n) for event, n in db.session.execute(counted)}
    return [
        Row(shift, quotas[shift.event_id], officers.get(shift.id, []), waiting.get(shift.event_id, 0))
        for shift in shifts
        if shift.event_id in quotas
    ]


def kept(paper: bool = False) -> Select[Any]:
    """The shifts that the viewer keeps at the office at work; those of paper sheets among them only where asked for."""
    rows = listed(viewer(), Shift, KEEP_SHIFTS).where(Shift.office_id == here().id)
    rows = rows if paper else rows.where(Shift.from_paper.is_(False))
    return rows.join(Event, Event.id == Shift.event_id).options(contains_eager(Shift.event), joinedload(Shift.post))


@bp.get("/week")
@needs(KEEP_SHIFTS)
def week() -> ResponseReturnValue:
    """Posts by the days of a week, each shift with its places and officers."""
    looked_at = day_asked(request.args.get("on", "")) or today()
    monday = looked_at - timedelta(days=looked_at.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    query = kept().where(Shift.starts_on.in_(days), Shift.state != ShiftState.CANCELLED)
    rows = rows_of(list(db.session.scalars(query.order_by(Event.starts_at, Shift.id))))
    posts = sorted({row.shift.post for row in rows}, key=lambda post: post.name)
    cells: dict[tuple[int, date], list[Row]] = {}
    for row in rows:
        cells.setdefault((row.shift.post_id, row.shift.starts_on), []).append(row)
    return render_template(
        "volunteers/week.html",
        plans=holds(viewer(), BOOK_SHIFT),
        posts=posts,
        days=days,
        cells=cells,
        by_day=[(day, [row for row in rows if row.shift.starts_on == day]) for day in days],
        calendar=calendar_in_force(here()),
        monday=monday,
        looked_at=looked_at,
        step=timedelta(days=7),
        today=today(),
        any_post=db.session.scalar(select(Post.id).where(Post.office_id == here().id).limit(1)),
    )


@bp.get("")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    number = max(request.args.get("page", 1, int), 1)
    query = _asked(kept(paper=request.args.get("show") == "unconfirmed"))
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(-(-total // PAGE), 1)
    number = min(number, pages)
    shifts = list(db.session.scalars(query.limit(PAGE).offset((number - 1) * PAGE)))
    posts = listed(viewer(), Post, KEEP_SHIFTS).where(Post.office_id == here().id).order_by(Post.name)
    return render_template(
        "volunteers/shifts.html",
        rows=rows_of(shifts),
        total=total,
        page_number=number,
        pages=pages,
        posts=[(str(post.public_id), post.name) for post in db.session.scalars(posts)],
        show=request.args.get("show", ""),
        at=now(),
    )


def _asked(rows: Select[Any]) -> Select[Any]:
    """The shifts the address asks for."""
    ahead = (Event.ends_at > now()) & (Shift.state != ShiftState.CANCELLED)
    shows = {
        "": ahead,
        "uncovered": ahead & Shift.id.not_in(select(Posting.shift_id).where(Posting.ended_at.is_(None))),
        "free": ahead & Shift.event_id.in_(select(Quota.event_id).where(Quota.taken < Quota.capacity)),
        "unconfirmed": Shift.attendances.any(unconfirmed_at(now())),
        "past": (Event.ends_at <= now()) & (Shift.state != ShiftState.CANCELLED),
        "cancelled": Shift.state == ShiftState.CANCELLED,
    }
    show = request.args.get("show", "")
    rows = rows.where(shows.get(show, ahead))
    post = _uuid(request.args.get("post", ""))
    if post is not None:
        rows = rows.where(Shift.post_id.in_(select(Post.id).where(Post.public_id == post)))
    backwards = show in {"past", "cancelled"} or request.args.get("dir") == "desc"
    return rows.order_by(Event.starts_at.desc() if backwards else Event.starts_at, Shift.post_id, Shift.id)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@bp.get("/<uuid:public_id>")
@needs(KEEP_SHIFTS)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return page_of(find(Shift, public_id, may=KEEP_SHIFTS))


def page_of(shift: Shift, **forms: Any) -> str:
    """The page of a shift; `forms` are those shown again, with what was typed."""
    quota = quotas_of([shift])[shift.event_id]
    ahead = shift.state == ShiftState.OPEN and now() < shift.event.starts_at and shift.stopped_at is None
    roll = roll_of(shift)
    books = ahead and holds(viewer(), BOOK_SHIFT) and may(viewer(), BOOK_SHIFT, shift)
    posts = may(viewer(), POST_TRAFFIC_OFFICER, shift)
    return render_template(
        "volunteers/shift.html",
        shift=shift,
        quota=quota,
        roll=roll,
        held=held_back(roll),
        waiting=waiting_people(shift, now()),
        booked=len(booked_people(shift)),
        officers=officers_of([shift]).get(shift.id, []),
        ahead=ahead,
        here=has_begun(shift),
        over=now() >= shift.event.ends_at,
        change=forms.get("change") or change_form(shift, quota),
        officer=forms.get("officer")
        or (OfficerForm(formdata=None, officers=officer_choices(shift)) if posts else None),
        booking=forms.get("booking") or (booking_form(shift) if books else None),
        giving_up=forms.get("giving_up") or giving_up_form(shift),
        giver=forms.get("giver"),
        in_time=_in_time(shift, roll) if ahead else set(),
        excusing=forms.get("excusing"),
        excused=forms.get("excused"),
        may_book=books,
        correctable=correctable,
        at=now(),
        answers=allowed(viewer(), ANSWER_ON_BEHALF, roll),
        **_rights(shift),
        may_post=posts and shift.state == ShiftState.OPEN,
        trouble=next((form for form in forms.values() if getattr(form, "errors", None)), None),
        refused=g.get("refusal"),
        attempts=attempts_at(shift),
        trail=history_of(shift),
    )


def _rights(shift: Shift) -> dict[str, bool]:
    """What the viewer may do besides, by the page's names."""
    return {
        "makes_papers": holds(viewer(), EXPORT_NAMES),
        "may_steer": may(viewer(), STEER_SHIFT, shift),
        "may_admit": may(viewer(), ADMIT_WALK_IN, shift),
        "may_note": may(viewer(), NOTE_INCIDENT, shift),
        "may_assess": holds(viewer(), SEE_ASSESSMENT),
        "may_settle": holds(viewer(), SETTLE_CONFLICT),
        "may_correct": holds(viewer(), PROPOSE_CORRECTION),
    }


def roll_of(shift: Shift) -> list[Attendance]:
    """Everybody who has booked or had booked, those who come first."""
    query = (
        select(Attendance)
        .where(Attendance.shift_id == shift.id)
        .options(joinedload(Attendance.person), joinedload(Attendance.assessment))
    )
    gone = {AttendanceState.CANCELLED, AttendanceState.ABSENT}
    return sorted(db.session.scalars(query), key=lambda one: (one.state in gone, one.person.pinyin, one.id))


def change_form(shift: Shift, quota: Quota) -> ChangeForm:
    event = shift.event
    times = {"starts": local(event.starts_at).time(), "ends": local(event.ends_at).time()}
    return ChangeForm(formdata=None, data={**times, "capacity": quota.capacity})


def _said_now() -> dict[str, Any]:
    return {"said_at": local(now()).replace(tzinfo=None, second=0, microsecond=0)}


def booking_form(shift: Shift) -> BookingForm:
    return BookingForm(formdata=None, zone=shift.office.zone, people=serving(shift), data=_said_now())


def giving_up_form(shift: Shift) -> GivingUpForm:
    return GivingUpForm(formdata=None, zone=shift.office.zone, data=_said_now())


def _in_time(shift: Shift, roll: Collection[Attendance]) -> set[int]:
    """Who gives his place back when he says so now; of the others it is an absence, as on their own pages."""
    terms = terms_of_many([one.assessment for one in roll], shift.starts_on)
    starts_at = shift.event.starts_at
    usual = {one.id for one in roll if may_cancel(starts_at, now(), terms[one.assessment_id].cancel_before_hours)}
    return usual | moved_since(roll)


def officer_choices(shift: Shift) -> list[tuple[str, str]]:
    """Whom the viewer may post: those of the office's squads, a squad leader's own, who do not stand there yet."""
    own = {m.organisation_id for m, grant in access.grants_of(viewer(), POST_TRAFFIC_OFFICER) if grant.scope == "a"}
    everywhere = any(grant.scope == "f" for _, grant in access.grants_of(viewer(), POST_TRAFFIC_OFFICER))
    known = traffic_officers(shift.office, shift.starts_on, None if everywhere else own)
    there = {posting.person_id for posting in officers_of([shift]).get(shift.id, [])}
    return [
        (str(one.person.public_id), f"{one.person.name}{' · ' + one.organisation.name if one.organisation else ''}")
        for one in known
        if one.person_id not in there
    ]


@bp.post("/<uuid:public_id>/change")
@needs(KEEP_SHIFTS)
def change(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=KEEP_SHIFTS)
    form = ChangeForm.of(lambda form: page_of(shift, change=form))
    times = hours_of(shift.starts_on, form.starts.data, form.ends.data, shift.office.zone)
    change_shift(shift, *times, form.capacity.data, by=person(), at=now(), reason=form.reason.data or "")
    flash(gettext("The shift is changed."), "good")
    return see_other("shifts.show", public_id=public_id)


@bp.post("/<uuid:public_id>/cancellation")
@needs(KEEP_SHIFTS)
def cancel(public_id: uuid.UUID) -> ResponseReturnValue:
    shift = find(Shift, public_id, may=KEEP_SHIFTS)
    form = ClosingForm.of(lambda form: page_of(shift, cancelling=form))
    told = len(booked_people(shift)) + len(waiting_people(shift, now()))
    cancel_shift(shift, person(), now(), form.reason.data)
    said = ngettext(
        "The shift is cancelled. %(num)d person is told.", "The shift is cancelled. %(num)d people are told.", told
    )
    flash(said, "good")
    return see_other("shifts.show", public_id=public_id)


@bp.get("/<uuid:public_id>/sheet")
@needs(KEEP_SHIFTS)
def sheet(public_id: uuid.UUID) -> ResponseReturnValue:
    """The sign-in sheet, to be printed: names and empty boxes, nothing about anybody's case (D-25)."""
    shift = find(Shift, public_id, may=KEEP_SHIFTS)
    gone = {AttendanceState.CANCELLED, AttendanceState.ABSENT}
    coming = [one for one in roll_of(shift) if one.state not in gone]
    quota = quotas_of([shift])[shift.event_id]
    return render_template(
        "volunteers/sheet.html",
        shift=shift,
        coming=coming,
        empty=max(quota.capacity - len(coming), 0) + 2,
        officers=officers_of([shift]).get(shift.id, []),
        office=shift.office,
        printed_at=moment(now()),
    )


def serving(shift: Shift) -> list[tuple[Assessment, NotBookable | None]]:
    """Who serves at the shift's office and the viewer may book for, by name, with what keeps him from this shift."""
    there = select(Attendance.assessment_id).where(
        Attendance.shift_id == shift.id, Attendance.state == AttendanceState.BOOKED
    )
    query = (
        listed(viewer(), Assessment, BOOK_SHIFT)
        .where(
            Assessment.office_id == shift.office_id,
            Assessment.state == AssessmentState.SERVING,
            Assessment.id.not_in(there),
        )
        .options(*(joinedload(part) for part in (Assessment.person, Assessment.case, Assessment.office)))
    )
    found = sorted(db.session.scalars(query), key=lambda one: (one.person.pinyin, one.id))
    why = obstacles_of_many(found, shift, now())
    return [(one, refusal_of(why[one.id]) if why[one.id] else None) for one in found]
