"""Codes that say who is there: how they are spelled, how long they live, how a stale one is judged (D-28; TRUST 7).

A code holds random ids, a step of time and a mark that only this installation can make; nothing of a person. Spelled in
base32 it fills a QR code of version 2 (25 × 25): the coarser the squares, the better it is read in the dark.
"""

from __future__ import annotations

import base64
import re
import unicodedata
import uuid
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

ID_BYTES, STEP_BYTES, MARK_BYTES = 8, 4, 10  # a mark of 80 bits
DIGITS = 6
LATELY = timedelta(minutes=10)  # so long a code that no longer runs is known as one that was kept, then as an old one


class CodeKind(StrEnum):
    """Whose code it is: the person's on his phone, the one printed for him, that of an officer's screen, that of
    somebody who serves and has no booking here."""

    PERSON = "P"
    PRINTED = "K"
    SCREEN = "S"
    GUEST = "G"


class Why(StrEnum):
    """Why a code was not taken: four reasons, and no fifth (issue; TRUST 7.2 no. 3)."""

    OLD = "old"
    FOREIGN = "foreign"
    USED = "used"
    SCREENSHOT = "screenshot"


@dataclass(frozen=True)
class Code:
    """A code as read. `key` is the beginning of a random id, `step` None on paper, `mark` says who made it."""

    kind: CodeKind
    key: bytes
    step: int | None
    mark: bytes

    @property
    def keys(self) -> tuple[uuid.UUID, uuid.UUID]:
        """The least and the greatest id that begins as this one."""
        rest = 16 - ID_BYTES
        return uuid.UUID(bytes=self.key + bytes(rest)), uuid.UUID(bytes=self.key + b"\xff" * rest)


def step_at(at: datetime, life_seconds: int) -> int:
    """The step of time that runs at an instant."""
    return int(at.timestamp()) // life_seconds


def seconds_left(at: datetime, life_seconds: int) -> int:
    """How long the step that runs still lasts; at least one second."""
    return life_seconds - int(at.timestamp()) % life_seconds


def spell(kind: CodeKind, key: uuid.UUID, step: int | None, mark: str) -> str:
    """A code as it stands in the QR: letters and digits of its alphanumeric mode. `mark` is a keyed hash in hex."""
    time = b"" if step is None else step.to_bytes(STEP_BYTES, "big")
    body = key.bytes[:ID_BYTES] + time + bytes.fromhex(mark)[:MARK_BYTES]
    return kind + base64.b32encode(body).decode().rstrip("=")


def read(text: str) -> Code | None:
    """The code that a text spells; None where it is none of ours."""
    text = text.strip().upper()
    try:
        kind = CodeKind(text[:1])
        body = base64.b32decode(text[1:] + "=" * (-len(text[1:]) % 8))
    except ValueError:
        return None
    time = 0 if kind == CodeKind.PRINTED else STEP_BYTES
    if len(body) != ID_BYTES + time + MARK_BYTES:
        return None
    step = int.from_bytes(body[ID_BYTES : ID_BYTES + time], "big") if time else None
    return Code(kind, body[:ID_BYTES], step, body[ID_BYTES + time :])


def digits_of(mark: str) -> str:
    """The short code under the QR, from the same mark: six digits, a million in all.

    It is looked up among the people of one shift and the last two steps only, so of ten people a number said at random
    meets somebody once in fifty thousand times; and whoever types it sees the name and looks at the face.
    """
    return f"{int(mark, 16) % 10**DIGITS:0{DIGITS}}"


def typed(text: str) -> str | None:
    """Six digits however they are grouped; None where something else was typed."""
    plain = re.sub(r"[\s\-·]", "", unicodedata.normalize("NFKC", text))
    return plain if re.fullmatch(rf"[0-9]{{{DIGITS}}}", plain) else None


def judge_age(step: int, at: datetime, life_seconds: int) -> Why | None:
    """Whether a code still runs; None where it does. The server's time decides.

    The step before the one that runs is taken as well: a code is shown until its last second, and reading takes one.
    A page renews its code by itself. Whoever shows one that ran out within `LATELY` holds still what should move: a
    picture of a screen, or a page without signal; beyond that it is an old code, however it was kept. A step that is
    yet to come was made by nobody here. Source: DOMAIN D-28; TRUST T03.
    """
    behind = step_at(at, life_seconds) - step
    if behind in {0, 1}:
        return None
    if behind < 0:
        return Why.FOREIGN
    return Why.SCREENSHOT if behind * life_seconds <= LATELY.total_seconds() + life_seconds else Why.OLD


def steps_known(at: datetime, life_seconds: int) -> range:
    """The steps among which typed digits are looked up, the latest first: those that run, and those kept lately."""
    running = step_at(at, life_seconds)
    return range(running, running - 2 - int(LATELY.total_seconds()) // life_seconds, -1)


def sole(found: Iterable[tuple[K, int]]) -> tuple[K, int] | None:
    """The one that typed digits mean, and its latest step; None where nobody or several have them."""
    latest: dict[K, int] = {}
    for key, step in found:
        latest[key] = max(step, latest.get(key, step))
    return next(iter(latest.items())) if len(latest) == 1 else None


LATE_AT_MOST = timedelta(hours=72)  # a tick delivered later is a fact of which nothing follows by itself (TRUST 7.2.13)


def stated_late(device_at: datetime, server_at: datetime) -> datetime:
    """The time that a tick states which was made without signal: the device's; ours where it has not come yet."""
    return min(device_at, server_at)
