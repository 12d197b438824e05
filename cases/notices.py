"""Who hears of a case's acts. Messages are neutral: they name neither the case nor anybody in it (LOOK, I27)."""

from __future__ import annotations

from cases.models import Case
from record.models import Act
from record.notices import Recipient, tells


@tells("case.reassign")
def whoever_had_it_and_whoever_has_it(act: Act, case: Case) -> list[Recipient]:
    told = {act.facts["had_it"]: "cases/given_away", case.handler_id: "cases/given_to_you"}
    return [Recipient(who, template, {}) for who, template in told.items() if who != act.actor_id]
