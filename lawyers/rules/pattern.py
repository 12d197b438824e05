"""The half-days of every week on which a lawyer cannot come, and how they are written: "3pm" is Wednesday afternoon."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Literal, NamedTuple

from errors import Refusal

Session = Literal["am", "pm"]
SESSIONS: tuple[Session, ...] = ("am", "pm")
WEEKDAYS = range(1, 8)


class PatternUnknown(Refusal):
    code = "pattern_unknown"
    status = 422
    message = "“%(block)s” is no half-day of a week."
    help = "Tick half-days in the table."


class Block(NamedTuple):
    """A half-day of every week; Monday is 1."""

    weekday: int
    session: Session

    def __str__(self) -> str:
        return f"{self.weekday}{self.session}"


def read_block(text: str) -> Block:
    """Raises: PatternUnknown."""
    if len(text) == 3 and text[0] in "1234567" and text[1:] in SESSIONS:
        return Block(int(text[0]), "am" if text[1:] == "am" else "pm")
    raise PatternUnknown(block=text[:10])


def tidy_blocks(texts: Iterable[str]) -> list[str]:
    """The blocks in the order of the week, each once. Raises: PatternUnknown."""
    return [str(block) for block in sorted({read_block(text) for text in texts})]


def blocked_sessions(blocks: Iterable[str], on: date, sessions: Collection[str]) -> list[str]:
    """Which of these sessions of a day a weekly pattern blocks, morning first."""
    blocked = {block.session for block in map(read_block, blocks) if block.weekday == on.isoweekday()}
    return [session for session in SESSIONS if session in blocked and session in sessions]
