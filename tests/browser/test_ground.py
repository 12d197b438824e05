"""Walk 1: the ground. Sign in, find one's day, look people up, change a number, see who did what."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Site, Walker

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_staff_sign_in_and_find_their_day(walker: Callable[..., Walker], site: Site) -> None:
    desk = walker("ground-desk")
    page = desk.go("/")
    assert "/account/login" in page.url
    desk.look("sign-in")
    page.locator("input[type=password]").fill("wrong password")
    page.locator("input[name=email]").fill(site.names["coordinator"])
    page.get_by_role("button", name=re.compile("登录|Sign in")).click()
    desk.look("wrong-password")
    desk.sign_in("coordinator")
    desk.look("my-day")
    for place in ("/calendar", "/people", "/settings", "/office", "/me", "/me/feeds", "/leave"):
        desk.go(place)
        desk.look(place.strip("/").replace("/", "-"))
    page = desk.go("/calendar")
    page.wait_for_load_state("networkidle")  # the week has come before the month is asked for
    with page.expect_response(lambda answer: "/calendar/events" in answer.url) as month:
        page.get_by_role("button", name=re.compile("^(月份|Month)$")).click()
    expect(page.locator(".ec-day-grid .ec-event")).to_have_count(len(month.value.json()))
    desk.look("calendar-month")


def test_the_same_pages_fit_a_phone(walker: Callable[..., Walker]) -> None:
    phone = walker("ground-phone", PHONE)
    phone.sign_in("coordinator")
    for place in ("/", "/calendar", "/people", "/settings", "/office", "/me"):
        phone.go(place)
        phone.look(place.strip("/").replace("/", "-") or "my-day")


def test_what_waits_comes_before_the_offices_list_on_a_phone(walker: Callable[..., Walker]) -> None:
    phone = walker("ground-chief-phone", PHONE)
    phone.sign_in("chief")
    page = phone.go("/day")
    waits = page.locator("#waiting-title").bounding_box()
    office = page.get_by_role("heading", name=re.compile("本单位|In the office")).bounding_box()
    assert waits is not None and office is not None
    assert waits["y"] < office["y"]
    phone.look("my-day")


def test_the_chief_reads_who_did_what(walker: Callable[..., Walker]) -> None:
    desk = walker("ground-chief")
    desk.sign_in("chief")
    desk.go("/trail")
    desk.look("trail")
    many = desk.go("/trail?on=office").get_by_text("全部改动").first.get_attribute("href")
    for screen, called in ((DESK, "act"), (PHONE, "act-on-a-phone")):
        desk.page.set_viewport_size(screen)
        desk.go(str(many))
        desk.look(called)


def test_a_field_person_enrols_a_phone_once(walker: Callable[..., Walker], site: Site) -> None:
    phone = walker("ground-volunteer", PHONE)
    link = site.fresh_links()["volunteer"]
    phone.go(link.removeprefix(site.address))
    phone.look("enrolment")
    phone.enrol(link)
    phone.look("my-day")
    other = walker("ground-thief", PHONE)
    assert other.page.goto(link).status == 410
    other.look("used-link")
