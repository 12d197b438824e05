"""Which tests meet PostgreSQL each time, and which in the slow tests only (docs/decisions/0009).

Each time: what stands on the database itself. That is everything of `record/` and of the timeline, and elsewhere what
races and what the database refuses; but for those that open pages or take whole lists of an office.
"""

from __future__ import annotations

import inspect
from functools import cache
from types import CodeType, ModuleType

import pytest

TIMELINE = ("absence", "lending", "rooms", "state_machine", "timeline", "travel", "waiting")
GROUND = ("tests/record/", "tests/faults/", *(f"tests/scheduler/test_{chapter}.py" for chapter in TIMELINE))
PROMISES = frozenset({"race", "ThreadPoolExecutor", "IntegrityError", "DBAPIError"})
PAGES = frozenset({"browser", "Phone", "Browser", "Visitor", "test_client"})
LONG = PAGES | {"brought"}


def meets_postgresql_each_time(item: pytest.Function) -> bool:
    return not _uses(item, LONG) and (item.nodeid.startswith(GROUND) or _uses(item, PROMISES))


def _uses(item: pytest.Function, names: frozenset[str]) -> bool:
    """Whether a test uses one of the names itself, or by a fixture or function of its module."""
    using = _using(item.module, names)
    return item.function.__name__ in using or bool((using | names) & set(item.fixturenames))


@cache
def _using(module: ModuleType, names: frozenset[str]) -> frozenset[str]:
    """The functions and classes of a module that use one of the names, directly or through one another."""
    found: set[str] = set()
    while True:
        more = {name for name, uses in _named(module).items() if uses & (names | found)} - found
        if not more:
            return frozenset(found)
        found |= more


@cache
def _named(module: ModuleType) -> dict[str, set[str]]:
    """What each function and class of a module names."""
    whole = compile(inspect.getsource(module), module.__name__, "exec")
    return {part.co_name: _names(part) for part in whole.co_consts if isinstance(part, CodeType)}


def _names(code: CodeType) -> set[str]:
    """What a function names, and what is written within it."""
    within = (_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return {*code.co_names, *code.co_varnames, *code.co_freevars}.union(*within)
