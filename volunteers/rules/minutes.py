"""Minutes served, from what was ticked. One pure function; board, phone and ledger all ask it (DOMAIN V-06)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["in", "out"]
_MINUTE = timedelta(minutes=1)
# Whoever comes is briefed before the shift and no sooner: an arrival noted long before is a wrong row or a wrong day.
ARRIVES_BEFORE = timedelta(hours=1)
LEAVES_AFTER = timedelta(hours=3)
CLOCK_AHEAD, CLOCK_BEHIND = _MINUTE, 10 * _MINUTE  # how far a device's clock may be from ours and still be believed


def stated_at(device_at: datetime | None, server_at: datetime) -> datetime:
    """The time a tick states: the press on the device, unless its clock cannot be right; then ours.

    A press may reach us late (a PIN was asked for, the net was away). Both times are stored. Source: SETTLED 15.
    """
    if device_at is None or not server_at - CLOCK_BEHIND <= device_at <= server_at + CLOCK_AHEAD:
        return server_at
    return device_at


@dataclass(frozen=True)
class Stated:
    """A tick as a value: what it states, and which earlier one it replaces (keys are the ticks')."""

    key: Hashable
    kind: str
    at: datetime
    replaces: Hashable | None = None


@dataclass(frozen=True)
class Served:
    """What counts of a shift: `[starts_at, ends_at)`, in whole minutes."""

    starts_at: datetime
    ends_at: datetime
    minutes: int


@dataclass(frozen=True)
class Standing:
    """The ticks that stand after corrections. `disagree`: two of one kind are further apart than is allowed."""

    came_at: datetime | None
    left_at: datetime | None
    disagree: bool = False


def standing(ticks: Iterable[Stated], conflict_minutes: int = 1) -> Standing:
    """What stands of an attendance's ticks.

    Replaced ones are left out (SETTLED 15). Of several of one kind within `conflict_minutes` the earlier arrival and
    the later leaving count; further apart a person must choose. Source: DOMAIN D-28; TRUST I45.
    """
    given = list(ticks)
    replaced = {tick.replaces for tick in given if tick.replaces is not None}
    ins = sorted(tick.at for tick in given if tick.kind == "in" and tick.key not in replaced)
    outs = sorted(tick.at for tick in given if tick.kind == "out" and tick.key not in replaced)
    apart = any(times and times[-1] - times[0] > conflict_minutes * _MINUTE for times in (ins, outs))
    return Standing(ins[0] if ins else None, outs[-1] if outs else None, apart)


def served(came_at: datetime, left_at: datetime, starts_at: datetime, ends_at: datetime) -> Served | None:
    """Whole minutes, rounded down, of min(out, end) - max(in, start); None where nothing lies within the shift.

    Travel and breaks are not counted; minutes are never rounded otherwise. Source: DOMAIN V-06; TRUST I09.
    """
    begun, over = max(came_at, starts_at), min(left_at, ends_at)
    minutes = (over - begun) // _MINUTE
    return Served(begun, over, minutes) if minutes > 0 else None


def arrives_from(starts_at: datetime) -> datetime:
    """From when on somebody can be ticked in."""
    return starts_at - ARRIVES_BEFORE


def within(kind: str, stated: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a time can be an arrival or a leaving of a shift. Somebody may leave some hours after its end."""
    if kind == "in":
        return arrives_from(starts_at) <= stated <= ends_at
    return starts_at <= stated <= ends_at + LEAVES_AFTER


def is_late(came_at: datetime, starts_at: datetime, grace_minutes: int) -> bool:
    """Whether “late” is written; minutes stay what they were. Source: DOMAIN 3.3 `late_grace_min`."""
    return came_at - starts_at > grace_minutes * _MINUTE


def left_early(left_at: datetime, ends_at: datetime) -> bool:
    return ends_at - left_at >= _MINUTE
