"""The check of the catalogues finds every sentence, wherever in an expression its call stands."""

from __future__ import annotations

import ast

import pytest

from tools.catalogue import misplaced, said_by_calls

SOURCE = """
gettext("Chair: %(name)s", name=shown(name, gettext("prosecutor")))
text = f"{shown} {ngettext('%(num)d more', '%(num)d further', more)}"
label = {"a": _l("word")}
gettext(message)
dict.get("no sentence")
"""


def test_a_sentence_within_another_call_or_an_f_string_is_found() -> None:
    found = set(said_by_calls(ast.parse(SOURCE)))
    assert found == {"Chair: %(name)s", "prosecutor", ("%(num)d more", "%(num)d further"), "word"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("%(n)s 班", False),
        ("无", False),
        ("%(n)s 班，占 100%%", False),
        ("%(m)s 班", True),
        ("%（n）s 班", True),
        ("%(n) 班", True),
    ],
)
def test_a_place_that_nothing_would_fill_is_found(text: str, wrong: bool) -> None:
    assert misplaced(text, {"n"}) is wrong


def test_a_sentence_without_places_may_speak_of_per_cent() -> None:
    assert misplaced("100 % 完成", set()) is False
