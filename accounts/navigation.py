"""The navigation: packages register where one can go, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from accounts import access
from accounts.access import Viewer
from accounts.web import viewer


@dataclass(frozen=True)
class Place:
    """One entry. `label` is lazy text, `permission` None for whoever is signed in, `badge` counts what waits there;
    `fits` leaves it out where somebody holds the permission but has a page of his own for the same thing."""

    order: int
    endpoint: str
    label: Any
    icon: str
    permission: str | None = None
    badge: Callable[[], int] | None = None
    fits: Callable[[Viewer], bool] | None = None


_places: dict[str, Place] = {}


def place(  # noqa: PLR0917 - an entry is read as a row: where, what, which icon, for whom
    order: int,
    endpoint: str,
    label: Any,
    icon: str,
    permission: str | None = None,
    badge: Callable[[], int] | None = None,
    fits: Callable[[Viewer], bool] | None = None,
) -> None:
    """Register an entry; entries stand by `order` (10 steps: my day 10, timeline 20 … settings 90)."""
    _places[endpoint] = Place(order, endpoint, label, icon, permission, badge, fits)


def entries() -> list[dict[str, Any]]:
    """The entries of the person who asks, as the layout expects them."""
    seen = viewer()
    section = (request.endpoint or "").split(".")[0]
    return [
        {
            "url": url_for(p.endpoint),
            "label": p.label,
            "icon": p.icon,
            "active": p.endpoint.split(".")[0] == section,
            "badge": p.badge() if p.badge else 0,
        }
        for p in sorted(_places.values(), key=lambda p: p.order)
        if (p.permission is None or access.holds(seen, p.permission)) and (p.fits is None or p.fits(seen))
    ]
