"""What the codes of traffic service are called where a history shows a value."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.trail import name_values
from volunteers.rules.obstacles import ORDER, in_general
from volunteers.words import (
    DECISIONS,
    DIFFICULTIES,
    EVIDENCE,
    EXEMPTED,
    GRADED,
    INCIDENTS,
    INTERESTS,
    OPINIONS,
    PAPERS,
    PRESETS,
    STOPPED,
    UNUSUAL,
    WISHES,
)

ON_PAPER = _l("a paper sheet")
SLOTS = {"morning": _l("Morning peak"), "evening": _l("Evening peak"), "other": _l("another time")}
COMING = {"in": _l("arrival"), "out": _l("departure")}
KEPT_AWAY = {code: in_general(code)[0] for code in ORDER}

_WEEKDAYS = {
    1: _l("Monday"),
    2: _l("Tuesday"),
    3: _l("Wednesday"),
    4: _l("Thursday"),
    5: _l("Friday"),
    6: _l("Saturday"),
    7: _l("Sunday"),
}
name_values(
    {
        "event.title": {"shift": _l("traffic shift")},
        "post.weekdays": _WEEKDAYS,
        "series.weekdays": _WEEKDAYS,
        "assessment.ground": {**EXEMPTED, **STOPPED},
        "assessment.origin": {"program": _l("proposed here"), "import": _l("from a list")},
        "assessment.wishes": WISHES,
        "assessment.capable_of": DIFFICULTIES,
        "post.difficulty": DIFFICULTIES,
        "series.slots": SLOTS,
        "shift.slot": SLOTS,
        "attendance.outcome": {
            "attended": _l("attended"),
            "left_early": _l("left before the end"),
            "sent_home": _l("sent home, with a reason"),
            "absent_told": _l("told that he cannot come"),
            "absent_late": _l("told shortly before the start"),
            "no_show": _l("missed without a word"),
            "cancelled_by_service": _l("cancelled by the service"),
            "extra": _l("came without a booking"),
        },
        "attendance.fault": {"person": _l("he himself"), "service": _l("the service"), "nobody": _l("nobody")},
        "tick.kind": COMING,
        "tick_choice.kind": COMING,
        "tick.method": {
            "hand": _l("beside the name"),
            "scan": _l("his code read"),
            "typed": _l("the digits of his code typed"),
            "printed": _l("his printed code read"),
            "paper": ON_PAPER,
            "stop": _l("the shift was stopped for everybody"),
            "stop_afar": _l("the shift was stopped by somebody who was not there"),
            "admitted": _l("admitted by the squad leader, who was not posted there"),
        },
        "tick.device": {"paper": ON_PAPER},
        "scan_attempt.why": {
            "old": _l("old"),
            "foreign": _l("not of this shift"),
            "used": _l("used already"),
            "screenshot": _l("stood still: a picture, or no signal"),
        },
        "booking_attempt.why": {"overlap": _l("another commitment"), "own_hearing": _l("a hearing of his own")},
        "waiting.why": {code: _l(said) for code, said in KEPT_AWAY.items() if "%(" not in said},
        "incident.kind": INCIDENTS,
        "handing.kind": {"out": _l("handed out"), "back": _l("returned"), "lost": _l("lost")},
        "shift_reminder.told": {"officers": _l("its officers"), "office": _l("the office")},
        "credit_entry.kind": {"credit": _l("credit of hours"), "reversal": _l("reversal of a credit")},
        "correction.rests_on": EVIDENCE,
        "interest.kind": INTERESTS,
        "scheme.preset": {code: title for code, (title, _) in PRESETS.items()},
        "back_plan.verdict": {
            "ok": _l("in order"),
            "warn": _l("with doubts"),
            "refuse": _l("not possible"),
        },
        "paper_template.kind": PAPERS,
        "anomaly.kind": UNUSUAL,
        "remark.opinion": OPINIONS,
        "evaluation.proposed": GRADED,
        "evaluation.grade": GRADED,
        "evaluation.decision": DECISIONS,
    }
)
