"""What the acts of cases are called in the trail."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from accounts.trail import call, name_columns, name_values, say
from cases.models import Case, LimitSpell, Party, SpellKind
from cases.words import MEASURES, ROLES, SPELLS, STAGES

call(Case, _l("case"), lambda row: row.number, lambda row: url_for("cases.show", public_id=row.public_id))
call(Party, _l("person in the case"))
call(LimitSpell, _l("entry of the limit"), lambda row: row.document)
say(
    {
        "case.enter": _l("entered a case"),
        "case.correct": _l("corrected a case"),
        "case.reassign": _l("gave a case to another prosecutor"),
        "party.enter": _l("entered somebody into a case"),
        "party.correct": _l("corrected somebody in a case"),
        "party.remove": _l("took somebody out of a case"),
        "limit.extended": _l("recorded: limit extended"),
        "limit.returned": _l("recorded: case returned"),
        "limit.re_received": _l("recorded: case received again"),
        "limit.suspended": _l("recorded: limit suspended"),
        "limit.resumed": _l("recorded: limit resumed"),
        "limit.jurisdiction_changed": _l("recorded: jurisdiction changed"),
        "limit.withdraw": _l("took an entry of the limit back"),
    }
)
name_columns(
    {
        "legal_case.number": _l("case number"),
        "cause": _l("cause"),
        "stage": _l("stage"),
        "received_on": _l("received on"),
        "fast_track": _l("fast track"),
        "limit_on": _l("date to plan by"),
        "handler_id": _l("prosecutor"),
        "lead_id": _l("lead prosecutor"),
        "clerk_id": _l("clerk"),
        "employer": _l("work or firm"),
        "address": _l("address"),
        "represents_id": _l("speaks for"),
        "measure": _l("measure"),
        "measure_from": _l("measure since"),
        "bail_area": _l("area of bail"),
        "is_minor": _l("minor"),
        "left_on": _l("left on"),
        "happened_on": _l("date of the document"),
        "days": _l("days"),
        "withdraws_id": _l("takes back"),
        "case_id": _l("case"),
    }
)
name_values(
    {
        "legal_case.stage": STAGES,
        "party.role": ROLES,
        "party.measure": MEASURES,
        "limit_spell.kind": {**SPELLS, SpellKind.WITHDRAWN: _l("Entered by mistake")},
    }
)
