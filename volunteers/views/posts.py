"""Traffic posts: the list, one post, entering, changing and closing it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from accounts import access
from accounts.access import listed
from accounts.models import Office, Organisation, OrganisationKind, Person, Role
from accounts.settings import rule_for
from accounts.views.trail import trail_of
from accounts.web import find, here, needs, now, office_for, person, see_other, today, viewer
from extensions import db
from scheduler.timeline.models import Event
from volunteers.actions.postings import traffic_officers
from volunteers.actions.posts import change_post, close_post, coming_shifts, found_post, reopen_post
from volunteers.forms.posts import ClosingForm, PostCorrectionForm, PostForm, data_of
from volunteers.models.posts import Post, PostOfficer
from volunteers.models.shifts import Shift, ShiftState
from volunteers.rights import KEEP_SHIFTS
from volunteers.rules.gates import county_of
from volunteers.words import DIFFICULTIES

bp = Blueprint("posts", __name__, url_prefix="/posts")
SHOWN = 12


@bp.get("")
@needs(KEEP_SHIFTS)
def index() -> ResponseReturnValue:
    rows = listed(viewer(), Post, KEEP_SHIFTS).where(Post.office_id == here().id)
    counted = (
        select(Post.active, func.count()).where(Post.id.in_(rows.with_only_columns(Post.id))).group_by(Post.active)
    )
    counts = {active: int(n) for active, n in db.session.execute(counted)}
    shown = _asked(rows).options(joinedload(Post.squad), selectinload(Post.officers).joinedload(PostOfficer.person))
    return render_template(
        "volunteers/posts.html",
        posts=list(db.session.scalars(shown.order_by(Post.name))),
        counts=counts,
        import_url=url_for("imports.new", kind="posts") if "imports.new" in current_app.view_functions else None,
    )


def _asked(rows: Select[Any]) -> Select[Any]:
    rows = rows.where(Post.active.is_(request.args.get("show") != "closed"))
    wanted = request.args.get("q", "").strip().casefold()
    if not wanted:
        return rows
    officers = select(PostOfficer.post_id).join(Person, Person.id == PostOfficer.person_id)
    of_officer = officers.where(
        PostOfficer.left_on.is_(None), func.lower(Person.name).contains(wanted, autoescape=True)
    )
    squads = select(Organisation.id).where(func.lower(Organisation.name).contains(wanted, autoescape=True))
    named = func.lower(Post.name).contains(wanted, autoescape=True)
    return rows.where(or_(named, Post.squad_id.in_(squads), Post.id.in_(of_officer)))


def squads_for(office: Office) -> list[Organisation]:
    """The squads whose posts the viewer keeps: all of the office, or his own."""
    query = select(Organisation).where(
        Organisation.office_id == office.id, Organisation.kind == OrganisationKind.SQUAD, Organisation.active
    )
    own = {m.organisation_id for m, grant in access.grants_of(viewer(), KEEP_SHIFTS) if grant.scope == "a"}
    if not keeps_all(office):
        query = query.where(Organisation.id.in_(own))
    return list(db.session.scalars(query.order_by(Organisation.name)))


def keeps_all(office: Office) -> bool:
    """Whether the viewer keeps the posts of the whole office, not of one squad only."""
    return any(m.office_id == office.id and m.role == Role.COORDINATOR for m in viewer().memberships)


def _form(kind: type[PostForm], office: Office, **more: Any) -> PostForm:
    return kind(**_choices(office), **more)


def _choices(office: Office) -> dict[str, Any]:
    """What may be chosen at an office."""
    squads, everywhere = squads_for(office), keeps_all(office)
    officers = traffic_officers(office, today(), None if everywhere else [one.id for one in squads])
    return {"squads": squads, "officers": officers, "none": everywhere}


@bp.get("/new")
@needs(KEEP_SHIFTS)
def new() -> ResponseReturnValue:
    """A new post begins with the office's peak hours."""
    office = office_for(KEEP_SHIFTS)
    peaks = list(rule_for("service.windows", office, today()).amount)
    times: dict[str, Any] = {"weekdays": list("1234567"), "capacity": 4}
    for slot, (begins, ends) in zip(("morning", "evening"), peaks, strict=False):
        times |= {f"{slot}_from": begins, f"{slot}_till": ends}
    return _entering(_form(PostForm, office, data=times))


def _entering(form: PostForm, post: Post | None = None) -> str:
    return render_template("volunteers/post_edit.html", form=form, post=post, county=county_of(here().name))


@bp.post("")
@needs(KEEP_SHIFTS)
def enter() -> ResponseReturnValue:
    office = office_for(KEEP_SHIFTS)
    form = PostForm.of(_entering, **_choices(office))
    post = found_post(office, form.facts, form.chosen_squad, form.chosen_officers, by=person(), at=now())
    flash(gettext("The post %(name)s is entered.", name=post.name), "good")
    return see_other("posts.show", public_id=post.public_id)


@bp.get("/<uuid:public_id>")
@needs(KEEP_SHIFTS)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    return _page(find(Post, public_id, may=KEEP_SHIFTS))


def _page(post: Post, closing: Any = None) -> str:
    coming = (
        select(Shift)
        .join(Event, Event.id == Shift.event_id)
        .options(joinedload(Shift.event))
        .where(Shift.post_id == post.id, Shift.state == ShiftState.OPEN, Event.ends_at > now())
        .order_by(Event.starts_at)
    )
    return render_template(
        "volunteers/post.html",
        post=post,
        shifts=list(db.session.scalars(coming.limit(SHOWN))),
        count=coming_shifts(post, now()),
        closing=closing or ClosingForm(formdata=None),
        trail=trail_of(post),
        refused=g.get("refusal"),
        difficulties=DIFFICULTIES,
    )


@bp.get("/<uuid:public_id>/correction")
@needs(KEEP_SHIFTS)
def correction(public_id: uuid.UUID) -> ResponseReturnValue:
    post = find(Post, public_id, may=KEEP_SHIFTS)
    return _entering(_form(PostCorrectionForm, post.office, data=data_of(post)), post)


@bp.post("/<uuid:public_id>/correction")
@needs(KEEP_SHIFTS)
def correct(public_id: uuid.UUID) -> ResponseReturnValue:
    post = find(Post, public_id, may=KEEP_SHIFTS)
    form = PostCorrectionForm.of(lambda form: _entering(form, post), **_choices(post.office))
    change_post(
        post, form.facts, form.chosen_squad, form.chosen_officers, by=person(), at=now(), reason=form.reason.data or ""
    )
    flash(
        gettext("The post %(name)s is changed. Shifts that are open already stay as they are.", name=post.name), "good"
    )
    return see_other("posts.show", public_id=public_id)


@bp.post("/<uuid:public_id>/closing")
@needs(KEEP_SHIFTS)
def close(public_id: uuid.UUID) -> ResponseReturnValue:
    post = find(Post, public_id, may=KEEP_SHIFTS)
    form = ClosingForm.of(lambda form: _page(post, closing=form))
    close_post(post, person(), now(), form.reason.data)
    flash(gettext("The post %(name)s is out of use.", name=post.name), "good")
    return see_other("posts.show", public_id=public_id)


@bp.post("/<uuid:public_id>/reopening")
@needs(KEEP_SHIFTS)
def reopen(public_id: uuid.UUID) -> ResponseReturnValue:
    post = find(Post, public_id, may=KEEP_SHIFTS)
    reopen_post(post, person(), now())
    flash(gettext("The post %(name)s is in use again.", name=post.name), "good")
    return see_other("posts.show", public_id=public_id)
