"""What a lower room must tell a higher one without knowing it: whoever follows registers at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Following(Generic[P]):
    """A word to whoever follows: `@follows_limit` registers a function, `follows_limit.tell(…)` calls them all, in the
    order in which they came, inside the act under way."""

    def __init__(self) -> None:
        self._followers: list[Callable[P, None]] = []

    def __call__(self, follower: Callable[P, None]) -> Callable[P, None]:
        self._followers.append(follower)
        return follower

    def tell(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for follower in self._followers:
            follower(*args, **kwargs)
