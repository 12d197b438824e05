"""How a Chinese name is read, to sort it and to find it by pinyin or initials; it can be corrected by hand."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

LONGEST_SURNAME = 2


@lru_cache
def surnames() -> dict[str, list[str]]:
    """Surnames whose reading a dictionary of words gets wrong, with their syllables."""
    kept = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: said.split() for name, said in kept["surnames"].items()}


def reading_of(name: str) -> tuple[str, str]:
    """Pinyin without tones, syllable by syllable, and initials, in lower case: "Ouyang Ming" in characters gives
    ("ou yang ming", "oym"). What is no Chinese character is kept as it is: Latin names are found as well."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take half a second; few commands need them

    surname = next((name[:n] for n in range(LONGEST_SURNAME, 0, -1) if name[:n] in surnames() and len(name) > n), "")
    syllables = [*surnames().get(surname, ())]
    rest = lazy_pinyin(name[len(surname) :], style=Style.NORMAL, errors=_latin, v_to_u=False)  # type: ignore[arg-type]
    syllables += [syllable.lower() for syllable in rest if syllable]
    return spelt(syllables)


def spelt(syllables: list[str]) -> tuple[str, str]:
    """Pinyin and initials of syllables."""
    kept = [syllable for syllable in syllables if syllable]
    return " ".join(kept), "".join(syllable[0] for syllable in kept)


def _latin(signs: str) -> list[str]:
    """What is no Chinese character, word by word."""
    return ["".join(sign for sign in word if sign.isalnum()) for word in signs.split()]
