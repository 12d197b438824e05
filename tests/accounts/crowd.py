"""People who vary the town, and how pages about people are read."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

from sqlalchemy import select

from accounts.actions.people import enter_person, give_membership
from accounts.models import Person
from extensions import db
from tests.town import NOW, Town

ID = "11010519491231002X"
OTHER_ID = "440524188001010014"
PHONE = "17400000123"


def text_of(response: Any) -> str:
    """What a page says, without its markup."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.get_data(as_text=True), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def names_in(response: Any) -> list[str]:
    """The names a list of people shows, in its order."""
    return re.findall(r'class="lead-cell"><a class="name" href="[^"]+">([^<]+)</a>', response.get_data(as_text=True))


def named(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def entered(town: Town) -> Person:
    facts = {"name": "李小明", "phone": PHONE, "id_number": ID, "email": "li@example.com"}
    person = enter_person(facts, town.office, by=town.coordinator, at=NOW)
    give_membership(person, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW)
    return person
