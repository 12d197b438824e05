"""A month's duty plan of a squad: who may stand where, and a fair filling of what nobody stands at."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Interval = tuple[datetime, datetime]
Pair = tuple[Hashable, Hashable]
Trouble = Literal["twice", "away"]


@dataclass(frozen=True)
class Turn:
    """A shift that wants an officer."""

    key: Hashable
    post: Hashable
    starts_at: datetime
    ends_at: datetime

    def meets(self, span: Interval) -> bool:
        """Whether it shares a minute with a span."""
        return self.starts_at < span[1] and span[0] < self.ends_at


@dataclass(frozen=True)
class Officer:
    """An officer of the squad: the posts that are his, and when he is on leave or stands elsewhere."""

    key: Hashable
    posts: frozenset[Hashable] = frozenset()
    away: tuple[Interval, ...] = ()


def judge_plan(
    turns: Sequence[Turn], officers: Sequence[Officer], plan: Collection[Pair], added: Collection[Pair]
) -> list[tuple[Turn, Hashable, Trouble]]:
    """What is wrong with the pairs (turn, officer) added to a plan: nobody stands twice at a time, or in his leave."""
    by_key = {turn.key: turn for turn in turns}
    away = {officer.key: officer.away for officer in officers}
    standing: dict[Hashable, list[Turn]] = {}
    for turn, officer in plan:
        standing.setdefault(officer, []).append(by_key[turn])
    found: list[tuple[Turn, Hashable, Trouble]] = []
    for key, officer in added:
        turn = by_key[key]
        if any(turn.meets(span) for span in away.get(officer, ())):
            found.append((turn, officer, "away"))
        elif any(turn.meets((o.starts_at, o.ends_at)) for o in standing.get(officer, ()) if o is not turn):
            found.append((turn, officer, "twice"))
    return sorted(found, key=lambda one: (one[0].starts_at, str(one[1])))


def fill(
    turns: Sequence[Turn], officers: Sequence[Officer], standing: Mapping[Hashable, Collection[Hashable]]
) -> dict[Hashable, Hashable]:
    """Who might stand at each turn at which nobody stands, by the turn's key; one that nobody can take is left out.

    Nobody stands twice at a time or in his leave. The counts of the month, with what stands, come within one of each
    other as far as these allow; of equal counts the officers of the post go first. The same input, the same answer.
    """
    filling = _Filling(turns, officers, standing)
    while filling.assign():
        while filling.even_out():
            pass
        while filling.bring_home():
            pass
    return {turn.key: officer.key for turn, officer in filling.taken.items()}


class _Filling:
    """A filling under way: every step keeps it free of doubles and leave, and never leaves a filled turn empty."""

    def __init__(
        self, turns: Sequence[Turn], officers: Sequence[Officer], standing: Mapping[Hashable, Collection[Hashable]]
    ) -> None:
        self.officers = list(officers)
        self.open = sorted((t for t in turns if not standing.get(t.key)), key=lambda t: (t.starts_at, str(t.key)))
        self.taken: dict[Turn, Officer] = {}
        self.kept: dict[Officer, list[Turn]] = {
            officer: [turn for turn in turns if officer.key in standing.get(turn.key, ())] for officer in officers
        }
        self.own: dict[Officer, set[Turn]] = {officer: set() for officer in officers}

    def load(self, officer: Officer) -> int:
        return len(self.kept[officer]) + len(self.own[officer])

    def fits(self, officer: Officer, turn: Turn, without: Turn | None = None) -> bool:
        """Whether an officer could stand at a turn, once he has given up another."""
        others = (o for o in (*self.kept[officer], *self.own[officer]) if o is not without)
        return not any(turn.meets(span) for span in officer.away) and not any(
            turn.meets((other.starts_at, other.ends_at)) for other in others
        )

    def give(self, turn: Turn, officer: Officer) -> None:
        before = self.taken.get(turn)
        if before is not None:
            self.own[before].discard(turn)
        self.taken[turn] = officer
        self.own[officer].add(turn)

    def assign(self) -> bool:
        """Give every turn that is still free to the officer who stands least; whether any was."""
        before = len(self.taken)
        for turn in self.open:
            able = [officer for officer in self.officers if turn not in self.taken and self.fits(officer, turn)]
            if able:
                self.give(turn, min(able, key=lambda o, t=turn: (self.load(o), t.post not in o.posts)))
        return len(self.taken) > before

    def even_out(self) -> bool:
        """Hand one turn from who stands most to who stands least, over others where it must be; whether it could."""
        for giver in sorted(self.officers, key=self.load, reverse=True):
            path = self._path_from(giver)
            if path:
                for turn, officer in path:
                    self.give(turn, officer)
                return True
        return False

    def _path_from(self, giver: Officer) -> list[tuple[Turn, Officer]]:
        """The shortest chain of turns handed on that ends with somebody who stands at two fewer than the giver."""
        came: dict[Officer, tuple[Turn, Officer]] = {}
        waiting = deque([giver])
        while waiting:
            one = waiting.popleft()
            for turn, other in self._could_hand_on(one):
                if other is giver or other in came:
                    continue
                came[other] = (turn, one)
                if self.load(other) <= self.load(giver) - 2:
                    return _back(came, other, giver)
                waiting.append(other)
        return []

    def _could_hand_on(self, one: Officer) -> Iterator[tuple[Turn, Officer]]:
        for turn in sorted(self.own[one], key=lambda t: (t.post in one.posts, t.starts_at, str(t.key))):
            for other in sorted(self.officers, key=lambda o, t=turn: t.post not in o.posts):
                if other is not one and self.fits(other, turn):
                    yield turn, other

    def bring_home(self) -> bool:
        """Let two officers exchange turns, or one take another's, so that more stand at their own post."""
        for turn, one in self.taken.items():
            if turn.post in one.posts:
                continue
            for other in self.officers:
                if turn.post in other.posts and self._exchange(turn, one, other):
                    return True
        return False

    def _exchange(self, turn: Turn, one: Officer, other: Officer) -> bool:
        if self.load(one) == self.load(other) + 1 and self.fits(other, turn):
            self.give(turn, other)
            return True
        for back in sorted(self.own[other], key=lambda t: (t.post in other.posts, t.starts_at, str(t.key))):
            no_loss = back.post in one.posts or back.post not in other.posts
            if no_loss and self.fits(other, turn, without=back) and self.fits(one, back, without=turn):
                self.give(turn, other)
                self.give(back, one)
                return True
        return False


def _back(came: Mapping[Officer, tuple[Turn, Officer]], last: Officer, first: Officer) -> list[tuple[Turn, Officer]]:
    """The chain that leads to its last officer, from that end: whoever is given a turn has handed his on before."""
    path = []
    while last is not first:
        turn, before = came[last]
        path.append((turn, last))
        last = before
    return path
