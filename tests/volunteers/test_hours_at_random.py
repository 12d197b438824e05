"""Whatever officers, leaders and volunteers do in whatever order, the ledger stays exact (I09 to I17, I44, I45).

Ticks that differ, choices, confirmations, undo, signatures, returns, interests and corrections at random; after each
step the totals equal an independent recount.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

import pytest

from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from errors import Refusal
from extensions import db
from record.invariants import broken
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.test_countersign import to_be_signed
from volunteers.actions.confirmation import confirm, undo
from volunteers.actions.conflicts import choose, in_conflict
from volunteers.actions.corrections import Grounds, approve, ask, propose, refuse
from volunteers.actions.countersign import send_back, sign
from volunteers.actions.credit import append_due, credited_minutes
from volunteers.actions.interests import declare
from volunteers.actions.postings import post_officer
from volunteers.actions.ticks import arrive, correct_tick, leave, miss, tick_all
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.corrections import Correction
from volunteers.models.interests import Interest
from volunteers.models.ledger import Confirmation, CreditEntry

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
QUICK, LONG = 25, 500


class Afternoon:
    """One shift of six people, two officers, two leaders, the desk and the chief; time goes on."""

    def __init__(self, town: Town, crossing: Crossing, seed: int) -> None:
        self.town, self.dice, self.at = town, Random(seed), END
        shift = crossing.shift()
        crossing.booked(shift, *(crossing.person(minutes=minutes) for minutes in (60, 90, 1200, 45, 90, 60)))
        self.officers = [town.traffic_officer, self._second("traffic_officer", "吴民警")]
        post_officer(shift, self.officers[1], town.coordinator, NOW, "two are needed")
        self.leaders = [town.squad_leader, self._second("squad_leader", "副队长")]
        self.people: list[Person] = [*self.officers, *self.leaders, town.coordinator, town.chief]
        self.shift = shift

    def _second(self, role: str, name: str) -> Person:
        person = enter_person({"name": name}, self.town.office, by=None, at=NOW)
        home = self.town.squad_leader.memberships[0].organisation
        since = {"starts_on": date(2026, 1, 1), "organisation": home}
        give_membership(person, self.town.office, role, by=None, at=NOW, **since)
        return person

    def step(self) -> str:
        self.at += timedelta(minutes=self.dice.randrange(4))
        what = self.dice.choice(list(self.steps))
        try:
            self.steps[what](self)
            return what
        except Refusal as refusal:
            return refusal.code
        except IndexError:  # there is none of these yet
            return "nothing"

    def one(self) -> Attendance:
        return self.dice.choice(all_of(Attendance))

    def minute(self) -> datetime:
        return START + timedelta(minutes=self.dice.randrange(-10, 95))

    def tick(self) -> None:
        officer = self.dice.choice(self.officers)
        self.dice.choice([arrive, leave, miss])(self.one(), officer, self.at)

    def tick_all(self) -> None:
        tick_all(self.shift, self.dice.choice(self.officers), self.at)

    def correct_tick(self) -> None:
        kind, officer = self.dice.choice(["in", "out"]), self.dice.choice(self.officers)
        correct_tick(self.one(), kind, self.minute(), officer, self.at, "seen")

    def choose(self) -> None:
        ticks = [(one, tick) for one in all_of(Attendance) for each in in_conflict(one, 1).values() for tick in each]
        choose(*self.dice.choice(ticks), self.dice.choice([*self.officers, *self.leaders]), self.at, "seen")

    def confirm(self) -> None:
        confirm(self.shift, self.dice.choice(self.officers), self.at)

    def undo(self) -> None:
        said = all_of(Confirmation)[-1]
        undo(self.shift, said.batch, said.by, self.at)

    def append(self) -> None:
        append_due(self.at)

    def sign(self) -> None:
        waiting = [c for c in all_of(Confirmation) if c.undone_at is None and c.final_at <= self.at]
        sign([self.dice.choice(waiting)], self.dice.choice(self.leaders), self.at)

    def send_back(self) -> None:
        waiting = [c for c in all_of(Confirmation) if c.undone_at is None and c.final_at <= self.at]
        send_back(self.dice.choice(waiting), self.dice.choice(self.leaders), self.at, "look again")

    def declare(self) -> None:
        if len(all_of(Interest)) < 2:  # somebody must be left to speak
            declare(self.one(), self.dice.choice(self.people), "kin", self.town.coordinator, self.at)

    def _times(self) -> tuple[datetime, datetime] | None:
        first, second = sorted([self.minute(), self.minute()])
        return None if self.dice.random() < 0.2 else (first, second)

    def ask(self) -> None:
        one = self.one()
        ask(one, self._times(), one.person, self.at, "wrong")

    def propose(self) -> None:
        grounds = Grounds("seen", self.dice.choice(["ticks", "paper", "other"]), "camera")
        propose(self.one(), self._times(), grounds, self.dice.choice(self.people), self.at)

    def decide(self) -> None:
        made = self.dice.choice(all_of(Correction))
        self.dice.choice([approve, approve, refuse])(made, self.dice.choice(self.people), self.at, "so it is")

    steps: dict[str, Callable[[Afternoon], None]] = {  # noqa: RUF012 - what may happen
        "tick": tick,
        "tick_all": tick_all,
        "correct_tick": correct_tick,
        "choose": choose,
        "confirm": confirm,
        "undo": undo,
        "append": append,
        "sign": sign,
        "send_back": send_back,
        "declare": declare,
        "ask": ask,
        "propose": propose,
        "decide": decide,
    }

    def check(self) -> None:
        """An independent recount, line by line."""
        entries = all_of(CreditEntry)
        gone = {e.reverses_id for e in entries}
        live = [e for e in entries if e.kind == "credit" and e.id not in gone]
        for assessment in all_of(Assessment):
            mine = [e for e in live if e.assessment_id == assessment.id]
            total = sum(e.minutes for e in mine)
            assert (total, len(mine) <= 1) == (credited_minutes(assessment), True)
            assert (assessment.state == "hours_complete") == (total >= assessment.required_minutes)
        for entry in live:
            assert entry.minutes == (entry.ends_at - entry.starts_at) // timedelta(minutes=1) <= self.shift.minutes
            assert START <= entry.starts_at < entry.ends_at <= END


@pytest.mark.parametrize("steps", [QUICK, pytest.param(LONG, marks=pytest.mark.slow)])
@pytest.mark.parametrize("signed", [False, True])
def test_the_ledger_stays_exact_whatever_they_do(town: Town, crossing: Crossing, signed: bool, steps: int) -> None:
    if signed:
        to_be_signed(town)
    afternoon, seen = Afternoon(town, crossing, seed=20 + signed), set()
    for number in range(steps):
        seen.add(afternoon.step())
        db.session.expire_all()
        afternoon.check()
        if number % 50 == 25:
            assert broken() == []
    assert broken() == []
    assert steps == QUICK or {"confirm", "ask", "propose", "decide"} <= seen
