"""What rooms above cases show on a case's page: registered, never imported (a hearing, an assessment)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cases.models import Case


@dataclass(frozen=True)
class Panel:
    """A part of a case's page: its title, the template that draws it and what that one needs."""

    title: Any
    template: str
    values: dict[str, Any]


Ask = Callable[[Case], Panel | None]
_panels: dict[str, tuple[int, Ask]] = {}


def panel(name: str, order: int, ask: Ask) -> None:
    """Register a panel; `ask` answers None where it has nothing to show to this viewer."""
    _panels[name] = (order, ask)


def panels_of(case: Case) -> list[Panel]:
    asked = (ask(case) for _, ask in sorted(_panels.values(), key=lambda one: one[0]))
    return [one for one in asked if one is not None]
