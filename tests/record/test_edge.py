"""The edge of a request: one effect and one answer a key, whatever happens on the way (I07, F05 to F07)."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pysqlite3.dbapi2
import pytest
from flask import Flask, flash, redirect, request, send_file
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from accounts.models import Office, Organisation
from accounts.web import public
from errors import Refusal
from extensions import db
from record import jobs
from record.act import act
from record.edge import forget_old_answers, now
from record.models import Act, StoredAnswer
from tests.faults.postgresql_proxy import proxied
from tests.town import NOW, Town, forget_request

pytestmark = pytest.mark.own_app  # routes of their own are added


class Unwelcome(Refusal):
    code = "unwelcome"
    message = "There is no room for it."


def enter(name: str) -> Organisation:
    office = db.session.scalars(select(Office).where(Office.name == "枫县人民检察院")).one()
    made = Organisation(office_id=office.id, kind="squad", name=name)
    with act("organisation.enter", made, by=None, at=NOW):
        db.session.add(made)
    return made


@pytest.fixture
def client(town: Town) -> FlaskClient:
    """A browser on an application with two forms of its own."""

    @public
    def squads() -> Any:
        made = enter(request.form["name"])
        flash("entered")
        if made.name.startswith("refused"):
            raise Unwelcome()
        return redirect(f"/squads/{made.name}", 303)

    @public
    def letters() -> Any:
        return f"secret-answer {enter(request.form['name']).name}"

    @public
    def sheet() -> Any:
        enter(request.form["name"])
        return send_file(io.BytesIO(b"rows of a sheet"), download_name="rows.csv", mimetype="text/csv")

    @public
    def read() -> Any:
        enter("by reading")
        return "never"

    for rule, view, method in (
        ("/squads", squads, "POST"),
        ("/letters", letters, "POST"),
        ("/sheets", sheet, "POST"),
        ("/read", read, "GET"),
    ):
        town.app.add_url_rule(rule, rule, view, methods=[method])
    db.session.remove()
    return town.app.test_client()


def squads(town: Town) -> list[str]:
    db.session.rollback()
    fresh = select(Organisation.name).where(Organisation.kind == "squad", Organisation.office_id == town.office.id)
    return list(db.session.scalars(fresh.where(Organisation.name != "一中队").order_by(Organisation.id)))


def test_the_same_form_sent_twice_is_done_once_and_answered_alike(client: FlaskClient, town: Town) -> None:
    """I07; a lost answer is this second request."""
    first, second = (client.post("/squads", data={"form_id": "k1", "name": "甲"}) for _ in range(2))
    assert [r.status_code for r in (first, second)] == [303, 303]
    assert [r.headers["Location"] for r in (first, second)] == ["/squads/%E7%94%B2"] * 2
    assert [r.headers.get("Idempotent-Replay") for r in (first, second)] == [None, "true"]
    assert first.get_data() == second.get_data()
    assert squads(town) == ["甲"]


def test_the_same_key_with_another_body_is_refused_and_does_nothing(client: FlaskClient, town: Town) -> None:
    client.post("/squads", data={"form_id": "k1", "name": "甲"})
    refused = client.post("/squads", data={"form_id": "k1", "name": "乙"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/key_reused")
    query = client.post("/squads?more=1", data={"form_id": "k1", "name": "甲"})
    assert (query.status_code, squads(town)) == (422, ["甲"])


def test_the_same_key_on_another_route_is_a_request_of_its_own(client: FlaskClient, town: Town) -> None:
    client.post("/squads", data={"form_id": "k1", "name": "甲"})
    other = client.post("/letters", data={"form_id": "k1", "name": "乙"})
    assert (other.status_code, squads(town)) == (200, ["甲", "乙"])


def test_the_same_key_of_somebody_else_is_a_request_of_its_own(client: FlaskClient, town: Town) -> None:
    """Nobody gets another's stored answer, even if he guesses its key."""
    first = town.browser(town.coordinator).post("/letters", {"form_id": "k1", "name": "甲"})
    second = town.browser(town.clerk).post("/letters", {"form_id": "k1", "name": "乙"})
    assert (first.get_data(as_text=True), second.get_data(as_text=True)) == ("secret-answer 甲", "secret-answer 乙")
    assert squads(town) == ["甲", "乙"]


