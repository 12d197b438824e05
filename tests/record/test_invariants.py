"""`flask verify-db`: the whole database is asked, and what broke is named."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import create_engine, text

from extensions import db, engine_options, listen
from record.act import act
from record.edge import now
from record.invariants import broken, names
from record.models import Message
from record.notices import Recipient, tells
from scheduler.timeline.timeline import Take, rebook
from tests.town import NOW, Town


@tells("test.tell_clerk")
def the_clerk(stored: object, subject: object) -> list[Recipient]:
    return [Recipient(subject.id, "test/nothing")]  # type: ignore[attr-defined]


def verify(town: Town) -> tuple[int, str]:
    db.session.remove()
    result = town.app.test_cli_runner().invoke(args=["verify-db"])
    return result.exit_code, result.output


def test_a_sound_database_says_how_much_was_checked_and_ends_with_0(town: Town) -> None:
    code, said = verify(town)
    assert (code, said) == (0, f"{len(names())} invariants checked, 0 breaches\n")


def test_what_broke_is_named_by_invariant_and_row_and_the_exit_code_is_1(town: Town) -> None:
    """Only the owner of the tables can break it, and only by taking the guards away."""
    event = town.event("一", "2026-11-25 09:00", "2026-11-25 10:00")
    with act("event.book", event, by=town.coordinator, at=NOW):
        (booking,) = rebook(Take(event, town.room(), "room"))
    key = booking.id
    db.session.remove()
    url = town.app.config["SQLALCHEMY_OWNER_URI"]
    owner = create_engine(url, **engine_options(url))
    listen(owner)
    with owner.begin() as connection:
        if owner.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER booking_needs_an_act_update"))
        else:
            connection.execute(text("ALTER TABLE booking DISABLE TRIGGER booking_needs_an_act_update"))
            connection.execute(text("ALTER TABLE booking DISABLE TRIGGER booking_binds_when_it_should"))
        connection.execute(text("UPDATE booking SET binds = FALSE"))
    owner.dispose()
    code, said = verify(town)
    lines = [line for line in said.splitlines() if not line.endswith("booking_binds_when_it_should")]
    assert (code, lines[:-1]) == (
        1,
        ["I43 every guard stands: booking_needs_an_act_update", f"I47 what should bind binds: booking {key}"],
    )


def test_a_message_that_waits_longer_than_a_day_is_a_breach(town: Town) -> None:
    """I24."""
    clerk = town.clerk
    for age in (timedelta(hours=2), timedelta(hours=26)):
        with act("test.tell_clerk", clerk, by=None, at=now() - age):
            pass
    first, second = db.session.query(Message).order_by(Message.id)
    for message in (first, second):
        message.state = "queued"
    db.session.commit()
    assert [(b.invariant, b.what) for b in broken()] == [
        ("I24 no message waits longer than a day", f"message {second.id}")
    ]


def test_a_question_the_database_cannot_answer_is_a_breach_and_not_a_crash(town: Town) -> None:
    db.session.remove()
    url = town.app.config["SQLALCHEMY_OWNER_URI"]
    owner = create_engine(url, **engine_options(url))
    listen(owner)
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE waiting"))
    owner.dispose()
    code, said = verify(town)
    assert code == 1
    assert [line.split(":")[0] for line in said.splitlines() if "cannot be asked" in line] == [
        "DOMAIN 8.3 a stopped shift ends when it was stopped, and nobody is expected or waits",
        "waiting lists are numbered without gap or double",
    ]
