"""What an office sets about signing in holds: the strictest of a person's offices (DOMAIN 9.2 login.*, password.*)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from pytest import mark, raises

from accounts.actions.people import give_membership
from accounts.actions.settings import change_setting
from accounts.limiting import limits_for, policy_for, second_factor_wanted
from accounts.models import Office
from accounts.rules.limits import Limits
from accounts.rules.password import (
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooPlain,
    PasswordTooShort,
    Policy,
    check_password,
    is_due,
)
from accounts.setting_values import Value
from extensions import db
from tests.accounts.test_devices import link_for
from tests.accounts.visitor import PASSWORD, Visitor, age, give_password, sessions_of, text_of, without_second_factor
from tests.town import NOW, Town

TODAY = date(2026, 11, 24)
COMMON = frozenset({"password", "woaini", "1qaz2wsx3edc"})
NEW = "quiet harbour 9 lanterns"


def set_to(town: Town, office: Office, key: str, amount: Any) -> None:
    change_setting(office, key, Value(amount), by=town.coordinator, at=NOW, reason="stricter", citation="")
    db.session.commit()


def test_without_settings_the_defaults_hold(town: Town) -> None:
    assert (limits_for(town.coordinator, TODAY), policy_for(town.coordinator, TODAY)) == (Limits(), Policy())


def test_the_strictest_of_two_offices_holds(town: Town) -> None:
    set_to(town, town.office, "login.staff.idle", 20)
    set_to(town, town.office, "login.field.pin", 8)
    set_to(town, town.other_office, "login.staff.idle", 10)
    set_to(town, town.other_office, "login.lock", 60)
    give_membership(town.clerk, town.other_office, "receptionist", starts_on=TODAY, by=town.security_admin, at=NOW)
    both = Limits(staff_idle=timedelta(minutes=10), lock=timedelta(hours=1), pin_length=8)
    assert limits_for(town.clerk, TODAY) == both
    assert limits_for(town.coordinator, TODAY) == Limits(staff_idle=timedelta(minutes=20), pin_length=8)


def test_a_shorter_idle_time_ends_sessions_sooner(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    set_to(town, town.office, "login.staff.idle", 10)
    set_to(town, town.office, "login.staff.absolute", 2)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    (opened,) = sessions_of(town.coordinator)
    assert opened.expires_at - opened.opened_at == timedelta(hours=2)
    age(town.coordinator, last_seen_at=datetime.now(UTC) - timedelta(minutes=9, seconds=50))
    assert visitor.get("/me").status_code == 200
    age(town.coordinator, last_seen_at=datetime.now(UTC) - timedelta(minutes=10))
    assert visitor.get("/me").status_code == 302


def test_a_longer_pin_and_a_shorter_life_of_devices(app: Flask, town: Town) -> None:
    set_to(town, town.office, "login.field.pin", 8)
    set_to(town, town.office, "login.field.device", 7)
    set_to(town, town.office, "login.field.pin_after_idle", 5)
    path = link_for(town.volunteer, "volunteer", town)
    phone = Visitor(app)
    assert [phone.enrol(path, pin).status_code for pin in ("402917", "12341234", "40291735")] == [422, 422, 303]
    (device,) = sessions_of(town.volunteer)
    assert (device.expires_at - device.opened_at, device.pin_length) == (timedelta(days=7), 8)
    age(town.volunteer, last_seen_at=datetime.now(UTC) - timedelta(minutes=5))
    asked = phone.get(phone.get("/me").location)
    assert 'maxlength="8"' in asked.text
    assert phone.post("/account/verify", {"again_secret": "40291735"}).status_code == 303


def test_fewer_wrong_passwords_lock(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    set_to(town, town.office, "login.max_fail", 2)
    for _ in range(2):
        Visitor(app).sign_in("周协调", "not the password")
    assert Visitor(app).sign_in("周协调").status_code == 422


def test_a_shorter_fresh_time_asks_sooner(app: Flask, town: Town) -> None:
    set_to(town, town.office, "login.fresh", 2)
    path = f"/people/{town.clerk.public_id}/revocation"
    answers = [
        town.browser(town.security_admin, at=datetime.now(UTC) - timedelta(seconds=s)).post(path).status_code
        for s in (110, 121)
    ]
    assert answers == [303, 401]


def test_a_demonstration_office_may_turn_the_second_factor_on(town: Town) -> None:
    without_second_factor(town.coordinator)
    assert not second_factor_wanted(town.coordinator, TODAY)
    set_to(town, town.office, "login.second_factor", True)
    assert second_factor_wanted(town.coordinator, TODAY)


def test_graded_protection_asks_for_classes_remembers_and_lets_passwords_end(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator, password_set_at=datetime.now(UTC) - timedelta(days=91))
    set_to(town, town.office, "password.graded_protection", True)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    assert visitor.get("/me").location == "/account/password"
    visitor.post("/language", {"language": "en"})

    def change(current: str, new: str) -> Any:
        return visitor.post("/account/password", {"current": current, "new": new, "again": new})

    plain = change(PASSWORD, "quietharbourninelanterns")
    assert (plain.status_code, "3 of four" in text_of(plain)) == (422, True)
    assert change(PASSWORD, "Quiet harbour 9 lanterns").status_code == 303
    assert visitor.get("/me").status_code == 200
    assert change("Quiet harbour 9 lanterns", "Loud mountain 8 lamps").status_code == 303
    before = change("Loud mountain 8 lamps", "Quiet harbour 9 lanterns")
    assert (before.status_code, "You had this password before" in text_of(before)) == (422, True)


def test_without_graded_protection_no_earlier_password_is_kept(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    visitor.post("/account/password", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert town.coordinator.account.earlier_passwords == []


@mark.parametrize(
    ("password", "refusal"),
    [
        ("x" * 11, PasswordTooShort),
        ("x" * 257, PasswordTooLong),
        ("password2026", PasswordTooCommon),
        ("2026Password!!", PasswordTooCommon),
        ("ＰＡＳＳＷＯＲＤ2026", PasswordTooCommon),
        ("woaini-woaini-woaini", PasswordTooCommon),
        ("abcabcabcabcabc", PasswordTooCommon),
        ("mnbvcxzlkjhgf", PasswordTooCommon),
        ("zhouxietiao-1990", PasswordTooCommon),
    ],
)
def test_a_password_others_try_first_is_refused(password: str, refusal: type[Exception]) -> None:
    with raises(refusal):
        check_password(password, ["zhouxietiao", "枫县人民检察院"], COMMON)


@mark.parametrize(
    "password", [NEW, "x" * 20 + " seven " + "y" * 60, "梧桐树下七条河流入海口边", "zhouxietiao likes 7 rivers"]
)
def test_long_passwords_of_any_kind_are_taken(password: str) -> None:
    check_password(password, ["zhouxietiao", "枫县人民检察院"], COMMON)


def test_classes_and_age_count_only_under_graded_protection() -> None:
    graded = Policy(graded=True)
    check_password("quietharbourninelanterns", [], COMMON)
    with raises(PasswordTooPlain):
        check_password("quietharbourninelanterns", [], COMMON, graded)
    check_password("Quiet harbour nine lanterns", [], COMMON, graded)
    day = timedelta(days=1)
    ages = [NOW - 90 * day + timedelta(seconds=1), NOW - 90 * day, None]
    assert [is_due(at, NOW, graded) for at in ages] == [False, True, True]
    assert [is_due(at, NOW) for at in ages] == [False, False, False]
