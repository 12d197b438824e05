"""Whether a lawyer on duty may be lent to a hearing (L-24, DOMAIN 8.10)."""

from __future__ import annotations

from collections.abc import Collection

from errors import N_
from law import Doubt


def judge_lawyer(
    person: int, counsel: Collection[int], in_case: Collection[int], taking_part: Collection[int]
) -> list[Doubt]:
    """Refuse counsel of the same case, anybody else who is in it, and whoever takes part already. People by id."""
    if person in counsel:
        message = N_("Is counsel in the same case")
        return [Doubt("refuse", "counsel_in_the_case", message, "DOMAIN 8.10")]
    if person in in_case:
        return [Doubt("refuse", "in_the_case", N_("Is in this case himself"), "DOMAIN H-26")]
    if person in taking_part:
        return [Doubt("refuse", "two_capacities", N_("Takes part in this hearing already"), "DOMAIN H-25")]
    return []
