"""What the program logs names nobody: no name, number, case, offence, password or code (TRUST 16.2.5; D-24, D-25)."""

from __future__ import annotations

import runpy
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from accounts.actions.offices import ask_for_test_mail, set_mail_server
from accounts.actions.people import correct_person
from accounts.web import public
from extensions import db
from record import jobs, outbox
from record.act import act
from record.away import is_away
from record.models import Message
from tests.accounts.visitor import PASSWORD, Visitor, give_password, without_second_factor
from tests.faults.smtp_sink import listening
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Phone
from volunteers.actions.booking import book
from volunteers.models.assessment import Assessment

pytestmark = pytest.mark.own_app  # faults are answered as they are to people
NAME, MAIL, AGGRAVATING, REMARK = "欧阳小明", "ouyang@feng.example", "无证驾驶", "血检两次"
WRONG = "the wrong password"


class Log:
    """All that the program says to whoever runs it: its own lines, those of its libraries, whatever is printed."""

    def __init__(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        self.caplog, self.capfd = caplog, capfd
        capfd.readouterr()

    def text(self) -> str:
        printed = self.capfd.readouterr()
        return "\n".join((printed.out, printed.err, self.caplog.text))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Log:
    return Log(caplog, capfd)


@pytest.fixture
def served(town: Town) -> dict[str, str]:
    """Somebody under assessment with all that could leak, by what it is."""
    person = Crossing(town).person(NAME)
    correct_person(person, {"email": MAIL}, by=town.coordinator, at=NOW)
    (one,) = all_of(Assessment)
    with act("assessment.note", one, by=None, at=NOW):
        one.aggravating, one.remark = AGGRAVATING, REMARK
    return {
        "name": NAME,
        "phone": str(person.phone),
        "id number": str(person.id_number),
        "mail": MAIL,
        "case": str(one.case.number),
        "offence": str(one.case.cause),
        "aggravating": AGGRAVATING,
        "remark": REMARK,
        "blood alcohol": "160.5",
        "wrong password": WRONG,
        "password": PASSWORD,
    }


def leaked(said: str, secrets: dict[str, str]) -> set[str]:
    return {what for what, secret in secrets.items() if secret in said}


def falls(_now: datetime = NOW) -> None:
    """What the database refuses, with all that is stored of somebody and with what was to be stored in its place."""
    one = all_of(Assessment)[0]
    with act("assessment.note", one, by=None, at=NOW):
        one.remark, one.aggravating, one.last_on = f"{NAME} {REMARK}", AGGRAVATING, one.first_on - timedelta(days=1)
        try:
            db.session.flush()
        except Exception as trouble:
            raise ValueError(f"{one.person.name} {one.case.number}") from trouble


def test_a_job_that_falls_over_somebodys_record_logs_where_and_why_and_nothing_of_him(
    served: dict[str, str], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL the refusal quotes the whole row, on both what was to be stored stands with the statement."""
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.every(timedelta(hours=1), "test.falls", falls)
    db.session.rollback()
    assert jobs.run_due(NOW) == ["test.falls"]
    said = log.text()
    assert leaked(said, served) == set()
    told = (
        "job failed",
        "test.falls",
        "in falls",
        "ck_assessment_begins_before_it_ends",
        "IntegrityError",
        "ValueError",
    )
    assert [one for one in told if one not in said] == []


def test_a_page_that_falls_over_somebodys_record_logs_where_and_why_and_nothing_of_him(
    app: Flask, town: Town, served: dict[str, str], log: Log
) -> None:
    @public
    def broken(what: str) -> str:
        falls()
        return what

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/broken/<what>", "broken", broken, methods=["POST"])
    db.session.remove()
    answer = town.browser(town.coordinator).post(f"/broken/{served['phone']}?q={served['case']}", served)
    said = log.text()
    assert (answer.status_code, leaked(said, served)) == (500, set())
    told = ("fault in broken [POST]", "in falls", "ck_assessment_begins_before_it_ends", "ValueError")
    assert [one for one in told if one not in said] == []


def test_while_the_database_is_away_no_secret_of_an_address_is_logged_and_whoever_asks_is_told(
    app: Flask, town: Town, served: dict[str, str], log: Log
) -> None:
    """What escaped the program would be logged by gunicorn, with the token of a feed or of an invitation (TRUST 7)."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser, tokens = town.browser(town.coordinator), {"feed": "cf1_dG9rZW4", "invitation": "aW52aXRhdGlvbg"}
    db.engine.dispose()

    @event.listens_for(db.engine, "do_connect")
    def away(*_: Any) -> None:
        raise db.engine.dialect.loaded_dbapi.OperationalError("nobody answers")

    paths = (f"/feeds/{tokens['feed']}.ics", f"/i/{tokens['invitation']}", f"/assessments?q={served['phone']}")
    answers = [browser.client.get(path) for path in paths] + [browser.client.post(paths[1], data=served)]
    said = log.text()
    assert [one.status_code for one in answers] == [503] * 4
    assert {one.headers["Retry-After"] for one in answers} == {"10"}
    assert [
        "过几秒再试" in one.text and "default-src" in one.headers["Content-Security-Policy"] for one in answers
    ] == [True] * 4
    assert (leaked(said, {**served, **tokens}), "OperationalError" in said) == (set(), True)
    event.remove(db.engine, "do_connect", away)


def test_while_the_database_is_away_the_log_has_one_line_a_second_however_many_ask(
    app: Flask, town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """F04: a trial wrote eight thousand lines in four seconds. As soon as it is back, pages are."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = town.browser(town.coordinator)
    db.engine.dispose()

    @event.listens_for(db.engine, "do_connect")
    def away(*_: Any) -> None:
        raise db.engine.dialect.loaded_dbapi.OperationalError("nobody answers")

    began = monotonic()
    answers = [browser.client.post("/language", data={"language": "en", "form_id": "k1"})]
    while monotonic() - began < 1.2 or len(answers) < 20:
        answers.append(browser.client.get("/cases"))
    event.remove(db.engine, "do_connect", away)
    assert {(one.status_code, one.headers["Retry-After"]) for one in answers} == {(503, "10")}
    said = [one.getMessage() for one in caplog.records]
    assert set(said) == {"the database is away: OperationalError"}
    assert 1 <= len(said) <= monotonic() - began + 1 < len(answers)
    assert browser.get("/cases").status_code == 200


@pytest.mark.parametrize(
    ("state", "lost", "statement", "away"),
    [
        (None, False, None, True),
        (None, True, "SELECT 1", True),
        ("57P01", False, "SELECT 1", True),
        ("08006", False, "SELECT 1", True),
        ("57014", False, "SELECT 1", False),
        ("40P01", False, "SELECT 1", False),
        (None, False, "SELECT 1", False),
    ],
)
def test_a_database_that_is_away_is_told_from_one_that_refuses(
    state: str | None, lost: bool, statement: str | None, away: bool
) -> None:
    class Said(Exception):
        sqlstate = state

    trouble = OperationalError(statement, None, Said(), connection_invalidated=lost)
    wrapped = RuntimeError()
    wrapped.__cause__ = trouble
    assert (is_away(trouble), is_away(wrapped), is_away(ValueError())) == (away, away, False)


def test_whoever_signs_in_wrongly_is_logged_by_number_and_not_by_what_he_typed(
    app: Flask, town: Town, served: dict[str, str], log: Log
) -> None:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    account = town.coordinator.account.id
    correct_person(town.coordinator, {"phone": served["phone"]}, by=town.system_admin, at=NOW)
    for name in (served["phone"], served["id number"], NAME, *["周协调"] * 5):
        assert Visitor(app).sign_in(name, WRONG).status_code == 422
    said = log.text()
    assert leaked(said, {**served, "his name": "周协调"}) == set()
    assert ("sign-in refused" in said, "account locked" in said, f"account={account}" in said) == (True, True, True)


def test_a_mail_that_is_refused_or_cannot_be_written_is_logged_without_its_address_or_its_words(
    town: Town, served: dict[str, str], log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does what is kept of the trouble hold the address: those who look after messages see it masked."""
    facts = {"host": "127.0.0.1", "security": "none", "username": "", "password": None}
    correct_person(town.clerk, {"email": MAIL}, by=town.clerk, at=NOW)

    def unwritten(message: Message) -> None:
        raise ValueError(f"{NAME} <{MAIL}>")

    with listening() as sink:
        server = set_mail_server(
            town.office, {**facts, "port": sink.port, "sender": "office@feng.example"}, town.system_admin, NOW
        )
        ask_for_test_mail(server, town.clerk, NOW)
        for number, sink.mode in enumerate(("451", "550")):
            outbox.deliver_due(NOW + timedelta(hours=number))
        ask_for_test_mail(server, town.clerk, NOW)
        monkeypatch.setitem(outbox._senders, "mail", (unwritten, outbox._senders["mail"][1]))
        outbox.deliver_due(NOW)
    said = log.text()
    assert (leaked(said, served), "message not written" in said) == (set(), True)
    refused = select(Message.last_error).where(Message.channel == "mail", Message.state == "dead")
    assert db.session.scalars(refused).all() == ["550 no such user <…>"]


def test_a_day_of_refusals_at_the_pages_logs_nothing_of_anybody(town: Town, served: dict[str, str], log: Log) -> None:
    """A booking, a code and a file refused, a record disclosed: all of it answered, none of it in the log."""
    days = Days(Crossing(town))
    full, now = days.shift(3, days.post(capacity=1)), days.shift(0)
    one, other = days.person("司马小红"), days.person("诸葛小蓝")
    book(full.row(), one.row(), town.coordinator, full.event.starts_at - timedelta(days=2))
    man = {"name": "诸葛小蓝", "phone": str(other.phone), "id number": str(other.id_number)}
    head = "姓名,公民身份号码,电话,案号,血液酒精含量,从重情节,考察期起,考察期止,备注\n"
    row = f"{NAME},11010519491231002,{served['phone']},{served['case']},160.5,{AGGRAVATING},x,2026-12-01,{REMARK}\n"
    sheet = {"file": (BytesIO((head + row).encode()), f"{NAME}.csv"), "on": f"{date(2026, 11, 24)}"}
    person = town.person(NAME).public_id
    desk = town.browser(town.coordinator)
    answers: list[Any] = [
        Phone(town, other.row(), "/booking").browser.post(f"/booking/{full.public_id}"),
        town.browser(town.traffic_officer).post(
            f"/crossing/{now.public_id}/scan", {"code": f"P{NAME}", "device_at": ""}
        ),
        desk.post("/imports/kinds/volunteers/drafts", sheet, content_type="multipart/form-data"),
        desk.post(f"/people/{person}/disclosure", {"reason": f"{NAME} {REMARK}"}),
        desk.get("/assessments", query_string={"q": served["phone"]}),
        desk.get(f"/people/{NAME}"),
    ]
    preview = desk.get(answers[2].location)
    assert [one.status_code for one in answers] == [409, 404, 303, 200, 200, 404]
    assert (NAME in preview.text, served["phone"] in answers[3].text) == (True, True)
    assert leaked(log.text(), {**served, **{f"his {what}": fact for what, fact in man.items()}}) == set()


def test_the_web_server_keeps_no_log_of_addresses() -> None:
    """TRUST 7: `%(r)s` and `%(U)s` would print the path, and with it the token of a feed or an invitation."""
    settings = runpy.run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py"))
    assert (settings["accesslog"], settings["loglevel"]) == (None, "warning")
