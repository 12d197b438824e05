"""Nothing happens without an act: one transaction, who, what, why, from what to what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.actions.people import correct_person, enter_person
from accounts.models import Membership, Office, Organisation
from errors import Refusal
from extensions import db
from record.act import NoAct, act, history, subject_of, transaction
from record.models import Act
from scheduler.timeline.models import Event
from tests.town import NOW, Town


def last_act() -> Act:
    return db.session.scalars(select(Act).order_by(Act.id.desc())).first()


def told(stored: Act) -> list[tuple[str, Any, Any]]:
    return [(c["column"], c["from"], c["to"]) for c in stored.changes]


def test_an_act_notes_who_what_when_why_and_commits(town: Town) -> None:
    town.office.seal_text = "old"  # overwritten below: what counts is what stands in the database
    db.session.rollback()
    with act("office.rename", town.office, by=town.coordinator, at=NOW, reason="new sign", sign=3):
        town.office.short_name = "枫检"
    db.session.rollback()
    done = last_act()
    assert (done.name, done.at, done.actor_id, done.office_id) == (
        "office.rename",
        NOW,
        town.coordinator.id,
        town.office.id,
    )
    assert (done.subject_table, done.subject_id, done.subject_public_id) == (
        "office",
        town.office.id,
        town.office.public_id,
    )
    assert (done.reason, done.facts, done.origin) == ("new sign", {"sign": 3}, {})
    assert told(done) == [("short_name", "", "枫检")]
    assert subject_of(done) is town.office


def test_what_was_there_before_is_told_even_of_a_row_read_in_an_earlier_transaction(town: Town) -> None:
    office = town.office
    with act("office.rename", office, by=town.coordinator, at=NOW):
        office.short_name = "一"
    with act("office.rename", office, by=town.coordinator, at=NOW):
        office.short_name = "二"
    assert told(last_act()) == [("short_name", "一", "二")]


def test_what_is_set_to_what_it_was_is_no_change(town: Town) -> None:
    office = town.office
    with act("office.rename", office, by=town.coordinator, at=NOW):
        office.name = "枫县" + "人民检察院"
    assert told(last_act()) == []


def test_a_new_row_is_told_with_its_defaults_and_with_the_keys_of_what_it_belongs_to(town: Town) -> None:
    person, office, by = town.clerk, town.office, town.security_admin
    given = Membership(person=person, office=office, role="receptionist", starts_on=date(2026, 11, 24))
    with act("membership.give", given, by=by, at=NOW):
        db.session.add(given)
    assert sorted(told(last_act())) == [
        ("leader", None, False),
        ("office_id", None, office.id),
        ("person_id", None, person.id),
        ("role", None, "receptionist"),
        ("starts_on", None, "2026-11-24"),
    ]


def test_a_row_that_goes_is_told_with_what_it_held(town: Town) -> None:
    gone = Organisation(office_id=town.office.id, kind="squad", name="二中队")
    with act("organisation.enter", gone, by=town.coordinator, at=NOW):
        db.session.add(gone)
    with act("organisation.remove", gone, by=town.coordinator, at=NOW):
        db.session.delete(gone)
    assert told(last_act()) == [
        ("office_id", town.office.id, None),
        ("kind", "squad", None),
        ("name", "二中队", None),
        ("active", True, None),
    ]


def test_sealed_columns_are_masked_in_what_is_told(town: Town) -> None:
    someone = enter_person({"name": "李四", "phone": "17400000123"}, town.office, by=town.coordinator, at=NOW)
    correct_person(someone, {"phone": "17400000456"}, by=town.coordinator, at=NOW)
    changes = {c["column"]: (c["from"], c["to"]) for c in last_act().changes}
    assert changes["phone"] == ("●●●●●●●●●23", "●●●●●●●●●56")
    raw = db.session.execute(text("SELECT CAST(changes AS TEXT) FROM act")).scalars().all()
    assert [line for line in raw if "1740000" in line or (someone.phone_hash or "") in line] == []


def test_a_refusal_leaves_neither_change_nor_act(town: Town) -> None:
    office = town.office
    before = history(office)
    with pytest.raises(Refusal), act("office.rename", office, by=town.coordinator, at=NOW):
        office.short_name = "x"
        raise Refusal()
    assert (office.short_name, history(office)) == ("", before)


def test_acts_join_the_transaction_that_is_open_and_fall_with_it(town: Town) -> None:
    office = town.office
    before = history(office)
    with pytest.raises(Refusal), transaction():
        with act("office.rename", office, by=town.coordinator, at=NOW):
            office.short_name = "x"
        raise Refusal()
    assert history(office) == before
    with transaction():
        with act("office.rename", office, by=town.coordinator, at=NOW):
            office.short_name = "x"
        with act("office.seal", office, by=town.coordinator, at=NOW):
            office.seal_text = "y"
    db.session.rollback()
    assert history(office) == [*before, "office.rename", "office.seal"]


def test_an_act_whose_refusal_is_caught_leaves_nothing_though_the_transaction_goes_on(town: Town) -> None:
    office = town.office
    before = history(office)
    with transaction():
        with pytest.raises(Refusal), act("office.rename", office, by=town.coordinator, at=NOW):
            office.short_name = "half"
            db.session.flush()
            raise Refusal()
        with act("office.seal", office, by=town.coordinator, at=NOW):
            office.seal_text = "y"
    assert (office.short_name, office.seal_text, history(office)) == ("", "y", [*before, "office.seal"])


def test_after_an_act_that_came_to_nothing_the_database_refuses_again(town: Town) -> None:
    with transaction():
        with pytest.raises(Refusal), act("office.rename", town.office, by=town.coordinator, at=NOW):
            raise Refusal()
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(text("UPDATE office SET short_name = 'x'"))


def test_an_act_within_an_act_names_its_parent_and_each_tells_its_own_changes(town: Town) -> None:
    office, event = town.office, town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    with act("office.rename", office, by=town.coordinator, at=NOW) as outer:
        office.short_name = "x"
        with act("event.rename", event, by=town.coordinator, at=NOW):
            event.title = "二"
        office.seal_text = "y"
    inner, whole = db.session.scalars(select(Act).order_by(Act.id.desc()).limit(2)).all()[::-1]
    assert (inner.name, inner.parent_uid, whole.name, whole.parent_uid) == (
        "event.rename",
        outer.uid,
        "office.rename",
        None,
    )
    assert {c["column"] for c in inner.changes} >= {"title"}
    assert ("seal_text", "", "y") in told(whole)


def test_a_sequence_rises_once_an_act_however_often_the_row_is_written(town: Town) -> None:
    event = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    with act("event.rename", event, by=town.coordinator, at=NOW):
        event.title = "二"
        db.session.flush()
        event.title = "三"
    assert (event.sequence, [t for t in told(last_act()) if t[0] == "title"]) == (
        1,
        [("title", "一", "二"), ("title", "二", "三")],
    )


def test_a_person_belongs_to_no_office_so_the_act_says_at_which_it_was_done(town: Town) -> None:
    with act("person.greet", town.clerk, by=town.coordinator, at=NOW, at_office=town.office.id):
        pass
    with act("person.greet", town.clerk, by=None, at=NOW):
        pass
    found = db.session.scalars(select(Act.office_id).where(Act.name == "person.greet").order_by(Act.id)).all()
    assert found == [town.office.id, None]


def test_a_flush_outside_an_act_is_refused_by_the_program(town: Town) -> None:
    """I20."""
    town.office.short_name = "x"
    with pytest.raises(NoAct):
        db.session.flush()
    db.session.rollback()
    assert town.office.short_name == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE office SET short_name = 'x'",
        "DELETE FROM booking",
        "INSERT INTO office (name) VALUES ('x')",
        "UPDATE person SET name = 'x'",
        "DELETE FROM membership",
    ],
)
def test_a_write_outside_an_act_is_refused_by_the_database(town: Town, statement: str) -> None:
    """I20: whatever program writes."""
    if "booking" in statement:
        _book_something(town)
    with pytest.raises(IntegrityError) as refusal:
        db.session.execute(text(statement))
    db.session.rollback()
    assert "_needs_an_act" in str(refusal.value.orig)


def _book_something(town: Town) -> None:
    from scheduler.timeline.timeline import Take, rebook

    event = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    with act("event.book", event, by=town.coordinator, at=NOW):
        rebook(Take(event, town.room(), "room"))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE act SET reason = 'forged'", "DELETE FROM act", "TRUNCATE act CASCADE", "UPDATE setting SET key = 'x'"],
)
def test_acts_are_append_only(town: Town, statement: str) -> None:
    """I18: the application's role has no right on PostgreSQL, and a trigger refuses even the owner (next test)."""
    if statement.startswith("TRUNCATE") and db.engine.dialect.name == "sqlite":
        statement = "DELETE FROM act"  # SQLite has no other way to empty a table
    if "setting" in statement and db.engine.dialect.name == "sqlite":
        return  # no row, no trigger; on PostgreSQL the right itself is missing
    before = db.session.scalar(text("SELECT count(*) FROM act"))
    db.session.rollback()
    with pytest.raises(DBAPIError) as refusal:
        db.session.execute(text(statement))
    db.session.rollback()
    assert ("permission denied" in str(refusal.value.orig)) is (db.engine.dialect.name == "postgresql")
    assert db.session.scalar(text("SELECT count(*) FROM act WHERE reason <> 'forged'")) == before


