"""What a sign-in sheet is judged against: posts, people and sign-ins, as plain values. Pure.

They come from the database, or from sheets judged just before (`post_of`, `person_of`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any


@dataclass(frozen=True)
class KnownPost:
    """A post: `key` is what stores and compares it, `name` is tidied, `weekdays` are 1 Monday to 7 Sunday."""

    key: Hashable
    name: str
    officers: frozenset[str]
    windows: tuple[tuple[time, time], ...]
    weekdays: frozenset[int]


@dataclass(frozen=True)
class KnownPerson:
    """A person under assessment from `first_on` to `last_on`, both included, or until the day on which it ended before;
    `name` is tidied."""

    key: Hashable
    name: str
    first_on: date
    last_on: date


@dataclass(frozen=True)
class KnownSignIn:
    """A sign-in that is stored; `left_at` is None while it is open. `by_phone`: ticked, not read from a sheet."""

    on: date
    post_key: Hashable
    person_key: Hashable
    came_at: time
    left_at: time | None
    by_phone: bool = False


@dataclass(frozen=True)
class Known:
    """Posts by name, people by name (namesakes stand together), sign-ins by person and day."""

    posts: Mapping[str, KnownPost] = field(default_factory=dict)
    people: Mapping[str, tuple[KnownPerson, ...]] = field(default_factory=dict)
    sign_ins: Mapping[tuple[Hashable, date], tuple[KnownSignIn, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, posts: Iterable[KnownPost], people: Iterable[KnownPerson], sign_ins: Iterable[KnownSignIn] = ()
    ) -> Known:
        """Order them for looking up."""
        by_name: dict[str, tuple[KnownPerson, ...]] = {}
        for person in people:
            by_name[person.name] = (*by_name.get(person.name, ()), person)
        by_day: dict[tuple[Hashable, date], tuple[KnownSignIn, ...]] = {}
        for one in sign_ins:
            by_day[one.person_key, one.on] = (*by_day.get((one.person_key, one.on), ()), one)
        return cls({post.name: post for post in posts}, by_name, by_day)

    @property
    def identities(self) -> frozenset[tuple[Hashable, ...]]:
        """The stored sign-ins of sheets as the sheet's importer identifies a row."""
        found = (one for day in self.sign_ins.values() for one in day if not one.by_phone)
        return frozenset((one.on, one.post_key, one.person_key, one.came_at) for one in found)


def post_of(values: Mapping[str, Any]) -> KnownPost:
    """A post of a judged list of posts; its name is its key."""
    return KnownPost(
        key=values["name"],
        name=values["name"],
        officers=frozenset(values["officers"]),
        windows=tuple(window for window in (values["morning"], values["evening"]) if window is not None),
        weekdays=frozenset(values["weekdays"]),
    )


def person_of(values: Mapping[str, Any]) -> KnownPerson:
    """A person of a judged list of people under assessment; the ID number is the key."""
    return KnownPerson(values["id_number"], values["name"], values["first_on"], values["last_on"])


def sign_in_of(values: Mapping[str, Any]) -> KnownSignIn:
    """A taken row of a judged sheet, as it counts once it is stored."""
    return KnownSignIn(values["on"], values["post_key"], values["person_key"], values["came_at"], values["left_at"])
