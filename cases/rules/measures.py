"""What a list's words say of a coercive measure: of several in a cell the one named last counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exchange import tidy
from exchange.vocabulary import vocabulary_beside

_WORDS: dict[str, Any] = vocabulary_beside(__file__)
MEASURES: dict[str, str] = {word: measure for measure, words in _WORDS["measures"].items() for word in words}


def measure_named(text: str | None) -> str:
    """The measure by its name in code, "none" where the text names none; of two that end together the longer word."""
    found = {(text.rfind(word) + len(word), len(word)): word for word in MEASURES if text and word in text}
    return MEASURES[found[max(found)]] if found else "none"


def measure_in_words(measure: str, *said: str | None) -> str | None:
    """A measure by its name in code as a list would say it: in the first of `said` that means it, else in the usual
    word; None for no measure."""
    for text in said:
        if text and measure_named(text) == measure:
            return text
    return None if measure == "none" else _WORDS["measures"][measure][0]


def held(text: str) -> bool:
    """Whether a coercive measure says that the person is held now."""
    said = tidy.compact(text)

    def last(words: Sequence[str]) -> int:
        return max((said.rfind(word) + len(word) for word in words if word in said), default=-1)

    return last(_WORDS["custody"]["held"]) > last(_WORDS["custody"]["free"])
