"""The apostrophe that keeps a spreadsheet from taking a cell of a text file for a formula. Pure.

A cell is guarded where a program might evaluate it (TRUST T18): it begins, after blanks and apostrophes, with one of
= + - @ or their full-width forms, or with a tab or line break. Reading takes exactly one guard off again.
"""

from __future__ import annotations

import re

_RISKY = re.compile("['\\s\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")


def guarded(text: str) -> str:
    """The cell with an apostrophe before it where it needs one."""
    return "'" + text if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """The cell without the apostrophe that `guarded` put before it."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text
