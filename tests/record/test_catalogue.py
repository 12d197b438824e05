"""The check of the catalogues finds every sentence, wherever in an expression its call stands."""

from __future__ import annotations

import ast

from tools.catalogue import said_by_calls

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
