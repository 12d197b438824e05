"""The pool of hearing officers: one row a person, known by name and date of birth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from errors import N_
from exchange import tidy, tidy_times
from exchange.judging import Column, Context, Fault, Importer, TakenRow, Values, alone
from exchange.vocabulary import vocabulary_beside

_WORDS: dict[str, Any] = vocabulary_beside(__file__)
_NAMES: dict[str, Any] = _WORDS["columns"]
_BARS: dict[str, Any] = _WORDS["bars"]
_DENIED_BEFORE = re.compile(_BARS["denial"] + _BARS["between"] + "$")
_DENIED_AFTER = re.compile(_BARS["denied_after"])


@dataclass(frozen=True, kw_only=True)
class PoolContext(Context):
    """The office's settings hearing_officer.min_age and hearing_officer.pool.term, both in years."""

    min_age: int
    term_years: int


def bars(remark: str) -> bool:
    """Whether a remark says, without denying it, what bars a person from hearings (DOMAIN H-24)."""
    for clause in re.split(_BARS["clause"], tidy.plain(remark)):
        text = "".join(clause.split())
        for word in _BARS["words"]:
            for found in re.finditer(word, text):
                before, after = text[: found.start()], text[found.end() :]
                if not _DENIED_BEFORE.search(before) and not _DENIED_AFTER.match(after):
                    return True
    return False


def term_ends_on(joined_on: date, term_years: int) -> date:
    """The last day of a term counted in years: the corresponding day, 28 February where there is none.

    Source: Civil Code arts. 201-202 (the first day does not count); DOMAIN H-37.
    """
    try:
        return joined_on.replace(year=joined_on.year + term_years)
    except ValueError:
        return date(joined_on.year + term_years, 2, 28)


def judge_officer(values: Values, context: PoolContext, _others: Sequence[TakenRow]) -> list[Fault]:
    """Flag who may not be drawn on the day of the import: too young (H-23), barred (H-24), term over (H-37)."""
    faults = []
    if tidy.full_years(values["born_on"], context.on) < context.min_age:
        faults.append(Fault("born_on", "under_23", "flag", {"age": context.min_age}))
    if context.on > term_ends_on(values["joined_on"], context.term_years):
        faults.append(Fault("joined_on", "term_expired", "flag", {"years": context.term_years}))
    if values["remark"] is not None and bars(values["remark"]):
        faults.append(Fault("remark", "barred", "flag"))
    return faults


POOL: Importer[PoolContext] = Importer(
    name="hearing_officers",
    columns=(
        Column("name", _NAMES["name"], alone(tidy.name), mandatory=True),
        Column("sex", _NAMES["sex"], alone(tidy.sex), optional=True),
        Column("born_on", _NAMES["born_on"], alone(tidy_times.day), mandatory=True),
        Column("standing", _NAMES["standing"], alone(tidy.name), optional=True),
        Column("position", _NAMES["position"], alone(tidy.name), optional=True),
        Column("field", _NAMES["field"], alone(tidy.name), optional=True),
        Column("phone", _NAMES["phone"], alone(tidy.phone), optional=True),
        Column("joined_on", _NAMES["joined_on"], alone(tidy_times.day), mandatory=True),
        Column("remark", _NAMES["remark"], alone(tidy.remark), optional=True, verbatim=True),
    ),
    identity=("name", "born_on"),
    named_by="name",
    judge_row=judge_officer,
    reasons={
        "under_23": N_("Younger than %(age)s"),
        "term_expired": N_("The term of %(years)s years is over"),
        "barred": N_("What the remark says bars this person from hearings"),
    },
)
