"""A state's course: one table per noun. A step is one conditional UPDATE that must hit one row (I08)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from errors import Refusal
from extensions import db
from record import guards
from record.act import current_act


class OffCourse(Refusal):
    """The row is not in a state from which this step leads."""

    code = "off_course"
    message = "This step is not possible now: the state is “%(state)s”."
    help = "Reload the page; somebody may have been faster."


@dataclass(frozen=True)
class Step:
    """`froms` names the states it leads from; () is the birth of the row. `permission` is who may (TRUST section 2)."""

    name: str
    froms: tuple[str, ...]
    to: str
    permission: str = ""


class Course:
    """The course of one model's state column. Buttons, diagram, CHECK and guard come from it."""

    def __init__(self, model: Any, steps: Iterable[Step], column: str = "state") -> None:
        self.model, self.column = model, column
        self.steps = {step.name: step for step in steps}
        pairs = [(a, s.to) for s in self.steps.values() for a in s.froms]
        guards.course_guard(model.__tablename__, pairs, column)

    def step(self, name: str, row: Any, **columns: Any) -> None:
        """Take the step, with further columns in the same UPDATE. Raises: OffCourse (races settle themselves)."""
        step = self.steps[name]
        db.session.flush()
        before = {key: getattr(row, key) for key in (self.column, *columns)}
        state = getattr(self.model, self.column)
        where = (self.model.id == row.id, state == before[self.column], state.in_(step.froms))
        values = {self.column: step.to, **columns}
        if hasattr(self.model, "sequence"):
            values["sequence"] = self.model.sequence + 1
        taken = update(self.model).where(*where).values(values).returning(self.model)
        # "evaluate" lets the session know, so that a savepoint that is rolled back forgets the step as well
        taken = taken.execution_options(synchronize_session="evaluate", populate_existing=True)
        if db.session.scalars(taken).one_or_none() is None:
            db.session.refresh(row)
            raise OffCourse(state=getattr(row, self.column))
        current_act().bumped.add(row.public_id)
        for key, was in before.items():
            if was != getattr(row, key):
                current_act().note(row, key, was, getattr(row, key))

    def open_steps(self, row: Any) -> list[Step]:
        """The steps that lead on from where the row stands."""
        return [s for s in self.steps.values() if getattr(row, self.column) in s.froms]
