"""Tidying of what stands in one cell: text, names, numbers, phones, identity and licence numbers. Pure.

Every function takes the cell as it reads and returns a value, or raises `Untidy` with a stable code; nothing else is
ever raised, whatever the text. Tidying a tidied value again changes nothing. Dates and times: `exchange.tidy_times`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from accounts.rules.people import settled
from exchange.vocabulary import WORDS

MAX_NAME = 100  # characters of a name, place or organisation
MAX_REMARK = 2_000  # characters of a remark
_MAX_DIGITS = 6  # before the point: no count, duration or concentration is longer

_HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U0003ffff"
_BLANK_AT_HAN = re.compile(rf"(?<=[{_HAN}\u00b7])\s+|\s+(?=[{_HAN}\u00b7])")
_MIDDLE_DOTS = re.compile("[\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"([0-9]+)(\.[0-9]+)?")
_NOTHING = frozenset(WORDS["nothing"])
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([^0-9.]*)")


class Untidy(Exception):
    """A cell that cannot be made into a value. `code` is stable; `facts` fill the places of its message."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


def plain(value: str) -> str:
    """Text for comparing and for numbers: settled, an apostrophe that marks text in a spreadsheet left out.

    Raises: text_forbidden for NUL, other control characters and lone surrogates (TRUST I33).
    """
    if _FORBIDDEN.search(value):
        raise Untidy("text_forbidden")
    return settled(re.sub(r"^['\s]+", "", settled(value)))


def compact(value: str) -> str:
    """`plain` without any blank, for numbers and codes."""
    text = "".join(plain(value).split())
    while (once := "".join(plain(text).split())) != text:
        text = once
    return text


def blank(value: str) -> bool:
    """Whether a cell looks empty. A cell with a NUL is not: it is refused where it is read."""
    return not settled(value)


def nothing(value: str) -> bool:
    """Whether a cell is empty or says that there is nothing."""
    return blank(value) or "".join(settled(value).split()) in _NOTHING


def name(value: str) -> str:
    """A name of a person, place or organisation: no blanks beside Han characters, one kind of middle dot.

    Raises: value_missing, text_forbidden, text_too_long (more than 100 characters).
    """
    if _FORBIDDEN.search(value):
        raise Untidy("text_forbidden")
    text = settled(value)
    while True:
        once = settled(_BLANK_AT_HAN.sub("", _MIDDLE_DOTS.sub("\u00b7", text)))
        if once == text:
            break
        text = once
    if not text:
        raise Untidy("value_missing")
    if len(text) > MAX_NAME:
        raise Untidy("text_too_long", limit=MAX_NAME)
    return text


def names(value: str) -> tuple[str, ...]:
    """Several names in one cell, in their order, none twice. Raises: as `name`."""
    parts = re.split(WORDS["several"]["between"], plain(value))
    found = tuple(dict.fromkeys(name(part) for part in parts if not blank(part)))
    if not found:
        raise Untidy("value_missing")
    return found


def remark(value: str) -> str:
    """A remark, word for word: only NFC, one kind of line end, no bidi controls, no blanks at the ends.

    Raises: text_forbidden, text_too_long (more than 2,000 characters).
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if _FORBIDDEN.search(text):
        raise Untidy("text_forbidden")
    while True:
        once = unicodedata.normalize("NFC", _BIDI.sub("", text)).strip(" \t\n\u3000\ufeff\u00a0")
        if once == text:
            break
        text = once
    if len(text) > MAX_REMARK:
        raise Untidy("text_too_long", limit=MAX_REMARK)
    return text


def identifier(value: str) -> str:
    """A short number or code kept as text, such as a badge number. Raises: value_missing, text_too_long."""
    text = compact(value)
    if not text:
        raise Untidy("value_missing")
    if len(text) > MAX_NAME:
        raise Untidy("text_too_long", limit=MAX_NAME)
    return text


def identifiers(value: str) -> tuple[str, ...]:
    """Several badge numbers in one cell, in the order of the names they belong to. Raises: as `identifier`."""
    parts = re.split(WORDS["several"]["between"], plain(value))
    return tuple(identifier(part) for part in parts if not blank(part))


def case_number(value: str) -> str:
    """A case number with its year in the brackets the rules use, so that two people of one case share it.

    Raises: as `identifier`.
    """
    return re.sub(r"[\[(\u3014\u3010<\u3008{]([0-9]{4})[\])\u3015\u3011>\u3009}]", "\u3014\\1\u3015", identifier(value))


def sex(value: str) -> Literal["male", "female"]:
    """Raises: sex_unreadable."""
    word = compact(value).casefold()
    if word in WORDS["sex"]["male"]:
        return "male"
    if word in WORDS["sex"]["female"]:
        return "female"
    raise Untidy("sex_unreadable")


def count(value: str) -> int:
    """A number of people, with or without its unit; at least 1. Raises: value_missing, number_unreadable."""
    text = compact(value)
    if not text:
        raise Untidy("value_missing")
    for unit in WORDS["people"]["units"]:
        text = text.removesuffix(unit)
    if re.fullmatch(r"[0-9]{1,6}", text) and int(text) > 0:
        return int(text)
    raise Untidy("number_unreadable")


def duration(value: str, bare: Literal["hours", "minutes"]) -> int:
    """A duration in whole minutes; `bare` is the unit of a number that names none.

    Raises: value_missing, number_unreadable (also for a part of a minute).
    """
    text = compact(value).casefold()
    if not text:
        raise Untidy("value_missing")
    units: dict[str, int] = WORDS["duration"]["units"]
    parts = list(_PART.finditer(text))
    if "".join(part[0] for part in parts) != text:
        raise Untidy("number_unreadable")
    minutes = Decimal(0)
    for part in parts:
        unit = 60 if bare == "hours" else 1
        if part[2]:
            unit = units.get(part[2], 0)
        elif len(parts) > 1:
            unit = 0
        if not unit:
            raise Untidy("number_unreadable")
        minutes += _decimal(part[1]) * unit
    if minutes != minutes.to_integral_value():
        raise Untidy("number_unreadable")
    return int(minutes)


def blood_alcohol(value: str) -> Decimal:
    """A blood-alcohol figure in mg/100 ml, exactly as measured; mg/ml counts a hundredfold (DOMAIN D-01).

    Raises: bac_not_measured where there is no figure.
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(.*)", compact(value).casefold().replace("\u2044", "/"))
    unit = WORDS["blood_alcohol"]["units"].get(found[2], 0) if found and found[2] else 1
    if not found or not unit:
        raise Untidy("bac_not_measured")
    try:
        figure = _decimal(found[1]) * unit
    except Untidy:
        raise Untidy("bac_not_measured") from None
    if not figure:
        raise Untidy("bac_not_measured")
    return Decimal(format(figure, "f").rstrip("0").rstrip(".")) if figure % 1 else Decimal(int(figure))


