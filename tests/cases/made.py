"""Cases and the people in them, as tests of cases and hearings need them."""

from __future__ import annotations

from datetime import date
from typing import Any

from cases.actions.entering import enter_case
from cases.actions.parties import enter_party
from cases.models import Case, Party
from tests.town import NOW, Town


def a_case(town: Town, number: str = "枫检刑诉〔2026〕31号", **facts: Any) -> Case:
    """A case of the town's prosecutor, received on 2 November 2026, with the town's clerk."""
    plain = {
        "number": number,
        "cause": "危险驾驶",
        "stage": "prosecution_review",
        "received_on": date(2026, 11, 2),
        "handler_id": town.prosecutor.id,
        "clerk_id": town.clerk.id,
    }
    return enter_case(town.office, {**plain, **facts}, by=town.coordinator, at=NOW)


def a_party(town: Town, case: Case, name: str = "孙小明", role: str = "suspect", **facts: Any) -> Party:
    return enter_party(case, {"name": name, "role": role, **facts}, by=town.coordinator, at=NOW)


def on_bail(town: Town, case: Case, since: date = date(2026, 10, 1), **facts: Any) -> Party:
    return a_party(town, case, measure="bail", measure_from=since, **facts)
