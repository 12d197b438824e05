"""The register of duty lawyers as offices hand it over: one row a lawyer, known by his licence number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from errors import N_
from exchange import tidy
from exchange.judging import Column, Context, Fault, Importer, TakenRow, Values, alone
from exchange.vocabulary import vocabulary_beside

_NAMES: dict[str, Any] = vocabulary_beside(__file__)["columns"]


def complete_licence(values: Values, _context: Context) -> list[Fault]:
    """Keep the licence number as text, for it is the identity, and its parts beside it."""
    parts: tidy.Licence | None = values.pop("licence", None)
    if parts is not None:
        values["licence"], values["licence_parts"] = parts.number, parts
    return []


def judge_lawyer(values: Values, _context: Context, _others: Sequence[TakenRow]) -> list[Fault]:
    """Flag a sex that contradicts the 11th digit of the licence number (0 men, 1 women).

    Source: the licence number's parts, data/README.md; DOMAIN L-08 adds nothing unless an office sets it.
    """
    if values["sex"] is not None and values["sex"] != values["licence_parts"].sex:
        return [Fault("sex", "sex_contradicts_licence", "flag")]
    return []


REGISTER: Importer[Context] = Importer(
    name="lawyers",
    columns=(
        Column("name", _NAMES["name"], alone(tidy.name), mandatory=True),
        Column("sex", _NAMES["sex"], alone(tidy.sex), optional=True),
        Column("organisation", _NAMES["organisation"], alone(tidy.name), optional=True),
        Column("licence", _NAMES["licence"], alone(tidy.licence), mandatory=True),
        Column("phone", _NAMES["phone"], alone(tidy.phone), optional=True),
        Column("field", _NAMES["field"], alone(tidy.name), optional=True),
        Column("remark", _NAMES["remark"], alone(tidy.remark), optional=True, verbatim=True),
    ),
    identity=("licence",),
    named_by="licence",
    complete=complete_licence,
    judge_row=judge_lawyer,
    reasons={"sex_contradicts_licence": N_("Sex contradicts the 11th digit of the licence number")},
)
