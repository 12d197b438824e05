"""The numbers of sign-in, logs and personal information that an office may set (DOMAIN 9.2, TRUST 2).

Sign-in is the installation's policy: an office may be stricter than it, never laxer.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.settings import Chapter, Declared, declare, number, other

PERSONAL = Chapter(80, "personal", _l("Personal information and logs"))
SIGN_IN = Chapter(82, "sign_in", _l("Sign-in and passwords"))

_NETWORK = "网络安全法 23"  # citation
_SHARING = "网络数据安全管理条例 12"  # citation
_IMPACT = "个人信息保护法 56"  # citation
_POLICY = "DOMAIN 7; TRUST T24"


def _at_most(key: str, default: int, unit: str, label: object, help: object, most: int | None = None) -> Declared:
    """A number of the policy that an office may only lower."""
    return number(SIGN_IN, key, default, unit, label, help, _POLICY, "D", 1, default if most is None else most)


def _at_least(key: str, default: int, unit: str, label: object, help: object, most: int) -> Declared:
    """A number of the policy that an office may only raise."""
    return number(SIGN_IN, key, default, unit, label, help, _POLICY, "D", default, most)


declare(
    number(
        PERSONAL,
        "pi_request.answer",
        15,
        "working_day",
        _l("Answer to a person about his data"),
        _l("Copy, correction, erasure."),
        "DOMAIN 7",
        "D",
        least=1,
        most=30,
        roll="next_working",
    ),
    number(
        PERSONAL,
        "log.retention",
        1095,
        "day",
        _l("Logs kept"),
        _l("The law asks for six months at least."),
        _NETWORK,
        "A",
        least=180,
        most=3650,
        by_law=True,
    ),
    number(
        PERSONAL,
        "share_log.retention",
        3,
        "year",
        _l("Record of sharing personal information kept"),
        _l("Who received what, and why."),
        _SHARING,
        "A",
        least=3,
        most=30,
        by_law=True,
    ),
    number(
        PERSONAL,
        "pia.retention",
        3,
        "year",
        _l("Impact assessment kept"),
        _l("Of the protection of personal information."),
        _IMPACT,
        "A",
        least=3,
        most=30,
        by_law=True,
    ),
    number(
        PERSONAL,
        "log.seal_every",
        1,
        "minute",
        _l("Acts sealed every"),
        _l("How often the log of acts is made provable."),
        "DOMAIN 9.2",
        "D",
        least=1,
        most=60,
    ),
    number(
        PERSONAL,
        "idempotency.keep",
        7,
        "day",
        _l("Answers kept for a second press"),
        _l("A form sent again within this time is told what it was told before."),
        "TRUST I07",
        "D",
        least=1,
        most=30,
    ),
    _at_most("login.max_fail", 5, "times", _l("Wrong passwords before a pause"), _l("For one account.")),
    _at_least("login.lock", 15, "minute", _l("Pause after wrong passwords"), _l("The account waits so long."), 1440),
    _at_most("login.staff.idle", 30, "minute", _l("Desk: signed out when idle"), _l("After so long without a press.")),
    _at_most("login.staff.absolute", 12, "hour", _l("Desk: signed out anyway"), _l("However busy.")),
    _at_most("login.field.device", 30, "day", _l("Phone: stays signed in"), _l("Then it is enrolled again.")),
    _at_least("login.field.pin", 6, "digits", _l("Phone: length of the PIN"), _l("At least."), 12),
    _at_most(
        "login.field.pin_after_idle", 15, "minute", _l("Phone: PIN asked when idle"), _l("What was begun is kept.")
    ),
    other(
        SIGN_IN,
        "switch",
        "login.second_factor",
        True,
        _l("Second factor for staff"),
        _l("Off only in a demonstration office."),
        _POLICY,
        "D",
        always_on=True,
    ),
    _at_most("login.fresh", 5, "minute", _l("Fresh sign-in"), _l("Asked for corrections, exports and unmasking.")),
    _at_least(
        "password.staff.min",
        12,
        "characters",
        _l("Length of a password"),
        _l("And never one of the known broken ones."),
        64,
    ),
    other(
        SIGN_IN,
        "switch",
        "password.graded_protection",
        False,
        _l("Graded protection"),
        _l("On: passwords need several classes, expire, and may not come again."),
        "DOMAIN S-21",
        "M",
    ),
    number(
        SIGN_IN,
        "password.graded_protection.classes",
        3,
        "",
        _l("Graded protection: classes of characters"),
        _l("Of four: capital, small, digit, sign."),
        "DOMAIN S-21",
        "M",
        least=3,
        most=4,
    ),
    number(
        SIGN_IN,
        "password.graded_protection.days",
        90,
        "day",
        _l("Graded protection: a password lasts"),
        _l("At most."),
        "DOMAIN S-21",
        "M",
        least=1,
        most=90,
    ),
    number(
        SIGN_IN,
        "password.graded_protection.remembered",
        5,
        "times",
        _l("Graded protection: passwords remembered"),
        _l("None of the last ones comes again."),
        "DOMAIN S-21",
        "M",
        least=5,
        most=24,
    ),
)
