"""Whatever is booked, ticked, confirmed, undone, changed or handed on, at random and at once: the hours stand."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from extensions import db
from record import invariants
from tests.conftest import Engine
from tests.volunteers.recount import wrong
from tests.volunteers.service_machine import Service

VERBS = {  # and how often each is tried
    "book": 10,
    "wait": 6,
    "arrive": 24,
    "leave": 12,
    "tick_all": 10,
    "confirm": 16,
    "credit": 8,
    "correct_tick": 6,
    "undo": 5,
    "ask_correction": 2,
    "propose_correction": 5,
    "decide_correction": 7,
    "leave_list": 6,
    "cancel": 3,
    "report_absence": 2,
    "excuse": 3,
    "send_home": 2,
    "miss": 4,
    "strike_out": 4,
    "restore": 8,
    "arrive_anew": 6,
    "arrive_then": 5,
    "not_come": 5,
    "take_back_press": 8,
    "close": 4,
    "close_settled": 3,
    "change_shift": 2,
    "cancel_shift": 4,
    "post_officer": 2,
    "end_posting": 2,
    "stop": 3,
    "resume": 4,
    "prolong": 3,
    "walk_in": 4,
    "hand_over": 3,
    "note_incident": 3,
    "decide": 5,
    "press_again": 3,
    "hand_out": 6,
    "take_back": 3,
    "settle_equipment": 4,
    "amend": 2,
    "new_scheme": 1,
    "transfer": 2,
    "withdraw": 1,
}
QUICK, LONG = 40, 100  # steps of one office, in a database of its own
AT_ONCE, LATER = 0.1, 0.08  # how often two verbs go at once, and how often time passes
EAGER = 4


def run(engine: Engine, least: int, most: int, steps: int) -> Counter[str]:
    """Let some offices work, and further ones until every verb was done; look after every step. Returns how often each
    verb was done."""
    done: Counter[str] = Counter()
    for number in range(most):
        if number >= least and set(VERBS) <= set(+done):
            break
        chance = random.Random(number)
        with engine.opened() as app:
            service = Service(app)
            for _ in range(steps):
                new = set(VERBS) - set(+done) - {name for name, said in service.said.items() if said["ok"]}
                step = _step(service, chance, new)
                with app.app_context():
                    assert (number, step, invariants.broken(), wrong(service.clock)) == (number, step, [], [])
                    db.session.remove()
            done.update({name: answers["ok"] for name, answers in service.said.items()})
    return done


def _step(service: Service, chance: random.Random, new: set[str]) -> object:
    """One verb, two at once, or time that passes; what was never done yet is tried more often."""
    weights = [often * (EAGER if name in new else 1) for name, often in VERBS.items()]

    def what() -> tuple[str, int, int]:
        return chance.choices(list(VERBS), weights)[0], chance.randrange(999), chance.randrange(999)

    way = chance.random()
    if way < LATER:
        service.later(chance.randrange(999))
        return service.clock
    if way < LATER + AT_ONCE:
        pair = what(), what()
        service.at_once(pair)
        return pair
    tried = [one := what()]
    while (answer := service.do(*one)) == "nothing":
        tried.append(one := what())
    return tried, answer


def test_forty_random_steps_bend_no_hour(engine: Engine) -> None:
    """I08 to I15, I44, I45, I47; DOMAIN 8.3 to 8.6."""
    assert run(engine, 1, 1, QUICK).total() > 0


@pytest.mark.slow
def test_eight_hundred_random_steps_bend_no_hour(engine: Engine) -> None:
    """The same for longer; and every verb was done, not only refused."""
    assert sorted(set(VERBS) - set(+run(engine, 8, 14, LONG))) == []
