"""What the acts of hearings and cases are called in the trail."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from accounts.trail import call, hide_columns, name_columns, name_values, say
from hearings.models import Hearing, HearingApproval, PoolMember
from hearings.words import CLOSED, GROUNDS, KINDS, MATTERS, MODES

call(
    Hearing,
    _l("hearing"),
    lambda row: row.case.number,
    lambda row: url_for("hearings.show", public_id=row.public_id),
)
call(HearingApproval, _l("question to the chief"), lambda row: row.hearing.case.number)
call(PoolMember, _l("hearing officer of the pool"), lambda row: row.person.name)
say(
    {
        "pool.join": _l("took somebody into the pool"),
        "hearing.request": _l("asked for a hearing"),
        "hearing.amend": _l("amended the request for a hearing"),
        "hearing.return": _l("sent the request for a hearing back"),
        "hearing.refuse": _l("refused a hearing"),
        "hearing.approve": _l("approved a hearing"),
        "hearing.exclude_public": _l("closed the hearing to the public: a minor is in the case"),
        "hearing.take_in_party": _l("took somebody of the case into the hearing"),
        "hearing.let_go_party": _l("let somebody go from the hearing"),
        "hearing.tell_applicant": _l("told the applicant"),
        "approval.ask": _l("put a question before the chief"),
        "approval.grant": _l("approved what was asked"),
        "approval.deny": _l("did not approve what was asked"),
    }
)
name_columns(
    {
        "delegation_id": _l("by delegation"),
        "hearing_id": _l("hearing"),
        "mode": _l("how it is held"),
        "grounds": _l("grounds"),
        "questions": _l("questions to be heard"),
        "consent": _l("consent"),
        "applicant": _l("applicant"),
        "applied_on": _l("applied on"),
        "applicant_told_on": _l("applicant told on"),
        "is_public": _l("public"),
        "closed_reason": _l("reason for closing it"),
        "public_why": _l("why it departs from the rule"),
        "returned": _l("the chief's remark"),
        "requested_by_id": _l("requested by"),
        "requested_at": _l("requested"),
        "about": _l("about"),
        "asked_by_id": _l("asked by"),
        "asked_at": _l("asked"),
        "granted": _l("approved"),
        "document": _l("document"),
        "remark": _l("remark"),
        "detail": _l("particulars"),
        "party_id": _l("person in the case"),
        "participant_id": _l("participant"),
        "notice.text": _l("text"),
        "standing": _l("standing"),
        "position": _l("post held"),
        "field": _l("field"),
        "joined_on": _l("joined on"),
        "barred": _l("barred"),
        "bar_reason": _l("why barred"),
    }
)
hide_columns("hearing.sequence")
name_values(
    {
        "hearing.kind": KINDS,
        "hearing.mode": MODES,
        "hearing.grounds": GROUNDS,
        "hearing.closed_reason": CLOSED,
        "hearing_approval.about": MATTERS,
        "hearing_participant.capacity": {
            "chair": _l("chair"),
            "prosecutor": _l("prosecutor"),
            "hearing_officer": _l("hearing officer"),
            "duty_lawyer": _l("duty lawyer"),
            "party": _l("party"),
            "other": _l("somebody else"),
        },
        "notice.kind": {
            "time": _l("time and place"),
            "change": _l("change of the hearing"),
            "cancellation": _l("cancellation of the hearing"),
            "release": _l("no longer takes part"),
        },
        "notice.channel": {
            "message": _l("message"),
            "phone": _l("by phone"),
            "in_person": _l("in person"),
            "letter": _l("letter"),
            "other": _l("some other way"),
        },
    }
)
