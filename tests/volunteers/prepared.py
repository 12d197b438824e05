"""A case with a suspect on bail, a scheme in force, and the steps of an assessment as the office takes them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from accounts.models import Person
from cases.actions.entering import enter_case
from cases.actions.parties import enter_party
from cases.models import Party
from exchange.tidy import check_digit
from tests.town import NOW, Town
from volunteers.actions import preparing, schemes
from volunteers.actions.preparing import Recorded
from volunteers.actions.proposing import Proposal, propose
from volunteers.models.assessment import Assessment
from volunteers.models.schemes import Scheme
from volunteers.rules.schemes import Terms

TODAY = date(2026, 11, 24)
DONE = Recorded(
    told_on=TODAY,
    consented_on=TODAY,
    trained_on=TODAY,
    insured_from=TODAY,
    insured_until=date(2027, 3, 31),
    policy="样例保单",
    capable_of=2,
)
RECEIVED = date(2026, 11, 20)
FIRST, LAST = date(2026, 11, 27), date(2026, 12, 8)  # after an intake of four working days, until the evaluation


class Prepared:
    """The town with a scheme in force, and suspects who can be proposed."""

    def __init__(self, town: Town, *, neighbour: bool = False) -> None:
        self.town, self.numbers, self.neighbour = town, count(1), neighbour
        self.office = town.other_office if neighbour else town.office
        self.scheme = self.in_force(Terms())

    def who(self, role: str) -> Person:
        return self.town.neighbour(role) if self.neighbour else getattr(self.town, role)

    def in_force(self, terms: Terms) -> Scheme:
        """Put a version in force."""
        self.scheme = schemes.draft(self.office, "考察办法", "custom", terms, self.who("coordinator"), NOW)
        schemes.approve(self.scheme, self.who("chief"), NOW)
        return self.scheme

    def suspect(self, **more: Any) -> Party:
        """Somebody on bail in a case received four days ago."""
        number = next(self.numbers)
        by = self.who("coordinator")
        facts = {"number": f"枫检刑诉〔2026〕{500 + number}号", "cause": "危险驾驶", "received_on": RECEIVED}
        case = enter_case(self.office, {**facts, "handler_id": self.who("prosecutor").id}, by, NOW)
        bail = {"measure": "bail", "measure_from": date(2026, 11, 1), "bail_area": "枫县"}
        found = {"name": f"当事{number}", "role": "suspect", "birth_on": date(1990, 1, 1), **bail, **more}
        return enter_party(case, found, by, NOW)

    def id_number(self) -> str:
        first_seventeen = f"99999919900101{500 + next(self.numbers):03}"
        return first_seventeen + check_digit(first_seventeen)

    def asked(self, **more: Any) -> Proposal:
        return Proposal(**{**BASE, **more})

    def proposed(self, *steps: str, reason: str = "", id_number: str = "", **more: Any) -> Assessment:
        """An assessment, with steps taken."""
        number = id_number or self.id_number()
        one = propose(self.suspect(), self.asked(**more), number, self.who("prosecutor"), NOW, reason)
        for step in steps:
            self.do(step, one)
        return one

    def serving(self, **more: Any) -> Assessment:
        return self.proposed("tell", "consent", "train", "insure", "start", **more)

    def do(self, step: str, one: Assessment) -> None:
        """One step, as whoever takes it enters it."""
        by = self.who("coordinator")
        match step:
            case "tell":
                preparing.tell(one, TODAY, "告知书1号", by, NOW)
            case "consent":
                preparing.consent(one, TODAY, 2, None, "承诺书1号", by, NOW)
            case "train":
                preparing.train(one, TODAY, 60, "秦队长", self.who("squad_leader"), NOW)
            case "insure":
                preparing.insure(one, TODAY, one.last_on + timedelta(days=30), "样例保单1号", by, NOW)
            case "start":
                preparing.start(one, "联系函1号", by, NOW)


BASE: dict[str, Any] = {
    "bac_hundredths": 16050,
    "aggravating": "",
    "pleaded": True,
    "first_on": FIRST,
    "last_on": LAST,
}
