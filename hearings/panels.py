"""What the chapters of the procedure put on a hearing's page: registered at start-up, asked for each viewer.

A chapter registers a panel (a template with its values, where there is something to show) and its part of the list of
what is missing for the next step. `forms` are forms that stand on the page and were refused, by the chapter's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hearings.models import Hearing


@dataclass(frozen=True)
class Panel:
    """A part of the page; `anchor` is its id, so that an entry of the list can lead to it."""

    anchor: str
    title: Any
    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Missing:
    """One thing the next step needs. `url` leads to where it is done, for whoever may do it."""

    label: Any
    done: bool
    note: Any = ""
    url: str = ""
    button: Any = ""


Ask = Callable[[Hearing, Mapping[str, Any]], Panel | None]
Need = Callable[[Hearing], Iterable[Missing]]
_panels: dict[str, tuple[int, Ask]] = {}
_needs: dict[str, tuple[int, Need]] = {}


def panel(name: str, order: int, ask: Ask) -> None:
    """Register a panel; `ask` answers None where it has nothing to show to this viewer in this state."""
    _panels[name] = (order, ask)


def need(name: str, order: int, asked: Need) -> None:
    """Register what the next step needs, in the states where the chapter has a say."""
    _needs[name] = (order, asked)


def panels_of(hearing: Hearing, forms: Mapping[str, Any]) -> list[Panel]:
    asked = (ask(hearing, forms) for _, ask in sorted(_panels.values(), key=lambda one: one[0]))
    return [one for one in asked if one is not None]


def missing_for(hearing: Hearing) -> list[Missing]:
    return [item for _, asked in sorted(_needs.values(), key=lambda one: one[0]) for item in asked(hearing)]
