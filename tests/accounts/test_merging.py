"""Merging two rows of one person: what moves, what is refused, what can never happen again (SETTLED 16)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from accounts.access import Viewer
from accounts.actions.delegation import delegate
from accounts.actions.following import MergeRefused, moving
from accounts.actions.memberships import appoint
from accounts.actions.merging import NotKeptHere, SamePerson, merge_people, plan_merge
from accounts.actions.people import correct_person, enter_person, give_membership
from accounts.models import Account, Membership, Person, PersonSession
from extensions import db
from record.act import act, history
from record.guards import is_append_only
from record.models import Act
from scheduler.timeline import waiting
from scheduler.timeline.models import Absence, Booking, Quota, Waiting
from scheduler.timeline.timeline import Take, rebook, resource_of
from tests.accounts.crowd import ID, OTHER_ID, PHONE, names_in, text_of
from tests.town import NOW, Town

TODAY = date(2026, 11, 24)


def row(town: Town, name: str = "李小明", role: str = "volunteer", **facts: str) -> Person:
    person = enter_person({"name": name, **facts}, town.office, by=town.coordinator, at=NOW)
    home = next((m.organisation for m in town.traffic_officer.memberships), None) if role == "traffic_officer" else None
    appoint(person, town.office, role, starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW, organisation=home)
    return person


def merge(town: Town, kept: Person, other: Person, **more: Any) -> None:
    merge_people(kept, other, town.office, **{"by": town.coordinator, "at": NOW, "reason": "同一人", **more})


def book(town: Town, person: Person, starts: str, ends: str, title: str = "班次", role: str = "volunteer") -> Booking:
    event = town.event(title, starts, ends)
    with act("event.book", event, by=town.coordinator, at=NOW):
        (booking,) = rebook(Take(event, resource_of(person), role))
    return booking


def test_everything_that_may_change_moves_and_keeps_its_id(town: Town) -> None:
    kept, other = row(town, phone=PHONE), row(town, "李晓明", "hearing_officer", email="li@example.com")
    mine = book(town, kept, "2026-11-25 09:00", "2026-11-25 10:00")
    theirs = book(town, other, "2026-11-25 10:00", "2026-11-25 11:00")
    past = book(town, other, "2026-10-01 10:00", "2026-10-01 11:00", role="contact")
    membership = other.memberships[0].id
    merge(town, kept, other)
    assert [(b.id, b.resource.person_id, b.binds) for b in (mine, theirs, past)] == [
        (mine.id, kept.id, True),
        (theirs.id, kept.id, True),
        (past.id, kept.id, False),
    ]
    assert db.session.get_one(Membership, membership).person_id == kept.id
    assert (kept.phone, kept.email, other.merged_into_id) == (PHONE, "li@example.com", kept.id)
    assert history(kept) == ["person.enter", "person.merge"]
    assert history(other) == ["person.enter", "person.yield"]


def test_a_row_that_alone_was_on_the_timeline_hands_its_place_over_whole(town: Town) -> None:
    kept, other = row(town), row(town)
    booking = book(town, other, "2026-11-25 10:00", "2026-11-25 11:00")
    merge(town, kept, other)
    assert (booking.resource.person_id, booking.resource.name, booking.binds) == (kept.id, kept.name, True)


def test_overlapping_bookings_are_named_and_refused_and_nothing_moves(town: Town) -> None:
    kept, other = row(town), row(town)
    book(town, kept, "2026-11-25 09:00", "2026-11-25 10:30", "甲班")
    theirs = book(town, other, "2026-11-25 10:00", "2026-11-25 11:00", "乙班")
    book(town, other, "2026-11-26 10:00", "2026-11-26 11:00", "丙班")
    with pytest.raises(MergeRefused) as refusal:
        merge(town, kept, other)
    assert [(o.facts["one"], o.facts["two"]) for o in refusal.value.obstacles] == [("甲班", "乙班")]
    db.session.expire_all()
    assert (other.merged_into_id, theirs.resource.person_id, history(kept)) == (None, other.id, ["person.enter"])


def test_what_is_taken_elsewhere_is_told_without_its_name(town: Town) -> None:
    """T35."""
    kept, other = row(town), row(town)
    give_membership(kept, town.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    event = town.event("邻县机密", "2026-11-25 09:00", "2026-11-25 12:00", town.other_office)
    with act("event.book", event, by=None, at=NOW):
        rebook(Take(event, resource_of(kept), "duty_lawyer"))
    book(town, other, "2026-11-25 10:00", "2026-11-25 11:00", "乙班")
    paths = f"/people/{kept.public_id}/merging", {"other": str(other.public_id), "reason": "同一人"}
    browser = town.browser(town.coordinator)
    for page in (browser.get(paths[0], query_string=paths[1]), browser.post(*paths)):
        said = page.get_data(as_text=True)
        assert ("乙班" in said, "机密" in said, "邻" in said) == (True, False, False)


def test_waiting_lists_and_absences_move_and_a_place_held_twice_is_refused(town: Town) -> None:
    kept, other = row(town), row(town)
    event = town.event("班次", "2026-12-01 09:00", "2026-12-01 10:00")
    quota = Quota(event_id=event.id, office_id=town.office.id, role="volunteer", capacity=0)
    absence_event = town.event("请假", "2026-12-02 09:00", "2026-12-02 10:00", kind="absence")
    absence = Absence(event_id=absence_event.id, office_id=town.office.id, person_id=other.id)
    with act("event.plan", event, by=None, at=NOW):
        db.session.add_all([quota, absence])
        db.session.flush()
        first = waiting.join(quota, resource_of(other), NOW)
    merge(town, kept, other)
    assert (absence.person_id, first.resource.person_id) == (kept.id, kept.id)
    third = row(town)
    with act("event.plan", event, by=None, at=NOW):
        waiting.join(quota, resource_of(third), NOW)
    with pytest.raises(MergeRefused) as refusal:
        merge(town, kept, third)
    assert len(refusal.value.obstacles) == 1
    assert len(db.session.scalars(select(Waiting)).all()) == 2


def test_two_id_numbers_are_two_people(town: Town) -> None:
    kept, other = row(town, id_number=ID), row(town, id_number=OTHER_ID)
    with pytest.raises(MergeRefused):
        merge(town, kept, other)


def test_an_id_number_goes_over_and_still_finds_its_person(town: Town) -> None:
    kept, other = row(town), row(town, id_number=ID)
    merge(town, kept, other)
    assert (kept.id_number, other.id_number, kept.sex, kept.birth_on) == (ID, None, "female", date(1949, 12, 31))
    assert enter_person({"name": "李小明", "id_number": ID}, town.office, by=None, at=NOW) is kept
    assert names_in(town.browser(town.coordinator).get(f"/people?q={ID}")) == ["李小明"]


def test_of_two_roles_alike_the_earlier_beginning_stays(town: Town) -> None:
    kept, other = row(town), row(town)
    with act("membership.correct", other.memberships[0], by=None, at=NOW):
        other.memberships[0].starts_on = date(2025, 6, 1)
    merge(town, kept, other)
    assert [(m.role, m.starts_on, m.ends_on) for m in kept.memberships] == [("volunteer", date(2025, 6, 1), None)]
    assert [(m.role, m.starts_on, m.ends_on) for m in other.memberships] == [("volunteer", date(2025, 6, 1), TODAY)]


def test_the_row_that_went_can_never_be_booked_given_a_role_or_signed_in(town: Town) -> None:
    kept, other = row(town), row(town)
    book(town, kept, "2026-11-25 09:00", "2026-11-25 10:00")
    book(town, other, "2026-11-25 10:00", "2026-11-25 11:00")
    account = Account(person_id=other.id, username="double", fs_uniquifier="double")
    db.session.add(account)
    merge(town, kept, other)
    assert account.active is False
    event = town.event("会议", "2026-12-25 09:00", "2026-12-25 10:00")
    with pytest.raises(IntegrityError, match="booking_of_nobody_merged"), act("event.book", event, by=None, at=NOW):
        db.session.execute(
            text(
                "INSERT INTO booking (public_id, event_id, office_id, resource_id, role, status, starts_at, ends_at, "
                "buffer_before, buffer_after, binds) SELECT :uid, e.id, e.office_id, r.id, 'chair', 'accepted', "
                "e.starts_at, e.ends_at, 0, 0, :yes FROM event e, resource r "
                "WHERE e.id = :event AND r.person_id = :person"
            ),
            {"uid": "0" * 32, "event": event.id, "person": other.id, "yes": True},
        )
    db.session.rollback()
    with pytest.raises(IntegrityError, match="membership_of_nobody_merged"):
        give_membership(other, town.office, "lawyer", starts_on=TODAY, by=None, at=NOW)
    db.session.rollback()
    account_id = db.session.scalars(select(Account.id).where(Account.username == "double")).one()
    opened = {"opened_at": NOW, "last_seen_at": NOW, "fresh_at": NOW, "expires_at": NOW}
    db.session.add(PersonSession(account_id=account_id, kind="field", token_hash="x", **opened))
    with pytest.raises(IntegrityError, match="session_of_nobody_merged"):
        db.session.flush()
    db.session.rollback()


def test_a_booking_goes_to_no_other_resource_than_the_merged_ones(town: Town) -> None:
    kept, other = row(town), row(town)
    booking = book(town, other, "2026-11-25 10:00", "2026-11-25 11:00")
    book(town, kept, "2026-11-25 09:00", "2026-11-25 10:00")
    resource_id = resource_of(kept).id
    fixed = pytest.raises(IntegrityError, match="booking_keeps_its_event_and_role")
    with fixed, act("event.book", booking.event, by=None, at=NOW):
        booking.resource_id = resource_id
        db.session.flush()


def test_a_merge_never_hands_on_what_the_merging_person_could_not_give(town: Town) -> None:
    """T1: a row of one's own making must not become a colleague of another office, or a chief."""
    mine = row(town, id_number=ID)
    prosecutor = town.prosecutor
    with pytest.raises(NotKeptHere):
        merge(town, mine, prosecutor)
    elsewhere = row(town)
    give_membership(elsewhere, town.other_office, "squad_leader", starts_on=TODAY, by=None, at=NOW)
    with pytest.raises(NotKeptHere):
        merge(town, mine, elsewhere)
    correct_person(mine, {"phone": PHONE}, by=town.coordinator, at=NOW, office=town.office)
    merge(town, elsewhere, mine)
    assert (elsewhere.phone, elsewhere.id_number) == (None, None)
    assert enter_person({"name": "李小明", "id_number": ID}, town.office, by=None, at=NOW) is elsewhere


