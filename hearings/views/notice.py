"""Giving notice: who is told how, the words, the last lawful day; and noting what was told by hand."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts.access import NotFound, may
from accounts.presenting import local
from accounts.web import find, needs, now, person, see_other, viewer
from cases.words import ROLES
from hearings.actions.notice import late, note_telling, notify_hearing, pending
from hearings.actions.telling import usual_way
from hearings.forms.notice import BY_HAND, CHANNELS, NoticeForm, TellingForm
from hearings.models import Channel, Hearing, HearingState, Notice, NoticeKind, Participant
from hearings.panels import Missing, Panel
from hearings.plan_facts import Judging, left_behind, left_out
from hearings.rights import SEE_PARTICIPANTS, SEND_NOTICE, of_the_office
from hearings.rules.notice import latest_lawful, latest_safe, notice_doubts
from hearings.wording import notice_text

bp = Blueprint("hearing_notice", __name__, url_prefix="/hearings/<uuid:public_id>")


@bp.get("/notice")
@needs(SEND_NOTICE)
def write(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=SEND_NOTICE)
    if hearing.event is None or hearing.state != HearingState.PLANNED:  # given already: the way back to this page
        return see_other("hearings.show", public_id=hearing.public_id)
    return _page(hearing, NoticeForm(formdata=None))


@bp.post("/notice")
@needs(SEND_NOTICE)
def notify(public_id: uuid.UUID) -> ResponseReturnValue:
    hearing = _planned(public_id)
    form = NoticeForm.of(lambda form: _page(hearing, form))
    notices = notify_hearing(hearing, _ways(hearing), person(), now(), despite=form.despite.data or "")
    by_hand = sum(n.told_at is None for n in notices)
    flash(
        ngettext(
            "Notice is given. %(num)d person has to be told by hand.",
            "Notice is given. %(num)d people have to be told by hand.",
            by_hand,
        ),
        "good",
    )
    return see_other("hearings.show", public_id=hearing.public_id)


def _ways(hearing: Hearing) -> dict[Participant, str]:
    """How each is told, as chosen on the page."""
    chosen = {p: request.form.get(f"way-{p.public_id}", "") for p in hearing.taking_part()}
    return {p: way for p, way in chosen.items() if way in CHANNELS}


def _planned(public_id: uuid.UUID) -> Hearing:
    hearing = find(Hearing, public_id, may=SEND_NOTICE)
    if hearing.event is None or hearing.state != HearingState.PLANNED:
        raise NotFound()
    return hearing


def _page(hearing: Hearing, form: NoticeForm) -> str:
    event = hearing.event
    assert event is not None  # only a planned hearing has this page
    judging = Judging(hearing, now())
    sits_on = judging.day(event.starts_at)
    people = hearing.taking_part()
    return render_template(
        "hearings/notice.html",
        hearing=hearing,
        form=form,
        left_out=left_out(hearing),
        behind=left_behind(hearing),
        people=[(p, _ways(hearing).get(p) or usual_way(p)) for p in people],
        channels=CHANNELS,
        by_hand=BY_HAND,
        roles=ROLES,
        text=notice_text(hearing, people[-1], NoticeKind.TIME),
        latest=latest_lawful(sits_on, judging.lax),
        safe=latest_safe(sits_on, judging.strict),
        doubts=notice_doubts(sits_on, judging.today, judging.lax, judging.strict, waived=judging.waived),
    )


@bp.get("/notices/<uuid:notice_id>")
@needs(SEND_NOTICE)
def telling(public_id: uuid.UUID, notice_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=SEND_NOTICE)
    notice = _notice(hearing, notice_id)
    at = local(now())
    typed = {"channel": notice.channel, "day": at.date(), "clock": at.time()}
    return _telling(notice, TellingForm(formdata=None, data=typed))


@bp.post("/notices/<uuid:notice_id>/telling")
@needs(SEND_NOTICE)
def tell(public_id: uuid.UUID, notice_id: uuid.UUID) -> ResponseReturnValue:
    hearing = find(Hearing, public_id, may=SEND_NOTICE)
    notice = _notice(hearing, notice_id)
    form = TellingForm.of(lambda form: _telling(notice, form))
    note_telling(notice, form.channel.data, form.told_at(hearing.office.zone), form.result.data or "", person(), now())
    flash(gettext("Noted: %(name)s is told.", name=notice.participant.name), "good")
    return see_other("hearings.show", public_id=hearing.public_id)


def _notice(hearing: Hearing, notice_id: uuid.UUID) -> Notice:
    found = next((n for n in pending(hearing) if n.public_id == notice_id), None)
    if found is None:
        raise NotFound()
    return found


def _telling(notice: Notice, form: TellingForm) -> str:
    return render_template(
        "hearings/telling.html", hearing=notice.hearing, notice=notice, form=form, refused=g.get("refusal")
    )


def notice_panel(hearing: Hearing, forms: Any) -> Panel | None:
    """Who was told what, when, how, with what result. A defender reads what he was told himself, nothing of others."""
    if not may(viewer(), SEE_PARTICIPANTS, hearing) or (hearing.event is None and not hearing.notices):
        return None
    judging = Judging(hearing, now())
    sends = may(viewer(), SEND_NOTICE, hearing)
    open_ = {n.id for n in pending(hearing)}
    inside, own = of_the_office(viewer(), hearing), viewer().person.id
    notices = [n for n in reversed(hearing.notices) if inside or n.participant.person_id == own]
    told = {n.id: late(n, judging.day(n.told_at), judging) for n in notices if n.told_at is not None}
    sits_on = judging.day(hearing.event.starts_at) if hearing.event else None
    return Panel(
        "notice",
        gettext("Who was told"),
        "hearings/_notice.html",
        {
            "notices": notices,
            "inside": inside,
            "channels": CHANNELS,
            "open": open_ if sends else set(),
            "waiting": open_,
            "late": {key for key, doubt in told.items() if doubt is not None},
            "latest": latest_lawful(sits_on, judging.lax) if sits_on else None,
            "safe": latest_safe(sits_on, judging.strict) if sits_on else None,
            "may_notify": sends and hearing.state == HearingState.PLANNED,
        },
    )


def what_is_missing(hearing: Hearing) -> list[Missing]:
    if not of_the_office(viewer(), hearing):
        return []
    sends = may(viewer(), SEND_NOTICE, hearing)
    found = []
    if hearing.state == HearingState.PLANNED:
        url = url_for("hearing_notice.write", public_id=hearing.public_id) if sends else ""
        found.append(Missing(gettext("Everybody is given notice"), False, "", url, gettext("Give notice")))
    waiting = [n for n in pending(hearing) if n.channel != Channel.MESSAGE]
    for notice in waiting:
        url = ""
        if sends:
            url = url_for("hearing_notice.telling", public_id=hearing.public_id, notice_id=notice.public_id)
        label = gettext("%(name)s is told by hand", name=notice.participant.name)
        found.append(Missing(label, False, "", url, gettext("Note it")))
    return found
