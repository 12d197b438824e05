"""Whatever the program can write into the trail has words: acts, what they were done to, and what changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect

from accounts import guide, trail
from accounts.models import Account, PersonSession, Role
from cases.models import SpellKind
from extensions import db
from record.models import Audited

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("accounts", "record", "exchange", "scheduler", "cases", "hearings", "lawyers", "volunteers", "demo")
COMPOSED = {  # acts whose name is put together where they are written
    "guide.SET_ASIDE": [guide.SET_ASIDE],
    "f'limit.{kind}'": [f"limit.{kind}" for kind in SpellKind if kind != SpellKind.WITHDRAWN],
    "f'attendance.{name}'": ["attendance.arrive", "attendance.leave"],
    "f'attendance.{step}'": ["attendance.cancel", "attendance.call_off"],
    "'attendance.strike_out' if struck else 'attendance.restore'": ["attendance.strike_out", "attendance.restore"],
    "'assessment.make_paper' if isinstance(of, Assessment) else 'shift.make_paper'": [
        "assessment.make_paper",
        "shift.make_paper",
    ],
    "'duty.lock' if locked else 'duty.unlock'": ["duty.lock", "duty.unlock"],
    "name": ["participant.accept", "participant.decline", "service_export.disclose", "service_export.download"],
    **{
        f"f'{{unit.__tablename__}}.{verb}'": [f"{unit}.{verb}" for unit in ("department", "organisation")]
        for verb in ("enter", "rename", "retire", "resume")
    },
}


def written() -> Iterator[str]:
    """The names of all acts in the source; a composed one that this file does not know stands out as its source."""
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "act" and node.args:
                name = node.args[0]
                known = [name.value] if isinstance(name, ast.Constant) else COMPOSED.get(ast.unparse(name))
                yield from (str(one) for one in known or [ast.unparse(name)])


def audited() -> list[type[Audited]]:
    found = [mapper.class_ for mapper in db.Model.registry.mappers]
    return sorted((m for m in found if issubclass(m, Audited)), key=lambda m: m.__tablename__)


def test_every_act_has_words(app: Flask) -> None:
    assert sorted({name for name in written() if not trail.has_words(name)}) == []


def test_everything_an_act_is_done_to_has_a_noun(app: Flask) -> None:
    tables = [model.__tablename__ for model in (*audited(), Account, PersonSession)]
    assert [table for table in tables if not trail.has_noun(table)] == []


def test_every_code_that_a_history_shows_has_words(app: Flask) -> None:
    """States and the roles of people have theirs in the templates."""
    codes = [
        (model.__tablename__, check.info["codes"][0], code)
        for model in audited()
        for check in model.__table__.constraints
        if "codes" in check.info and check.info["codes"][0] not in {"state", "status"}
        for code in check.info["codes"][1]
        if not set(check.info["codes"][1]) <= set(Role)
    ]
    assert ("tick", "method", "paper") in codes and ("party", "role", "suspect") in codes
    shown = [one for one in codes if trail.has_column(one[0], one[1]) and not trail.is_hidden(one[0], one[1])]
    assert [one for one in shown if not trail.has_value(*one)] == []


def test_every_column_whose_change_is_shown_has_words(app: Flask) -> None:
    columns = [
        (model.__tablename__, column.key)
        for model in audited()
        for column in inspect(model).column_attrs
        if column.key not in {"id", "public_id", "sequence"} and not column.columns[0].info.get("derived")
    ]
    assert [f"{table}.{column}" for table, column in columns if not trail.has_column(table, column)] == []