def test_a_row_is_not_merged_with_itself_nor_twice(town: Town) -> None:
    kept, other = row(town), row(town)
    with pytest.raises(SamePerson):
        merge(town, kept, kept)
    merge(town, kept, other)
    with pytest.raises(SamePerson):
        merge(town, row(town), other)


def test_a_chain_of_merges_ends_at_the_row_that_stays(town: Town) -> None:
    first, second, third = row(town), row(town), row(town, id_number=ID)
    merge(town, second, third)
    merge(town, first, second)
    assert [p.merged_into_id for p in (second, third)] == [first.id, first.id]


def test_two_who_act_towards_each_other_are_not_one(town: Town) -> None:
    """A CHECK says that a delegation has two people; it is found before the database has to."""
    delegation = delegate(
        town.office, town.deputy_chief, TODAY, date(2026, 12, 1), by=town.chief, at=NOW, on=TODAY, reason="x"
    )
    plan = plan_merge(delegation.from_person, delegation.to_person, Viewer(town.coordinator, TODAY))
    assert [o.message for o in plan.obstacles] == ["One of them faces the other in: %(what)s."]


def test_every_column_that_names_a_person_moves_but_those_that_say_who_he_signed_in_as(town: Town) -> None:
    """No package can be forgotten: what moves is read from the tables."""
    named = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    moves = {f"{model.__tablename__}.{column.name}" for model, column in moving(Person)}
    stays = {"account.person_id", "resource.person_id", "act.actor_id", "setting.set_by_id"}
    stays |= {"enrolment.person_id", "enrolment.issued_by_id"}
    assert moves | stays >= {n for n in named if n.split(".")[0] in {s.split(".")[0] for s in stays} | {"membership"}}
    assert moves & stays == set()
    assert {"membership.person_id", "delegation.to_person_id", "hand_over.from_person_id", "absence.person_id"} <= moves


