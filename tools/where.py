"""Everything of one verb: its route, view, action, rule, template and tests.

A verb has one name everywhere, so finding it is a search for that name: `make where VERB=move`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("record", "accounts", "exchange", "scheduler", "cases", "hearings", "lawyers", "volunteers", "tests")


def places(verb: str) -> Iterator[str]:
    """`file:line: what` for every definition, route, act and template of the verb."""
    word = re.escape(verb)
    wanted = re.compile(
        rf"^\s*(?:def (?:\w+_)?{word}(?:_\w+)?\(|class \w*{word.title()}\w*|@\w+\.(?:get|post|route)\(.*{word})"
        rf"|\bact\(\"\w+\.{word}\"|Step\(\"{word}\"|@tells\(.*\.{word}\"",
        re.IGNORECASE,
    )
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if wanted.search(line):
                    yield f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if verb in path.stem.lstrip("_"):
            yield f"{path.relative_to(ROOT)}:1: template"


def main() -> int:
    verb = sys.argv[1].strip() if len(sys.argv) > 1 else ""
    if not verb:
        print('Which verb? For example: make where VERB="move"')
        return 2
    found = list(places(verb))
    print("\n".join(found) if found else f"nothing is called {verb}")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
