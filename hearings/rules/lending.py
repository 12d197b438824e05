"""Whether a lawyer on duty may be lent to a hearing (L-15, L-24, DOMAIN 8.10)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from errors import N_
from hearings.rules.officers import Candidate, Involved, same_name, same_place
from law import Doubt


def judge_lawyer(lawyer: Candidate, involved: Sequence[Involved], taking_part: Collection[int]) -> list[Doubt]:
    """Refuse counsel of the same case, anybody else who is in it, and whoever takes part already (people by id); ask
    about who has the name of somebody in the case, or is of the firm of counsel or of a party's workplace.

    Counsel is often entered as a name and a firm: both together are the lawyer himself, whatever row stands behind.
    `lawyer.employer` is his firm. Source: DOMAIN 8.10, H-25, H-26, L-15.
    """
    found = [doubt for one in involved if (doubt := _of(lawyer, one)) is not None]
    if lawyer.person in taking_part:
        found.append(Doubt("refuse", "two_capacities", N_("Takes part in this hearing already"), "DOMAIN H-25"))
    refused = [doubt for doubt in found if doubt.level == "refuse"]
    return list({doubt.code: doubt for doubt in refused or found}.values())


def _of(lawyer: Candidate, one: Involved) -> Doubt | None:
    name, firm = same_name(lawyer.name, one.name), same_place(lawyer.employer, one.employer)
    if (lawyer.person is not None and lawyer.person == one.person) or (name and firm):
        if one.side == "counsel":
            return Doubt("refuse", "counsel_in_the_case", N_("Is counsel in the same case"), "DOMAIN 8.10")
        return Doubt("refuse", "in_the_case", N_("Is in this case himself"), "DOMAIN H-26")
    if name:
        return Doubt("warn", "same_name", N_("Has the same name as somebody in this case"), "DOMAIN H-26")
    if firm:
        facts = {"name": one.name, "firm": one.employer}
        message = N_("Is of the firm of %(name)s, who is in this case: %(firm)s")
        return Doubt("warn", "same_firm", message, "DOMAIN L-15, H-26", facts)
    return None
