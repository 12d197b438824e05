"""The PIN of an enrolled device: six digits that are not the first ones a stranger tries (TRUST T31, T32). Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date

from errors import Refusal

RUNS = ("01234567890123456789", "98765432109876543210")


class PinMalformed(Refusal):
    code = "pin_malformed"
    status = 422
    message = "A PIN has %(n)s digits."
    help = "Type digits, nothing else."


class PinTooEasy(Refusal):
    code = "pin_too_easy"
    status = 422
    message = "This PIN is too easy to guess."
    help = "Take digits that are no row, no repetition, no date of birth and no part of your phone or ID number."


class PinsDiffer(Refusal):
    code = "pins_differ"
    status = 422
    message = "The two PINs are not the same."
    help = "Type the same digits twice."


def digits_of(typed: str) -> str:
    """What was typed, as plain digits: full-width ones become ordinary, anything else makes it empty (PyPI 26-9)."""
    plain = unicodedata.normalize("NFKC", typed).replace(" ", "")
    return plain if plain.isascii() and plain.isdigit() else ""


def check_pin(pin: str, birth_on: date | None = None, numbers: Iterable[str | None] = (), length: int = 6) -> None:
    """Judge a PIN somebody chooses. `numbers`: his phone and ID number. Raises: PinMalformed, PinTooEasy.

    Source: DOMAIN 9.2 login.field.pin; TRUST T32.
    """
    if len(pin) != length or not (pin.isascii() and pin.isdigit()):
        raise PinMalformed(n=length)
    repeats = any(pin == (pin[:n] * length)[:length] for n in range(1, length // 2 + 1))
    pairs = pin[0::2] == pin[1::2]
    in_a_row = any(pin in run for run in RUNS)
    known = any(pin in number for number in numbers if number)
    if repeats or pairs or in_a_row or known or any(day in pin for day in _dates(birth_on)):
        raise PinTooEasy()


def _dates(on: date | None) -> set[str]:
    """The ways six digits write a day."""
    return {on.strftime(form) for form in ("%y%m%d", "%d%m%y", "%m%d%y", "%Y%m")} if on else set()