def test_a_body_that_is_no_form_is_compared_as_well(client: FlaskClient, town: Town) -> None:
    headers = {"Idempotency-Key": "k9"}
    sent = [
        client.post("/letters?name=x", data=body, content_type="text/calendar", headers=headers)
        for body in (b"A", b"B")
    ]
    assert [r.status_code for r in sent] == [400, 400]  # nothing was stored: the view itself refused both
    client.post("/letters", data={"name": "甲"}, headers=headers)
    again = client.post("/letters", data=b"name=x", content_type="text/calendar", headers=headers)
    assert (again.status_code, squads(town)) == (422, ["甲"])


def test_two_threads_with_one_key_have_one_effect_and_one_answer(client: FlaskClient, town: Town) -> None:
    """Both at once: the second waits for the first and gets its answer."""
    answers: list[tuple[int, bytes]] = []
    start = threading.Barrier(4)

    def send() -> None:
        browser = town.app.test_client()
        with browser.session_transaction() as cookie:
            cookie["browser"] = "one and the same"
        start.wait()
        answer = browser.post("/squads", data={"form_id": "k1", "name": "甲"})
        answers.append((answer.status_code, answer.get_data()))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(answers), len(set(answers)), answers[0][0]) == (4, 1, 303)
    assert squads(town) == ["甲"]
    assert db.session.scalar(select(func.count()).where(Act.name == "organisation.enter", Act.actor_id.is_(None))) == 7


def test_a_refused_form_stores_nothing_and_may_be_sent_again_corrected(client: FlaskClient, town: Town) -> None:
    refused = client.post("/squads", data={"form_id": "k1", "name": "refused"})
    assert (refused.status_code, squads(town), db.session.scalars(select(StoredAnswer)).all()) == (409, [], [])
    corrected = client.post("/squads", data={"form_id": "k1", "name": "甲"})
    assert (corrected.status_code, squads(town)) == (303, ["甲"])


@pytest.mark.parametrize("key", ["", "k" * 129, "é"])
def test_a_form_without_an_identity_is_refused(client: FlaskClient, town: Town, key: str) -> None:
    refused = client.post("/squads", data={"form_id": key, "name": "甲"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json["type"], squads(town)) == (422, "/problems/key_missing", [])


def test_a_file_is_an_answer_too_and_its_act_stays(client: FlaskClient, town: Town) -> None:
    first, second = (client.post("/sheets", data={"form_id": "k1", "name": "甲"}) for _ in range(2))
    assert (first.get_data(), second.get_data()) == (b"rows of a sheet", b"rows of a sheet")
    assert first.headers["Content-Disposition"] == second.headers["Content-Disposition"]
    assert squads(town) == ["甲"]


def test_stored_answers_cannot_be_read_in_the_database_and_go_after_seven_days(client: FlaskClient, town: Town) -> None:
    client.post("/letters", data={"form_id": "k1", "name": "甲"})
    kept = db.session.scalars(select(StoredAnswer)).one()
    assert (kept.status, b"secret-answer" in (kept.body or b"")) == (200, False)
    db.session.rollback()
    assert forget_old_answers(now() + timedelta(days=6, hours=23)) == 0
    assert forget_old_answers(now() + timedelta(days=7, minutes=1)) == 1
    assert db.session.scalars(select(StoredAnswer)).all() == []


def test_the_job_that_forgets_old_answers_is_registered(client: FlaskClient, town: Town) -> None:
    client.post("/letters", data={"form_id": "k1", "name": "甲"})
    db.session.remove()
    assert "answers.forget" in jobs.run_due(now() + timedelta(days=8))
    assert db.session.scalars(select(StoredAnswer)).all() == []


def deadlock() -> DBAPIError:
    """What the engine at hand says when two transactions hold each other up."""
    if db.engine.dialect.name == "sqlite":
        return OperationalError("UPDATE", {}, pysqlite3.dbapi2.OperationalError("database is locked"))
    try:
        with db.session.begin_nested():
            db.session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'held up' USING ERRCODE = '40P01'; END $$"))
    except DBAPIError as trouble:
        return trouble
    raise AssertionError


@pytest.mark.parametrize(("troubles", "status", "entered"), [(1, 200, ["甲"]), (2, 200, ["甲"]), (3, 503, [])])
def test_a_view_that_meets_a_deadlock_is_run_again_three_times_in_all(
    town: Town, troubles: int, status: int, entered: list[str]
) -> None:
    tries: list[int] = []

    @public
    def view() -> str:
        tries.append(1)
        enter(request.form["name"])
        flash("entered")
        if len(tries) <= troubles:
            raise deadlock()
        return "done"

    town.app.add_url_rule("/deadlocks", "deadlocks", view, methods=["POST"])
    db.session.remove()
    client = town.app.test_client()
    answer = client.post("/deadlocks", data={"form_id": "k1", "name": "甲"})
    assert (answer.status_code, len(tries), squads(town)) == (status, min(troubles + 1, 3), entered)
    with client.session_transaction() as cookie:
        assert [said for _, said in cookie.get("_flashes", [])] == (["entered"] if status == 200 else [])


def test_a_reading_cannot_write(client: FlaskClient, town: Town) -> None:
    """SQLite: query_only; PostgreSQL: READ ONLY."""
    with pytest.raises(DBAPIError) as refusal:
        client.get("/read")
    said = {"sqlite": "attempt to write a readonly database", "postgresql": "in a read-only transaction"}
    assert said[db.engine.dialect.name] in str(refusal.value.orig)
    assert squads(town) == []


ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)  # SQLite has no connection to cut


