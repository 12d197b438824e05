"""Choosing the language: the page one comes back to is one that answers."""

from __future__ import annotations

import re

import pytest

from tests.town import Town


@pytest.mark.parametrize(
    ("stood_on", "back"),
    [
        ("/leave", "/leave"),
        ("/trail?act=office.change", "/trail?act=office.change"),
        ("/office/change", "/office/change"),
        ("/office/departments", "/office"),
        ("/me/sessions/revocation?x=1", "/me"),
        ("/nowhere/at/all", "/"),
        ("https://example.org/leave", "/"),
        ("", "/"),
    ],
)
def test_after_choosing_the_language_one_comes_back_to_a_page(town: Town, stood_on: str, back: str) -> None:
    answer = town.browser(town.coordinator).post("/language", {"language": "zh_Hans_CN", "next": stood_on})
    assert (answer.status_code, answer.headers["Location"]) == (303, back)


def test_whoever_reloads_a_refused_form_comes_to_its_page_with_a_word_and_nothing_is_sent_again(town: Town) -> None:
    """For every address that only takes a form; a machine is told as HTTP has it."""
    browser = town.browser(town.coordinator)
    assert browser.post("/office/departments", {"name": ""}).status_code == 422
    reloaded = browser.get("/office/departments")
    assert (reloaded.status_code, reloaded.location) == (303, "/office")
    assert "That address only takes a form" in browser.get("/office").text
    assert browser.get("/office/departments", headers={"Accept": "application/json"}).status_code == 405
    rules = [rule for rule in town.app.url_map.iter_rules() if "<" not in rule.rule]
    pages = {rule.rule for rule in rules if "GET" in (rule.methods or ())}
    only_forms = sorted({rule.rule for rule in rules} - pages)
    assert ({browser.get(path).status_code for path in only_forms}, len(only_forms) > 20) == ({303}, True)


def test_the_language_of_a_refused_form_is_changed_without_an_error(town: Town) -> None:
    browser = town.browser(town.coordinator)
    refused = browser.post("/office/departments", {"name": ""})
    here = re.search(r'name="next" value="([^"]*)"', refused.text)
    assert here is not None
    back = browser.post("/language", {"language": "zh_Hans_CN", "next": here[1]}).headers["Location"]
    assert (refused.status_code, back, browser.get(back).status_code) == (422, "/office", 200)
