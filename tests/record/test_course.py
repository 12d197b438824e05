"""A state's course: each step once, by whoever is first."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.models import Act
from scheduler.timeline.models import ABSENCE, Absence
from tests.town import NOW, Town


def leave(town: Town) -> Absence:
    """The clerk's leave, asked for."""
    event = town.event("请假", "2026-11-25 09:00", "2026-11-25 18:00", kind="absence")
    absence = Absence(event_id=event.id, office_id=town.office.id, person_id=town.clerk.id, why="看病")
    with act("absence.request", absence, by=town.clerk, at=NOW):
        db.session.add(absence)
    return absence


def step(town: Town, name: str, absence: Absence, **columns: str) -> None:
    with act(f"absence.{name}", absence, by=town.chief, at=NOW):
        ABSENCE.step(name, absence, **columns)


def test_a_step_changes_the_state_and_what_goes_with_it_and_tells_both(town: Town) -> None:
    absence = leave(town)
    step(town, "approve", absence, why="看病, approved")
    assert (absence.state, absence.why) == ("approved", "看病, approved")
    told = db.session.scalars(select(Act).order_by(Act.id.desc())).first()
    assert told is not None
    assert [(c["column"], c["from"], c["to"]) for c in told.changes] == [
        ("state", "requested", "approved"),
        ("why", "看病", "看病, approved"),
    ]


def test_a_step_that_does_not_lead_on_is_refused_and_leaves_no_act(town: Town) -> None:
    absence = leave(town)
    step(town, "refuse", absence)
    with pytest.raises(OffCourse) as refusal:
        step(town, "approve", absence)
    assert (refusal.value.state, history(absence)) == ("refused", ["absence.request", "absence.refuse"])


def test_of_two_who_take_a_step_at_the_same_moment_one_wins(town: Town) -> None:
    """I08: each read the row before the other wrote it."""
    absence_id = leave(town).id
    db.session.remove()
    meet, outcomes = threading.Barrier(2), []

    def take(name: str) -> None:
        with town.app.app_context():
            try:
                row = db.session.get_one(Absence, absence_id)
                seen = row.state
                db.session.rollback()
                meet.wait()
                with act(f"absence.{name}", row, by=None, at=NOW):
                    ABSENCE.step(name, row)
                outcomes.append((seen, name))
            except OffCourse:
                outcomes.append((seen, "late"))

    threads = [threading.Thread(target=take, args=(name,)) for name in ("approve", "refuse")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [name for _, name in outcomes if name != "late"]
    assert sorted(outcomes) == sorted([("requested", winner), ("requested", "late")])
    stored = db.session.get_one(Absence, absence_id)
    assert stored.state == {"approve": "approved", "refuse": "refused"}[winner]
    assert history(stored) == ["absence.request", f"absence.{winner}"]


def test_a_step_undone_with_its_savepoint_is_forgotten_by_the_session_as_well(town: Town) -> None:
    absence = leave(town)
    with act("absence.consider", absence, by=town.chief, at=NOW):
        with pytest.raises(ValueError), db.session.begin_nested():
            ABSENCE.step("approve", absence)
            raise ValueError
        ABSENCE.step("refuse", absence)
    assert absence.state == "refused"


def test_the_database_refuses_a_state_off_its_course(town: Town) -> None:
    """I08: whatever the program thinks."""
    absence = leave(town)
    step(town, "refuse", absence)
    with pytest.raises(IntegrityError) as refusal, act("absence.forge", absence, by=town.chief, at=NOW):
        db.session.execute(update(Absence).where(Absence.id == absence.id).values(state="approved"))
    assert "absence_state_keeps_its_course" in str(refusal.value.orig)
    assert db.session.scalar(text("SELECT state FROM absence")) == "refused"


def test_the_steps_that_lead_on_are_known(town: Town) -> None:
    absence = leave(town)
    assert [s.name for s in ABSENCE.open_steps(absence)] == ["approve", "refuse", "withdraw"]
