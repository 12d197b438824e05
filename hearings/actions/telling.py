"""Telling those who take part: who is told what, how, and in which words, within the act at hand (H-41, H-42)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from accounts.models import Account
from cases.models import Party
from errors import Refusal
from extensions import db
from hearings.models import Channel, Hearing, HearingState, Notice, NoticeKind, Participant
from hearings.wording import notice_text
from record.act import Someone, current_act

LAST = frozenset({NoticeKind.CANCELLATION, NoticeKind.RELEASE})  # after these nobody waits for the hearing any more


class NotByUs(Refusal):
    """A message of ours reaches only people we know."""

    code = "not_by_message"
    status = 422
    message = "%(name)s has no page here and cannot be told by a message."
    help = "Choose how you tell this person: by phone, in person or by letter."


def tell(
    hearing: Hearing,
    kind: str,
    people: Iterable[Participant],
    by: Someone | None,
    at: datetime,
    *,
    reason: str = "",
    ways: Mapping[Participant, str] | None = None,
) -> list[Notice]:
    """Write down who is told what and how, within the act at hand; messages leave with it. Raises: NotByUs."""
    made = []
    for participant in people:
        way = (ways or {}).get(participant) or usual_way(participant)
        if way == Channel.MESSAGE and participant.person_id is None:
            raise NotByUs(name=participant.name)
        by_us = way == Channel.MESSAGE
        notice = Notice(
            hearing_id=hearing.id,
            office_id=hearing.office_id,
            participant_id=participant.id,
            kind=kind,
            text=notice_text(hearing, participant, kind, reason),
            given_at=at,
            channel=way,
            told_at=at if by_us else None,
            told_by_id=by.id if by_us and by else None,
        )
        made.append(notice)
    db.session.add_all(made)
    db.session.flush()
    db.session.expire(hearing, ["notices"])
    for participant in hearing.participants:
        db.session.expire(participant, ["notices"])
    current_act().facts.setdefault("notices", []).extend(n.id for n in made)
    return made


def hold(hearing: Hearing) -> None:
    """Nobody else takes a place, leaves one or gives notice meanwhile, and what is judged is what stands now."""
    db.session.refresh(hearing, with_for_update=True)
    db.session.expire(hearing, ["participants"])
    taking_part = select(Participant).where(Participant.hearing_id == hearing.id)
    db.session.scalars(taking_part.execution_options(populate_existing=True)).all()
    db.session.expire(hearing.case, ["parties"])


def usual_way(somebody: Participant | Party) -> str:
    """A message where the person can read one here; otherwise somebody calls him."""
    if somebody.person_id is None:
        return Channel.PHONE
    account = select(Account.id).where(Account.person_id == somebody.person_id)
    return Channel.MESSAGE if db.session.scalar(account) is not None else Channel.PHONE


def tell_of_newcomer(hearing: Hearing, newcomer: Participant, by: Someone | None, at: datetime) -> None:
    """After notice those who were told hear the new name at once, and he of the hearing (H-42)."""
    if hearing.state == HearingState.NOTICED:
        tell(hearing, NoticeKind.CHANGE, told_before(hearing), by, at)
        tell(hearing, NoticeKind.TIME, [newcomer], by, at)


def told_before(hearing: Hearing) -> list[Participant]:
    """Who takes part and was told of the hearing, or is to be told by hand: who has to hear of a change."""
    told = {n.participant_id for n in hearing.notices}
    return [p for p in hearing.taking_part() if p.id in told]