@ON_POSTGRESQL
@pytest.mark.parametrize("cut", ["cut_commit", "cut_before"])
def test_a_connection_cut_at_its_commit_leaves_one_record_and_one_answer(engine: Any, town: Town, cut: Any) -> None:
    """F06, F07; TRUST finding 2."""
    from app import create_app

    url = str(town.app.config["SQLALCHEMY_DATABASE_URI"])
    with proxied(engine.folder / "pg") as proxy:
        through = url.replace(str(engine.folder / "pg"), str(proxy.folder))
        app: Flask = create_app(engine.settings(through, through))

        @public
        def squads_here() -> str:
            return f"entered {enter(request.form['name']).name}"

        app.add_url_rule("/squads", "squads", squads_here, methods=["POST"])
        with app.app_context():
            db.engine.connect().close()
            proxy.arm(cut)
            answer = app.test_client().post("/squads", data={"form_id": "k1", "name": "甲"})
            replayed = answer.headers.get("Idempotent-Replay")
            db.session.remove()
            db.engine.dispose()
    assert (answer.status_code, answer.get_data(as_text=True), proxy.cuts) == (200, "entered 甲", 1)
    assert replayed == ("true" if cut == "cut_commit" else None)
    assert squads(town) == ["甲"]


@ON_POSTGRESQL
def test_a_restarted_database_is_met_without_an_error(client: FlaskClient, town: Town) -> None:
    """F05: every pooled connection is gone."""
    assert client.post("/squads", data={"form_id": "k1", "name": "甲"}).status_code == 303
    owner = create_engine(town.app.config["SQLALCHEMY_OWNER_URI"], isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    owner.dispose()
    time.sleep(0.2)
    assert client.post("/squads", data={"form_id": "k2", "name": "乙"}).status_code == 303
    assert squads(town) == ["甲", "乙"]


@contextmanager
def a_writer_at_work() -> Iterator[None]:
    """Somebody else holds the one place of a writer; nobody waits for it longer than a moment."""

    def impatient(raw: Any, entry: Any) -> None:
        raw.execute("PRAGMA busy_timeout=20")

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", impatient)
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as writer, writer.begin():
        yield


ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL has room for many writers


@ON_SQLITE
def test_who_is_here_is_asked_without_waiting_for_a_writer(client: FlaskClient, town: Town) -> None:
    """What the door reads stands before the tries of the edge, so nothing there may ask for the writer's place."""
    browser = town.browser(town.coordinator)
    with a_writer_at_work():
        answer = browser.post("/squads", {"name": "甲"})
    assert (answer.status_code, "Somebody else is changing" in answer.text) == (503, True)
    assert browser.post("/squads", {"name": "甲"}).status_code == 303


@ON_SQLITE
def test_a_refusal_is_shown_without_waiting_for_a_writer(client: FlaskClient, town: Town) -> None:
    browser = town.browser(town.volunteer)
    with a_writer_at_work():
        answers = [
            browser.post("/office/departments", {"name": "甲"}),
            browser.post("/squads", {"name": "甲", "form_id": ""}),
        ]
    assert [answer.status_code for answer in answers] == [403, 422]


@ON_SQLITE
def test_what_a_reading_leaves_is_lost_without_harm_and_asks_for_no_place_within_a_minute(town: Town) -> None:
    browser = town.browser(town.coordinator, now() - timedelta(minutes=2))
    begun: list[str] = []
    with a_writer_at_work():
        lost = browser.client.get("/me")
        lost.close()
    assert lost.status_code == 200
    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", lambda *told: begun.append(told[2]))
    for _ in range(2):
        browser.client.get("/me").close()
        forget_request()
    assert [statement for statement in begun if "IMMEDIATE" in statement] == ["BEGIN IMMEDIATE"]
