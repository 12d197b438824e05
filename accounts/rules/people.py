"""What is known of a person: tidied, and refused where it cannot be true (TRUST I33, I34). Pure.

Every function takes what was typed, full-width digits and stray blanks included, and returns the value to keep, or
raises a `FactRefused` that says what is wrong; none of its messages repeats a phone or an ID number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from errors import Refusal

LONGEST_NAME = 100
OLDEST = 130  # years; nobody was older
SEXES = ("male", "female")

_HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BLANK_AT_HAN = re.compile(rf"(?<=[{_HAN}\u00b7])\s+|\s+(?=[{_HAN}\u00b7])")
_MIDDLE_DOTS = re.compile("[\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387]")
_JOINERS = "\u200c\u200d"
_FILLERS = "\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5"
_DASHES = re.compile(r"[-()\u2010-\u2015\u2212]")
_PHONE = re.compile(r"1[0-9]{10}|0[1-9][0-9]{8,10}|[2-9][0-9]{6,7}")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9\u4e00-\u9fff-]+(\.[A-Za-z0-9\u4e00-\u9fff-]+)+")
_USERNAME = re.compile(rf"[a-z0-9{_HAN}][a-z0-9._{_HAN}-]{{1,31}}")
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK_DIGITS = "10X98765432"


class FactRefused(Refusal):
    """Something about a person that cannot be so; shown beside its field."""

    status = 422


class NameUnreadable(FactRefused):
    code = "name_unreadable"
    message = "A name has letters or characters, at most %(n)s."
    help = "Type it as it stands on the ID card."


class PhoneUnreadable(FactRefused):
    code = "phone_unreadable"
    message = "This is no phone number: a mobile has 11 digits, a landline its area code in front."
    help = "Count the digits."


class IdNumberLength(FactRefused):
    code = "id_number_length"
    message = "An ID number has 17 digits and then a digit or X; this has %(n)s characters."
    help = "Compare it with the card, digit by digit."
    source = "GB 11643-1999"


class IdNumberDate(FactRefused):
    code = "id_number_date"
    message = "The seventh to fourteenth digits are the date of birth, and there is no such day."
    help = "Compare it with the card, digit by digit."
    source = "GB 11643-1999"


class IdNumberCheck(FactRefused):
    code = "id_number_check"
    message = "The last character does not fit the others: one of the 18 is mistyped, or two are swapped."
    help = "Compare it with the card, digit by digit."
    source = "GB 11643-1999"


class BirthImpossible(FactRefused):
    code = "birth_impossible"
    message = "Nobody living was born on this day."
    help = "Check the year."


class BirthDiffers(FactRefused):
    code = "birth_differs"
    message = "The ID number says another date of birth."
    help = "Leave the date empty: it is taken from the ID number."


class SexDiffers(FactRefused):
    code = "sex_differs"
    message = "The ID number says another sex."
    help = "Leave it open: it is taken from the ID number."


class EmailUnreadable(FactRefused):
    code = "email_unreadable"
    message = "This is no e-mail address."
    help = "It has one @ and no blanks."


class ReadingUnreadable(FactRefused):
    code = "reading_unreadable"
    message = "Pinyin has the letters a to z only, without tones; ü is v."
    help = "A blank between syllables helps: shan xiong xin."


class UsernameUnreadable(FactRefused):
    code = "username_unreadable"
    message = "A sign-in name has 2 to 32 characters: letters, digits, characters, and . _ - inside."
    help = "For example the name in pinyin."


def _without_invisible(text: str) -> str:
    """Leave out what nobody sees: zero-width signs, bidi controls, fillers. A joiner stays between two symbols."""
    kept: list[str] = []
    for place, sign in enumerate(text):
        if sign in _JOINERS:
            before, after = text[place - 1 : place], text[place + 1 : place + 2]
            if before and after and not any(s.isalnum() or s.isspace() or s in _JOINERS for s in (before, after)):
                kept.append(sign)
        elif sign not in _FILLERS and unicodedata.category(sign) != "Cf":
            kept.append(sign)
    return "".join(kept)


def settled(text: str) -> str:
    """NFKC without invisible signs, blanks as single spaces, none at the ends.

    Leaving a sign out may bring two together that compose, so it is repeated until nothing changes.
    """
    while True:
        once = unicodedata.normalize("NFKC", _without_invisible(text))
        once = " ".join(once.split())
        if once == text:
            return once
        text = once


def compact(text: str) -> str:
    """`settled` without any blank, for numbers."""
    return "".join(settled(text).split())


def name(text: str) -> str:
    """No blanks beside Han characters, one kind of middle dot. Raises: NameUnreadable."""
    tidy = _BLANK_AT_HAN.sub("", _MIDDLE_DOTS.sub("\u00b7", settled(text)))
    if not any(sign.isalpha() for sign in tidy) or len(tidy) > LONGEST_NAME:
        raise NameUnreadable(n=LONGEST_NAME)
    return tidy


def phone(text: str) -> str:
    """A phone number of mainland China as its digits, +86 left out. Raises: PhoneUnreadable."""
    digits = _DASHES.sub("", compact(text))
    digits = re.sub(r"^(?:\+|00)?86(?=(?:1[0-9]{10}|0?[1-9][0-9]{8,10})$)", "", digits)
    if not _PHONE.fullmatch(digits):
        raise PhoneUnreadable()
    return digits


def check_digit(first_seventeen: str) -> str:
    """The 18th character of an ID number, from its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True))
    return _CHECK_DIGITS[total % 11]


