"""Invitations on a phone: by the private link, or signed in. Reading answers nothing; the answer is a POST (T34)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from accounts.access import Viewer, listed
from accounts.models import Office
from accounts.presenting import span
from accounts.web import find, needs, now, public, see_other, viewer
from accounts.web import person as signed_in_person
from extensions import db
from hearings.actions.invitations import InvitationGone, answer_invitation, check_link, is_open, secret_of
from hearings.forms.invitations import AnswerForm
from hearings.models import Participant
from hearings.rights import ANSWER_INVITATION
from scheduler.calendar.desk import Wait
from scheduler.timeline.models import BookingStatus

bp = Blueprint("invitations", __name__, url_prefix="/invitations")
link = Blueprint("invitation_link", __name__, url_prefix="/i/hearing")


@bp.app_template_filter("invitation_secret")
def invitation_secret(participant: Participant, issue: int) -> str:
    return secret_of(participant, issue)


@bp.get("/<uuid:public_id>")
@needs(ANSWER_INVITATION)
def show(public_id: uuid.UUID) -> ResponseReturnValue:
    asked = find(Participant, public_id, may=ANSWER_INVITATION)
    return _page(asked, AnswerForm(formdata=None), url_for(".answer", public_id=public_id), signed_in=True)


@bp.post("/<uuid:public_id>/answer")
@needs(ANSWER_INVITATION)
def answer(public_id: uuid.UUID) -> ResponseReturnValue:
    asked = find(Participant, public_id, may=ANSWER_INVITATION)
    here = url_for(".answer", public_id=public_id)
    form = AnswerForm.of(lambda form: _page(asked, form, here, signed_in=True))
    _answer(asked, form, "page")
    return see_other("invitations.show", public_id=public_id)


@link.get("/<uuid:public_id>/<secret>", endpoint="show")
@public
def show_by_link(public_id: uuid.UUID, secret: str) -> ResponseReturnValue:
    asked = _by_link(public_id, secret)
    here = url_for(".answer", public_id=public_id, secret=secret)
    return _page(asked, AnswerForm(formdata=None), here, signed_in=False)


@link.post("/<uuid:public_id>/<secret>", endpoint="answer")
@public
def answer_by_link(public_id: uuid.UUID, secret: str) -> ResponseReturnValue:
    asked = _by_link(public_id, secret)
    here = url_for(".answer", public_id=public_id, secret=secret)
    form = AnswerForm.of(lambda form: _page(asked, form, here, signed_in=False))
    _answer(asked, form, "link")
    return see_other("invitation_link.show", public_id=public_id, secret=secret)


@link.after_request
def unlisted(response: Response) -> Response:
    """No search engine and no cache keeps what a link opened."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _by_link(public_id: uuid.UUID, secret: str) -> Participant:
    """Raises: InvitationGone, alike for a link of an earlier invitation and for one that never was."""
    asked = db.session.scalar(select(Participant).where(Participant.public_id == public_id))
    if asked is None:
        raise InvitationGone()
    check_link(asked, secret)
    g.office = asked.hearing.office
    return asked


def _answer(asked: Participant, form: AnswerForm, how: str) -> None:
    by = asked.person if how == "link" else signed_in_person()
    assert by is not None  # only people we know are invited
    answer_invitation(asked, form.answer.data == "yes", by, now(), how=how, reason=form.reason.data or "")


def _page(asked: Participant, form: AnswerForm, action: str, *, signed_in: bool) -> str:
    event = asked.booking.event if asked.booking is not None else None
    return render_template(
        "hearings/invitation.html",
        asked=asked,
        event=event,
        office=asked.hearing.office,
        form=form,
        action=action,
        signed_in=signed_in,
        said=asked.booking.status if asked.booking is not None else "",
        open=is_open(asked) and event is not None and event.starts_at > now(),
    )


def unanswered(seen: Viewer, office: Office, at: datetime) -> Iterator[Wait]:
    """My day: invitations that wait for an answer, the nearest hearing first."""
    rows = listed(seen, Participant, ANSWER_INVITATION).where(
        Participant.office_id == office.id, Participant.ended_at.is_(None), Participant.issue > 0
    )
    for asked in db.session.scalars(rows.order_by(Participant.id)):
        booking = asked.booking
        if booking is not None and booking.status == BookingStatus.INVITED and booking.starts_at > at:
            yield Wait(
                what=gettext("You are invited to a hearing"),
                url=url_for("invitations.show", public_id=asked.public_id),
                button=gettext("Answer"),
                about=f"{span(booking.starts_at, booking.ends_at)} · {booking.event.place}",
                icon="mail",
            )


def invitation_of(event_id: int) -> Participant | None:
    """The viewer's own invitation to an event, if he was asked."""
    mine = listed(viewer(), Participant, ANSWER_INVITATION).where(
        Participant.booking.has(event_id=event_id), Participant.issue > 0, Participant.ended_at.is_(None)
    )
    found: Participant | None = db.session.scalar(mine.limit(1))
    return found
