"""The words of notices: settled when they are given, in the language of whoever is told (H-41, H-42)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g
from flask_babel import force_locale, gettext
from sqlalchemy import select

from accounts.models import Person
from accounts.presenting import span
from extensions import db
from hearings.models import Capacity, Hearing, NoticeKind, Participant, PoolMember

LANGUAGE = "zh_Hans_CN"


def neutral_title() -> str:
    """What a sitting is called on the timeline, whoever plans it: nothing but that it is a hearing."""
    with force_locale(LANGUAGE):
        return gettext("Hearing")


@contextmanager
def spoken_to(person: Person | None) -> Iterator[None]:
    """Speak a person's language; days are written so that they can be read later."""
    before = g.get("read_later")
    g.read_later = True
    try:
        with force_locale(person.language if person else LANGUAGE):
            yield
    finally:
        if before is None:
            g.pop("read_later")


def notice_text(hearing: Hearing, participant: Participant, kind: str, reason: str = "") -> str:
    """A subject line, an empty line, the notice: cause, time, place, whether it is public; who chairs, and who the
    hearing officers are."""
    with spoken_to(participant.person):
        lines = [_subject(hearing, kind), "", _opening(participant, kind)]
        if kind not in {NoticeKind.CANCELLATION, NoticeKind.RELEASE}:
            lines += ["", *_what(hearing), *_who(hearing)]
        elif hearing.event is not None:
            lines += ["", gettext("Time: %(at)s", at=_when(hearing))]
        if reason:
            lines += [gettext("Reason: %(reason)s", reason=reason)]
        return "\n".join([*lines, "", hearing.office.name])


def _subject(hearing: Hearing, kind: str) -> str:
    when = _when(hearing)
    match kind:
        case NoticeKind.CHANGE:
            return gettext("Change of the hearing: %(at)s", at=when)
        case NoticeKind.CANCELLATION:
            return gettext("The hearing of %(at)s is cancelled", at=when)
        case NoticeKind.RELEASE:
            return gettext("You no longer take part in the hearing of %(at)s", at=when)
    return gettext("Notice of a hearing: %(at)s", at=when)


def _opening(participant: Participant, kind: str) -> str:
    name = participant.name
    match kind:
        case NoticeKind.CHANGE:
            return gettext("%(name)s: the hearing you were told of has changed. What holds now:", name=name)
        case NoticeKind.CANCELLATION:
            return gettext("%(name)s: the hearing you were told of does not take place.", name=name)
        case NoticeKind.RELEASE:
            return gettext("%(name)s: you no longer take part in the hearing you were told of.", name=name)
    return gettext("%(name)s: the procuratorate holds a hearing in which you take part.", name=name)


def _when(hearing: Hearing) -> str:
    return span(hearing.event.starts_at, hearing.event.ends_at) if hearing.event else ""


def _what(hearing: Hearing) -> list[str]:
    event = hearing.event
    return [
        gettext("Cause: %(cause)s", cause=hearing.case.cause),
        gettext("Time: %(at)s", at=_when(hearing)),
        gettext("Place: %(place)s", place=event.place if event else ""),
        openness_line(is_public=hearing.is_public),
    ]


def openness_line(*, is_public: bool) -> str:
    """Why a hearing is not public is said to nobody: it may tell of somebody in the case."""
    return gettext("The hearing is public.") if is_public else gettext("The hearing is not public.")


def _who(hearing: Hearing) -> list[str]:
    standing = {
        m.person_id: "，".join(part for part in (m.standing, m.position) if part)  # citation: a list of two words
        for m in db.session.scalars(select(PoolMember).where(PoolMember.office_id == hearing.office_id))
    }
    chair = [p.name for p in hearing.taking_part(Capacity.CHAIR)]
    officers = [
        _with_standing(p.name, standing.get(p.person_id or 0, ""))
        for p in hearing.taking_part(Capacity.HEARING_OFFICER)
    ]
    ours, comma = gettext("prosecutor of this office"), gettext(", ")
    return [
        *(gettext("Chair: %(name)s", name=_with_standing(name, ours)) for name in chair),
        gettext("Hearing officers: %(names)s", names=comma.join(officers)),
    ]


def _with_standing(name: str, standing: str) -> str:
    return gettext("%(name)s (%(standing)s)", name=name, standing=standing) if standing else name
