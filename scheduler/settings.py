"""The numbers of the timeline, of feeds, and of the work that later packages bring (DOMAIN 9.2)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.setting_values import MonthlyDays
from accounts.settings import Chapter, Declared, declare, number, other

TIMELINE = Chapter(50, "timeline", _l("Timeline and feeds"))
PETITIONS = Chapter(60, "petitions", _l("Petitions"), later=True)
LEADERS = Chapter(62, "leaders", _l("Reception, meetings, visits"), later=True)
REVIEWS = Chapter(64, "reviews", _l("Risk, assistance, mediation"), later=True)

_PROMISE = "DOMAIN P-01, P-02"
_REGULATION = "信访工作条例"  # citation
_LOCAL = "DOMAIN P-11"


def _timeline(key: str, default: int, unit: str, label: object, help: object, least: int, most: int) -> Declared:
    return number(TIMELINE, key, default, unit, label, help, "DOMAIN 9.2", "D", least=least, most=most)


def _by_regulation(
    article: str, key: str, default: int, unit: str, label: object, help: object, least: int = 1
) -> Declared:
    """A number of the petition regulation: never more than its article says."""
    source = f"{_REGULATION} {article}"
    return number(
        PETITIONS,
        f"petition.{key}",
        default,
        unit,
        label,
        help,
        source,
        "A",
        least=least,
        most=default,
        by_law=True,
        roll="next_working" if unit == "day" else "none",
    )


def _leaders(key: str, default: int, unit: str, label: object, help: object, source: str, most: int) -> Declared:
    certainty = "Seed" if source.startswith("Seed") else "B"
    return number(LEADERS, key, default, unit, label, help, source, certainty, least=0, most=most)


def _reviews(
    key: str, default: int, unit: str, label: object, help: object, certainty: str, source: str, most: int
) -> Declared:
    roll = "next_working" if unit == "day" else "none"
    return number(REVIEWS, key, default, unit, label, help, source, certainty, least=1, most=most, roll=roll)


declare(
    _timeline(
        "timeline.travel_gap",
        15,
        "minute",
        _l("Time between two places"),
        _l("Less is warned, never refused."),
        0,
        240,
    ),
    _timeline("timeline.series_horizon", 12, "month", _l("Recurring things made ahead"), _l("At most."), 1, 24),
    _timeline(
        "feed.tell_owner_after",
        12,
        "month",
        _l("Owner of a calendar feed asked again"),
        _l("Whether the feed is still wanted."),
        1,
        60,
    ),
    _timeline(
        "feed.idle_revoke", 180, "day", _l("Unused calendar feed ends"), _l("After so long without a reading."), 7, 1095
    ),
    _timeline("feed.range_past", 90, "day", _l("Past of a calendar feed"), _l("Older things leave it."), 0, 730),
    _timeline(
        "feed.cancelled_kept",
        30,
        "day",
        _l("Cancelled things stay in a feed"),
        _l("So that every calendar has seen them as cancelled."),
        1,
        365,
    ),
    number(
        PETITIONS,
        "petition.reply1",
        7,
        ("day", "working_day"),
        _l("First reply to a petition"),
        _l("From receipt; the promise is inconsistent about days and working days."),
        _PROMISE,
        "B",
        least=1,
        most=7,
        roll="next_working",
    ),
    number(
        PETITIONS,
        "petition.reply2",
        3,
        "month",
        _l("Process or result of a petition"),
        _l("From receipt, by the date."),
        _PROMISE,
        "B",
        least=1,
        most=3,
        roll="next_working",
    ),
    number(
        PETITIONS,
        "petition.followup",
        1,
        "month",
        _l("Follow-up answers"),
        _l("After three months without a result, each time."),
        "DOMAIN P-05",
        "B",
        least=1,
        most=3,
        roll="next_working",
    ),
    number(
        PETITIONS,
        "petition.contact_attempts.times",
        3,
        "times",
        _l("Attempts to reach a petitioner"),
        _l("Before a reply is excused."),
        "DOMAIN P-06",
        "D",
        least=2,
        most=20,
    ),
    number(
        PETITIONS,
        "petition.contact_attempts.days",
        2,
        "day",
        _l("Attempts spread over days"),
        _l("At least so many different days."),
        "DOMAIN P-06",
        "D",
        least=1,
        most=20,
        below="petition.contact_attempts.times",
    ),
    _by_regulation("23", "objection", 5, "working_day", _l("Objection to a transfer"), _l("Wrong addressee.")),
    _by_regulation("23", "tell_general", 15, "day", _l("Acceptance told, general petition"), _l("From receipt.")),
    _by_regulation("34", "general_limit", 60, "day", _l("General petition settled"), _l("From acceptance.")),
    _by_regulation(
        "34", "general_extension", 30, "day", _l("General petition extended"), _l("With approval and reasons.")
    ),
    _by_regulation(
        "35", "review_ask", 30, "day", _l("Review asked for"), _l("The petitioner's time, from service: his right."), 30
    ),
    _by_regulation("36", "review_answer", 30, "day", _l("Review answered"), _l("From the request.")),
    _by_regulation("20", "representatives_max", 5, "people", _l("Representatives of a group"), _l("At most.")),
    number(
        PETITIONS,
        "petition.dept_limit",
        60,
        "day",
        _l("Department finishes a petition"),
        _l("Internal; from assignment."),
        _LOCAL,
        "B",
        least=1,
        most=90,
        roll="next_working",
    ),
    number(
        PETITIONS,
        "petition.dept_extension",
        30,
        "day",
        _l("Department's time extended"),
        _l("With the deputy chief's approval."),
        _LOCAL,
        "B",
        most=90,
        roll="next_working",
    ),
    _leaders(
        "reception.chief", 2, "days_a_month", _l("Reception by the chief"), _l("Half a day is half."), "Seed (P-45)", 20
    ),
    _leaders(
        "reception.others",
        1,
        "days_a_month",
        _l("Reception by other leaders"),
        _l("Half a day is half."),
        "Seed (P-45)",
        20,
    ),
    number(
        LEADERS,
        "reception.floor",
        12,
        "half_days_a_year",
        _l("Reception, lowest number in a year"),
        _l("The rule of 2007; history, kept as a floor."),
        "DOMAIN P-10",
        "B",
        most=250,
    ),
    other(
        LEADERS,
        "monthly",
        "reception.pattern",
        MonthlyDays((1, 4), 3),
        _l("Reception days"),
        _l("A weekday of the month; on a holiday the same weekday a week later."),
        "DOMAIN P-46",
        "B",
    ),
    _leaders(
        "meeting.leading_group",
        1,
        "a_month",
        _l("Meeting of the leading group"),
        _l("Dispute screening."),
        "Seed (P-50)",
        10,
    ),
    _leaders(
        "inspection.department", 1, "a_quarter", _l("Inspection of each department"), _l("At least."), "Seed (P-51)", 10
    ),
    _leaders("grid.visit", 1, "a_quarter", _l("Visits by grid teams"), _l("Each target."), "Seed (P-52)", 10),
    _leaders(
        "grid.households", 1083, "", _l("Households to visit"), _l("The office's own count."), "Seed (P-52)", 10**6
    ),
    _leaders(
        "grid.enterprises", 280, "", _l("Enterprises to visit"), _l("The office's own count."), "Seed (P-52)", 10**6
    ),
    _reviews("risk.review.general", 30, "day", _l("Review of a general risk"), _l("Each."), "D", "DOMAIN 5.4", 180),
    _reviews("risk.review.major", 15, "day", _l("Review of a major risk"), _l("Each."), "D", "DOMAIN 5.4", 180),
    _reviews("risk.review.extra", 7, "day", _l("Review of a very grave risk"), _l("Each."), "D", "DOMAIN 5.4", 180),
    _reviews(
        "review_after_close", 30, "day", _l("Review of a closed case"), _l("From closing."), "D", "DOMAIN P-55", 180
    ),
    _reviews(
        "assist.opinion",
        10,
        "working_day",
        _l("Judicial assistance: opinion"),
        _l("From acceptance."),
        "M",
        "DOMAIN P-64",
        30,
    ),
    _reviews(
        "assist.cap_months",
        36,
        "month",
        _l("Judicial assistance: cap"),
        _l("Months of the province's average wage of last year."),
        "M",
        "DOMAIN P-64",
        60,
    ),
    _reviews(
        "assist.payout_notice",
        2,
        "working_day",
        _l("Judicial assistance: told of the money"),
        _l("From its arrival."),
        "M",
        "DOMAIN P-64",
        30,
    ),
    _reviews(
        "mediation.target", 15, "day", _l("Mediation"), _l("A target; no time limit was found."), "D", "DOMAIN 5.6", 180
    ),
)
