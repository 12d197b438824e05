"""The numbers of traffic-volunteer service that an office may set (DOMAIN 9.2, 3.3)."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.settings import Chapter, Declared, declare, number, other
from errors import N_

SCHEME = Chapter(40, "scheme", _l("Service: the scheme"))
SHIFTS = Chapter(42, "shifts", _l("Service: shifts and attendance"))
RECORDS = Chapter(44, "records", _l("Service: records and certificates"))

_SCHEME = "DOMAIN 3.3"
_BACK_PLAN = "DOMAIN 8.9"
_RECORD = "志愿服务记录与证明出具办法(试行)"  # citation


def _plan(key: str, default: int, unit: str, label: object, help: object, least: int = 0, most: int = 180) -> Declared:
    """A number of the back-plan of an assessment."""
    return number(SCHEME, f"service.{key}", default, unit, label, help, _BACK_PLAN, "D", least=least, most=most)


def _shift(
    key: str, default: int, unit: str, label: object, help: object, least: int = 0, most: int = 1440, **more: Any
) -> Declared:
    """A number of shifts and attendance."""
    return number(SHIFTS, f"service.{key}", default, unit, label, help, _SCHEME, "D", least=least, most=most, **more)


declare(
    number(
        SCHEME,
        "service.required_hours",
        Decimal(20),
        "hour",
        _l("Hours of service asked"),
        _l("Compared in minutes; local schemes ask for 10 to 80."),
        "DOMAIN 3.2",
        "B",
        least=Decimal("0.5"),
        most=200,
        kind="decimal",
    ),
    number(
        SCHEME,
        "service.total_cap",
        None,
        "hour",
        _l("Hours counted in all, at most"),
        _l("Leave it empty so that nobody is refused credit for hours served."),
        _SCHEME,
        "D",
        least=1,
        most=1000,
        optional=True,
    ),
    _plan("period", 15, "day", _l("Length of an assessment"), _l("What fits into one month and its extension."), 1),
    _plan("extension", 15, "day", _l("Extension of an assessment"), _l("Once, with the prosecutor's reason.")),
    _plan(
        "intake_working_days",
        4,
        "working_day",
        _l("Intake"),
        _l("Telling, consent, training and insurance come before the first shift."),
        most=30,
    ),
    _plan(
        "evaluation_lead",
        2,
        "working_day",
        _l("Evaluation before the end"),
        _l("The file is ready so long before the assessment ends."),
        most=30,
    ),
    other(
        SCHEME,
        "date",
        "service.window_from",
        None,
        _l("Service may begin from"),
        _l("Leave it empty: right after intake."),
        _BACK_PLAN,
        "D",
        optional=True,
    ),
    _plan("report_in", 3, "day", _l("First report to the squad"), _l("From the day the assessment begins."), 1, 30),
    number(
        SCHEME,
        "service.training_hours",
        Decimal(1),
        "hour",
        _l("Training before the first shift"),
        _l("At least; the ordinance asks for training where the work needs it."),
        _SCHEME,
        "D",
        most=40,
        kind="decimal",
    ),
    number(
        SCHEME,
        "service.exempt_age",
        65,
        "year",
        _l("Exempt from this age"),
        _l("An alternative is offered instead of a crossing."),
        _SCHEME,
        "D",
        least=50,
        most=100,
    ),
    number(
        SCHEME,
        "service.random_checks",
        1,
        "times",
        _l("Unannounced checks of one person"),
        _l("At least; against impostors."),
        _SCHEME,
        "D",
        most=50,
    ),
    number(
        SHIFTS,
        "service.max_per_day",
        Decimal(3),
        "hour",
        _l("Hours on one day, at most"),
        _l("Split at local midnight."),
        N_("DOMAIN 3.2, Liuyang 2020"),
        "D C",
        least=Decimal("0.5"),
        most=12,
        kind="decimal",
    ),
    _shift("min_shift", 60, "minute", _l("Shortest shift that counts"), _l("Shorter is not offered."), 15, 600),
    other(
        SHIFTS,
        "windows",
        "service.windows",
        ((time(7, 30), time(9, 0)), (time(17, 0), time(18, 30))),
        _l("Peak hours"),
        _l("What a new post begins with; a school gate may begin at 07:00."),
        _SCHEME,
        "D",
    ),
    _shift(
        "series_ahead",
        28,
        "day",
        _l("Series keep shifts open ahead"),
        _l("Four weeks hold a whole assessment of fifteen days; further ahead the calendar is corrected more often."),
        7,
        365,
    ),
    _shift("shift_max", 12, "hour", _l("Longest shift"), _l("A slip of the hand is longer."), 1, 24),
    _shift(
        "cancel_before",
        12,
        "hour",
        _l("A volunteer cancels before the shift"),
        _l("Later he says he is absent."),
        0,
        240,
    ),
    _shift(
        "absence_notice",
        0,
        "minute",
        _l("An absence is told before the start"),
        _l("0: any time until the shift begins."),
        most=1440,
    ),
    _shift(
        "first_after_loss",
        48,
        "hour",
        _l("Whoever lost a place by the service comes first"),
        _l("On waiting lists and for newly opened shifts; no place is held. 0: not at all."),
        0,
        240,
    ),
    number(
        SHIFTS,
        "service.fill_before",
        30,
        "minute",
        _l("Nobody moves up from the waiting list later than"),
        _l("Before the start. Later a place stays free, and somebody without a booking may take it."),
        "DOMAIN 8.4",
        "M",
        most=1440,
    ),
    _shift(
        "counter_idle",
        15,
        "minute",
        _l("Counter mode ends by itself"),
        _l("So long after the last touch the tablet signs out."),
        1,
        60,
    ),
    _shift(
        "late_grace",
        10,
        "minute",
        _l("Late after"),
        _l("Decides only whether “late” is written; minutes stay."),
        0,
        120,
    ),
    _shift(
        "no_show_limit", 2, "times", _l("Missed shifts before the prosecutor is told"), _l("Without notice."), 1, 20
    ),
    _shift(
        "tick_conflict",
        1,
        "minute",
        _l("Two ticks disagree"),
        _l("When they are further apart than this, a person decides."),
        0,
        60,
    ),
    _shift("code_life.person", 30, "second", _l("Code of a volunteer lives"), _l("Shown on his phone."), 10, 300),
    _shift(
        "code_life.screen", 30, "second", _l("Code of a post's screen lives"), _l("Scanned by volunteers."), 10, 300
    ),
    _shift("confirm_undo", 10, "minute", _l("A confirmation can be undone"), _l("0: it counts at once."), 0, 1440),
    other(
        SHIFTS,
        "choice",
        "service.countersign",
        "none",
        _l("Countersignature"),
        _l("With the squad leader, hours count once he has signed the week."),
        _SCHEME,
        "D",
        words={"none": _l("nobody"), "squad_leader": _l("the squad leader")},
    ),
    number(
        SHIFTS,
        "service.round_unit",
        Decimal("0.5"),
        "hour",
        _l("Hours are rounded to"),
        _l("Down, once, on the total; only where it is shown or printed."),
        "DOMAIN V-06",
        "D",
        least=Decimal("0.01"),
        most=1,
        kind="decimal",
    ),
    other(
        SHIFTS,
        "switch",
        "service.shift_photos",
        False,
        _l("Photos of a shift"),
        _l("Off: the portrait beside the name is enough."),
        _SCHEME,
        "D",
    ),
    number(
        RECORDS,
        "service.confirm_reminder",
        3,
        "hour",
        _l("Officers are reminded to confirm after"),
        _l("From the end of the shift, once. Later it stands on the office's list."),
        "DOMAIN V-07",
        "D",
        least=1,
        most=72,
    ),
    number(
        RECORDS,
        "volunteer.record_within",
        10,
        "working_day",
        _l("Service entered in the record"),
        _l("From the end of the service."),
        _RECORD,
        "M-",
        least=1,
        most=60,
        roll="next_working",
    ),
    number(
        RECORDS,
        "volunteer.record_internal",
        1,
        "working_day",
        _l("Service entered in the record, our own aim"),
        _l("What we promise ourselves."),
        "DOMAIN 4",
        "D",
        most=60,
        below="volunteer.record_within",
    ),
    number(
        RECORDS,
        "volunteer.correction",
        5,
        "working_day",
        _l("Answer to “this record is wrong”"),
        _l("The text says “timely”."),
        "DOMAIN 4",
        "D",
        least=1,
        most=60,
        roll="next_working",
    ),
    number(
        RECORDS,
        "volunteer.publicity",
        0,
        ("working_day", "day"),
        _l("Record shown in public before it counts"),
        _l("3 working days in Fujian, 7 days in the rule of 2015."),
        "DOMAIN 4",
        "C",
        most=30,
    ),
    number(
        RECORDS,
        "shift_photo.retention",
        1,
        "year",
        _l("Photos of a shift kept"),
        _l("After the case is closed."),
        "DOMAIN 7",
        "D",
        most=10,
    ),
)
