"""Frozen values that rules receive and return. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Unit = Literal[
    "hour", "day", "clear_day", "working_day", "month", "year", "minute", "second", "number", "choice", "text"
]
Roll = Literal["none", "next_working", "next_working_unless_custody", "previous_working"]


LONGEST_SHIFT_MINUTES = 720  # nobody stands longer, and the database says so (TRUST I32)


class Minutes(int):
    """A length among the facts of a sentence: `1 小时 30 分` to whoever reads it."""


@dataclass(frozen=True)
class Rule:
    """A number or choice in force for one office on one day.

    `version` is the public id of the settings row it came from, or "default"; `source` cites DOMAIN and the article.
    """

    key: str
    amount: Any
    unit: Unit = "number"
    roll: Roll = "none"
    version: str = "default"
    source: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a rule says: ok, warn (a reason is asked) or refuse; `facts` says the date or number behind it."""

    level: Literal["ok", "warn", "refuse"]
    facts: Any = None

    @classmethod
    def ok(cls) -> Verdict:
        return cls("ok")

    @classmethod
    def warn(cls, facts: Any) -> Verdict:
        return cls("warn", facts)

    @classmethod
    def refuse(cls, facts: Any) -> Verdict:
        return cls("refuse", facts)


@dataclass(frozen=True)
class Doubt:
    """What a rule finds against something, as people read it: refused, or warned until a reason is given.

    `message` is an English msgid with places for `facts`, translated where it is shown; `source` cites the rule.
    """

    level: Literal["warn", "refuse"]
    code: str
    message: str
    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)
