"""What may be corrected, and to what (DOMAIN 8.6, V-06, V-08, V-14). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from errors import Refusal
from law import Minutes
from volunteers.rules.minutes import Served, served

# Where an attendance stands when its hours can be disputed, and when a correction of them can be proposed.
ASKABLE = frozenset({"booked", "arrived", "left", "confirmed", "credited", "no_show"})
CORRECTABLE = ASKABLE - {"confirmed"}


class NotDisputable(Refusal):
    code = "not_disputable"
    message = "There are no hours here that could be corrected."
    help = "Hours are corrected once the shift is over. What was cancelled or excused beforehand has none."
    source = "DOMAIN 8.6"


class NotFinalYet(Refusal):
    code = "not_final_yet"
    message = "This is confirmed and not yet credited; until then it is not corrected but taken back."
    help = "Whoever confirmed can undo it for a few minutes; a squad leader who countersigns can send it back."
    source = "DOMAIN 8.6"


class NothingChanges(Refusal):
    code = "nothing_changes"
    status = 422
    message = "This is what counts already: %(minutes)s."
    help = "Give the times as they were."


class OutsideShift(Refusal):
    code = "outside_shift"
    status = 422
    message = "No whole minute of these times lies within the shift."
    help = "The shift goes from %(starts_at)s to %(ends_at)s, leaving after arrival. Where nothing was served, say so."
    source = "DOMAIN V-06"


class EvidenceNeeded(Refusal):
    code = "evidence_needed"
    status = 422
    message = "No officer has confirmed this: only ticks or paper can prove it."
    help = "Choose what it rests on. Ticks must stand on record; of a paper, say which."
    source = "DOMAIN V-14"


@dataclass(frozen=True)
class Counts:
    """What counts of an attendance: nothing, or minutes within `[starts_at, ends_at)`."""

    minutes: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @classmethod
    def of(cls, span: Served | None) -> Counts:
        return cls(span.minutes, span.starts_at, span.ends_at) if span else cls()


def stated(times: tuple[datetime, datetime] | None, starts_at: datetime, ends_at: datetime) -> Counts:
    """What would count if somebody came and left at these times; None: he did not serve. Raises: OutsideShift."""
    if times is None:
        return Counts()
    span = served(*times, starts_at, ends_at)
    if span is None:
        raise OutsideShift(starts_at=starts_at, ends_at=ends_at)
    return Counts.of(span)


def check_change(old: Counts, new: Counts) -> None:
    """A correction changes something a minute can show. Raises: NothingChanges."""
    if _whole(old) == _whole(new):
        raise NothingChanges(minutes=Minutes(new.minutes))


def _whole(one: Counts) -> tuple[int, datetime | None, datetime | None]:
    def minute(at: datetime | None) -> datetime | None:
        return at.replace(second=0, microsecond=0) if at else None

    return one.minutes, minute(one.starts_at), minute(one.ends_at)


def check_evidence(rests_on: str, *, confirmed: bool, ticked: bool) -> None:
    """Without any officer's confirmation it rests on stored ticks or on paper. Raises: EvidenceNeeded."""
    if confirmed or rests_on == "paper" or (rests_on == "ticks" and ticked):
        return
    raise EvidenceNeeded()
