"""One's own page: data, rights in words, sessions, who opened the record (TRUST see_own_profile and others)."""

from __future__ import annotations

from flask import Flask

from accounts.actions.people import correct_person
from accounts.models import FIELD_ROLES, Role
from record.act import act
from tests.accounts.test_devices import link_for
from tests.accounts.visitor import Visitor, text_of
from tests.queries import queries_of
from tests.town import NOW, Town


def english(town: Town, who: str) -> str:
    browser = town.browser(getattr(town, who))
    browser.post("/language", {"language": "en"})
    return text_of(browser.get("/me"))


def test_ones_own_numbers_are_masked(town: Town) -> None:
    facts = {"phone": "13912345678", "id_number": "530000199001011234"}
    correct_person(town.volunteer, facts, by=town.coordinator, at=NOW)
    page = english(town, "volunteer")
    assert [w in page for w in ("139****5678", "13912345678", "530000199001011234")] == [True, False, False]


def test_rights_are_said_in_words_for_every_role(town: Town) -> None:
    volunteer, coordinator = english(town, "volunteer"), english(town, "coordinator")
    assert "Traffic volunteer" in volunteer
    assert "See my own data and rights" in volunteer
    assert "Make links that enrol a device" not in volunteer
    assert "Make links that enrol a device" in coordinator


def test_every_role_and_permission_has_its_words(app: Flask) -> None:
    from flask import render_template_string

    from accounts.access import permissions

    source = '{% from "accounts/_words.html" import role_word, permission_word %}'
    with app.test_request_context(headers={"Accept-Language": "en"}):
        said = [render_template_string(source + "{{ role_word(name) }}", name=str(role)) for role in Role]
        rights = {n: render_template_string(source + "{{ permission_word(name) }}", name=n) for n in permissions()}
    assert [word for word, role in zip(said, Role, strict=True) if word == str(role)] == []
    assert [name for name, word in rights.items() if word in {name, name.replace("_", " ")}] == []


def test_one_sees_who_opened_ones_record_and_nobody_elses(town: Town) -> None:
    with act("person.disclose", town.volunteer, by=town.prosecutor, at=NOW):
        pass
    with act("person.unmask", town.volunteer, by=town.coordinator, at=NOW, reason="phoned him"):
        pass
    with act("person.disclose", town.lawyer, by=town.chief, at=NOW):
        pass
    page = english(town, "volunteer")
    assert [w in page for w in ("郑检察", "周协调", "saw a full number", "王检长")] == [True, True, True, False]
    assert "Nobody so far" in english(town, "clerk")


def test_devices_are_listed_with_name_network_and_who_gave_the_link(app: Flask, town: Town) -> None:
    phone = Visitor(app)
    phone.enrol(link_for(town.volunteer, "volunteer", town))
    phone.post("/language", {"language": "en"})
    page = text_of(phone.get("/me"))
    assert [
        w for w in ("WeChat · Android", "This one", "network 127.0.0.0/24", "by a link from 周协调") if w not in page
    ] == []
    assert "Second factor" not in page


def test_every_role_has_its_page(town: Town) -> None:
    for role in Role:
        answer = town.browser(getattr(town, role)).get("/me")
        assert (role, answer.status_code) == (role, 200)
    assert len(FIELD_ROLES) == 5


def test_the_first_page_leads_somewhere(town: Town) -> None:
    assert town.browser(town.volunteer).get("/", follow_redirects=True).status_code == 200


def test_the_page_asks_the_database_little(town: Town) -> None:
    [asked] = queries_of(town.browser(town.coordinator), "/me")
    assert asked <= 10
