"""Names as others may read them (DOMAIN S-14)."""

from __future__ import annotations

CERTAIN = "某"  # citation: how judgments and announcements write a withheld given name
COMPOUND = frozenset(
    {"欧阳", "上官", "司马", "诸葛", "皇甫", "慕容", "夏侯", "司徒"}  # citation: surnames of two characters
)
LONGEST = 4  # characters of a person's name in Chinese, but for a few
BODIES = ("政府", "公司", "局", "厅", "委员会", "合作社", "集团", "银行", "医院", "学校")  # citation: no people


def masked_name(name: str) -> str:
    """The surname, and one sign for each character of the given name; of a foreign name its first letter. The name of
    an authority or a company is nobody's personal datum and stays."""
    if not name or (len(name) > LONGEST and name.endswith(BODIES)):
        return name
    if name[0].isascii():
        return name[0] + "**"
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND else 1
    return name[:kept] + CERTAIN * max(len(name) - kept, 1)
