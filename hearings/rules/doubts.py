"""What a rule finds against something, as people read it: refused, or warned until a reason is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Doubt:
    """`message` is an English msgid with places for `facts`, translated where it is shown; `source` cites the rule."""

    level: Literal["warn", "refuse"]
    code: str
    message: str
    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def refused(doubts: Iterable[Doubt]) -> list[Doubt]:
    return [doubt for doubt in doubts if doubt.level == "refuse"]


def warned(doubts: Iterable[Doubt]) -> list[Doubt]:
    return [doubt for doubt in doubts if doubt.level == "warn"]
