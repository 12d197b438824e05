"""Names as others may read them (DOMAIN S-14)."""

from __future__ import annotations

CERTAIN = "某"  # citation: how judgments and announcements write a withheld given name
COMPOUND = frozenset(
    {"欧阳", "上官", "司马", "诸葛", "皇甫", "慕容", "夏侯", "司徒"}  # citation: surnames of two characters
)
LONGEST = 4  # characters of a person's name in Chinese, but for a few
BODIES = (  # citation: no people, whatever their length
    *("政府", "公司", "法院", "检察院", "委员会", "居委会", "村委会", "合作社", "集团", "银行", "医院", "学校"),
    *("大学", "学院", "中心", "协会", "办事处", "事务所", "派出所", "大队", "支队", "中队"),
)
ENDINGS = ("局", "厅", "处", "所", "站", "厂", "店", "馆", "社", "会", "部")  # citation: of a longer name no person's


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
    return (len(name) >= LONGEST and name.endswith(BODIES)) or (len(name) > LONGEST and name.endswith(ENDINGS))
