"""The words of a case's values, as people read them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from cases.models import CaseStage, Measure, PartyRole, SpellKind

STAGES = {
    CaseStage.INVESTIGATION: _l("Investigation"),
    CaseStage.ARREST_REVIEW: _l("Arrest review"),
    CaseStage.PROSECUTION_REVIEW: _l("Prosecution review"),
    CaseStage.TRIAL: _l("Before the court"),
    CaseStage.PETITION: _l("Petition"),
    CaseStage.SUPERVISION: _l("Supervision"),
    CaseStage.CLOSED: _l("Closed"),
}
ROLES = {
    PartyRole.SUSPECT: _l("Suspect"),
    PartyRole.VICTIM: _l("Victim"),
    PartyRole.APPLICANT: _l("Applicant"),
    PartyRole.RESPONDENT: _l("Respondent"),
    PartyRole.THIRD_PARTY: _l("Third party"),
    PartyRole.REPRESENTATIVE: _l("Statutory representative"),
    PartyRole.DEFENDER: _l("Defender"),
    PartyRole.AGENT: _l("Litigation agent"),
    PartyRole.WITNESS: _l("Witness"),
    PartyRole.EXPERT: _l("Expert"),
}
MEASURES = {
    Measure.NONE: _l("None"),
    Measure.BAIL: _l("Bail"),
    Measure.RESIDENCE: _l("Residential surveillance"),
    Measure.DETENTION: _l("Detention (in custody)"),
    Measure.ARREST: _l("Arrest (in custody)"),
}
SPELLS = {
    SpellKind.EXTENDED: _l("Extended"),
    SpellKind.RETURNED: _l("Returned for supplementary investigation"),
    SpellKind.RE_RECEIVED: _l("Received again"),
    SpellKind.SUSPENDED: _l("Suspended (psychiatric appraisal)"),
    SpellKind.RESUMED: _l("Resumed"),
    SpellKind.JURISDICTION_CHANGED: _l("Jurisdiction changed, received"),
}