def id_number(text: str) -> str:
    """An 18-character ID number with a capital X. Raises: IdNumberLength, IdNumberDate, IdNumberCheck (I34)."""
    number = compact(text).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdNumberLength(n=len(number))
    try:
        born_on(number)
    except ValueError:
        raise IdNumberDate() from None
    if check_digit(number[:17]) != number[17]:
        raise IdNumberCheck()
    return number


def born_on(number: str) -> date:
    """The date of birth in a tidied ID number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> Literal["male", "female"]:
    """The sex in a tidied ID number: its 17th digit is odd for men."""
    return "male" if int(number[16]) % 2 else "female"


def check_birth(born: date, today: date) -> None:
    """Raises: BirthImpossible for a day to come, or one before anybody living was born."""
    if born > today or born.year < today.year - OLDEST:
        raise BirthImpossible()


def check_agreement(number: str | None, born: date | None, sex: str | None) -> None:
    """What the ID number says and what was typed beside it are one. Raises: BirthDiffers, SexDiffers."""
    if not number:
        return
    if born is not None and born != born_on(number):
        raise BirthDiffers()
    if sex and sex != sex_of(number):
        raise SexDiffers()


def email(text: str) -> str:
    """Raises: EmailUnreadable."""
    address = compact(text)
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise EmailUnreadable()
    return address


def reading(text: str) -> str:
    """Pinyin as typed by hand, in lower case with single blanks between syllables. Raises: ReadingUnreadable."""
    typed = settled(text).lower().replace("\u00fc", "v").replace("'", " ")
    typed = " ".join(typed.split())
    if not re.fullmatch(r"[a-z]+( [a-z]+)*", typed):
        raise ReadingUnreadable()
    return typed


def username(text: str) -> str:
    """A sign-in name in lower case. Raises: UsernameUnreadable."""
    typed = settled(text).lower()
    if not _USERNAME.fullmatch(typed):
        raise UsernameUnreadable()
    return typed


@dataclass(frozen=True)
class Sought:
    """What somebody typed to find a person: words (half a name, pinyin, initials, a badge number), the last four of a
    phone, a whole phone or a whole ID number. `numbers` are looked up by their keyed hashes only."""

    words: str
    tail: str = ""
    phone: str = ""
    id_number: str = ""


def sought(text: str) -> Sought:
    """Read a search as each of the things it may be; it never raises."""
    found = {"words": settled(text).lower()}
    digits = compact(text)
    if re.fullmatch(r"[0-9]{4}", digits):
        found["tail"] = digits
    for kind, rule in (("phone", phone), ("id_number", id_number)):
        try:
            found[kind] = rule(text)
        except FactRefused:
            continue
    return Sought(**found)
