"""What the traffic service calls things on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

DIFFICULTIES = {
    0: _l("indoors"),
    1: _l("a quiet corner"),
    2: _l("a crossing as usual"),
    3: _l("a busy crossing"),
}
STOPS = {
    "new_offence": _l("A new offence"),
    "breach_of_bail": _l("A breach of bail"),
    "impostor": _l("Somebody else served in his place"),
    "fraud": _l("Hours by fraud"),
    "plea_withdrawn": _l("The plea was withdrawn"),
}
EXEMPTIONS = {
    "age": _l("Age"),
    "pregnancy": _l("Pregnancy or nursing"),
    "illness": _l("A certified illness"),
    "disability": _l("A disability"),
    "carer": _l("Cares for somebody who depends on it"),
}
# The record of somebody before his first shift, in the order of its gates.
GATES = {
    "not_told": _l("Told of the risks"),
    "not_consented": _l("Consent signed"),
    "not_trained": _l("Trained"),
    "not_insured": _l("Insured"),
    "health_unknown": _l("Health"),
    "bail_area_unknown": _l("Area of bail"),
}
WORDS_OF_COURSE = {
    "proposed": _l("Proposed"),
    "told": _l("Told"),
    "consented": _l("Consented"),
    "trained": _l("Trained"),
    "insured": _l("Insured"),
    "serving": _l("Serving"),
    "hours_complete": _l("Hours complete"),
    "evaluated": _l("Evaluated"),
    "reported": _l("Reported"),
    "closed": _l("Closed"),
}

# What the parts of an assessment's pages are told with.
WORDS = {"course_words": WORDS_OF_COURSE, "gate_words": GATES, "difficulties": DIFFICULTIES}
