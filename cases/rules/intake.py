"""The office's list of cases: one row a suspect, known by the case's number and his name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cases.rules.measures import measure_named
from errors import N_
from exchange import tidy, tidy_times
from exchange.judging import Column, Context, Fault, Importer, TakenRow, Values, alone
from exchange.vocabulary import vocabulary_beside

_WORDS: dict[str, Any] = vocabulary_beside(__file__)
_NAMES: dict[str, Any] = _WORDS["columns"]


@dataclass(frozen=True, kw_only=True)
class CasesContext(Context):
    """`prosecutors` are the names of the office's prosecutors."""

    prosecutors: frozenset[str]


def yes(value: str) -> bool:
    """Whether a cell says yes."""
    return tidy.compact(value) in _WORDS["fast_track"]["yes"]


def judge_case(values: Values, context: CasesContext, _others: Sequence[TakenRow]) -> list[Fault]:
    """Refuse what cannot be counted or handled; flag what a person has to look at.

    Sources: DOMAIN D-11 (bail of twelve months needs its first day), H-11 (under 18).
    """
    if values["received_on"] > context.on:
        return [Fault("received_on", "received_ahead", "refuse")]
    faults = []
    if values["prosecutor"] and values["prosecutor"] not in context.prosecutors:
        faults.append(Fault("prosecutor", "prosecutor_unknown", "refuse"))
    begun: date | None = values["measure_from"]
    if measure_named(values["measure"]) != "none" and begun is None:
        faults.append(Fault("measure_from", "measure_without_a_day", "refuse"))
    elif begun is not None and tidy.full_years(begun, context.on - timedelta(days=1)) >= 1:
        faults.append(Fault("measure_from", "bail_long_ago", "flag"))
    if values["born_on"] is not None and tidy.full_years(values["born_on"], values["received_on"]) < 18:
        faults.append(Fault("born_on", "minor", "flag"))
    return faults


CASES: Importer[CasesContext] = Importer(
    name="cases",
    columns=(
        Column("number", _NAMES["number"], alone(tidy.case_number), mandatory=True),
        Column("cause", _NAMES["cause"], alone(tidy.name), mandatory=True),
        Column("received_on", _NAMES["received_on"], alone(tidy_times.day), mandatory=True),
        Column("prosecutor", _NAMES["prosecutor"], alone(tidy.name), optional=True),
        Column("fast_track", _NAMES["fast_track"], alone(yes), optional=True),
        Column("name", _NAMES["name"], alone(tidy.name), mandatory=True),
        Column("born_on", _NAMES["born_on"], alone(tidy_times.day), optional=True),
        Column("phone", _NAMES["phone"], alone(tidy.phone), optional=True),
        Column("measure", _NAMES["measure"], alone(tidy.name), optional=True),
        Column("measure_from", _NAMES["measure_from"], alone(tidy_times.day), optional=True),
        Column("bail_area", _NAMES["bail_area"], alone(tidy.remark), optional=True),
    ),
    identity=("number", "name"),
    named_by="name",
    judge_row=judge_case,
    reasons={
        "received_ahead": N_("The case was received on a day that lies ahead"),
        "prosecutor_unknown": N_("No prosecutor of this office is called that"),
        "measure_without_a_day": N_("The first day of the measure is missing: its end cannot be counted"),
        "bail_long_ago": N_("Bail began more than twelve months ago"),
        "minor": N_("Under 18 when the case was received"),
    },
)
