"""Cells as they may be kept and shown: without what no database holds, personal ones masked. Pure."""

from __future__ import annotations

import re

from accounts.rules.people import settled

_NOT_KEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 200  # characters of a cell on a list of doubts
_SHOWN = 4  # signs at each end of a masked number
_FILE_NAME = 120


def clean(text: str) -> str:
    """The cell as it reads, without control signs, halves of pairs and marks that turn its direction (TRUST I33)."""
    kept = settled(_NOT_KEPT.sub("\ufffd", text))
    return kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1] + "…"


def masked(text: str) -> str:
    """A number by its ends: `1740****0123`; a short one by its last two signs."""
    kept = "".join(clean(text).split())
    if len(kept) <= 2 * _SHOWN:
        return "*" * max(len(kept) - 2, 0) + kept[-2:] if kept else ""
    return kept[:_SHOWN] + "*" * (len(kept) - 2 * _SHOWN) + kept[-_SHOWN:]


def file_name_of(sent: str) -> str:
    """The base name of a file as somebody called it, fit to be stored and shown."""
    name = clean(re.split(r"[\\/]", sent)[-1][-_FILE_NAME:])
    return name or "?"
