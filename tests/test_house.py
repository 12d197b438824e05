"""The rules of the house, read from the source: each exception stands here with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("record", "accounts", "exchange", "scheduler", "cases", "hearings", "lawyers", "volunteers", "demo")
TOP = ("app.py", "config.py", "extensions.py", "errors.py", "law.py")
HAN = re.compile(r"[\u3400-\u9fff]")

LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    "scheduler/actions/deadlines.py:start_deadline": "its docstring and the row it writes, field by field",
    "accounts/actions/sessions.py:open_session": "the row it writes, field by field",
    "volunteers/wiring.py:init_app": "one registration a line",
}
CLOCKS = {
    "record/invariants.py": "verify-db is asked now, about now",
    "exchange/commands.py": "the edge of a command",
    "demo/commands.py": "the edge of a command",
    "record/edge.py": "the edge is where the time is read",
    "record/jobs.py": "a job's time is read when it starts",
    "record/selftest.py": "the self-test writes an act that is rolled back",
}
TRANSACTIONS = {"record": "opens and ends transactions", "accounts/web.py": "a refusal ends the request's transaction"}


def sources() -> Iterator[tuple[str, str, ast.Module]]:
    paths = [ROOT / name for name in TOP]
    for room in ROOMS:
        paths += sorted((ROOT / room).rglob("*.py"))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        yield str(path.relative_to(ROOT)), text, ast.parse(text)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = [name for name, text, _ in sources() if len(text.splitlines()) > 400 and name not in LONG_FILES]
    assert long == []


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{name}:{node.name}"
        for name, _, tree in sources()
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno >= 40 and f"{name}:{node.name}" not in LONG_FUNCTIONS
    ]
    assert long == []


def test_app_py_is_wiring_only() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 120


def test_the_clock_is_read_at_the_edge_only() -> None:
    reading = re.compile(r"\b(?:datetime|date)\.(?:now|today|utcnow)\(")
    found = [
        f"{name}:{number}"
        for name, text, _ in sources()
        for number, line in enumerate(text.splitlines(), 1)
        if reading.search(line) and name not in CLOCKS and "edge: " not in line
    ]
    assert found == []


def test_only_the_record_ends_transactions() -> None:
    ending = re.compile(r"db\.session\.(?:commit|begin)\(")
    found = [
        f"{name}:{number}"
        for name, text, _ in sources()
        for number, line in enumerate(text.splitlines(), 1)
        if ending.search(line) and name.split("/")[0] not in TRANSACTIONS and name not in TRANSACTIONS
    ]
    assert found == []


def test_no_view_fetches_a_row_by_its_id() -> None:
    fetching = re.compile(r"get_or_404|first_or_404|one_or_404|\.query\.|db\.session\.get\(")
    found = [
        f"{name}:{number}"
        for name, text, _ in sources()
        for number, line in enumerate(text.splitlines(), 1)
        if "/views/" in name and fetching.search(line)
    ]
    assert found == []


def test_chinese_stands_in_the_translations_and_in_citations_only() -> None:
    found = []
    for name, text, tree in sources():
        lines = text.splitlines()
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docs:
                continue
            cited = any("citation" in lines[n] for n in range(node.lineno - 1, node.end_lineno or node.lineno))
            if HAN.search(node.value) and not cited:
                found.append(f"{name}:{node.lineno}")
    assert found == []


def test_packages_have_empty_init_files() -> None:
    full = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("__init__.py"))
        if path.read_text(encoding="utf-8").strip()
    ]
    assert full == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "services", "common", "manager", "misc"}
    assert [name for name, _, _ in sources() if Path(name).stem in empty] == []


def test_templates_hold_no_style_or_script_of_their_own() -> None:
    wrong = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)|\|\s*safe\b|javascript:")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wrong.search(line)
    ]
    assert found == []


def test_no_page_asks_another_host() -> None:
    address = re.compile(r"(?:src|href|action)=[\"']?https?://|@import|url\(https?:")
    found = [
        str(path.relative_to(ROOT))
        for folder, pattern in (("templates", "*.html"), ("static", "*.css"), ("static", "*.js"))
        for path in sorted((ROOT / folder).rglob(pattern))
        if "vendor" not in path.parts and address.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_requirement_files_are_hashed_and_name_no_index() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert "--index" not in text and "http" not in text, path.name
        pinned = re.findall(r"^\S+==\S+ .*$", text, re.MULTILINE)
        assert pinned and text.count("--hash=sha256:") >= len(pinned), path.name
