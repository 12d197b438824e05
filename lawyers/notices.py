"""Who hears of a rota: each lawyer only what changes for him (DOMAIN 8.2)."""

from __future__ import annotations

from collections.abc import Iterable

from lawyers.models import Duty, Rota
from record.models import Act
from record.notices import Recipient, tells


@tells("rota.publish")
def lawyers_whose_duties_change(act: Act, rota: Rota) -> Iterable[Recipient]:
    return [
        Recipient(int(person_id), "lawyers/rota_published", {"station": rota.station.name, **change})
        for person_id, change in act.facts["changes"].items()
    ]


@tells("duty.substitute")
def who_comes_and_who_goes(act: Act, duty: Duty) -> Iterable[Recipient]:
    facts = {"station": duty.rota.station.name, "on": act.facts["on"]}
    if act.facts["before"] is not None:
        yield Recipient(act.facts["before"], "lawyers/duty_taken_over", facts)
    if duty.lawyer is not None:
        yield Recipient(duty.lawyer.membership.person_id, "lawyers/duty_stand_in", facts)


@tells("duty.release")
def who_looks_for_somebody_and_who_is_free(act: Act, duty: Duty) -> Iterable[Recipient]:
    """Nobody is on duty that day: whoever drafted the rota looks for somebody, and the lawyer reads that he is free."""
    facts = {"station": duty.rota.station.name, "on": act.facts["on"]}
    if duty.rota.drafted_by_id is not None:
        yield Recipient(duty.rota.drafted_by_id, "lawyers/duty_uncovered", facts)
    yield Recipient(act.facts["before"], "lawyers/duty_given_up", facts)


@tells("duty.cancel")
def who_need_not_come(act: Act, duty: Duty) -> Iterable[Recipient]:
    if act.facts["before"] is not None:
        facts = {"station": duty.rota.station.name, "on": act.facts["on"], "why": act.reason}
        yield Recipient(act.facts["before"], "lawyers/duty_cancelled", facts)