def test_every_key_that_carries_a_person_lets_him_go_to_another_row(town: Town) -> None:
    """A key of several columns that names a row and its person would hold the row where it is, if it did not follow."""
    moves = {column for _, column in moving(Person)}
    holding = {
        f"{table.name} → {constraint.referred_table.name}"
        for table in db.metadata.tables.values()
        for constraint in table.foreign_key_constraints
        if len(constraint.elements) > 1 and {element.column for element in constraint.elements} & moves
        if constraint.onupdate != "CASCADE" or is_append_only(table.name)
    }
    assert holding == set()
    direct = {column for column in moves if any(key.column.table.name == "person" for key in column.foreign_keys)}
    carried = {f"{column.table.name}.{column.name}" for column in moves - direct}
    assert carried == {"confirmation.person_id", "confirmation.by_id", "correction.person_id"}


# The pages


def test_both_rows_stand_side_by_side_and_the_merge_needs_a_reason(town: Town) -> None:
    kept, other = row(town, phone=PHONE), row(town, "李晓明", phone="17400009999")
    booking = book(town, other, "2026-11-25 10:00", "2026-11-25 11:00").id
    kept_id, other_id, path = kept.id, other.public_id, f"/people/{kept.public_id}"
    browser = town.browser(town.coordinator)
    page = text_of(browser.get(f"{path}/merging?other={other_id}"))
    assert [word in page for word in ("李小明", "李晓明", "174****0123", "174****9999", PHONE)] == [True] * 4 + [False]
    assert browser.post(f"{path}/merging", {"other": str(other_id), "reason": ""}).status_code == 422
    assert browser.post(f"{path}/merging", {"other": str(other_id), "reason": "同一人"}).status_code == 303
    assert db.session.get_one(Booking, booking).resource.person_id == kept_id
    assert names_in(browser.get("/people?q=李")) == ["李小明"]
    moved = browser.get(f"/people/{other_id}")
    assert (moved.status_code, moved.headers["Location"]) == (301, path)
    kept_page = text_of(browser.get(path))
    assert kept_page.count("周协调") >= 3


