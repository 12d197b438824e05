"""What waits for somebody: each package says what it has for this person; "my day" lists it, oldest deadline first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.access import Viewer
from accounts.models import Office


@dataclass(frozen=True)
class Wait:
    """One thing to do, with its one button. `due_on` None stands behind whatever has a date."""

    what: str
    url: str
    button: str
    about: str = ""
    due_on: date | None = None
    icon: str = "inbox"


@dataclass(frozen=True)
class Panel:
    """Something to be seen at a glance above the day: a template of the package, with what it expects."""

    template: str
    values: dict[str, Any]


Shown = Callable[[Viewer, Office, datetime], Panel | None]
_shown: dict[str, Shown] = {}


def shows(name: str, found: Shown) -> None:
    """Register what a package shows above the day: `(viewer, office, now) -> panel or None`."""
    _shown[name] = found


def panels_for(viewer: Viewer, office: Office, now: datetime) -> list[Panel]:
    """Everything that is shown to the person above his day, in the order in which packages registered."""
    return [panel for show in _shown.values() if (panel := show(viewer, office, now)) is not None]


Waiting = Callable[[Viewer, Office, datetime], Iterable[Wait]]
_waiting: dict[str, Waiting] = {}


def waits(name: str, found: Waiting) -> None:
    """Register what a package has waiting: `(viewer, office, now) -> waits`."""
    _waiting[name] = found


def waiting_for(viewer: Viewer, office: Office, now: datetime) -> list[Wait]:
    """Everything that waits for the person, oldest deadline first."""
    found: list[Wait] = [wait for waiting in _waiting.values() for wait in waiting(viewer, office, now)]
    return sorted(found, key=lambda wait: (wait.due_on is None, wait.due_on or date.max))
