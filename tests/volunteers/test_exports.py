"""Service for the national system and the board as a sheet: each line once, safe cells, who took it (V-03, V-05)."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from accounts.access import Viewer, may
from accounts.actions.hand_over import hand_over
from accounts.actions.people import enter_person, give_membership
from cases.actions.reassigning import reassign_case
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Act
from tests.examples import assessment
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.test_ending import serve
from volunteers.actions.booking import book
from volunteers.actions.corrections import Grounds, approve, propose
from volunteers.actions.exports import NothingToExport, count_unsynced, download, export
from volunteers.models.assessment import Assessment
from volunteers.models.exports import ServiceExport, Synced
from volunteers.models.ledger import CreditEntry
from volunteers.rights import EXPORT_NAMES, SEE_ASSESSMENT

HEADERS = "姓名 身份证号（已遮盖） 活动名称 日期 时间 地点 服务对象 服务内容 服务分钟 组织单位 负责人"


def served(crossing: Crossing, day: int, *people: Any) -> None:
    shift = crossing.shift(date(2026, 11, day), post=crossing.post(f"路口{day}"))
    for person in people:
        book(shift, person, person, NOW)
    serve(crossing, shift)


def viewer(town: Town, role: str = "coordinator") -> Viewer:
    return Viewer(getattr(town, role), date(2026, 11, 26))


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def test_each_line_is_handed_over_once_and_can_be_downloaded_again(crossing: Crossing) -> None:
    """V-05: every field; the ID number masked; a name that looks like a formula stays a name (T18)."""
    town, person = crossing.town, crossing.person(name="=1+1")
    served(crossing, 25, person)
    assert count_unsynced(viewer(town), town.office) == 1
    first = export(viewer(town), town.office, town.coordinator, NOW, "按月录入")
    number = str(person.id_number)
    masked = number[:4] + "*" * 10 + number[-4:]
    line = ["'=1+1", masked, "交通志愿服务", "2026-11-25", "07:30-09:00", "路口25", "社会公众", "路口交通劝导", "90"]
    content = download(first, "csv", town.coordinator, NOW, "按月录入")
    assert read(content) == [HEADERS.split(), [*line, "一中队", "朱交警"]]
    with pytest.raises(NothingToExport):
        export(viewer(town), town.office, town.coordinator, NOW, "再来")
    served(crossing, 26, person)
    second = export(viewer(town), town.office, town.coordinator, NOW, "按月录入")
    assert [row[3] for row in read(download(second, "csv", town.chief, NOW, "核对"))[1:]] == ["2026-11-26"]
    assert download(first, "csv", town.chief, NOW, "核对") == content
    sheet = load_workbook(BytesIO(download(first, "xlsx", town.chief, NOW, "核对"))).active
    assert sheet is not None and [cell.value for cell in sheet[2]][:2] == ["=1+1", masked]
    assert {cell.data_type for row in sheet for cell in row if cell.column_letter != "I"} == {"s"}
    assert history(first) == ["service_export.take", *["service_export.download"] * 3]
    assert broken() == []


def parts(content: bytes) -> dict[str, str]:
    """What a workbook holds: cells, and what its properties say of who made it."""
    with ZipFile(BytesIO(content)) as file:
        return {name: file.read(name).decode("utf-8", "replace") for name in file.namelist()}


def test_the_masked_file_holds_no_number_in_full_and_neither_names_who_took_it(crossing: Crossing) -> None:
    """V-13; T36: nor do its properties name anybody."""
    town, people = crossing.town, [crossing.person() for _ in range(2)]
    served(crossing, 25, *people)
    row = export(viewer(town), town.office, town.coordinator, NOW, "按月录入，周协调")
    secrets = [str(fact) for one in people for fact in (one.id_number, one.phone)]
    secrets += ["周协调", "coordinator", *(one.case.number for one in all_of(Assessment))]
    for in_full in (None, viewer(town)):
        sheet = parts(download(row, "xlsx", town.coordinator, NOW, "…", in_full))
        text = "".join(sheet.values()) + download(row, "csv", town.coordinator, NOW, "…", in_full).decode()
        leaked = {secret for secret in secrets if secret in text}
        assert leaked == (set() if in_full is None else {str(one.id_number) for one in people})
        assert {"docProps/core.xml", "docProps/app.xml"} <= set(sheet)
        properties = sheet["docProps/core.xml"] + sheet["docProps/app.xml"]
        assert not [one.name for one in (*people, town.coordinator, town.traffic_officer) if one.name in properties]


def test_numbers_in_full_are_acts_that_say_of_how_many_and_that_each_person_can_read(crossing: Crossing) -> None:
    """Only what the office has entered itself (I34), and only whom the viewer may unmask."""
    town, people = crossing.town, [crossing.person() for _ in range(3)]
    served(crossing, 25, *people)
    with act("person.correct", people[2], by=None, at=NOW, at_office=town.office.id):
        people[2].id_number = None
    _, theirs, _ = all_of(Assessment)
    reassign_case(theirs.case, town.deputy_chief, town.chief, NOW, "人员调整")
    row = export(viewer(town), town.office, town.coordinator, NOW, "按月录入")

    def numbers(role: str) -> list[str]:
        content = download(row, "csv", getattr(town, role), NOW, "录入全国系统", viewer(town, role))
        return [line[1] for line in read(content)[1:]]

    first, second = (str(one.id_number) for one in people[:2])
    assert numbers("coordinator") == [first, second, ""]
    assert numbers("prosecutor") == [first, f"{second[:4]}{'*' * 10}{second[-4:]}", ""]
    assert read(download(row, "csv", town.chief, NOW, "…", viewer(town, "chief")))[0][1] == "身份证号"
    told = db.session.query(Act).filter_by(name="service_export.disclose").order_by(Act.id)
    assert [[change["to"] for change in one.changes] for one in told] == [[3, 2], [3, 1], [3, 2]]
    seen = db.session.query(Act).filter_by(name="person.unmask", subject_id=people[0].id).order_by(Act.id)
    first_look = seen[0]
    assert (first_look.actor_id, first_look.reason) == (town.coordinator.id, "录入全国系统")
    assert (seen.count(), history(row)) == (3, ["service_export.take", *["service_export.disclose"] * 3])
    assert broken() == []


def reverse(town: Town, entry: CreditEntry) -> None:
    """Take a credit back, as two people do."""
    grounds = Grounds("it was somebody else", "other", "camera of the crossing")
    made = propose(entry.attendance, None, grounds, town.coordinator, entry.credited_at)
    approve(made, town.squad_leader, entry.credited_at, "seen")


def test_what_was_taken_back_before_is_left_out_and_afterwards_is_a_line_of_its_own(crossing: Crossing) -> None:
    town, person = crossing.town, crossing.person()
    served(crossing, 25, person)
    reverse(town, all_of(CreditEntry)[0])
    assert count_unsynced(viewer(town), town.office) == 0
    served(crossing, 26, person)
    first = export(viewer(town), town.office, town.coordinator, NOW, "…")
    reverse(town, all_of(CreditEntry)[-1])
    second = export(viewer(town), town.office, town.coordinator, NOW, "…")
    minutes = [[row[8] for row in read(download(one, "csv", town.chief, NOW, "…"))[1:]] for one in (first, second)]
    assert minutes == [["90"], ["-90"]]
    in_charge = [read(download(one, "csv", town.chief, NOW, "…"))[1][10] for one in (first, second)]
    assert in_charge == ["朱交警", "朱交警"]  # who approved the correction stands in no such file


def test_a_line_stands_in_one_file_and_stays_there(crossing: Crossing) -> None:
    town = crossing.town
    served(crossing, 25, crossing.person())
    row = export(viewer(town), town.office, town.coordinator, NOW, "…")
    with pytest.raises(IntegrityError), act("synced.cheat", row, by=None, at=NOW):
        db.session.add(Synced(entry_id=row.lines[0].entry_id, export_id=row.id))
        db.session.flush()
    db.session.rollback()
    with pytest.raises(Exception, match=r"append_only|permission denied"), act("x.cheat", row, by=None, at=NOW):
        db.session.execute(update(ServiceExport).values(count=2))
    db.session.rollback()


def test_a_prosecutor_takes_his_own_cases_and_another_office_nothing(crossing: Crossing) -> None:
    town = crossing.town
    served(crossing, 25, crossing.person(), crossing.person())
    _, theirs = all_of(Assessment)
    reassign_case(theirs.case, town.deputy_chief, town.chief, NOW, "人员调整")
    assert count_unsynced(viewer(town), town.office) == 2
    assert count_unsynced(viewer(town, "prosecutor"), town.office) == 1
    assert count_unsynced(Viewer(town.neighbour("coordinator"), date(2026, 11, 26)), town.office) == 0
    assert count_unsynced(viewer(town, "squad_leader"), town.office) == 0


def test_a_hand_over_at_one_office_shows_neither_people_nor_exports_of_another(town: Town) -> None:
    """The same prosecutor assesses at both, and has taken exports at both."""
    offices, day = (town.office, town.other_office), NOW.date()
    to = enter_person({"name": "邹检察"}, town.office, by=None, at=NOW)
    rows: dict[Any, list[Any]] = {Assessment: [], ServiceExport: []}
    for office in offices:
        give_membership(to, office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
        if office is not town.office:
            give_membership(town.prosecutor, office, "prosecutor", starts_on=date(2026, 1, 1), by=None, at=NOW)
        person, taken = assessment(town, office), ServiceExport(office_id=office.id, at=NOW, count=1)
        taken.by_id = town.prosecutor.id
        with act("assessment.reassign", person, by=town.chief, at=NOW):
            person.prosecutor_id = town.prosecutor.id
        with act("service_export.take", taken, by=town.prosecutor, at=NOW):
            db.session.add(taken)
        rows[Assessment].append(person)
        rows[ServiceExport].append(taken)

    def seen() -> list[list[Any]]:
        asked = ((Assessment, SEE_ASSESSMENT), (ServiceExport, EXPORT_NAMES))
        return [[row for row in rows[model] if may(Viewer(to, day), name, row)] for model, name in asked]

    assert seen() == [[], []]
    hand_over(town.office, "prosecutor", to, day, day, by=town.prosecutor, at=NOW, on=day)
    assert seen() == [rows[Assessment][:1], rows[ServiceExport][:1]]


def test_the_pages_ask_for_a_reason_and_the_board_is_masked_for_whoever_may_not(crossing: Crossing) -> None:
    town, name = crossing.town, "孙大山"
    person = crossing.person(name=name)
    served(crossing, 25, person)
    number = str(person.id_number)
    desk = town.browser(town.coordinator)
    assert desk.get("/service-exports").status_code == 200
    assert desk.post("/service-exports", {"reason": ""}).status_code == 422
    assert all_of(ServiceExport) == []
    marked = desk.post("/service-exports", {"reason": "按月录入"})
    again = f"/service-exports/{all_of(ServiceExport)[0].public_id}"
    assert (marked.status_code, marked.headers["Location"]) == (303, again)
    page = desk.get(again).text
    assert "1 line is handed over" in page and 'value="按月录入"' in page
    assert "0 lines have not been handed over yet" in desk.get("/service-exports").text
    taken = desk.post(again, {"form": "csv", "numbers": "masked", "reason": "按月录入"})
    assert (taken.status_code, taken.mimetype) == (200, "text/csv") and name in taken.data.decode()
    assert number not in taken.data.decode()
    assert desk.post(again, {"form": "xlsx", "numbers": "in_full", "reason": ""}).status_code == 422
    assert number in desk.post(again, {"form": "csv", "numbers": "in_full", "reason": "核对"}).data.decode()
    named = desk.post("/assessments/board/export", {"form": "csv", "reason": "周会"})
    assert name in named.data.decode()
    assert db.session.query(Act).filter_by(name="office.export_board").one().reason == "周会"
    deputy = town.browser(town.person("冯副检"))
    sheet = load_workbook(BytesIO(deputy.get("/assessments/board/sheet").data)).active
    assert sheet is not None and name not in str([cell.value for row in sheet for cell in row])
    figures = [(cell.value, cell.data_type) for cell in sheet[2]][2:8]
    assert figures == [(1.5, "n"), (20, "n"), (0, "n"), (0, "n"), (18.5, "n"), (3, "n")]
    assert deputy.get("/assessments/board/export").status_code == 403
    for other, status in (("秦队长", 403), ("何志愿", 403), ("蒋检查", 403)):
        assert town.browser(town.person(other)).get("/service-exports").status_code == status
