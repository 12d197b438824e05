"""The sentences behind the codes of findings, as English msgids with `%(x)s` places. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from errors import N_

Gettext = Callable[[str], str]
Reasons = Mapping[str, str]


STORED = ".stored"  # a code's other sentence, for what is stored already and so has no row in the file

GENERIC_REASONS: Reasons = {
    "same_row_again": N_("Repeats row %(row)s; nothing new to store"),
    "same_row_again" + STORED: N_("Already stored; nothing new to store"),
    "value_missing": N_("This cell must not be empty"),
    "text_forbidden": N_("The cell contains characters that cannot be stored"),
    "text_too_long": N_("The text is longer than %(limit)s characters"),
    "date_missing": N_("The date is missing"),
    "date_impossible": N_("No such date"),
    "year_missing": N_("The date has no year; say which month the sheet is of"),
    "time_missing": N_("The time is missing"),
    "time_impossible": N_("No such time"),
    "window_reversed": N_("The window ends before it begins"),
    "window_unreadable": N_("The window cannot be read; write it as 07:30-09:00"),
    "weekdays_unreadable": N_("The weekdays cannot be read; write them as Monday to Friday or one by one"),
    "number_unreadable": N_("The number cannot be read"),
    "phone_unreadable": N_("This is not a complete phone number"),
    "sex_unreadable": N_("The sex cannot be read"),
    "id_check_digit": N_("Check digit of the ID number is wrong"),
    "licence_unreadable": N_("A licence number has 17 digits and begins with 1"),
    "bac_not_measured": N_("There is no blood-alcohol figure"),
}


def sentence(reasons: Reasons, code: str, facts: Mapping[str, object], gettext: Gettext) -> str:
    """The translated sentence for a code with its places filled; a fact `row` of None means "stored already"."""
    key = code + STORED if "row" in facts and facts["row"] is None else code
    return gettext(reasons[key]) % facts