def test_the_history_of_the_merged_row_is_read_through_the_one_that_stays(town: Town) -> None:
    kept, other = row(town), row(town, "李晓明")
    correct_person(other, {"language": "en"}, by=town.chief, at=NOW, reason="曾用语言", office=town.office)
    merge(town, kept, other)
    assert db.session.scalars(
        select(Act.reason).where(Act.subject_id == other.id, Act.name == "person.correct")
    ).all() == ["曾用语言"]
    path = f"/people/{kept.public_id}"
    assert "曾用语言" in text_of(town.browser(town.coordinator).get(path))


def test_alike_rows_are_pointed_out(town: Town) -> None:
    kept, other = row(town, phone=PHONE), row(town, "别名", phone=PHONE)
    other_id, stranger = other.public_id, row(town, "路人").public_id
    path = f"/people/{kept.public_id}"
    page = town.browser(town.coordinator).get(path).get_data(as_text=True)
    assert (f"other={other_id}" in page, f"other={stranger}" in page) == (True, False)


def test_a_squad_leader_merges_within_his_squad_and_others_do_not_merge(town: Town) -> None:
    kept, other = row(town, "朱一", "traffic_officer"), row(town, "朱二", "traffic_officer")
    volunteer = row(town).public_id
    path, sent = f"/people/{kept.public_id}/merging", {"other": str(other.public_id), "reason": "同一人"}
    for role in ("chief", "prosecutor", "case_management", "legal_aid_contact", "system_admin", "volunteer"):
        assert town.browser(getattr(town, role)).post(path, sent).status_code in {403, 404}
    assert town.browser(town.neighbour("coordinator")).post(path, sent).status_code == 404
    browser = town.browser(town.squad_leader)
    assert browser.post(path, {**sent, "other": str(volunteer)}).status_code == 404
    assert browser.post(path, sent).status_code == 303
