"""The course of a hearing as its page draws it: what lies behind, where it stands, what is ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from extensions import db
from hearings.models import Hearing, HearingState
from record.models import Act

MAIN = (
    HearingState.REQUESTED,
    HearingState.APPROVED,
    HearingState.PLANNED,
    HearingState.NOTICED,
    HearingState.READY,
    HearingState.HELD,
    HearingState.CONCLUDED,
    HearingState.CLOSED,
)
_BORN_OF = {
    "hearing.request": HearingState.REQUESTED,
    "hearing.approve": HearingState.APPROVED,
    "hearing.refuse": HearingState.REFUSED,
    "hearing.plan": HearingState.PLANNED,
    "hearing.notify": HearingState.NOTICED,
    "hearing.cancel": HearingState.CANCELLED,
}


@dataclass(frozen=True)
class Stop:
    """One state of the rail. `state` is its name, `stands` done, current or ahead, `at` when it was last reached."""

    state: str
    stands: str
    at: datetime | None = None


def rail_of(hearing: Hearing) -> list[Stop]:
    """The main course with where this hearing stands; one that ended early ends its rail there."""
    times = _times(hearing)
    here = HearingState(hearing.state)
    if here in {HearingState.REFUSED, HearingState.CANCELLED}:
        behind = [state for state in MAIN if state in times]
        return [*(Stop(s, "done", times[s]) for s in behind), Stop(here, "current", times.get(here))]
    place = MAIN.index(HearingState.HELD if here == HearingState.ADJOURNED else here)
    return [
        *(Stop(s, "done", times.get(s)) for s in MAIN[:place]),
        Stop(here, "current", times.get(here)),
        *(Stop(s, "ahead") for s in MAIN[place + 1 :]),
    ]


def _times(hearing: Hearing) -> dict[HearingState, datetime]:
    """When each state was last entered, as the acts say."""
    acts = select(Act.name, func.max(Act.at)).where(
        Act.subject_table == Hearing.__tablename__, Act.subject_id == hearing.id, Act.name.in_(_BORN_OF)
    )
    return {_BORN_OF[name]: at for name, at in db.session.execute(acts.group_by(Act.name))}
