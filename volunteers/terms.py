"""Which terms hold for somebody, and what is on record of him before he stands at a roadside (DOMAIN 3.3, 3.4)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.models import Office
from accounts.settings import in_force, rule_for
from cases.models import Measure
from extensions import db
from volunteers.models.assessment import Assessment
from volunteers.models.schemes import Scheme, SchemeState
from volunteers.rules.gates import Gates
from volunteers.rules.schemes import Terms

MINUTES = {
    "service.required_hours": "required_minutes",
    "service.max_per_day": "max_day_minutes",
    "service.training_hours": "training_minutes",
    "service.round_unit": "round_minutes",
}
AS_THEY_ARE = {
    "service.min_shift": "min_shift_minutes",
    "service.windows": "windows",
    "service.period": "period_days",
    "service.extension": "extension_days",
    "service.intake_working_days": "intake_working_days",
    "service.evaluation_lead": "evaluation_working_days",
    "service.window_from": "window_from",
    "case.limit_basis": "limit_basis",
    "service.report_in": "report_days",
    "service.countersign": "countersign",
    "service.confirm_undo": "confirm_undo_minutes",
    "service.shift_photos": "shift_photos",
    "service.late_grace": "late_grace_minutes",
    "service.cancel_before": "cancel_before_hours",
    "service.no_show_limit": "no_show_limit",
    "service.random_checks": "random_checks",
    "service.exempt_age": "exempt_age",
}


def terms_of(assessment: Assessment, on: date) -> Terms:
    """The terms somebody signed; of one who signed before the program, those in force at his office."""
    return assessment.scheme.terms if assessment.scheme else terms_in_force(assessment.office, on)


def terms_in_force(office: Office, on: date) -> Terms:
    """The terms of the office's scheme in force, else its settings. At most two queries."""
    scheme = scheme_in_force(office.id)
    return scheme.terms if scheme else terms_by_settings(office, on)


def scheme_in_force(office_id: int) -> Scheme | None:
    return db.session.scalar(select(Scheme).filter_by(office_id=office_id, state=SchemeState.IN_FORCE))


def scheme_on(office_id: int, on: date) -> Scheme | None:
    """The version of a day, whatever has followed: the last one that came into force until then (DOMAIN 3.3)."""
    approved = Scheme.state.in_([SchemeState.IN_FORCE, SchemeState.RETIRED])
    query = select(Scheme).where(Scheme.office_id == office_id, approved, Scheme.in_force_from <= on)
    return db.session.scalar(query.order_by(Scheme.in_force_from.desc(), Scheme.number.desc()).limit(1))


def terms_by_settings(office: Office, on: date) -> Terms:
    """What the settings of an office say on a day. What no setting says is as DOMAIN 3.3 has it; shifts on a holiday
    are there only where somebody opened them on purpose, so nothing forbids to book them."""
    held = in_force(office, on, (*MINUTES, *AS_THEY_ARE))
    said: dict[str, Any] = {name: held[key].rule.amount for key, name in AS_THEY_ARE.items()}
    hours = {name: round(held[key].rule.amount * 60) for key, name in MINUTES.items()}
    return Terms(**said, **hours, allow_holidays=True)


def shortest_shift(office: Office, on: date) -> int:
    """The fewest minutes for which a shift is opened: as the office says, or fewer where its scheme counts fewer. For
    whom it then is too short by what he signed, is asked where he books."""
    return min(int(rule_for("service.min_shift", office, on).amount), terms_in_force(office, on).min_shift_minutes)


def least_of(assessment: Assessment, terms: Terms) -> int:
    """The fewest minutes of a shift that somebody may book, as he signed. To whoever signed before the program, what
    the office has opened is long enough."""
    return terms.min_shift_minutes if assessment.scheme_id is not None else 0


def terms_of_many(assessments: Collection[Assessment], on: date) -> dict[int, Terms]:
    """The same for many, by their ids. At most three queries for those of one office."""
    signed = {one.scheme_id for one in assessments if one.scheme_id is not None}
    schemes = {one.id: one.terms for one in db.session.scalars(select(Scheme).where(Scheme.id.in_(signed)))}
    free = {one.office_id: one.office for one in assessments if one.scheme_id is None}
    common = {key: terms_in_force(office, on) for key, office in free.items()}
    return {
        one.id: schemes[one.scheme_id] if one.scheme_id is not None else common[one.office_id] for one in assessments
    }


def gates_of(assessment: Assessment, terms: Terms) -> Gates:
    """What is on record of somebody."""
    return _gates(assessment, terms)


def gates_of_many(assessments: Collection[Assessment], on: date) -> dict[int, Gates]:
    """The same for many of one office, by their ids. Four queries."""
    terms = terms_of_many(assessments, on)
    known = select(Assessment).where(Assessment.id.in_([one.id for one in assessments]))
    db.session.scalars(known.options(selectinload(Assessment.as_suspect))).all()
    return {one.id: _gates(one, terms[one.id]) for one in assessments}


def _gates(assessment: Assessment, terms: Terms) -> Gates:
    suspect = assessment.suspect
    return Gates(
        told_on=assessment.told_on,
        consented_on=assessment.consented_on,
        trained_on=assessment.trained_on,
        insured_from=assessment.insured_from,
        insured_until=assessment.insured_until,
        training_required=terms.training_required,
        insurance_required=terms.insurance_required,
        on_bail=suspect is not None and suspect.measure == Measure.BAIL,
        bail_area=suspect.bail_area if suspect else "",
        bail_leave=assessment.bail_leave,
        bail_on=assessment.bail_on,
        born_on=assessment.person.birth_on,
        age_limit=terms.exempt_age,
        capable_of=assessment.capable_of,
    )
