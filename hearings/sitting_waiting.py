"""What waits in "my day": plans without notice, free places, people to be told by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.access import Viewer, listed
from accounts.models import Office
from accounts.settings import in_force
from cases.models import Case
from extensions import db
from hearings.actions.notice import pending
from hearings.actions.reassigning import chairs_no_more, lacks_chair
from hearings.dates import day_of
from hearings.models import Capacity, Hearing, HearingState, Notice, NoticeKind, Participant, Sitting
from hearings.plan_facts import left_behind, left_out
from hearings.rights import PLAN_HEARING, SEND_NOTICE
from hearings.rules.notice import latest_lawful
from law import Rule
from scheduler.calendar.desk import Wait

LAX, LEAST = "hearing.notice_days", "hearing_officer.per_hearing.min"


def waiting(seen: Viewer, office: Office, at: datetime) -> Iterator[Wait]:
    """Of the viewer's hearings: what has to be done, by the last lawful day; who must hear of a cancellation."""
    rules = in_force(office, day_of(at, office), (LAX, LEAST))
    lax, least = rules[LAX].rule, rules[LEAST].rule.amount
    for hearing in _open(seen, office, SEND_NOTICE):
        event = hearing.event
        latest = latest_lawful(day_of(event.starts_at, office), lax) if event else None
        if event is not None and event.starts_at <= at:
            continue
        if hearing.state == HearingState.PLANNED:
            url = url_for("hearing_notice.write", public_id=hearing.public_id)
            what = gettext("Give notice of the hearing")
            yield Wait(what, url, gettext("Give notice"), hearing.case.number, latest, "send")
        for notice in pending(hearing):
            url = url_for("hearing_notice.telling", public_id=hearing.public_id, notice_id=notice.public_id)
            what = gettext("Tell %(name)s of the hearing", name=notice.participant.name)
            yield Wait(what, url, gettext("Note it"), hearing.case.number, latest, "phone")
    for hearing in _open(seen, office, PLAN_HEARING):
        yield from _people_of_the_case(hearing, at, lax)
        number = len(hearing.taking_part(Capacity.HEARING_OFFICER))
        if number < least and hearing.event is not None and hearing.event.starts_at > at:
            url = url_for("hearing_officers.write", public_id=hearing.public_id)
            what = gettext("A hearing lacks hearing officers: %(number)s of %(least)s", number=number, least=least)
            yield Wait(what, url, gettext("Choose somebody"), hearing.case.number, None, "user-plus")


def _people_of_the_case(hearing: Hearing, at: datetime, lax: Rule) -> Iterator[Wait]:
    """Who was entered after the plan and does not take part yet; who has left the case and still takes part."""
    if hearing.event is None or hearing.event.starts_at <= at:
        return
    latest = latest_lawful(day_of(hearing.event.starts_at, hearing.office), lax)
    for party in left_out(hearing):
        url = url_for("hearing_parties.write", public_id=hearing.public_id, party_id=party.public_id)
        what = gettext("%(name)s is in the case, but not in its hearing", name=party.name)
        yield Wait(what, url, gettext("Take in"), hearing.case.number, latest, "user-plus")
    chair = chairs_no_more(hearing)
    if chair is not None:
        url = url_for("hearings.show", public_id=hearing.public_id, _anchor="sitting")
        what = gettext("%(name)s no longer has the case, but still chairs its hearing", name=chair.name)
        yield Wait(what, url, gettext("Hand over"), hearing.case.number, latest, "arrows-exchange")
    if lacks_chair(hearing, at):
        url = url_for("hearings.show", public_id=hearing.public_id, _anchor="sitting")
        what = gettext("Nobody chairs a hearing")
        yield Wait(what, url, gettext("Seat somebody"), hearing.case.number, latest, "user-plus")
    for behind in left_behind(hearing):
        url = url_for("hearings.show", public_id=hearing.public_id, _anchor="sitting")
        what = gettext("%(name)s is no longer in the case, but still in its hearing", name=behind.name)
        yield Wait(what, url, gettext("Let go"), hearing.case.number, latest, "user-x")


def _open(seen: Viewer, office: Office, permission: str) -> list[Hearing]:
    """Planned and noticed hearings; cancelled ones of which somebody has not been told yet."""
    untold = select(Notice.hearing_id).where(Notice.told_at.is_(None), Notice.kind == NoticeKind.CANCELLATION)
    live = Hearing.state.in_((HearingState.PLANNED, HearingState.NOTICED))
    rows = listed(seen, Hearing, permission).where(
        Hearing.office_id == office.id, or_(live, (Hearing.state == HearingState.CANCELLED) & Hearing.id.in_(untold))
    )
    return list(db.session.scalars(rows.options(*_AT_ONCE).order_by(Hearing.id)).unique())


_AT_ONCE = (
    joinedload(Hearing.case).selectinload(Case.parties),
    selectinload(Hearing.sittings).joinedload(Sitting.event),
    selectinload(Hearing.notices),
    selectinload(Hearing.participants).options(joinedload(Participant.party), joinedload(Participant.person)),
)
