"""Names as others may read them (DOMAIN S-14)."""

from __future__ import annotations

CERTAIN = "某"  # citation: how judgments and announcements write a withheld given name
COMPOUND = frozenset(
    {"欧阳", "上官", "司马", "诸葛", "皇甫", "慕容", "夏侯", "司徒"}  # citation: surnames of two characters
)


def masked_name(name: str) -> str:
    """The surname, and one sign for each character of the given name; of a foreign name its first letter."""
    if not name:
        return ""
    if name[0].isascii():
        return name[0] + "**"
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND else 1
    return name[:kept] + CERTAIN * max(len(name) - kept, 1)
