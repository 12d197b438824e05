"""The PIN of an enrolled device, and what it keeps (TRUST T32; SETTLED 23)."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pytest import mark, raises
from sqlalchemy import func, select

from accounts.models import Enrolment
from accounts.rules.pin import PinMalformed, PinTooEasy, check_pin, digits_of
from extensions import db
from record.act import history
from tests.accounts.test_devices import link_for
from tests.accounts.visitor import Visitor, age, hidden_fields, sessions_of, text_of
from tests.town import Town

PIN = "402917"


@mark.parametrize(
    "pin",
    ["000000", "111111", "123456", "654321", "456789", "890123", "098765", "121212", "123123", "112233", "900612",
     "120690", "061290", "199006", "139000", "000001"],
)  # fmt: skip
def test_a_pin_a_stranger_tries_first_is_refused(pin: str) -> None:
    with raises(PinTooEasy):
        check_pin(pin, date(1990, 6, 12), ("13900000001", None))


@mark.parametrize("pin", ["", "12345", "1234567", "40291a", "４０２９１７"])
def test_a_pin_is_six_digits(pin: str) -> None:
    with raises(PinMalformed):
        check_pin(pin)


@mark.parametrize("pin", ["402917", "900611", "013579", "110203"])
def test_any_other_six_digits_are_a_pin(pin: str) -> None:
    check_pin(pin, date(1990, 6, 12), ("13900000001", None))


@given(st.text(max_size=12))
def test_digits_are_plain_or_none(typed: str) -> None:
    found = digits_of(typed)
    assert found == "" or (found.isascii() and found.isdigit())


def device(app: Flask, town: Town, role: str = "squad_leader") -> Visitor:
    phone = Visitor(app)
    phone.enrol(link_for(getattr(town, role), role, town), PIN)
    return phone


def idle(town: Town, role: str = "squad_leader", minutes: float = 15) -> None:
    age(getattr(town, role), last_seen_at=datetime.now(UTC) - timedelta(minutes=minutes))


def test_a_weak_or_mistyped_pin_enrols_nothing(app: Flask, town: Town) -> None:
    path = link_for(town.volunteer, "volunteer", town)
    phone = Visitor(app)
    answers = [phone.enrol(path, "123456"), phone.enrol(path, PIN, "402918"), phone.enrol(path, "4029")]
    assert [a.status_code for a in answers] == [422, 422, 422]
    assert (sessions_of(town.volunteer), phone.get("/me").status_code) == ([], 302)
    assert phone.enrol(path, "４０２９１７", PIN).status_code == 303


def test_a_quiet_device_asks_for_its_pin_and_goes_on(app: Flask, town: Town) -> None:
    phone = device(app, town)
    idle(town, minutes=14.8)
    assert phone.get("/me").status_code == 200
    idle(town)
    sent = phone.get("/me?x=1")
    assert sent.location == "/account/verify?next=/me?x%3D1"
    page = phone.get(sent.location)
    assert ('inputmode="numeric"' in page.text, "秦队长" in text_of(page)) == (True, False)
    opened = phone.post("/account/verify", {"again_secret": PIN, "again_target": "/me?x=1"})
    assert (opened.status_code, opened.location) == (303, "/me?x=1")
    assert phone.get("/me").status_code == 200


def test_a_locked_device_shows_nothing_and_does_nothing(app: Flask, town: Town) -> None:
    phone = device(app, town)
    idle(town)
    fragment = phone.get("/me", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/me"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/account/verify?next=/me")
    asked = phone.get("/me", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json["type"]) == (401, "/problems/reauth")
    assert phone.get("/nowhere").status_code == 404
    assert "秦队长" not in phone.get("/account/verify").text
    phone.post("/language", {"language": "en"})
    assert town.squad_leader.language == "zh_Hans_CN"
    assert sessions_of(town.squad_leader)[0].last_seen_at < datetime.now(UTC) - timedelta(minutes=14)


def test_what_was_sent_before_the_pin_happens_exactly_once(app: Flask, town: Town) -> None:
    """A form sent while the device had gone quiet is carried over the PIN page, newlines and repeats included."""
    phone = device(app, town)
    idle(town)
    target = f"/people/{town.traffic_officer.public_id}/enrolment?from=list"
    form = {"role": "traffic_officer", "form_id": "begun-before", "note": '一行\r\n二行 "<&>', "many": ["1", "2"]}
    asked = phone.post(target, form)
    assert (asked.status_code, links(town)) == (401, 0)
    kept = hidden_fields(asked, "/account/verify")
    assert sorted(kept) == sorted(
        [
            ("again_target", target),
            ("again_kept", "1"),
            ("form_id", "begun-before"),
            ("many", "1"),
            ("many", "2"),
            ("note", '一行\r\n二行 "<&>'),
            ("role", "traffic_officer"),
        ]
    )
    fields: dict[str, list[str]] = {}
    for name, value in kept:
        fields.setdefault(name, []).append(value)
    wrong = phone.post("/account/verify", {**fields, "again_secret": "999999"})
    assert (wrong.status_code, hidden_fields(wrong, "/account/verify")) == (422, kept)
    body = {**fields, "again_secret": PIN}
    pressed_twice = [phone.post("/account/verify", body) for _ in range(2)]
    answers = [phone.send_on(answer, body) for answer in pressed_twice]
    assert [(a.status_code, a.headers.get("Idempotent-Replay")) for a in answers] == [(200, None), (200, "true")]
    assert links(town) == 1
    replayed = phone.post(target, form)
    assert (replayed.headers.get("Idempotent-Replay"), links(town)) == ("true", 1)


def links(town: Town) -> int:
    """Links made for the traffic officer."""
    whom = Enrolment.person_id == town.traffic_officer.id
    found = db.session.scalar(select(func.count()).select_from(Enrolment).where(whom))
    db.session.remove()
    return int(found or 0)


def test_the_redirect_after_the_pin_sends_the_same_form_on(app: Flask, town: Town) -> None:
    phone = device(app, town)
    idle(town)
    body = {"again_secret": PIN, "again_target": "/me/sessions/revocation", "again_kept": "1"}
    sent = phone.post("/account/verify", body)
    assert (sent.status_code, sent.location) == (307, "/me/sessions/revocation")


def test_a_part_of_a_page_asked_for_by_a_quiet_device_gets_the_question_above_the_page(app: Flask, town: Town) -> None:
    phone = device(app, town)
    idle(town)
    hx = {"HX-Request": "true", "HX-Target": "shift-7", "HX-Current-URL": "http://localhost/shifts"}
    asked = phone.post("/me/sessions/revocation", headers=hx)
    assert (asked.status_code, asked.text.lstrip().startswith("{#")) == (401, False)
    assert 'id="refusal-body"' in asked.text
    assert 'hx-target="#shift-7"' in asked.text
    assert "<html" not in asked.text
    wrong = phone.post("/account/verify", {"again_secret": "999999", "again_kept": "1"}, headers=hx)
    assert (wrong.status_code, 'id="refusal-body"' in wrong.text) == (401, True)


def test_a_file_is_not_carried_and_the_page_says_so(app: Flask, town: Town) -> None:
    import io

    phone = device(app, town)
    idle(town)
    data = {"form_id": "f", "sheet": (io.BytesIO(b"x"), "list.xlsx")}
    asked = phone.client.post("/me/sessions/revocation", data=data, content_type="multipart/form-data")
    assert (asked.status_code, "Only the file was not kept" in html.unescape(asked.text)) == (401, True)
    assert 'name="again_kept"' not in asked.text


def test_five_wrong_pins_end_the_device(app: Flask, town: Town) -> None:
    phone = device(app, town)
    idle(town)
    answers = [phone.post("/account/verify", {"again_secret": "999999", "again_target": "/me"}) for _ in range(5)]
    assert [a.status_code for a in answers] == [422, 422, 422, 422, 303]
    assert answers[-1].location == "/account/login"
    assert "1 try is left" in text_of(answers[3])
    assert phone.post("/account/verify", {"again_secret": PIN}).status_code == 401
    assert phone.get("/me").status_code == 302
    assert history(town.squad_leader)[-1:] == ["session.revoke"]


def test_a_right_pin_gives_the_tries_back(app: Flask, town: Town) -> None:
    phone = device(app, town)
    for _ in range(3):
        idle(town)
        for _ in range(3):
            phone.post("/account/verify", {"again_secret": "999999"})
        assert phone.post("/account/verify", {"again_secret": "４０２９１７"}).status_code == 303
    assert sessions_of(town.squad_leader)[0].pin_failures == 0


def test_the_pin_of_one_device_opens_no_other(app: Flask, town: Town) -> None:
    one = device(app, town)
    two = Visitor(app)
    two.enrol(link_for(town.squad_leader, "squad_leader", town), "730264")
    idle(town)
    assert two.post("/account/verify", {"again_secret": PIN}).status_code == 422
    assert one.post("/account/verify", {"again_secret": PIN}).status_code == 303


def test_an_enrolled_device_is_locked_or_left_after_a_question(app: Flask, town: Town) -> None:
    phone = device(app, town)
    question = phone.post("/account/sign-out")
    assert (question.status_code, "only with a new link" in text_of(question)) == (200, True)
    assert phone.get("/me").status_code == 200
    assert phone.post("/account/lock").location == "/account/verify"
    assert phone.get("/me").status_code == 302
    phone.post("/account/verify", {"again_secret": PIN})
    assert phone.get("/me").status_code == 200
    assert phone.post("/account/sign-out", {"sure": "1"}).location == "/account/login"
    assert phone.get("/me").status_code == 302


def test_after_thirty_days_a_device_is_over(app: Flask, town: Town) -> None:
    phone = device(app, town)
    age(town.squad_leader, expires_at=datetime.now(UTC))
    assert phone.get("/me").location.startswith("/account/login")


def test_the_pin_is_kept_as_a_hash_only(app: Flask, town: Town) -> None:
    device(app, town)
    (opened,) = sessions_of(town.squad_leader)
    assert re.match(r"\$argon2id\$", opened.pin_hash or "")
