"""The gates before a roadside shift: consent, risks, training, insurance; bail; age and health (DOMAIN 3.4)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from exchange.tidy import full_years
from volunteers.rules.obstacles import Obstacle

_BETWEEN = re.compile(r"[、,,;;/\s]+")
INDOORS, QUIETEST = 0, 1


@dataclass(frozen=True)
class Gates:
    """What is on record of somebody; None: not known. `on_bail` False: nobody keeps him in an area.

    `bail_area` names one or several counties, `bail_leave` the approval to serve elsewhere. `age_limit` is the age from
    which nobody is asked to stand at a crossing, `capable_of` the hardest post his health allows.
    """

    told_on: date | None
    consented_on: date | None
    trained_on: date | None
    insured_from: date | None
    insured_until: date | None
    training_required: bool
    insurance_required: bool
    on_bail: bool
    bail_area: str
    bail_leave: str
    bail_on: date | None
    born_on: date | None
    age_limit: int
    capable_of: int | None


def judge_gates(gates: Gates, on: date) -> list[Obstacle]:
    """What must be on record before somebody stands at a roadside on a day.

    Source: DOMAIN D-20, D-22; 志愿服务条例 arts. 2, 12, 16, 17.
    """
    found: list[Obstacle] = []
    if gates.told_on is None or gates.told_on > on:
        found.append(Obstacle("not_told"))
    if gates.consented_on is None or gates.consented_on > on:
        found.append(Obstacle("not_consented"))
    if gates.training_required and (gates.trained_on is None or gates.trained_on > on):
        found.append(Obstacle("not_trained"))
    if gates.insurance_required and not _insured(gates, on):
        late = gates.insured_until is not None and gates.insured_until < on
        found.append(Obstacle("not_insured", {"insured_until": gates.insured_until} if late else {}))
    return found


def _insured(gates: Gates, on: date) -> bool:
    if gates.insured_from is None or gates.insured_until is None:
        return False
    return gates.insured_from <= on <= gates.insured_until


def judge_area(gates: Gates, area: str, on: date) -> list[Obstacle]:
    """Whether bail lets somebody serve at a post in `area` on a day. Source: DOMAIN D-11; 刑诉法 arts. 71, 79."""
    found: list[Obstacle] = []
    if gates.bail_on is not None and on > gates.bail_on:
        found.append(Obstacle("after_bail", {"bail_on": gates.bail_on}))
    if not gates.on_bail or gates.bail_leave:
        return found
    if not gates.bail_area:
        found.append(Obstacle("bail_area_unknown"))
    elif not lies_in(area, gates.bail_area):
        found.append(Obstacle("outside_bail_area", {"area": area}))
    return found


def lies_in(area: str, areas: str) -> bool:
    """Whether a county is one of several, or lies in one: names may carry the city before the county."""
    return any(area.endswith(one) or area.startswith(one) or one.endswith(area) for one in _BETWEEN.split(areas) if one)


@cache
def county_of(office_name: str) -> str:
    """The county of a procuratorate, by its name."""
    words = tomllib.loads(Path(__file__).with_name("gates.toml").read_text(encoding="utf-8"))
    return next((office_name.removesuffix(end) for end in words["endings"] if office_name.endswith(end)), office_name)


def judge_fitness(gates: Gates, difficulty: int, on: date) -> list[Obstacle]:
    """Whether age and health allow a post of this difficulty. Source: DOMAIN D-21, 3.3; 志愿服务条例 art. 15."""
    found: list[Obstacle] = []
    if difficulty > INDOORS and gates.born_on is not None and full_years(gates.born_on, on) >= gates.age_limit:
        found.append(Obstacle("too_old", {"age": gates.age_limit}))
    if gates.capable_of is None:
        found.append(Obstacle("health_unknown"))
    elif difficulty > gates.capable_of:
        found.append(Obstacle("too_hard"))
    return found
