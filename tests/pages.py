"""Which tests open pages: on PostgreSQL they run in the slow tests, on SQLite each time (docs/decisions/0009)."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from types import ModuleType

import pytest

OPENS = frozenset({"browser", "Phone", "Browser", "Visitor", "test_client"})


def opens_pages(item: pytest.Function) -> bool:
    """Whether a test asks for a page itself, or through a fixture or function of its module."""
    opening = _opening(item.module)
    return item.function.__name__ in opening or bool(opening & set(item.fixturenames))


@cache
def _opening(module: ModuleType) -> frozenset[str]:
    """The functions and classes of a module that open pages, directly or through one another."""
    named = {
        node.name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
        | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    found: set[str] = set()
    while True:
        more = {name for name, uses in named.items() if uses & (OPENS | found)} - found
        if not more:
            return frozenset(found)
        found |= more
