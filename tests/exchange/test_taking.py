"""Taking a file: what is stored, what stands already, what comes back; all of it or nothing."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts.models import Office, Person
from errors import Refusal
from exchange.actions.taking import Outdated, RowNotStored, TakenMeanwhile, as_shown, take, take_seen
from exchange.differing import Difference, Origin, differences
from exchange.looking import look
from exchange.models import Flag, FlagState, ImportedRow, ImportRun, RefusedRows
from exchange.refused import unpacked
from exchange.taking import Options, Taker
from extensions import UnstorableText, db
from record.act import act, history, transaction
from record.models import Act
from record.sealed import keys
from scheduler.timeline.models import Resource
from tests.exchange import rooms
from tests.exchange.rooms import FILE, HEADER, ROOM_TAKER
from tests.town import NOW

OPTIONS = Options(on=date(2026, 11, 24))
COUNTS = {"rows_total": 6, "taken": 2, "already_there": 2, "flagged": 1, "refused": 2}


def take_rooms(town, content=FILE, at=NOW, by="coordinator"):
    return take(town.office, ROOM_TAKER, content, "rooms.csv", OPTIONS, by=getattr(town, by), at=at)


def rooms_of(office):
    query = select(Resource.name, Resource.seats).where(Resource.office_id == office.id, Resource.kind == "room")
    return [tuple(row) for row in db.session.execute(query.order_by(Resource.id))]


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def open_flags(office):
    where = Flag.office_id == office.id, Flag.state == FlagState.OPEN
    return list(db.session.scalars(select(Flag).where(*where).order_by(Flag.id)))


def test_right_and_flagged_rows_are_stored_and_refused_ones_are_not(town):
    run = take_rooms(town)
    assert run.counts == COUNTS
    assert rooms_of(town.office) == [("听证室", 20), ("二楼会议室", 20), ("一号厅", 20), ("二号厅", 300)]
    assert (run.kind, run.file_name, run.options) == ("rooms", "rooms.csv", {"on": "2026-11-24", "month": ""})
    assert (run.by_id, run.at, run.office_id) == (town.coordinator.id, NOW, town.office.id)


def test_a_file_is_taken_in_one_act_that_holds_the_acts_of_its_rows(town):
    run = take_rooms(town)
    assert history(run) == ["import.take"]
    made = rooms.room("二号厅", town.office)
    assert history(made) == ["room.enter"]
    [flag] = db.session.scalars(select(Flag))
    assert history(flag) == ["flag.raise"]
    taken = db.session.scalars(select(Act).where(Act.name == "import.take")).one()
    inside = db.session.scalars(select(Act.name).where(Act.parent_uid == taken.public_id).order_by(Act.id))
    assert list(inside) == ["room.enter", "room.enter", "flag.raise"]


def test_what_a_row_said_is_kept_sealed_beside_what_it_became(town):
    take_rooms(town)
    [one, two] = db.session.scalars(select(ImportedRow).order_by(ImportedRow.row))
    assert [(one.row, one.subject_table, one.subject_id), (two.row, two.subject_table, two.subject_id)] == [
        (2, "resource", rooms.room("一号厅", town.office).id),
        (3, "resource", rooms.room("二号厅", town.office).id),
    ]
    assert json.loads(one.values) == {"name": "一号厅", "seats": 20, "phone": "17401234567", "remark": None}
    stored = db.session.execute(text('SELECT "values" FROM imported_row')).scalars().all()
    assert not [value for value in stored if "17401234567" in value or "seats" in value]
    history_of_run = db.session.scalars(select(Act.changes)).all()
    assert "17401234567" not in json.dumps(history_of_run)


def test_a_flagged_row_is_stored_and_stands_on_the_work_list(town):
    run = take_rooms(town)
    [flag] = open_flags(town.office)
    assert (flag.run_id, flag.row, flag.column, flag.code, flag.value, flag.about, flag.facts) == (
        run.id,
        3,
        "座位",
        "room_huge",
        "300",
        "二号厅",
        {"line": 100},
    )
    assert (flag.state, flag.subject_table, flag.subject_id) == (
        "open",
        "resource",
        rooms.room("二号厅", town.office).id,
    )
    assert open_flags(town.other_office) == []


def test_the_refused_rows_come_back_as_they_were(town):
    take_rooms(town)
    kept = db.session.scalars(select(RefusedRows)).one()
    assert b"17407654321" not in kept.content
    judged, kind = unpacked(keys().cipher.decrypt(kept.content), rooms.ROOMS)
    assert kind == "csv"
    assert [(row.number, row.cells, [f.code for f in row.findings]) for row in judged.refused_rows] == [
        (4, ("三号厅", "若干"), ["number_unreadable"]),
        (7, ("=1+1", "很多", "17407654321", "坏"), ["number_unreadable"]),
    ]


def test_a_file_taken_again_stores_nothing_and_differs_in_nothing(town):
    take_rooms(town)
    before = rooms_of(town.office)
    run = take_rooms(town, at=NOW + timedelta(hours=1))
    assert run.counts == {"rows_total": 6, "taken": 0, "already_there": 4, "flagged": 0, "refused": 2}
    assert rooms_of(town.office) == before
    assert count(ImportedRow) == 2
    assert count(Flag) == 1
    assert differences(look(town.office, ROOM_TAKER, FILE, OPTIONS)) == []


def test_the_same_file_is_another_matter_in_another_office(town):
    take_rooms(town)
    run = take(town.other_office, ROOM_TAKER, FILE, "rooms.csv", OPTIONS, by=town.neighbour("coordinator"), at=NOW)
    assert run.counts == COUNTS
    assert [name for name, _ in rooms_of(town.other_office)] == ["听证室", "二楼会议室", "一号厅", "二号厅"]


def test_what_a_person_changed_since_is_not_overwritten_but_listed_with_who_and_when(town):
    take_rooms(town)
    later = NOW + timedelta(days=1)
    rooms.widen(rooms.room("一号厅", town.office), 25, town.clerk, later)
    take_rooms(town, at=later + timedelta(hours=1))
    assert rooms.room("一号厅", town.office).seats == 25
    assert differences(look(town.office, ROOM_TAKER, FILE, OPTIONS)) == [
        Difference(2, "seats", "座位", "25", "20", Origin.CHANGED_HERE, "褚书记", later),
    ]


def test_a_newer_file_changes_nothing_and_is_told_from_a_change_made_here(town):
    take_rooms(town)
    newer = (HEADER + "一号厅,30,,\n二号厅,300,,\n听证室,40,,\n").encode()
    take_rooms(town, newer)
    assert rooms.room("一号厅", town.office).seats == 20
    assert differences(look(town.office, ROOM_TAKER, newer, OPTIONS)) == [
        Difference(2, "seats", "座位", "20", "30", Origin.FILE_NEWER),
        Difference(4, "seats", "座位", "20", "40", Origin.ENTERED_HERE),
    ]
    later = NOW + timedelta(days=1)
    rooms.widen(rooms.room("一号厅", town.office), 25, town.clerk, later)
    [first, _] = differences(look(town.office, ROOM_TAKER, newer, OPTIONS))
    assert first == Difference(2, "seats", "座位", "25", "30", Origin.BOTH, "褚书记", later)


def test_a_row_that_was_renamed_here_is_not_stored_a_second_time(town):
    take_rooms(town)
    made = rooms.room("一号厅", town.office)
    later = NOW + timedelta(days=1)
    with act("room.correct", made, by=town.clerk, at=later):
        made.name = "大厅"
    run = take_rooms(town, at=later)
    assert run.counts["taken"] == 0
    assert differences(look(town.office, ROOM_TAKER, FILE, OPTIONS)) == [
        Difference(2, "name", "名称", "", "一号厅", Origin.GONE, "褚书记", later)
    ]


def test_a_difference_in_a_personal_column_is_masked(town):
    take_rooms(town)

    def with_phone(row, office):
        return {"phone": "17409999999"}

    taker = Taker("rooms", "Rooms", rooms.ROOMS, ROOM_TAKER.permission, rooms.context, rooms.store, with_phone)
    [first, *_] = differences(look(town.office, taker, FILE, OPTIONS))
    assert (first.stored, first.in_file) == ("1740***9999", "1740***4567")


class Full(Refusal):
    code = "full"
    message = "There are %(n)s rooms already."


def test_one_row_that_cannot_be_stored_keeps_all_from_being_stored(town):
    def store(row, office, by, at):
        if row.number == 3:
            raise Full(n=3)
        return rooms.store(row, office, by, at)

    taker = Taker("rooms", "Rooms", rooms.ROOMS, ROOM_TAKER.permission, rooms.context, store, rooms.current)
    with pytest.raises(RowNotStored) as refusal:
        take(town.office, taker, FILE, "rooms.csv", OPTIONS, by=town.coordinator, at=NOW)
    assert (refusal.value.row, str(refusal.value.why)) == (3, "There are 3 rooms already.")
    assert rooms_of(town.office) == [("听证室", 20), ("二楼会议室", 20)]
    assert [count(model) for model in (ImportRun, ImportedRow, Flag, RefusedRows)] == [0, 0, 0, 0]


def test_a_cell_no_database_may_hold_comes_back_or_is_kept_without_its_sign(town):
    content = (HEADER + "\u202e厅甲,10,,\n厅乙\x00,10,,\n厅丙,500\u202e,,大\n𠮷厅👨‍👩‍👧,12,,阿依夏木·买买提\n").encode()
    run = take_rooms(town, content)
    assert run.counts == {"rows_total": 4, "taken": 3, "already_there": 0, "flagged": 1, "refused": 1}
    names = [name for name, _ in rooms_of(town.office)]
    assert names == ["听证室", "二楼会议室", "厅甲", "厅丙", "𠮷厅👨‍👩‍👧"]
    [flag] = open_flags(town.office)
    assert flag.value == "500"


def test_an_unstorable_text_of_a_domain_names_its_row(town):
    def store(row, office, by, at):
        raise UnstorableText()

    taker = Taker("rooms", "Rooms", rooms.ROOMS, ROOM_TAKER.permission, rooms.context, store, rooms.current)
    with pytest.raises(RowNotStored) as refusal:
        take(town.office, taker, FILE, "rooms.csv", OPTIONS, by=town.coordinator, at=NOW)
    assert refusal.value.row == 2


def test_a_take_of_what_was_shown_otherwise_is_refused(town):
    with pytest.raises(Outdated) as refusal:
        take_seen(
            town.office,
            ROOM_TAKER,
            FILE,
            file_name="rooms.csv",
            options=OPTIONS,
            by=town.coordinator,
            at=NOW,
            check=as_shown(5),
        )
    assert refusal.value.taken == 2
    assert count(ImportRun) == 0


def test_an_imported_row_needs_an_act_and_stands_once(town):
    take_rooms(town)
    with pytest.raises(DBAPIError, match="imported_row_needs_an_act"), transaction():
        db.session.execute(text("UPDATE imported_row SET row = 9"))
    [one, _] = db.session.scalars(select(ImportedRow))
    columns = ("run_id", "office_id", "kind", "row", "identity_hash", "values", "subject_table", "subject_id")
    double = ImportedRow(**{name: getattr(one, name) for name in columns})
    with pytest.raises(IntegrityError), act("import.take", one.run, by=None, at=NOW):
        db.session.add(double)


def test_two_people_who_take_the_same_file_at_once_store_it_once(app, town):
    office_id, people = town.office.id, [town.coordinator.id, town.case_management.id]
    db.session.remove()
    gate = threading.Barrier(2)
    outcomes = []

    def run(person_id):
        with app.app_context():
            office, by = db.session.get(Office, office_id), db.session.get(Person, person_id)
            db.session.rollback()
            gate.wait()
            try:
                outcomes.append(take(office, ROOM_TAKER, FILE, "rooms.csv", OPTIONS, by=by, at=NOW).counts["taken"])
            except (TakenMeanwhile, DBAPIError) as late:
                outcomes.append(type(late).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [0, 2]
    assert [name for name, _ in rooms_of(town.office)] == ["听证室", "二楼会议室", "一号厅", "二号厅"]
    assert count(ImportedRow) == 2
