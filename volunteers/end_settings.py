"""By which numbers hours are looked at and service is evaluated: what an office may set (V-12, D-26, DOMAIN 3.3)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.settings import Chapter, Declared, declare, number
from volunteers.words import COUNTED

UNUSUAL = Chapter(46, "unusual", _l("Service: what is unusual"))
POINTS = Chapter(48, "points", _l("Service: points of the evaluation"))


def _unusual(
    key: str, default: int, unit: str, label: object, help: object, least: int = 2, most: int = 500
) -> Declared:
    """From when on something in the hours is shown to a person; it refuses nothing."""
    name, source = f"service.unusual.{key}", "DOMAIN V-12"
    return number(UNUSUAL, name, default, unit, label, help, source, "D", least=least, most=most)


def _points(key: str, default: int, help: object) -> Declared:
    """What one of something gives or takes in the grade that is proposed."""
    name, source = f"service.points.{key}", "DOMAIN 3.3, D-26"
    return number(POINTS, name, default, "point", COUNTED[key], help, source, "D", least=0, most=100)


declare(
    _unusual(
        "at_once",
        20,
        "people",
        _l("Many people confirmed at once"),
        _l("By one officer, within the time that follows."),
    ),
    _unusual("at_once_within", 1, "minute", _l("At once means within"), _l("From the first confirmation on."), 1, 60),
    _unusual(
        "same_officer",
        5,
        "times",
        _l("Always the same officer"),
        _l("So many confirmations of one person, and not one by anybody else."),
        most=100,
    ),
    _unusual(
        "one_device",
        2,
        "people",
        _l("One phone for several people"),
        _l("Whose codes were read, or who said that they are here, on the same day."),
        most=50,
    ),
    _unusual(
        "refused_codes",
        10,
        "times",
        _l("Codes that were refused"),
        _l("To one person on one day, as foreign or from a picture. A code that was only too old is not counted."),
    ),
    _unusual(
        "elsewhere",
        3,
        "times",
        _l("Bookings refused because the person is elsewhere"),
        _l("To one person on one day. What the desk tries for him is not counted."),
        most=100,
    ),
    _points("no_shows", 10, _l("Points that each one takes.")),
    _points("absent_late", 3, _l("Points that each one takes.")),
    _points("left_early", 3, _l("Points that each one takes.")),
    _points("not_found", 10, _l("Points that each one takes.")),
    _points("commended", 5, _l("Points that each squad gives.")),
    _points("lacking", 5, _l("Points that each squad takes.")),
)
