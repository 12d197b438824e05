"""What the sitting of a hearing adds to the application: its pages, panels, calendar and words."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts.access import Viewer, listed
from accounts.trail import call, name_columns, say
from extensions import db
from hearings import invariants, panels, sitting_notices, sitting_waiting  # noqa: F401 - register on import
from hearings.actions.planning import KIND
from hearings.models import Hearing, Notice, Participant, Sitting
from hearings.rights import SEE_HEARING
from hearings.views import cancelling, invitations, lending, move, notice, officers, parties, planning, reassigning
from scheduler.calendar import desk, kinds
from scheduler.timeline.models import Event


def link_of(event: Event, seen: Viewer) -> str | None:
    """The page of the hearing for whoever may see it; for a hearing officer his invitation."""
    mine = select(Sitting.hearing_id).where(Sitting.event_id == event.id)
    hearing = db.session.scalar(listed(seen, Hearing, SEE_HEARING).where(Hearing.id.in_(mine)))
    if hearing is not None:
        return url_for("hearings.show", public_id=hearing.public_id)
    asked = invitations.invitation_of(event.id)
    return url_for("invitations.show", public_id=asked.public_id) if asked is not None else None


def init_app(app: Flask) -> None:
    for chapter in (planning, move, cancelling, officers, parties, invitations, notice, lending, reassigning):
        app.register_blueprint(chapter.bp)
    app.register_blueprint(invitations.link)
    panels.panel("sitting", 2, planning.sitting_panel)
    panels.panel("officers", 4, officers.officers_panel)
    panels.panel("notice", 6, notice.notice_panel)
    panels.panel("lawyer", 8, lending.lawyer_panel)
    panels.need("sitting", 20, planning.what_is_missing)
    panels.need("parties", 25, parties.what_is_missing)
    panels.need("officers", 30, officers.what_is_missing)
    panels.need("notice", 40, notice.what_is_missing)
    kinds.register_kind(kinds.Kind(KIND, _l("Hearing"), "gavel", link=link_of))
    desk.waits("hearings.sitting", sitting_waiting.waiting)
    desk.waits("hearings.invitations", invitations.unanswered)


call(Sitting, _l("sitting"), lambda row: row.event.place)
call(Participant, _l("participant"), lambda row: row.name)
call(Notice, _l("notice"), lambda row: row.participant.name)
say(
    {
        "hearing.plan": _l("planned a sitting"),
        "hearing.notify": _l("gave notice"),
        "hearing.replan": _l("planned the hearing anew"),
        "hearing.cancel": _l("cancelled the hearing"),
        "hearing.hand_over": _l("handed a place at the hearing over, as the case has another prosecutor"),
        "hearing.seat_chair": _l("seated somebody in the empty chair of the hearing"),
        "hearing.choose_officer": _l("chose a hearing officer"),
        "hearing.lend_lawyer": _l("lent a duty lawyer to the hearing"),
        "hearing.give_back_lawyer": _l("gave a lent lawyer back"),
        "sitting.plan": _l("planned a sitting"),
        "sitting.move": _l("moved a sitting"),
        "sitting.cancel": _l("cancelled a sitting"),
        "participant.invite": _l("invited somebody to a hearing"),
        "participant.accept": _l("said yes to an invitation"),
        "participant.decline": _l("said no to an invitation"),
        "participant.release": _l("took somebody on leave out of a hearing"),
        "notice.tell": _l("noted that somebody was told"),
    }
)
name_columns(
    {
        "officers_why": _l("why these hearing officers"),
        "capacity": _l("capacity"),
        "issue": _l("number of the invitation"),
        "invited_at": _l("invited"),
        "answered_at": _l("answered"),
        "answered_how": _l("way of the answer"),
        "ended_why": _l("why it ended"),
        "told_at": _l("told"),
        "told_by_id": _l("told by"),
        "given_at": _l("given"),
        "channel": _l("way"),
        "result": _l("result"),
        "booking_id": _l("booking"),
        "event_id": _l("event"),
    }
)
