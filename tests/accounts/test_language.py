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


def test_the_language_of_a_refused_form_is_changed_without_an_error(town: Town) -> None:
    browser = town.browser(town.coordinator)
    refused = browser.post("/office/departments", {"name": ""})
    here = re.search(r'name="next" value="([^"]*)"', refused.text)
    assert here is not None
    back = browser.post("/language", {"language": "zh_Hans_CN", "next": here[1]}).headers["Location"]
    assert (refused.status_code, back, browser.get(back).status_code) == (422, "/office", 200)
