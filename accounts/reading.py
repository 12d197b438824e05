"""How a Chinese name is read, for searching by pinyin and initials; the reading can be corrected by hand."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def reading_of(name: str) -> tuple[str, str]:
    """Pinyin without tones or spaces, and initials, in lower case: 欧阳明 -> ("ouyangming", "oym")."""
    syllables = [s.lower() for s in lazy_pinyin(name, style=Style.NORMAL, errors="ignore", v_to_u=False)]
    return "".join(syllables), "".join(s[0] for s in syllables if s)
