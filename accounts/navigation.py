"""The navigation: packages register where one can go, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for

from accounts import access
from accounts.web import viewer


@dataclass(frozen=True)
class Place:
    """One entry. `label` is lazy text, `permission` None for whoever is signed in, `badge` counts what waits there.

    `roles`: only for who holds the permission in one of these.
    """

    order: int
    endpoint: str
    label: Any
    icon: str
    permission: str | None = None
    badge: Callable[[], int] | None = None
    roles: frozenset[str] = frozenset()


_places: dict[str, Place] = {}


def place(  # noqa: PLR0917 - an entry is read as a row: where, what, which icon, for whom
    order: int,
    endpoint: str,
    label: Any,
    icon: str,
    permission: str | None = None,
    badge: Callable[[], int] | None = None,
    roles: frozenset[str] = frozenset(),
) -> None:
    """Register an entry; entries stand by `order` (10 steps: my day 10, timeline 20 … settings 90)."""
    _places[endpoint] = Place(order, endpoint, label, icon, permission, badge, roles)


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
        if _is_for(p, seen)
    ]


def _is_for(one: Place, seen: access.Viewer) -> bool:
    if one.permission is None:
        return True
    return any(not one.roles or m.role in one.roles for m, _ in access.grants_of(seen, one.permission))


_homes: dict[str, str] = {}


def home_for(role: str, endpoint: str) -> None:
    """Register the page on which people of a field role begin, instead of "my day"."""
    _homes[role] = endpoint


def home(seen: access.Viewer) -> str | None:
    """The endpoint on which the person begins, where all his roles at hand begin on one page of their own."""
    own = {_homes.get(m.role) for m in seen.memberships}
    found = own.pop() if len(own) == 1 else None
    return found if found in current_app.view_functions else None
