"""The words of the traffic service's values, as people read them."""

from __future__ import annotations

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from scheduler.timeline.travel import ShortWay

DIFFICULTIES = {
    0: _l("indoors"),
    1: _l("a quiet corner"),
    2: _l("as usual"),
    3: _l("a busy crossing"),
}
PRESETS = {
    "custom": (
        _l("Your own terms"),
        _l("Begins with this program's defaults: 20 hours within 15 days, three hours a day at most."),
    ),
    "ruian": (
        _l("Rui'an, Zhejiang, 2017"),
        _l("The first one known: 30 hours or more, run by a civic group with the police. Its line of 140 is obsolete."),
    ),
    "liuyang": (
        _l("Liuyang, Hunan, 2020"),
        _l("20 hours or more, about three a day at a crossing; the traffic police of the case certify them."),
    ),
    "ningjiang": (
        _l("Ningjiang, Jilin, 2022"),
        _l("10 hours or more; police and the volunteers' association train people first."),
    ),
    "taijiang": (
        _l("Taijiang, Fuzhou, 2018"),
        _l("60 to 80 hours, each noted on a form, with random and unannounced checks. It is older than the opinion."),
    ),
    "nantong": (
        _l("Nantong development zone, 2023"),
        _l("30 hours in the one case known, a theft; service stations run together with civic groups."),
    ),
    "xiangyang": (
        _l("Xiangyang high-tech zone, Hubei, 2023"),
        _l("40 hours in the one case known; people chose posts online and checked in by phone."),
    ),
    "shijiazhuang": (
        _l("Shijiazhuang, learner drivers"),
        _l("Two hours, once, not for suspects; the officer on duty signs a voucher. A model for evidence of a shift."),
    ),
    "kaiyuan": (
        _l("Kaiyuan, Yunnan, since 2022"),
        _l("Peak-hour guiding at crossings, confirmed by the traffic police. How many hours is not known."),
    ),
}
BASES = {
    "review_limit": _l("the limit of the review"),
    "bail_limit": _l("the end of bail"),
    "entered_date": _l("a date entered in the case"),
}
COUNTERSIGNED = {"none": _l("nobody"), "squad_leader": _l("the squad leader")}
EQUIPPED = {"vest": _l("reflective vest"), "flag": _l("flag"), "whistle": _l("whistle")}
OTHERWISE = {
    "community_service": _l("community service"),
    "legal_publicity": _l("making the law known"),
    "indoor_duty": _l("duty indoors"),
}
EXEMPTED = {
    "age": _l("age"),
    "pregnancy": _l("pregnancy or nursing"),
    "illness": _l("certified illness"),
    "disability": _l("disability"),
    "carer": _l("caring for somebody who depends on it"),
}
STOPPED = {
    "new_offence": _l("a new offence"),
    "breach_of_bail": _l("a breach of bail"),
    "impostor": _l("somebody else served instead"),
    "fraud": _l("fraud"),
    "plea_withdrawn": _l("the plea is withdrawn"),
}
AGGRAVATING = {
    "accident": _l("an accident with full or main fault"),
    "hit_and_run": _l("fled after an accident"),
    "no_licence": _l("drove a car without a licence"),
    "overload": _l("serious overload, too many people, or speeding"),
    "drugs": _l("controlled drugs"),
    "passengers": _l("carried passengers for hire"),
    "school_bus": _l("a school bus with pupils"),
    "expressway": _l("on an expressway"),
    "heavy_truck": _l("a heavy truck"),
    "dangerous_goods": _l("dangerous goods"),
    "evaded_check": _l("evaded or obstructed the check"),
    "obstruction": _l("obstructed justice"),
    "caught_before": _l("caught for drink-driving within two years"),
    "convicted_before": _l("convicted of dangerous driving, or not prosecuted for it, within five years"),
    "other": _l("something else"),
}
WISHES = {
    "morning": _l("not in the morning"),
    "evening": _l("not in the evening"),
    "weekend": _l("not at the weekend"),
}
# The record of somebody before his first shift, in the order of its gates.
GATES = {
    "not_told": _l("Notice of risks"),
    "not_consented": _l("Consent"),
    "not_trained": _l("Training"),
    "not_insured": _l("Accident insurance"),
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
PAPERS = {
    "matters_notice": _l("Notice of matters"),
    "undertaking": _l("Undertaking"),
    "liaison_letter": _l("Liaison letter"),
    "sign_in_sheet": _l("Sign-in sheet of traffic volunteers"),
    "service_record": _l("Service record"),
    "evaluation_report": _l("Evaluation report"),
}
STANDINGS = {
    "over": _l("over, hours missing"),
    "behind": _l("behind"),
    "on_course": _l("on course"),
    "booked": _l("the rest is booked"),
    "complete": _l("hours complete"),
}
UNUSUAL = {
    "many_at_once": _l("Many people confirmed at once"),
    "long_day": _l("More than a day may have"),
    "same_officer": _l("Always the same officer"),
    "two_places": _l("Confirmed at two places for one time"),
    "one_device": _l("One phone for several people"),
    "refused_codes": _l("Codes refused again and again"),
    "elsewhere": _l("Bookings refused because the person is elsewhere"),
}
GRADED = {
    "excellent": _l("Excellent"),
    "passed": _l("Passed"),
    "not_passed": _l("Not passed"),
}
OPINIONS = {
    "commended": _l("Better than usual"),
    "as_usual": _l("As it should be"),
    "lacking": _l("Something was lacking"),
}
DECISIONS = {
    "not_prosecuted": _l("Not prosecuted, as a minor offence"),
    "prosecuted": _l("Prosecuted"),
    "no_crime": _l("Not prosecuted, as no crime"),
    "other": _l("Something else"),
}
# The arithmetic of an evaluation, line by line.
COUNTED = {
    "hours": _l("Hours served"),
    "no_shows": _l("Shifts missed without a word"),
    "absent_late": _l("Absences told late"),
    "left_early": _l("Shifts left early"),
    "not_found": _l("Not met at an unannounced check"),
    "commended": _l("A squad found the service better than usual"),
    "as_usual": _l("A squad found the service as it should be"),
    "lacking": _l("A squad found something lacking"),
    "checks": _l("Unannounced checks"),
    "by_service": _l("Shifts the service cancelled"),
}
PLAN_DATES = {
    "limit_on": _l("limit of the case"),
    "bail_on": _l("last day of bail"),
    "hearing_by": _l("hearing by"),
    "told_safe": _l("told by, to be safe"),
    "told_lawful": _l("told by, at the latest"),
    "evaluation_by": _l("evaluation by"),
    "window_first": _l("window from"),
    "window_last": _l("window until"),
}

# What the parts of an assessment's pages are told with.
WORDS = {"course_words": WORDS_OF_COURSE, "gate_words": GATES, "difficulties": DIFFICULTIES, "plan_words": PLAN_DATES}
INTERESTS = {
    "kin": _l("kin"),
    "acquaintance": _l("an acquaintance"),
    "dispute": _l("a dispute"),
}
MARKED = {
    "other_minutes": _l("other minutes"),
    "late": _l("came late"),
    "left_early": _l("left early"),
    "sent_home": _l("sent home"),
    "from_paper": _l("from paper"),
    "extra": _l("came without a booking"),
    "corrected": _l("a time was corrected"),
    "reconfirmed": _l("confirmed again"),
}
UNSIGNED = {
    "oneself": _l("your own hours: another squad leader signs"),
    "interest": _l("you have an interest: another squad leader signs"),
    "own_word": _l("you confirmed it yourself: another squad leader signs"),
}
INCIDENTS = {
    "accident": _l("Accident"),
    "conflict": _l("Quarrel"),
    "unfit": _l("Not fit to serve"),
    "impostor": _l("Somebody else in his place"),
    "other": _l("Something else"),
}
EVIDENCE = {
    "ticks": _l("ticks that stand on record"),
    "paper": _l("a paper sheet"),
    "other": _l("something else"),
}
# What kept somebody out of a plan for everybody, as the desk reads it.
LEFT_OUT = {
    "outside_period": _l("no shift in the time of service"),
    "not_told": _l("the notice of matters is not entered"),
    "not_consented": _l("the undertaking is not entered"),
    "not_trained": _l("the training is not entered"),
    "not_insured": _l("not insured on these days"),
    "health_unknown": _l("the health is not entered"),
    "too_hard": _l("no post with a shift suits the health"),
    "too_old": _l("no post with a shift suits the age"),
    "bail_area_unknown": _l("the area of bail is not entered"),
    "outside_bail_area": _l("no post with a shift lies in the area of bail"),
    "no_service_day": _l("only on days that the scheme leaves out"),
    "shift_too_short": _l("no shift as long as his scheme asks"),
    "overlap": _l("bound elsewhere at these times"),
    "day_full": _l("these days are full"),
    "too_few": _l("too few shifts in these days"),
    "full": _l("the places are taken by others"),
}


def way_between(way: ShortWay) -> str:
    """`Only 10 minutes after 客运站前广场`; of another office nothing but that it is elsewhere."""
    at, num = way.place or gettext("something elsewhere"), way.minutes
    if way.comes_first:
        return ngettext("Only %(num)d minute after %(at)s", "Only %(num)d minutes after %(at)s", num, at=at)
    return ngettext("Only %(num)d minute before %(at)s", "Only %(num)d minutes before %(at)s", num, at=at)
