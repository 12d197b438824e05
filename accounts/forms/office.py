"""Forms of the office pages: the office itself, its departments and organisations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from accounts.models import OrganisationKind
from accounts.web import Form

NEEDED = DataRequired(_l("This is needed."))
SHORT = Length(max=120, message=_l("At most %(max)d characters."))

KINDS: dict[str, Any] = {
    OrganisationKind.SQUAD: _l("Traffic police squad"),
    OrganisationKind.LAW_FIRM: _l("Law firm"),
    OrganisationKind.LEGAL_AID_BODY: _l("Legal-aid body"),
}


class NamesForm(Form):
    """What an office is called."""

    name = StringField(_l("Name of the office"), [NEEDED, SHORT], description=_l("In full, as it stands on the sign."))
    short_name = StringField(_l("Short name"), [Optional(), SHORT], description=_l("As it stands in lists."))
    seal_text = StringField(
        _l("Seal text"), [Optional(), SHORT], description=_l("As it stands below notices and certificates.")
    )


class OfficeForm(NamesForm):
    superior = SelectField(_l("Superior office"), [Optional()])
    reason = TextAreaField(_l("Reason"), [NEEDED], render_kw={"rows": 2})

    def __init__(self, *args: Any, superiors: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.superior.choices = [("", _l("none")), *superiors]


class UnitForm(Form):
    """A department, or the new name of a department or organisation."""

    name = StringField(lazy_pgettext("an organisation or a department", "Name"), [NEEDED, SHORT])


class HeadForm(Form):
    """Who heads a department; `heads` may: (public id, name)."""

    head = SelectField(
        _l("Head of the department"),
        [Optional()],
        description=_l("Whoever heads it chairs the hearings of the cases he handles himself (art. 13)."),
    )

    def __init__(self, *args: Any, heads: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.head.choices = [("", _l("nobody")), *heads]


class DepartmentForm(UnitForm, HeadForm):
    """A new department, with or without its head."""


class OrganisationForm(UnitForm):
    kind = SelectField(_l("Kind"), [NEEDED], choices=[SelectChoice(str(kind), words) for kind, words in KINDS.items()])


class RetireForm(Form):
    reason = TextAreaField(_l("Reason"), [NEEDED])
