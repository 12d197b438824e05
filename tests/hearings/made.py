"""Hearings on their way, as tests of the chapters need them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.models import Case
from hearings.actions.approval import approve_hearing
from hearings.actions.request import request_hearing
from hearings.models import Hearing
from tests.cases.made import a_case, on_bail
from tests.town import NOW, Town

DOCUMENT = "枫检听批〔2026〕7号"


def asked(**facts: Any) -> dict[str, Any]:
    """What the form of a request sends, for an intended non-prosecution."""
    return {
        "kind": "non_prosecution",
        "mode": "ordinary",
        "grounds": ["dispute"],
        "why": "是否起诉争议较大",
        "questions": "情节是否轻微",
        "openness": "rule",
        **facts,
    }


def a_requested_hearing(town: Town, case: Case | None = None, at: datetime = NOW, **facts: Any) -> Hearing:
    """Asked for by the town's prosecutor, in a case with somebody on bail unless one is given."""
    if case is None:
        case = a_case(town)
        on_bail(town, case)
    return request_hearing(case, asked(**facts), town.prosecutor, at)


def an_approved_hearing(town: Town, case: Case | None = None, at: datetime = NOW, **facts: Any) -> Hearing:
    hearing = a_requested_hearing(town, case, at, **facts)
    approve_hearing(hearing, town.chief, at, DOCUMENT)
    return hearing
