"""Forms about people: entering, correcting, opening a record, merging, an account for the staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from accounts.actions.memberships import HOMES, OrganisationNeeded
from accounts.forms.office import KINDS
from accounts.language import LANGUAGES
from accounts.models import Organisation, OrganisationKind, Role
from accounts.refusals import said
from accounts.rules import people as rules
from accounts.web import NO_DATE, Form, today
from errors import Refusal

NEEDED = DataRequired(_l("This is needed."))
REASON = DataRequired(_l("Say why."))


def role_word(role: str) -> str:
    """A role as readers say it; the words stand beside the pages."""
    return str(get_template_attribute("accounts/_words.html", "role_word")(role)).strip()


def fits(rule: Callable[[str], str]) -> Callable[[Any, Any], None]:
    """A validator: what was typed becomes what the rule makes of it, or its refusal stands beside the field."""

    def check(form: Any, field: Any) -> None:
        if not field.data:
            return
        try:
            field.data = rule(field.data)
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from refusal

    return check


def sexes() -> list[tuple[str, str]]:
    return [("", gettext("not said")), ("male", gettext("male")), ("female", gettext("female"))]


class FactsForm(Form):
    """What is known of a person besides the name."""

    phone = StringField(
        _l("Phone"),
        [Optional(), fits(rules.phone)],
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )
    id_number = StringField(
        _l("ID number"),
        [Optional(), fits(rules.id_number)],
        description=_l("18 characters; date of birth and sex are read from it."),
        render_kw={"autocomplete": "off"},
    )
    birth_on = DateField(_l("Date of birth"), [Optional()])
    sex = SelectField(_l("Sex"), [Optional()], choices=lambda: [SelectChoice(*pair) for pair in sexes()])
    email = StringField(
        _l("E-mail"), [Optional(), fits(rules.email)], render_kw={"autocomplete": "off", "inputmode": "email"}
    )
    language = SelectField(_l("Language of messages"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])

    def validate_birth_on(self, field: Any) -> None:
        if field.data is None:
            return
        try:
            rules.check_birth(field.data, today())
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from refusal

    def validate(self, extra_validators: Any = None) -> bool:
        """What was typed beside the ID number must agree with it; said beside the field that disagrees."""
        good = super().validate(extra_validators=extra_validators)
        if "id_number" in self.errors:
            return good
        for field, facts in ((self.birth_on, (self.birth_on.data, None)), (self.sex, (None, self.sex.data))):
            try:
                rules.check_agreement(self.id_number.data, *facts)
            except Refusal as refusal:
                field.errors = [*field.errors, said(refusal)]
                good = False
        return good


class RoleFields(Form):
    """Which role, where, from when."""

    role = SelectField(_l("Role"), [NEEDED])
    organisation = SelectField(_l("Organisation"), [Optional()])
    number = StringField(
        _l("Badge or licence number"), [Optional(), fits(rules.compact)], render_kw={"autocomplete": "off"}
    )
    starts_on = DateField(_l("From"), [InputRequired(NO_DATE)])

    def __init__(self, *args: Any, roles: list[str], organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = organisations
        self.role.choices = [SelectChoice(role, role_word(role)) for role in roles]
        self.organisation.choices = organisation_choices(organisations)
        if len(roles) != 1:
            self.role.choices.insert(0, none_chosen())
        if len(organisations) != 1:
            self.organisation.choices.insert(0, SelectChoice("", gettext("none")))

    @property
    def chosen(self) -> Organisation | None:
        return next((o for o in self.organisations if str(o.public_id) == self.organisation.data), None)

    def validate(self, extra_validators: Any = None) -> bool:
        """A role of an organisation asks for one of its kind; said beside the field."""
        good = super().validate(extra_validators=extra_validators)
        kinds = HOMES.get(Role(self.role.data)) if self.role.data in set(Role) else None
        if kinds is not None and (self.chosen is None or self.chosen.kind not in kinds):
            self.organisation.errors = [gettext(OrganisationNeeded.help)]
            return False
        return good


class EntryForm(RoleFields, FactsForm):
    """Somebody new at the office, with his first role."""

    name = StringField(_l("Name"), [NEEDED, fits(rules.name)], render_kw={"autocomplete": "off"})

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the person, as the action takes it: only what was typed."""
        return {name: value for name, value in self.values.items() if name in FACTS and value not in (None, "")}


