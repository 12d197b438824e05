"""What every view uses: who is asking, the time, finding with rights, forms, answers.

A view that takes a form reads `form = SomeForm.of(page)`: `page(form)` renders the page the form stands on. Whatever is
refused afterwards, by the form or by the action, is shown on that page with what was typed (`refusals.refused`).
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import Response, g, make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_wtf import FlaskForm
from werkzeug.routing import BaseConverter, ValidationError
from wtforms import DateField, Field, MonthField, SelectMultipleField
from wtforms.validators import InputRequired, StopValidation

from accounts import access
from accounts.access import Forbidden, Viewer
from accounts.models import Office, Person
from errors import YEAR_OUTSIDE, Refusal
from extensions import UnstorableText, storable
from record.edge import now

__all__ = [
    "Form",
    "Malformed",
    "answer",
    "day_asked",
    "find",
    "here",
    "needs",
    "now",
    "person",
    "public",
    "today",
    "viewer",
]

F = TypeVar("F", bound=Callable[..., Any])
Page = Callable[[Any], str]
LONGEST_TEXT = 4000
YEARS = range(1900, 2100)
NO_DATE = _l("Give a whole date: year, month and day.")
EARLIEST, LATEST = date(YEARS.start, 1, 1), date(YEARS.stop - 1, 12, 31)


def person() -> Person:
    """Whoever is signed in."""
    found: Person = current_user.person
    return found


def here() -> Office:
    """The office the viewer works at in this browser: the one chosen, else the first he is a member of."""
    if "office" not in g:
        offices = {m.office_id: m.office for m in viewer().memberships}
        if not offices:
            raise Forbidden()
        g.office = offices.get(session.get("office_id", 0)) or next(iter(offices.values()))
    office: Office = g.office
    return office


def today(at: datetime | None = None) -> date:
    """The local date in the office's zone."""
    office = g.get("office")
    zone = office.zone if office is not None else "Asia/Shanghai"
    return (at or now()).astimezone(ZoneInfo(zone)).date()


def day_asked(text: str) -> date | None:
    """A day of an address; None where it is none. Beyond what any office keeps it is the last day of that, so that
    hours and days may be added to it."""
    try:
        return min(max(date.fromisoformat(text), EARLIEST), LATEST)
    except ValueError:
        return None


class DayConverter(BaseConverter):
    """A day within an address, `/days/<day:on>`: what is none is no page."""

    regex = r"\d{4}-\d\d-\d\d"

    def to_python(self, value: str) -> date:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ValidationError() from None
        if day.year not in YEARS:
            raise ValidationError()
        return day

    def to_url(self, value: date) -> str:
        return value.isoformat()


def viewer() -> Viewer:
    """The signed-in person as rights see him now."""
    if "viewer" not in g:
        g.viewer = Viewer(person(), today(), g.get("only_roles"))
    found: Viewer = g.viewer
    return found


def needs(permission: str) -> Callable[[F], F]:
    """Declare a route's permission. Whoever holds it nowhere is refused at the door; objects are judged by `find`."""

    def mark(view: F) -> F:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: F) -> F:
    """Declare that a route is open to anybody."""
    view.permission = access.PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: F) -> F:
    """Declare that a route is open to whoever is signed in: it shows him only what is his."""
    view.permission = "signed_in"  # type: ignore[attr-defined]
    return view


def find(model: type[access.M], public_id: uuid.UUID, *, may: str) -> access.M:
    """Load one row for a step among what the signed-in person may see. Raises: NotFound (404), Forbidden (403)."""
    return access.find_for(viewer(), model, public_id, may)


def office_for(permission: str) -> Office:
    """The office at work, if the viewer holds the permission there. Raises: Forbidden."""
    office = here()
    if not any(m.office_id == office.id for m, _ in access.grants_of(viewer(), permission)):
        raise Forbidden()
    return office


class Malformed(Refusal):
    """A form whose shape is wrong: shown again with its messages, and with what was typed."""

    code = "malformed"
    status = 422
    message = "Some of what you typed cannot be understood."
    help = "The fields marked below say what is needed."


def year_outside(year: int, first: int, last: int) -> Any:
    return _l(YEAR_OUTSIDE, year=year, first=first, last=last)


def year_within(first: int, last: int) -> Callable[[Any, Field], None]:
    """A validator: a year from one to another, both included."""

    def check(_: Any, field: Field) -> None:
        if isinstance(field.data, int) and not first <= field.data <= last:
            raise StopValidation(str(year_outside(field.data, first, last)))

    return check


def _clean(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


class Form(FlaskForm):
    """The base of every form: texts are stripped and checked to be storable, dates to be of this age; sent once."""

    class Meta:
        locales = False

        def bind_field(self, form: Any, unbound: Any, options: dict[str, Any]) -> Field:
            options["filters"] = [_clean, *unbound.kwargs.get("filters", ()), *options.get("filters", ())]
            field = unbound.bind(form=form, **options)
            if isinstance(field, DateField) and not isinstance(field, MonthField):
                field.invalid_value_message = NO_DATE
            # a browser would cut what is pasted beyond it without a word: it is refused with its length instead
            vars(field.flags).pop("maxlength", None)
            if isinstance(field, SelectMultipleField):  # of this one WTForms has no Chinese
                field.invalid_choice_message = gettext("One of these cannot be chosen. Look at the list as it is now.")
            return field

    @classmethod
    def of(cls, page: Page, **kwargs: Any) -> Any:
        """The form as sent. `page(form)` shows it again, with what was typed, beside any refusal from here on.

        Raises: Malformed.
        """
        form = cls(**kwargs)
        g.shown_again = (page, form)
        if not form.validate():
            raise Malformed()
        return form

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field name: no token, and no field the form does not declare."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators=extra_validators)
        for field in self:
            asked = next((one for one in field.validators if isinstance(one, InputRequired)), None)
            if asked is not None and field.data == "" and not field.errors:  # nothing but spaces
                field.errors = [asked.message or gettext("This is needed.")]
                good = False
            if (isinstance(field.data, str) and not _storable(field)) or not _in_living_memory(field):
                good = False
        return bool(good)


def _storable(field: Field) -> bool:
    try:
        field.data = storable(field.data)
    except UnstorableText:
        field.errors = [*field.errors, _l("The text contains characters that cannot be stored.")]
        field.data = "".join(c for c in field.data if c.isprintable() and unicodedata.category(c) != "Cs")
        return False
    if len(field.data) > LONGEST_TEXT:
        field.errors = [*field.errors, _l("At most %(n)s characters.", n=LONGEST_TEXT)]
        return False
    return True


def _in_living_memory(field: Field) -> bool:
    """A year far off is a slip of the hand, and beyond it times cannot be counted: what was typed is shown again, but
    no page counts with it. A field whose days lie nearer says so in its `years`."""
    years = getattr(field, "years", YEARS)
    if isinstance(field.data, date) and field.data.year not in years:
        field.errors = [*field.errors, year_outside(field.data.year, years[0], years[-1])]
        field.data = None
        return False
    return True


def answer(template: str, status: int = 200, **values: Any) -> Response:
    """A page, or the fragment of it that htmx asked for."""
    return make_response(render_template(template, **values), status)


def see_other(endpoint: str, **values: Any) -> ResponseReturnValue:
    """After a form: send the browser to the page that shows the result; htmx follows a header of its own."""
    target = url_for(endpoint, **values)
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": target})
    return Response(status=303, headers={"Location": target})