def _decimal(digits: str) -> Decimal:
    """A plain number of bounded length. Raises: number_unreadable."""
    found = _NUMBER.fullmatch(digits)
    if not found or len(found[1].lstrip("0")) > _MAX_DIGITS or len(found[2] or "") > _MAX_DIGITS + 1:
        raise Untidy("number_unreadable")
    return Decimal(digits)


def phone(value: str) -> str:
    """A phone number of mainland China as its digits: 11 of a mobile, a landline with or without its area.

    Raises: value_missing, phone_unreadable.
    """
    text = compact(value)
    if not text:
        raise Untidy("value_missing")
    digits = re.sub(r"[-()\u2010-\u2015\u2212]", "", text)
    digits = re.sub(r"^(?:\+|00)?86(?=(?:1[0-9]{10}|0?[1-9][0-9]{8,10})$)", "", digits)
    if re.fullmatch(r"1[0-9]{10}|0[1-9][0-9]{8,10}|[2-9][0-9]{6,7}", digits):
        return digits
    raise Untidy("phone_unreadable")


_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK_DIGITS = "10X98765432"


def check_digit(first_seventeen: str) -> str:
    """The 18th sign of an ID number, from its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True))
    return _CHECK_DIGITS[total % 11]


def id_number(value: str) -> str:
    """An 18-digit ID number with a capital X (TRUST I34).

    Raises: value_missing; id_check_digit where length, date of birth or check digit is wrong.
    """
    text = compact(value).upper()
    if not text:
        raise Untidy("value_missing")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text) or check_digit(text[:17]) != text[17]:
        raise Untidy("id_check_digit")
    try:
        born_on(text)
    except ValueError:
        raise Untidy("id_check_digit") from None
    return text


def born_on(id_text: str) -> date:
    """The date of birth in a tidied ID number."""
    return date(int(id_text[6:10]), int(id_text[10:12]), int(id_text[12:14]))


def sex_of(id_text: str) -> Literal["male", "female"]:
    """The sex in a tidied ID number: its 17th digit is odd for men."""
    return "male" if int(id_text[16]) % 2 else "female"


@dataclass(frozen=True)
class Licence:
    """The parts of a lawyer's licence number of 17 digits: 1, area 4, year 4, kind 1, sex 1, serial 6."""

    number: str
    area: str
    year: int
    kind: str
    sex: Literal["male", "female"]
    serial: str


def licence(value: str) -> Licence:
    """Raises: value_missing; licence_unreadable where it is not 17 digits beginning with 1, or the sex not 0 or 1."""
    text = compact(value)
    if not text:
        raise Untidy("value_missing")
    found = re.fullmatch(r"1([0-9]{4})([0-9]{4})([0-9])([01])([0-9]{6})", text)
    if not found:
        raise Untidy("licence_unreadable")
    area, year, kind, sex_digit, serial = found.groups()
    return Licence(text, area, int(year), kind, "female" if sex_digit == "1" else "male", serial)


def full_years(born: date, on: date) -> int:
    """Age in full years on a day; a birthday counts as reached, 29 February is reached on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
