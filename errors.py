"""The base class of every error a person can cause, and the mark of a sentence. Pure: no web, no database."""

from __future__ import annotations

from typing import Any, ClassVar


def N_(msgid: str) -> str:
    """Mark a message for the translators; it is translated where it is shown."""
    return msgid


YEAR_OUTSIDE = N_("The year %(year)s lies outside %(first)s to %(last)s.")


class Refusal(Exception):
    """Something a person asked for that cannot be done, and what helps.

    `code` is stable and English; it is the `type` of a problem+json answer and the last part of a message's key.
    `message` is an English msgid with `%(name)s` places, translated where the error is shown, never here.
    `help` says in one sentence what the person can do; it is translated the same way.
    `source` names the rule (DOMAIN id and article) behind the refusal, or "".
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[str] = "This cannot be done."
    help: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None
