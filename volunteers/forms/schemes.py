"""The form of a scheme: one field a term, its kind as the table of terms says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField, validators

from accounts.forms.settings import WindowsField
from accounts.web import Form
from volunteers.forms.fields import NEEDED, DayField, HoursField, TicksField, WholeField
from volunteers.rules.schemes import Terms, Tier, presets
from volunteers.scheme_words import GROUPS, Term

_TIER = re.compile(r"([0-9]{1,4})\s*[-~\u2013\u2014]\s*([0-9]{1,4})?\s*:\s*([0-9]{1,3}(?:\.[0-9]{1,2})?)")
_TITLE = validators.Length(max=60, message=_l("At most %(max)d characters."))


class TiersField(TextAreaField):
    """Tiers of blood alcohol, one a line: 150-180: 30."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(f"{t.bac_min}-{t.bac_max or ''}: {t.minutes / 60:.6g}" for t in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        lines = [unicodedata.normalize("NFKC", line).strip() for line in "".join(valuelist).splitlines()]
        found = [_TIER.fullmatch(line) for line in lines if line]
        self.data: Any = ()
        if not all(found):
            raise ValueError(gettext("Write each tier on a line of its own, as 150-180: 30."))
        self.data = tuple(
            Tier(int(one[1]), int(one[2]) if one[2] else None, round(float(one[3]) * 60)) for one in found if one
        )


def _bounded(term: Term) -> Any:
    within = validators.NumberRange(term.least, term.most, _l("From %(min)d to %(max)d."))
    return WholeField(term.label, [NEEDED, within], description=term.help)


def _ticks(term: Term) -> Any:
    return TicksField(term.label, choices=lambda: list(term.words.items()), coerce=str, description=term.help)


_FIELDS: dict[str, Callable[[Term], Any]] = {
    "hours": lambda term: HoursField(term.label, [NEEDED], description=term.help),
    "tiers": lambda term: TiersField(term.label, description=term.help, render_kw={"rows": 3}),
    "windows": lambda term: WindowsField(term.label, description=term.help, render_kw={"rows": 3}),
    "switch": lambda term: BooleanField(term.label, description=term.help),
    "date": lambda term: DayField(term.label, [validators.Optional()], description=term.help),
    "choice": lambda term: SelectField(
        term.label, [NEEDED], choices=lambda: list(term.words.items()), description=term.help
    ),
    "ticks": _ticks,
}
_TERMS = [term for group in GROUPS for term in group.terms]


class _Titled(Form):
    title = StringField(_l("Title"), [NEEDED, _TITLE])
    preset = HiddenField()

    @property
    def terms(self) -> Terms:
        """What was typed, as the action takes it."""
        typed: dict[str, Any] = {term.name: self[term.name].data for term in _TERMS}
        typed |= {name: tuple(value) for name, value in typed.items() if isinstance(value, list)}
        return Terms(**typed)

    @property
    def begun_from(self) -> str:
        """The preset it began with; what is none is the office's own."""
        return self.preset.data if self.preset.data in presets() else "custom"


SchemeForm: type[_Titled] = type("SchemeForm", (_Titled,), {t.name: _FIELDS.get(t.kind, _bounded)(t) for t in _TERMS})


def data_of(terms: Terms, title: str, preset: str) -> dict[str, Any]:
    """Terms as their form shows them."""
    typed = {term.name: getattr(terms, term.name) for term in _TERMS}
    return {**typed, "title": title, "preset": preset}
