"""People under assessment as the office's list has them: one row a person, known by his ID number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cases.rules.measures import held
from errors import N_
from exchange import tidy, tidy_times
from exchange.judging import Column, Context, Fault, Importer, TakenRow, Values, alone
from exchange.vocabulary import vocabulary_beside
from volunteers.rules.proposing import CRIMINAL_AGE, LONGEST, SINCE, is_too_young

_WORDS: dict[str, Any] = vocabulary_beside(__file__)
_NAMES: dict[str, Any] = _WORDS["columns"]


@dataclass(frozen=True, kw_only=True)
class IntakeContext(Context):
    """The office's lines: blood alcohol in mg/100 ml (settings dd.bac.*), `exempt_age` in full years."""

    drunk: Decimal
    minor_line: Decimal
    probation_line: Decimal
    exempt_age: int


def aggravating(value: str) -> str | None:
    """The aggravating circumstance, word for word, or None where the cell says in any way that there is none."""
    return None if tidy.compact(value) in _WORDS["aggravating"]["none"] else tidy.remark(value)


def complete_person(values: Values, _context: Context) -> list[Fault]:
    """Add the date of birth that the ID number tells."""
    if "id_number" in values:
        values["born_on"] = tidy.born_on(values["id_number"])
    return []


def judge_person(values: Values, context: IntakeContext, _others: Sequence[TakenRow]) -> list[Fault]:
    """Refuse a period that nobody can mean, somebody who cannot have answered for it and a figure that is no drunk
    driving; flag what needs a person.

    Sources: DOMAIN D-01 (80), D-04 (150, only without an aggravating circumstance), D-06 (180), 3.3 `exempt_if`
    (65 on the day the period begins), 3.2 and D-11 (`SINCE`, `LONGEST`), 刑法 art. 17 (16). Whether the period fits
    the limits of the case is not asked here.
    """
    if values["last_on"] < values["first_on"]:
        return [Fault("last_on", "period_reversed", "refuse")]
    latest = context.on + LONGEST
    for name in ("first_on", "last_on"):
        if not SINCE <= values[name] <= latest:
            return [Fault(name, "day_cannot_be", "refuse", {"earliest": SINCE, "latest": latest})]
    if is_too_young(values["born_on"], values["first_on"]):
        return [Fault("id_number", "under_16", "refuse", {"age": CRIMINAL_AGE})]
    figure: Decimal = values["blood_alcohol"]
    if figure < context.drunk:
        return [Fault("blood_alcohol", "bac_below_80", "refuse", {"line": context.drunk})]
    faults = []
    if figure < context.minor_line and values["aggravating"] is None:
        faults.append(Fault("blood_alcohol", "bac_below_150", "flag", {"line": context.minor_line}))
    if figure > context.probation_line:
        faults.append(Fault("blood_alcohol", "bac_above_180", "flag", {"line": context.probation_line}))
    if tidy.full_years(values["born_on"], values["first_on"]) >= context.exempt_age:
        faults.append(Fault("id_number", "age_65", "flag", {"age": context.exempt_age}))
    if values["measure"] is not None and held(values["measure"]):
        faults.append(Fault("measure", "in_custody", "flag"))
    return faults


INTAKE: Importer[IntakeContext] = Importer(
    name="volunteers",
    columns=(
        Column("name", _NAMES["name"], alone(tidy.name), mandatory=True),
        Column("sex", _NAMES["sex"], alone(tidy.sex), optional=True),
        Column("id_number", _NAMES["id_number"], alone(tidy.id_number), mandatory=True),
        Column("phone", _NAMES["phone"], alone(tidy.phone), optional=True),
        Column("case_number", _NAMES["case_number"], alone(tidy.case_number), mandatory=True),
        Column("received_on", _NAMES["received_on"], alone(tidy_times.day), optional=True),
        Column("measure", _NAMES["measure"], alone(tidy.name), optional=True),
        Column("blood_alcohol", _NAMES["blood_alcohol"], alone(tidy.blood_alcohol), mandatory=True),
        Column("aggravating", _NAMES["aggravating"], alone(aggravating), mandatory=True, optional=True),
        Column("prosecutor", _NAMES["prosecutor"], alone(tidy.name), optional=True),
        Column("first_on", _NAMES["first_on"], alone(tidy_times.day), mandatory=True),
        Column("last_on", _NAMES["last_on"], alone(tidy_times.day), mandatory=True),
        Column("required_minutes", _NAMES["required"], alone(lambda text: tidy.duration(text, "hours")), optional=True),
        Column("remark", _NAMES["remark"], alone(tidy.remark), optional=True, verbatim=True),
    ),
    identity=("id_number",),
    named_by="id_number",
    complete=complete_person,
    judge_row=judge_person,
    reasons={
        "period_reversed": N_("The period ends before it begins"),
        "day_cannot_be": N_("This day cannot be meant: it lies between %(earliest)s and %(latest)s"),
        "under_16": N_("Younger than %(age)s when the period begins: nobody so young answers for dangerous driving"),
        "bac_below_80": N_("BAC below %(line)s mg/100 ml: no drunk driving (is it in mg/ml, without its unit?)"),
        "bac_below_150": N_("BAC below %(line)s mg/100 ml and no aggravating circumstance: normally no crime"),
        "bac_above_180": N_("BAC above %(line)s mg/100 ml: the scheme normally does not apply"),
        "age_65": N_("%(age)s or older when the period begins"),
        "in_custody": N_("In custody, cannot serve at a post"),
    },
)
