"""Papers as PDF and as Word from one text with fields. Knows no domain; what is filled in is text, never markup.

The text of a paper has a line for each block: `# title`, `> centred`, `< at the left`, `@ at the right`, `| a | b |` a
row of a table (the first one is its head), else a paragraph. `{{ field }}` is filled in, `{% for one in several %}`
repeats lines, `{% if %}` leaves them out. There is nothing else (`Fields`): a template that somebody sends can do
nothing but say fields.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

if TYPE_CHECKING:
    from typst import Fonts

LAYOUT = Path(__file__).resolve().parent.parent / "templates" / "papers" / "paper.typ"
Values = Mapping[str, Any]
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
)


class Fields(SandboxedEnvironment):
    """Fields, `for` over a list that is known, `if`: whatever else a template says is refused before it runs.

    `known` gives the fields: a text each, or a list of mappings that all have the same.
    """

    def __init__(self, known: Values, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, trim_blocks=True, **options)
        self.known = known
        self.globals.clear()

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        """Raises: SecurityError naming what a template may not say, TemplateSyntaxError."""
        wrong = self.wrong_in(str(source))
        if wrong:
            raise SecurityError(", ".join(wrong))
        return super().from_string(source, *args, **kwargs)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def wrong_in(self, source: str) -> list[str]:
        """Fields that are unknown and constructs that are not allowed, in their order, each once."""
        return list(dict.fromkeys(self._wrong(self.parse(source), {})))

    def _wrong(self, node: nodes.Node, lines: Mapping[str, str]) -> list[str]:
        if not isinstance(node, _ALLOWED):
            return [type(node).__name__.lower()]
        if isinstance(node, nodes.For):
            return self._wrong_loop(node, lines)
        if isinstance(node, nodes.Getattr):
            of = node.node.name if isinstance(node.node, nodes.Name) else ""
            known = of in lines and all(node.attr in line for line in self.known[lines[of]])
            return [] if known else [f"{of}.{node.attr}"]
        if isinstance(node, nodes.Name):
            return [] if node.name in self.known else [node.name]
        return [found for child in node.iter_child_nodes() for found in self._wrong(child, lines)]

    def _wrong_loop(self, node: nodes.For, lines: Mapping[str, str]) -> list[str]:
        """A loop stands in no other, so a template says each line once at most."""
        several = node.iter.name if isinstance(node.iter, nodes.Name) else ""
        plain = isinstance(node.target, nodes.Name) and not (node.test or node.else_ or node.recursive or lines)
        if not plain or not isinstance(self.known.get(several), list):
            return [several or "for"]
        inner = {getattr(node.target, "name", ""): several}
        return [found for child in node.body for found in self._wrong(child, inner)]


@dataclass(frozen=True)
class Block:
    """`kind`: title, centre, left, right, par or table; a table has `head`, `rows` and the `widths` of its columns."""

    kind: str
    text: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)


_KINDS = {"#": "title", ">": "centre", "@": "right", "<": "left"}


def blocks_of(text: str) -> list[Block]:
    """The blocks of a text that is filled in."""
    found: list[Block] = []
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("|"):
            cells = cells_of(line)
            if found and found[-1].kind == "table":
                found[-1].rows.append(cells)
            else:
                found.append(Block("table", head=cells))
        elif line:
            kind = _KINDS.get(line[0], "par")
            found.append(Block(kind, line if kind == "par" else line[1:].strip()))
    for block in found:
        block.widths.extend(widths_of(block.head, block.rows))
    return found


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def widths_of(head: list[str], rows: list[list[str]]) -> list[int]:
    """Shares of the columns by their longest cell, so that a place gets more room than a number."""
    columns = zip(head, *rows, strict=True) if rows else ((cell,) for cell in head)
    return [min(max(6, *map(_wide, column)), 24) for column in columns]


def _wide(cell: str) -> int:
    """How wide a cell is: a Chinese sign is as wide as two digits."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in cell)


def filled(text: str, values: Values) -> str:
    """The text with its fields filled in; a value keeps to its place, whatever signs are in it."""
    return Fields(values, finalize=in_its_place).from_string(text).render(values)


def in_its_place(value: Any) -> str:
    return re.sub(r"\s*[\r\n\u2028\u2029\x0b\x0c\x85]+\s*", " ", str(value)).replace("|", "｜")


@cache
def _fonts() -> Fonts:
    """Noto Serif SC from its package, and no font of the machine: a paper is the same everywhere."""
    from pylopdf_fonts_zh_cn import serif_path
    from typst import Fonts

    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(serif_path().parent)])


def pdf(text: str, values: Values, title: str, on: datetime) -> bytes:
    """The paper as PDF. `title` is what its metadata say; the same values give the same bytes."""
    import typst

    blocks = [asdict(block) for block in blocks_of(filled(text, values))]
    paper = json.dumps({"title": title, "blocks": blocks}, ensure_ascii=False)
    made: bytes = typst.compile(
        str(LAYOUT),
        root=str(LAYOUT.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": paper},
        format="pdf",
        timestamp=on.astimezone(UTC),
    )
    return made
