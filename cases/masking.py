"""Names as others may read them (DOMAIN S-14)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

CERTAIN = "某"  # citation: how judgments and announcements write a withheld given name
COMPOUND = frozenset(
    {"欧阳", "上官", "司马", "诸葛", "皇甫", "慕容", "夏侯", "司徒"}  # citation: surnames of two characters
)
LONGEST = 4  # characters of a person's name in Chinese, but for a few


@cache
def _words() -> dict[str, tuple[str, ...]]:
    kept = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: tuple(ends) for name, ends in kept.items()}


def masked_name(name: str) -> str:
    """The surname, and one sign for each character of the given name; of a foreign name its first letter. The name of
    an authority or a company is nobody's personal datum and stays."""
    if not name or is_body(name):
        return name
    if name[0].isascii():
        return name[0] + "**"
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND else 1
    return name[:kept] + CERTAIN * max(len(name) - kept, 1)


def is_body(name: str) -> bool:
    """Whether a name is that of an authority, a company or another body, by how it ends."""
    if "\u00b7" in name:  # between the parts of a person's foreign name
        return False
    if len(name) >= LONGEST and name.endswith(_words()["bodies"]):
        return True
    return len(name) > LONGEST and name.endswith(_words()["endings"])
