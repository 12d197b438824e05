"""Signing in: the password, the second factor, what strangers learn (DOMAIN S-21, TRUST T22-T24, 7.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from pytest import mark

from accounts.limiting import second_factor_wanted
from accounts.models import Account, Person
from extensions import db
from record.act import act, history
from tests.accounts.visitor import (
    PASSWORD,
    Visitor,
    age,
    give_password,
    hidden_fields,
    sessions_of,
    set_up_second_factor,
    text_of,
    without_second_factor,
)
from tests.town import NOW, Town, forget_request


def open_demo(town: Town) -> Account:
    without_second_factor(town.coordinator)
    return give_password(town.coordinator)


def test_staff_sign_in_with_their_name(app: Flask, town: Town) -> None:
    open_demo(town)
    visitor = Visitor(app)
    answer = visitor.sign_in("周协调")
    assert (answer.status_code, answer.location) == (302, "/")
    assert visitor.get("/me").status_code == 200
    assert [(s.kind, s.device, s.network) for s in sessions_of(town.coordinator)] == [
        ("staff", "WeChat · Android", "127.0.0.0/24")
    ]
    assert history(town.coordinator)[-1:] == ["session.open"]


@mark.parametrize("typed", ["13900000001", "+86 139 0000 0001", "１３９０００００００１"])
def test_staff_sign_in_with_their_phone(app: Flask, town: Town, typed: str) -> None:
    from accounts.actions.people import correct_person

    open_demo(town)
    correct_person(town.coordinator, {"phone": "13900000001"}, by=town.system_admin, at=NOW)
    assert Visitor(app).sign_in(typed).status_code == 302


def test_a_phone_two_colleagues_share_opens_neither(app: Flask, town: Town) -> None:
    from accounts.actions.people import correct_person

    open_demo(town)
    give_password(town.prosecutor)
    for person in (town.coordinator, town.prosecutor):
        correct_person(person, {"phone": "13900000001"}, by=town.system_admin, at=NOW)
    assert Visitor(app).sign_in("13900000001").status_code == 422
    assert Visitor(app).sign_in("周协调").status_code == 302


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(app: Flask, town: Town) -> None:
    open_demo(town)
    answers = [
        Visitor(app).sign_in("周协调", "not the password at all"),
        Visitor(app).sign_in("陌生人", "not the password at all"),
        Visitor(app).sign_in("何志愿", "not the password at all"),
    ]
    assert [a.status_code for a in answers] == [422] * 3
    said = {text_of(a) for a in answers}
    assert len(said) == 1
    assert "do not go together" in said.pop()
    assert [s.id for s in sessions_of(town.coordinator)] == []


def test_field_people_do_not_sign_in_with_a_password_even_if_they_had_one(app: Flask, town: Town) -> None:
    without_second_factor(town.volunteer)
    give_password(town.volunteer)
    refused, unknown = Visitor(app).sign_in("何志愿"), Visitor(app).sign_in("陌生人")
    assert (refused.status_code, text_of(refused)) == (422, text_of(unknown))


@mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "///evil.example", "javascript:alert(1)", " //evil"],
)
def test_next_to_another_host_is_ignored(app: Flask, town: Town, target: str) -> None:
    open_demo(town)
    assert Visitor(app).sign_in("周协调", next=target).location == "/"
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    age(town.coordinator, fresh_at=datetime.now(UTC) - timedelta(hours=1))
    asked = visitor.post("/account/verify", {"again_secret": PASSWORD, "again_target": target})
    assert (asked.status_code, asked.location) == (303, "/")
    assert visitor.post("/language", {"language": "en", "next": target}).location == "/"


def test_next_inside_is_followed(app: Flask, town: Town) -> None:
    open_demo(town)
    visitor = Visitor(app)
    sent = visitor.get("/me?from=mail")
    assert sent.location == "/account/login?next=/me?from%3Dmail"
    page = visitor.get(sent.location)
    assert hidden_fields(page, "/account/login") != []
    assert 'name="next"' in page.text
    assert visitor.sign_in("周协调", next="/me?from=mail").location == "/me?from=mail"


def test_the_cookie_from_before_the_sign_in_is_dead_after_it(app: Flask, town: Town) -> None:
    open_demo(town)
    visitor, thief = Visitor(app), Visitor(app)
    visitor.sign_in("周协调")
    before = visitor.cookie()
    visitor.post("/account/sign-out")
    visitor.sign_in("周协调")
    thief.use_cookie(before)
    assert thief.get("/me").status_code == 302
    assert visitor.get("/me").status_code == 200


def test_signing_in_over_a_session_ends_it(app: Flask, town: Town) -> None:
    """A second sign-in in the same browser leaves nobody signed in twice."""
    open_demo(town)
    give_password(town.clerk)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    assert visitor.sign_in("褚书记").location == "/"
    assert [s.revoked_at is None for s in sessions_of(town.coordinator)] == [True]
    assert sessions_of(town.clerk) == []


def test_signing_out_is_a_post_and_clears_the_browser(app: Flask, town: Town) -> None:
    open_demo(town)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    old = visitor.cookie()
    assert visitor.get("/account/sign-out").location == "/"
    assert visitor.get("/account/logout").status_code == 404
    answer = visitor.post("/account/sign-out")
    assert (answer.location, answer.headers["Clear-Site-Data"]) == ("/account/login", '"cache", "storage"')
    visitor.use_cookie(old)
    assert visitor.get("/me").status_code == 302
    assert history(town.coordinator)[-2:] == ["session.open", "session.leave"]


def test_the_second_factor_is_wanted_unless_every_office_is_for_demonstration(town: Town) -> None:
    on = datetime(2026, 11, 24, tzinfo=UTC).date()
    assert second_factor_wanted(town.coordinator, on)
    without_second_factor(town.coordinator)
    assert not second_factor_wanted(town.coordinator, on)
    from accounts.actions.people import give_membership

    give_membership(town.coordinator, town.other_office, "clerk", starts_on=on, by=town.security_admin, at=NOW)
    assert second_factor_wanted(town.coordinator, on)


def test_the_first_sign_in_leads_to_the_second_factor_before_anything_else(app: Flask, town: Town) -> None:
    give_password(town.coordinator)
    visitor = Visitor(app)
    assert visitor.sign_in("周协调").location == "/account/tf-setup"
    assert visitor.get("/me").status_code == 302
    page = visitor.post("/account/tf-setup", {"setup": "authenticator"})
    assert 'src="data:image/svg+xml' in page.text
    assert (sessions_of(town.coordinator), visitor.get("/me").status_code) == ([], 302)


def test_a_code_is_taken_once(app: Flask, town: Town) -> None:
    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    authenticator, used = set_up_second_factor(visitor)
    assert visitor.get("/me").status_code == 200
    assert history(town.coordinator)[-2:] == ["totp.set", "session.open"]
    again = Visitor(app)
    assert again.sign_in("周协调").location.partition("?")[0] == "/account/tf-validate"
    refused = again.post("/account/tf-validate", {"code": used})
    assert (refused.status_code, "does not fit" in text_of(refused)) == (422, True)
    coming = authenticator.generate(datetime.now(UTC) + timedelta(seconds=30)).token
    wide = coming.translate({ord(d): chr(ord(d) + 0xFEE0) for d in "0123456789"})
    assert again.post("/account/tf-validate", {"code": f" {wide} "}).location == "/"
    assert again.get("/me").status_code == 200
    third = Visitor(app)
    third.sign_in("周协调")
    assert [third.post("/account/tf-validate", {"code": code}).status_code for code in (wide, coming)] == [422, 422]
    assert history(town.coordinator)[-1:] == ["session.open"]


def test_a_code_ahead_of_the_password_opens_nothing(app: Flask, town: Town) -> None:
    visitor = Visitor(app)
    answer = visitor.post("/account/tf-validate", {"code": "123456"})
    assert (answer.status_code, answer.location) == (302, "/account/login")


def test_a_recovery_code_opens_once_and_only_its_hash_is_kept(app: Flask, town: Town) -> None:
    import re

    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    set_up_second_factor(visitor)
    page = visitor.post("/account/mf-recovery-codes")
    codes = re.findall(r"<code>([0-9a-f-]+)</code>", page.text)
    assert len(codes) == 10
    kept = db.session.get_one(Account, town.coordinator.account.id).mf_recovery_codes
    assert not set(codes) & set(kept or [])
    assert codes[0] not in visitor.get("/account/mf-recovery-codes?show_codes=1").text
    other = Visitor(app)
    other.sign_in("周协调")
    assert other.post("/account/mf-recovery", {"code": codes[0].upper()}).location == "/"
    assert other.get("/me").status_code == 200
    third = Visitor(app)
    third.sign_in("周协调")
    assert third.post("/account/mf-recovery", {"code": codes[0]}).status_code == 422
    assert "totp.recovery" in history(town.coordinator)


def test_a_lost_authenticator_is_forgotten_by_somebody_who_gives_out_no_passwords(app: Flask, town: Town) -> None:
    """By the chief or the security administrator; a system administrator could else let himself in as anybody."""
    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    set_up_second_factor(visitor)
    whom, url = town.coordinator.id, f"/people/{town.coordinator.public_id}"
    path, body = f"{url}/second-factor-reset", {"reason": "phone lost", "next": url}
    tries = [town.browser(getattr(town, role)).post(path, body).status_code for role in ("system_admin", "coordinator")]
    assert tries == [403, 403]
    chief = town.browser(town.chief)
    assert "Authenticator lost" in chief.get(url).text
    assert [chief.post(path, body).status_code for _ in range(2)] == [303, 409]
    assert "Authenticator lost" not in chief.get(url).text
    assert history(db.session.get_one(Person, whom)).count("totp.end") == 1
    assert visitor.get("/me").status_code == 302
    assert visitor.sign_in("周协调").location == "/account/tf-setup"


def test_making_a_new_second_factor_asks_for_a_fresh_sign_in(app: Flask, town: Town) -> None:
    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    set_up_second_factor(visitor)
    assert visitor.get("/account/tf-setup").status_code == 200
    age(town.coordinator, fresh_at=datetime.now(UTC) - timedelta(minutes=5))
    assert visitor.get("/account/tf-setup").location == "/account/verify?next=/account/tf-setup"
    assert visitor.get("/account/mf-recovery-codes").location == "/account/verify?next=/account/mf-recovery-codes"


def test_a_first_password_must_be_changed(app: Flask, town: Town) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator, must_change_password=True)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    assert visitor.get("/me").location == "/account/password"
    assert visitor.post("/me/sessions/revocation").status_code == 403
    fields = {"current": PASSWORD, "new": "quiet harbour 9 lanterns", "again": "quiet harbour 9 lanterns"}
    assert visitor.post("/account/password", fields).location == "/me"
    assert visitor.get("/me").status_code == 200
    assert Visitor(app).sign_in("周协调").status_code == 422
    assert Visitor(app).sign_in("周协调", "quiet harbour 9 lanterns").status_code == 302


@mark.parametrize(
    ("new", "again", "said"),
    [
        ("short one", "short one", "at least 12 characters"),
        ("password2026!", "password2026!", "among the first that others try"),
        ("Fengli-2026-fengli", "Fengli-2026-fengli", "among the first that others try"),
        ("zhouxietiao888", "zhouxietiao888", "among the first that others try"),
        ("qwertyuiopas", "qwertyuiopas", "among the first that others try"),
        (PASSWORD, PASSWORD, "the password you have already"),
        ("quiet harbour 9 lanterns", "quiet harbour 8 lanterns", "are not the same"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(app: Flask, town: Town, new: str, again: str, said: str) -> None:
    open_demo(town)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    visitor.post("/language", {"language": "en"})
    answer = visitor.post("/account/password", {"current": PASSWORD, "new": new, "again": again})
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert "password.set" not in history(town.coordinator)


def test_changing_the_password_asks_for_the_present_one_and_ends_the_other_sessions(app: Flask, town: Town) -> None:
    open_demo(town)
    here, elsewhere = Visitor(app), Visitor(app)
    here.sign_in("周协调")
    elsewhere.sign_in("周协调")
    new = "x" * 30 + " long enough " + "y" * 30
    wrong = here.post("/account/password", {"current": "something else", "new": new, "again": new})
    assert wrong.status_code == 422
    assert here.post("/account/password", {"current": PASSWORD, "new": new, "again": new}).status_code == 303
    assert (here.get("/me").status_code, elsewhere.get("/me").status_code) == (200, 302)
    assert history(town.coordinator)[-2:] == ["session.revoke", "password.set"]
    assert all("xxx" not in str(change) for change in _changes(town))


def _changes(town: Town) -> list[Any]:
    from sqlalchemy import select

    from record.models import Act

    return list(db.session.scalars(select(Act.changes).where(Act.subject_id == town.coordinator.id)))


def test_an_administrator_lets_somebody_choose_a_password_and_never_learns_it(app: Flask, town: Town) -> None:
    import re

    without_second_factor(town.coordinator)
    desk = town.browser(town.system_admin)
    page = desk.post(f"/people/{town.coordinator.public_id}/password-link")
    path = re.search(r"http://localhost(/i/[\w-]{43})", page.text)
    assert path is not None
    visitor = Visitor(app)
    assert "周协调" in text_of(visitor.get(path[1]))
    weak = visitor.post(path[1], {"new": "123456789012", "again": "123456789012"})
    assert weak.status_code == 422
    good = "quiet harbour 9 lanterns"
    assert visitor.post(path[1], {"new": good, "again": good}).location == "/account/login"
    assert visitor.post(path[1], {"new": good, "again": good}).status_code == 410
    assert visitor.sign_in("周协调", good).location == "/"
    assert history(town.coordinator)[-3:] == ["enrolment.issue", "password.set", "session.open"]


def test_only_a_system_administrator_makes_password_links(town: Town) -> None:
    path = f"/people/{town.clerk.public_id}/password-link"
    assert town.browser(town.coordinator).post(path).status_code == 403
    assert town.browser(town.traffic_officer).post(path).status_code == 404
    assert town.browser(town.system_admin).post(f"/people/{town.volunteer.public_id}/password-link").status_code == 404


def test_an_account_is_opened_with_a_name_nobody_else_has(town: Town) -> None:
    from pytest import raises

    from accounts.actions.passwords import UsernameTaken, open_account

    open_account(town.clerk, "chu.clerk", town.office, town.system_admin, NOW)
    assert town.clerk.account.username == "chu.clerk"
    with raises(UsernameTaken):
        open_account(town.prosecutor, "Chu.Clerk", town.office, town.system_admin, NOW)
    assert history(town.clerk)[-2:] == ["enrolment.issue", "account.open"]


def test_a_merged_or_closed_account_opens_nothing(app: Flask, town: Town) -> None:
    open_demo(town)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    person = town.coordinator
    with act("person.merge", person, by=town.system_admin, at=NOW):
        person.merged_into_id = town.clerk.id
    db.session.remove()
    assert visitor.get("/me").status_code == 302
    assert Visitor(app).sign_in("周协调").status_code == 422


def test_a_post_from_another_site_is_refused(app: Flask, town: Town) -> None:
    open_demo(town)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)):
        answer = visitor.post("/language", {"language": "en"}, headers={"Sec-Fetch-Site": site})
        assert (site, answer.status_code) == (site, status)


def test_pages_of_the_library_that_are_not_used_do_not_exist(app: Flask, town: Town) -> None:
    visitor = Visitor(app)
    paths = ("/account/logout", "/account/tf-rescue", "/account/tf-select", "/account/fs-static/x", "/account/register")
    assert [visitor.get(path).status_code for path in paths] == [404] * len(paths)


def test_a_json_sign_in_gets_the_page_and_no_token(app: Flask, town: Town) -> None:
    open_demo(town)
    typed = {"email": "周协调", "password": PASSWORD}
    answer = Visitor(app).client.post("/account/login", json=typed, headers={"Accept": "application/json"})
    forget_request()
    assert (answer.status_code, answer.location, "token" in answer.text) == (302, "/", False)
