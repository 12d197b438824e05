"""The words of a hearing's values, as people read them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from hearings.models import About, ClosedReason, Ground, HearingApproval, HearingKind, HearingState, Mode

KINDS = {
    HearingKind.NON_PROSECUTION: _l("Intended non-prosecution"),
    HearingKind.CUSTODY_REVIEW: _l("Review of detention necessity"),
    HearingKind.CRIMINAL_PETITION: _l("Criminal petition"),
    HearingKind.CIVIL_SUPERVISION: _l("Civil supervision"),
    HearingKind.ADMINISTRATIVE_SUPERVISION: _l("Administrative supervision"),
    HearingKind.PUBLIC_INTEREST: _l("Public-interest litigation"),
    HearingKind.ARREST_REVIEW: _l("Arrest review"),
    HearingKind.DETENTION_EXTENSION: _l("Extension of investigative detention"),
    HearingKind.OTHER: _l("Another matter"),
}
GROUNDS = {
    Ground.DISPUTE: _l("Serious dispute over facts, law or disposal"),
    Ground.SOCIAL_IMPACT: _l("Great social impact"),
    Ground.FACE_TO_FACE: _l("The parties need to be heard face to face"),
    Ground.SOCIAL_DANGER: _l("Arrest review: whether there is social danger"),
    Ground.SOCIAL_SUPPORT: _l("Arrest review: whether social support is available"),
}
MODES = {
    Mode.ORDINARY: _l("Ordinary"),
    Mode.SIMPLIFIED: _l("Simplified"),
    Mode.ON_SITE: _l("At the party's place"),
    Mode.REMOTE: _l("Remote"),
}
CLOSED = {
    ClosedReason.STATE_SECRET: _l("State secret"),
    ClosedReason.PRIVACY: _l("Privacy"),
    ClosedReason.COMMERCIAL_SECRET: _l("Commercial secret, on a party's application"),
    ClosedReason.MINOR: _l("A minor is concerned"),
    ClosedReason.ARREST_OR_DETENTION: _l("Arrest or detention is reviewed"),
    ClosedReason.OTHER_LAW: _l("Another law says so"),
}
STATES = {
    HearingState.REQUESTED: _l("Requested"),
    HearingState.APPROVED: _l("Approved"),
    HearingState.PLANNED: _l("Planned"),
    HearingState.NOTICED: _l("Notice given"),
    HearingState.READY: _l("Ready"),
    HearingState.HELD: _l("Being held"),
    HearingState.ADJOURNED: _l("Adjourned"),
    HearingState.CONCLUDED: _l("Concluded"),
    HearingState.CLOSED: _l("Closed"),
    HearingState.REFUSED: _l("Refused"),
    HearingState.CANCELLED: _l("Cancelled"),
}
MATTERS = {
    About.HEARING: _l("The hearing itself"),
    About.VENUE: _l("A place that is no hearing room"),
    About.OUTSIDER: _l("A hearing officer from outside the pool"),
}


def outcome_of(approval: HearingApproval) -> str:
    """What the chief's word was. A no to a request was a refusal only where the hearing ended with it; any other sent
    the request back, whatever became of the hearing later."""
    hearing = approval.hearing
    if approval.granted is None:
        return "waiting"
    if approval.granted:
        return "approved"
    ended = hearing.state == HearingState.REFUSED and hearing.approval is approval
    return "returned" if approval.about == About.HEARING and not ended else "refused"
