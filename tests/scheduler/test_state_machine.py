"""Whatever is booked, moved, swapped, lent, cancelled or crashes, from several connections: nobody is in two places."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from app import create_app
from extensions import db
from record import invariants
from tests.conftest import Engine
from tests.scheduler import machine
from tests.scheduler.machine import World, book, drop, lend, move
from tests.town import Town

FULL_CHECK_EVERY = 100
SETTINGS = settings(
    max_examples=12,
    stateful_step_count=60,
    phases=[Phase.generate, Phase.shrink],
    derandomize=False,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Progress:
    """How far a run has come: its steps, and how many worlds it has seen."""

    steps = 0
    worlds = 0


def timeline_machine(app: Flask, progress: Progress) -> type[RuleBasedStateMachine]:
    """A machine that works on the database of `app` and counts its steps."""

    class Timeline(RuleBasedStateMachine):
        world: World

        @initialize()
        def open(self) -> None:
            progress.worlds += 1
            with app.app_context():
                self.world = World(app, Town(app), progress.worlds)
            self.keys = 0

        def teardown(self) -> None:
            if hasattr(self, "world") and self.world.rows:
                self.world.check()

        def verify(self) -> None:
            with self.world.app.app_context():
                assert invariants.broken() == []
                db.session.remove()

        def done(self) -> None:
            self.world.check()
            progress.steps += 1
            if progress.steps % FULL_CHECK_EVERY == 0:
                self.verify()

        def key(self) -> int:
            self.keys += 1
            return self.keys

        def event(self, n: int) -> int:
            return list(self.world.model.events)[n % len(self.world.model.events)]

        def claim(self, n: int) -> int:
            return list(self.world.model.claims)[n % len(self.world.model.claims)]

        has_events = precondition(lambda self: bool(self.world.model.events))
        has_claims = precondition(lambda self: bool(self.world.model.claims))

        @precondition(lambda self: len(self.world.model.events) < 12)
        @rule(start=st.integers(0, 20), length=st.integers(1, 4), places=st.sampled_from([None, 1, 2]))
        def plan(self, start: int, length: int, places: int | None) -> None:
            self.world.plan(self.key(), start, length, places)
            self.done()

        @has_events
        @rule(
            event=st.integers(0, 99),
            resource=st.integers(0, 5),
            role=st.sampled_from(["party", "volunteer", "duty_lawyer"]),
        )
        def book(self, event: int, resource: int, role: str) -> None:
            world, key, chosen = self.world, self.key(), self.event(event)
            role = "room" if resource >= machine.PEOPLE else role
            world.do(book(world.model, key, chosen, resource, role), world.booking(key, chosen, resource, role))
            self.done()

        @has_events
        @rule(event=st.integers(0, 99), by=st.integers(-3, 3).filter(bool))
        def move(self, event: int, by: int) -> None:
            shifts = {self.event(event): by}
            self.world.do(move(self.world.model, shifts), self.world.moving(shifts))
            self.done()

        @precondition(lambda self: len(self.world.model.events) > 1)
        @rule(first=st.integers(0, 99), second=st.integers(0, 99))
        def swap(self, first: int, second: int) -> None:
            one, two = self.event(first), self.event(second)
            if one == two:
                return
            by = self.world.model.events[two][0] - self.world.model.events[one][0]
            shifts = {one: by, two: -by}
            self.world.do(move(self.world.model, shifts), self.world.moving(shifts))
            self.done()

        @has_claims
        @rule(root=st.integers(0, 99), event=st.integers(0, 99))
        def lend(self, root: int, event: int) -> None:
            world, key, source, chosen = self.world, self.key(), self.claim(root), self.event(event)
            if world.model.claims[source].root is not None or world.model.claims[source].event == chosen:
                return
            world.do(lend(world.model, key, source, chosen), world.lending(key, source, chosen))
            self.done()

        @has_claims
        @rule(claim=st.integers(0, 99))
        def free(self, claim: int) -> None:
            key = self.claim(claim)
            self.world.do(drop(self.world.model, [key]), self.world.freeing(key))
            self.done()

        @has_events
        @rule(event=st.integers(0, 99))
        def cancel(self, event: int) -> None:
            world, chosen = self.world, self.event(event)
            answer = drop(world.model, world.model.of(chosen))
            world.do(answer, world.cancelling(chosen))
            if answer == "ok":
                del world.model.events[chosen]
            self.done()

        @has_events
        @rule(event=st.integers(0, 99), resource=st.integers(0, 3))
        def crash(self, event: int, resource: int) -> None:
            """An act that fails in the middle leaves nothing, whatever refused or broke it."""
            chosen = self.event(event)
            assert self.world.run(self.world.crashing(chosen, resource)) in {"crash", "collision", "lent_out"}
            self.done()

        @has_events
        @rule(
            events=st.tuples(st.integers(0, 99), st.integers(0, 99)),
            resources=st.tuples(st.integers(0, 2), st.integers(0, 2)),
            role=st.sampled_from(["party", "volunteer"]),
        )
        def race_to_book(self, events: tuple[int, int], resources: tuple[int, int], role: str) -> None:
            world = self.world
            pair = []
            for n, resource in zip(events, resources, strict=True):
                key, chosen = self.key(), self.event(n)

                def model(m: machine.Model, key: int = key, chosen: int = chosen, resource: int = resource) -> str:
                    return book(m, key, chosen, resource, role)

                pair.append((model, world.booking(key, chosen, resource, role)))
            world.race(pair)
            self.done()

    return Timeline


def run(engine: Engine, steps: int) -> int:
    """Run the machine until it has taken that many steps; returns how many it took."""
    url, owner_url = engine.make()
    app = create_app(engine.settings(url, owner_url))
    progress = Progress()
    while progress.steps < steps:
        machine = timeline_machine(app, progress)
        run_state_machine_as_test(seed(progress.worlds)(machine), settings=SETTINGS)
    with app.app_context():
        assert invariants.broken() == []
        db.session.remove()
        db.engine.dispose()
    engine.drop(url)
    return progress.steps


def test_three_hundred_random_steps_leave_nobody_in_two_places(engine: Engine) -> None:
    """I01, I02, I04, I20, I41, I42, I47; F53."""
    assert run(engine, 300) >= 300


@pytest.mark.slow
def test_ten_thousand_random_steps_leave_nobody_in_two_places(engine: Engine) -> None:
    """The same, for as long as the issue asks."""
    assert run(engine, 10_000) >= 10_000
