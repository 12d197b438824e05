"""The register of duty lawyers: taken from lawyers.xlsx, kept by hand (Walk 2)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from accounts.models import Membership, Organisation
from exchange.judging import judge
from exchange.reading import read_table
from exchange.taking import Options
from extensions import db
from lawyers.actions.register import (
    ShareImpossible,
    context_of,
    current_lawyer,
    keep_lawyer,
    record_leave,
    store_lawyer,
)
from lawyers.models import LawyerEntry
from lawyers.rules.pattern import PatternUnknown
from lawyers.rules.register import REGISTER
from record.act import act, history, transaction
from scheduler.actions.absence import HitsUnseen
from scheduler.timeline import timeline
from scheduler.timeline.timeline import Take
from tests.lawyers.conftest import FILE, ON, judged_file
from tests.queries import queries_of
from tests.town import NOW, Town

_FILE = (
    "曹霞 李文秀 高刚 马明 胡晓东 萧志强 徐艳 王伟 刘建国 郭杰 沙建国 张雨桐 胡敏 张国庆 王艳 马涛 曹志强 萧应兰 "
    "于霞 许刚 沈秀兰 曾海燕 徐丽华 周军 马雨桐 彭晓东"
)
NAMES = _FILE.split()
FIRMS = ["枫县丁山律师事务所", "枫县丙泉律师事务所", "枫县乙禾律师事务所", "枫县法律援助中心", "枫县甲木律师事务所"]


def entry_of(entries: list[LawyerEntry], name: str) -> LawyerEntry:
    return next(entry for entry in entries if entry.name == name)


def test_twenty_six_lawyers_are_taken_one_is_there_already_one_is_flagged(town: Town) -> None:
    judged = judged_file(town)
    assert (judged.taken, judged.already_there, [(f.row, f.code) for f in judged.flagged]) == (
        26,
        1,
        [(23, "sex_contradicts_licence")],
    )


def test_the_register_holds_what_the_file_says(town: Town, register: list[LawyerEntry]) -> None:
    assert [entry.name for entry in register] == NAMES
    first = register[0]
    assert (first.licence, first.firm, first.field, first.remark, first.practice_since) == (
        "19999200811146692",
        "枫县丁山律师事务所",
        "未成年人",
        "1月5日、1月6日开庭",
        2008,
    )
    assert [(e.membership.role, e.membership.number, e.share_percent) for e in register] == [
        ("lawyer", e.licence, 100) for e in register
    ]
    made = select(Organisation.name).where(Organisation.kind == "law_firm", Organisation.name.like("枫县%"))
    assert sorted(db.session.scalars(made)) == FIRMS
    assert history(first) == ["lawyer.register"]


def test_the_same_file_again_stores_nothing_and_what_is_stored_reads_as_the_file(
    town: Town, register: list[LawyerEntry]
) -> None:
    again = judged_file(town)
    assert (again.taken, again.already_there) == (0, 27)
    fresh = judge(read_table(FILE.read_bytes(), REGISTER.columns), REGISTER, context_of(town.other_office, Options(ON)))
    stored = [current_lawyer(row, town.office) for row in fresh.rows]
    assert stored == [{k: v for k, v in row.values.items() if k != "licence_parts"} for row in fresh.rows]
    assert [current_lawyer(row, town.other_office) for row in fresh.rows] == [None] * 26


def test_a_lawyer_whom_another_office_lists_too_is_the_same_person(town: Town, register: list[LawyerEntry]) -> None:
    fresh = judge(read_table(FILE.read_bytes(), REGISTER.columns), REGISTER, context_of(town.other_office, Options(ON)))
    with transaction():
        theirs = store_lawyer(fresh.rows[0], town.other_office, town.neighbour("coordinator"), NOW)
    assert theirs.person.id == register[0].person.id
    held = select(Membership.office_id).where(Membership.person_id == theirs.person.id).order_by(Membership.id)
    assert list(db.session.scalars(held)) == [town.office.id, town.other_office.id]


def test_a_firm_that_is_the_legal_aid_body_is_not_made_twice(town: Town) -> None:
    body = Organisation(office_id=town.office.id, kind="legal_aid_body", name="枫县法律援助中心")
    with act("organisation.enter", body, by=None, at=NOW):
        db.session.add(body)
    row = next(row for row in judged_file(town).rows if row.values["organisation"] == body.name)
    assert store_lawyer(row, town.office, town.coordinator, NOW).membership.organisation_id == body.id


def test_share_and_weekly_pattern_are_kept_tidy(town: Town, register: list[LawyerEntry]) -> None:
    entry = entry_of(register, "李文秀")
    blocks = ["3pm", "1am", "3pm"]
    keep_lawyer(entry, town.coordinator, NOW, share_percent=50, weekly_blocks=blocks, remark_dealt_with=True)
    assert (entry.share_percent, entry.weekly_blocks, entry.remark_dealt_with) == (50, ["1am", "3pm"], True)
    assert (entry.remark, history(entry)) == ("周三下午开庭多", ["lawyer.register", "lawyer.keep"])
    with pytest.raises(ShareImpossible):
        keep_lawyer(entry, town.coordinator, NOW, share_percent=301, weekly_blocks=[])
    with pytest.raises(PatternUnknown):
        keep_lawyer(entry, town.coordinator, NOW, share_percent=100, weekly_blocks=["8am"])


def test_leave_that_a_lawyer_told_is_approved_at_once(town: Town, register: list[LawyerEntry]) -> None:
    entry = entry_of(register, "沙建国")
    leave = record_leave(entry, date(2026, 12, 7), date(2026, 12, 11), town.coordinator, NOW, why="2026.12.7-12.11请假")
    assert (leave.state, [b.binds for b in leave.event.bookings]) == ("approved", [True])
    assert (leave.event.starts_at.isoformat(), leave.event.ends_at.isoformat()) == (
        "2026-12-06T16:00:00+00:00",
        "2026-12-11T16:00:00+00:00",
    )
    assert history(entry) == ["lawyer.register", "lawyer.leave"]


def test_leave_that_hits_a_commitment_is_entered_only_after_it_was_seen(
    town: Town, register: list[LawyerEntry]
) -> None:
    entry = entry_of(register, "沙建国")
    meeting = town.event("听证会", "2026-12-08 09:00", "2026-12-08 10:00")
    with act("event.plan", meeting, by=town.coordinator, at=NOW):
        booked = timeline.rebook(Take(meeting, timeline.resource_of(entry.person), "chair"))[0]
    days = date(2026, 12, 7), date(2026, 12, 11)
    with pytest.raises(HitsUnseen) as refusal:
        record_leave(entry, *days, town.coordinator, NOW)
    assert refusal.value.hits == [booked]
    assert record_leave(entry, *days, town.coordinator, NOW, release=[booked.id]).state == "approved"
    assert not booked.binds


def names_on(page: str) -> list[str]:
    return re.findall(r'<a class="name" href="/lawyers/[0-9a-f-]+">([^<]+)</a>', page)


def test_the_register_is_searched_by_name_pinyin_firm_and_open_remark(town: Town, register: list[LawyerEntry]) -> None:
    browser = town.browser(town.coordinator)
    assert sorted(names_on(browser.get("/lawyers").text)) == sorted(NAMES)
    assert names_on(browser.get("/lawyers?q=沙建").text) == ["沙建国"]
    assert names_on(browser.get("/lawyers?q=mayut").text) == ["马雨桐"]
    assert names_on(browser.get("/lawyers?firm=枫县甲木律师事务所").text) == ["沈秀兰", "于霞"]
    without = {"马明", "胡晓东", "萧志强", "王伟", "萧应兰", "于霞", "许刚"}
    assert sorted(names_on(browser.get("/lawyers?show=remarks").text)) == sorted(set(NAMES) - without)


def test_the_list_asks_as_many_questions_for_one_lawyer_as_for_all(town: Town, register: list[LawyerEntry]) -> None:
    browser = town.browser(town.coordinator)
    whole, one = queries_of(browser, "/lawyers", "/lawyers?q=沙建")
    assert whole == one


def test_a_coordinator_turns_a_remark_into_a_pattern_by_hand(town: Town, register: list[LawyerEntry]) -> None:
    entry = entry_of(register, "李文秀")
    path, key = f"/lawyers/{entry.public_id}", entry.id
    browser = town.browser(town.coordinator)
    assert "周三下午开庭多" in browser.get(path).text
    typed = {"share_percent": "80", "cap_per_month": "", "weekly_blocks": ["3pm"], "remark_dealt_with": "y"}
    assert browser.post(f"{path}/keep", typed).status_code == 303
    kept = db.session.get_one(LawyerEntry, key)
    assert (kept.share_percent, kept.weekly_blocks, kept.remark_dealt_with) == (80, ["3pm"], True)
    assert browser.post(f"{path}/keep", {**typed, "share_percent": "all"}).status_code == 422
    leave = {"first_on": "2027-01-05", "last_on": "2027-01-06", "why": "开庭"}
    assert browser.post(f"{path}/leave", leave).status_code == 303
    assert history(db.session.get_one(LawyerEntry, key)) == ["lawyer.register", "lawyer.keep", "lawyer.leave"]


def test_the_register_is_nobody_elses(town: Town, register: list[LawyerEntry]) -> None:
    """TRUST: draft_rota coordinator:f, legal_aid_contact:a. The other office's coordinator finds nothing there."""
    path = f"/lawyers/{register[0].public_id}"
    assert town.browser(town.legal_aid_contact).get(path).status_code == 200
    assert town.browser(town.neighbour("coordinator")).get(path).status_code == 404
    assert town.browser(town.neighbour("legal_aid_contact")).get(path).status_code == 404
    assert names_on(town.browser(town.neighbour("coordinator")).get("/lawyers").text) == []
    assert town.browser(town.lawyer).get("/lawyers").status_code == 403
    assert town.browser(town.prosecutor).get(path).status_code in {403, 404}