FACTS = frozenset({"name", "phone", "id_number", "birth_on", "sex", "email", "language"})
REMOVABLE = ("phone", "id_number", "email")


class CorrectionForm(FactsForm):
    """A correction. What is masked comes empty: left empty it stays, typed anew it is replaced, ticked it goes."""

    name = StringField(_l("Name"), [NEEDED, fits(rules.name)], render_kw={"autocomplete": "off"})
    pinyin = StringField(
        _l("Pinyin"),
        [Optional(), fits(rules.reading)],
        description=_l("With blanks between syllables: names are sorted by them, and the initials follow."),
        render_kw={"autocomplete": "off"},
    )
    initials = StringField(
        _l("Initials"),
        [Optional(), fits(rules.reading)],
        description=_l("The first letter of each syllable."),
        render_kw={"autocomplete": "off"},
    )
    remove_phone = BooleanField(_l("Take the phone out"))
    remove_id_number = BooleanField(_l("Take the ID number out"))
    remove_email = BooleanField(_l("Take the e-mail address out"))
    reason = TextAreaField(_l("Why it is corrected"), [Optional()], render_kw={"rows": 2})

    def facts(self, was: dict[str, Any]) -> dict[str, Any]:
        """What changes, as the action takes it. `was` is what the form began with."""
        typed = {"name": self.name.data, "language": self.language.data}
        typed |= {"sex": self.sex.data or None}
        typed |= self._reading(was)
        changed = {name: value for name, value in typed.items() if value != was.get(name)}
        for fact in (*REMOVABLE, "birth_on"):
            if self[fact].data:
                changed[fact] = self[fact].data
            elif fact in REMOVABLE and self[f"remove_{fact}"].data:
                changed[fact] = None
        if changed.get("id_number"):
            changed = {k: v for k, v in changed.items() if k not in {"birth_on", "sex"}}
        return changed

    def _reading(self, was: dict[str, Any]) -> dict[str, Any]:
        """A reading typed by hand; a new name without one is read anew."""
        pinyin, initials = self.pinyin.data or "", (self.initials.data or "").replace(" ", "")
        if pinyin == was["pinyin"] and initials == was["initials"]:
            return {}
        if " " in pinyin and initials == was["initials"]:
            initials = "".join(syllable[0] for syllable in pinyin.split())
        return {"pinyin": pinyin, "initials": initials}


class ReasonForm(Form):
    reason = TextAreaField(_l("Reason"), [REASON], render_kw={"rows": 2})


class UnmaskingForm(ReasonForm):
    fact = RadioField(
        _l("What"),
        [InputRequired(_l("This is needed."))],
        choices=[
            SelectChoice("phone", _l("Phone")),
            SelectChoice("id_number", _l("ID number")),
            SelectChoice("email", _l("E-mail")),
        ],
    )


class MergingForm(ReasonForm):
    """`other` is the public id of the row that goes."""

    other = HiddenField(_l("The other row"), [NEEDED])


class AccountForm(Form):
    """Somebody of the staff, without a role yet."""

    name = StringField(_l("Name"), [NEEDED, fits(rules.name)], render_kw={"autocomplete": "off"})
    username = StringField(
        _l("Sign-in name"),
        [NEEDED, fits(rules.username)],
        description=_l("Small letters, digits or characters; for example the name in pinyin."),
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )
    phone = StringField(
        _l("Phone"), [Optional(), fits(rules.phone)], render_kw={"autocomplete": "off", "inputmode": "tel"}
    )
    email = StringField(
        _l("E-mail"), [Optional(), fits(rules.email)], render_kw={"autocomplete": "off", "inputmode": "email"}
    )
    language = SelectField(_l("Language of messages"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.values.items() if name != "username" and value}


def organisation_choices(organisations: list[Organisation]) -> list[SelectChoice]:
    return [SelectChoice(str(o.public_id), f"{KINDS[OrganisationKind(o.kind)]} · {o.name}") for o in organisations]


def none_chosen() -> SelectChoice:
    return SelectChoice("", gettext("please choose"))