def test_not_even_the_owner_of_the_tables_changes_an_act(town: Town) -> None:
    """I18, TRUST finding 5: INSERT OR REPLACE would walk through a delete trigger if it did not fire recursively."""
    from sqlalchemy import create_engine

    from extensions import engine_options, listen

    url = town.app.config["SQLALCHEMY_OWNER_URI"]
    owner = create_engine(url, **engine_options(url))
    listen(owner)
    attempts = ["UPDATE act SET reason = 'forged'", "DELETE FROM act"]
    attempts += (
        ["TRUNCATE act CASCADE"]
        if owner.dialect.name == "postgresql"
        else ["INSERT OR REPLACE INTO act SELECT * FROM act WHERE id = 1"]
    )
    db.session.rollback()
    for attempt in attempts:
        with owner.connect() as connection, pytest.raises(IntegrityError) as refusal:
            connection.execute(text(attempt))
        assert "act_is_append_only" in str(refusal.value.orig)
    owner.dispose()


def test_the_program_itself_may_act(town: Town) -> None:
    event = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    with act("event.rename", event, by=None, at=NOW):
        event.title = "二"
    assert (last_act().actor_id, db.session.get_one(Event, event.id).title) == (None, "二")
    assert db.session.get_one(Office, town.office.id).name == "枫县人民检察院"
