"""The pool: what the list of case management becomes, and who may sit (H-23, H-24, H-37)."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from accounts.models import Membership, Person
from exchange.actions.taking import take
from exchange.models import Flag
from exchange.taking import Options, taker
from extensions import db
from hearings.models import PoolMember
from record.act import history
from tests.queries import queries_of
from tests.town import NOW, Town

DATA = Path(__file__).parent.parent / "data"
EXPECTED = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))["hearing_officers.xlsx"]


def bring(town: Town):
    content = (DATA / "hearing_officers.xlsx").read_bytes()
    options = Options(on=date(2026, 11, 24))
    return take(
        town.office, taker("hearing-officers"), content, "hearing_officers.xlsx", options, town.case_management, NOW
    )


@pytest.fixture
def pool(town: Town) -> Town:
    bring(town)
    return town


def names(page: str) -> list[str]:
    return re.findall(r'lead-cell"[^>]*><strong class="name">([^<]+)<', page)


def test_the_list_is_stored_as_expected(town: Town) -> None:
    run = bring(town)
    assert run.counts == {
        "rows_total": EXPECTED["rows_total"],
        "taken": EXPECTED["taken"],
        "already_there": 0,
        "flagged": len(EXPECTED["flagged"]),
        "refused": len(EXPECTED["refused"]),
    }
    assert db.session.scalar(select(func.count()).select_from(PoolMember)) == EXPECTED["taken"]
    barred = (
        select(Person.name, PoolMember.bar_reason).join(PoolMember).where(PoolMember.barred).order_by(PoolMember.id)
    )
    assert db.session.execute(barred).all() == [
        ("何军", "2022年被吊销律师执业证书"),
        (
            db.session.scalars(select(PoolMember).where(PoolMember.barred)).all()[1].person.name,
            "2019年因危险驾驶受过刑事处罚",
        ),
    ]
    assert db.session.scalar(select(func.count()).select_from(Flag)) == len(EXPECTED["flagged"])


def test_a_member_has_his_membership_and_his_history(pool: Town) -> None:
    member = db.session.scalars(select(PoolMember).join(Person).where(Person.name == "李国庆")).one()
    held = db.session.scalars(select(Membership).filter_by(person_id=member.person_id)).one()
    assert (held.role, held.office_id, held.starts_on) == ("hearing_officer", pool.office.id, date(2023, 3, 9))
    assert (member.standing, member.position, member.joined_on) == ("人大代表", "枫县供电所", date(2023, 3, 9))
    assert (member.person.birth_on, member.person.sex, member.person.phone) == (date(1988, 5, 1), "male", "17403781104")
    assert history(member) == ["pool.join"]


def test_the_same_list_again_stores_nothing(pool: Town) -> None:
    run = bring(pool)
    assert (run.counts["taken"], run.counts["already_there"]) == (0, EXPECTED["taken"])
    assert db.session.scalar(select(func.count()).select_from(PoolMember)) == EXPECTED["taken"]


def test_somebody_of_the_pool_may_be_known_to_the_office_in_another_role(town: Town) -> None:
    from accounts.actions.people import enter_person, give_membership

    known = enter_person({"name": "李国庆", "birth_on": date(1988, 5, 1)}, town.office, by=None, at=NOW)
    give_membership(known, town.office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    bring(town)
    assert db.session.scalars(select(Person.id).where(Person.name == "李国庆")).all() == [known.id]


def test_the_page_says_who_may_sit_today_and_why_the_others_may_not(pool: Town) -> None:
    browser = pool.browser(pool.coordinator)
    page = browser.get("/pool").get_data(as_text=True)
    assert len(names(page)) == 35
    no = names(browser.get("/pool?may=no").get_data(as_text=True))
    flagged = {row["row"] for row in EXPECTED["flagged"]}
    assert len(no) == len(flagged) == 6
    yes = names(browser.get("/pool?may=yes").get_data(as_text=True))
    assert sorted(no + yes) == sorted(names(page))
    assert names(browser.get("/pool?q=李国庆").get_data(as_text=True)) == ["李国庆"]
    assert names(browser.get("/pool?q=lgq").get_data(as_text=True)) == ["李国庆"]


def test_the_pool_of_another_office_is_not_seen(pool: Town) -> None:
    theirs = pool.browser(pool.neighbour("coordinator")).get("/pool").get_data(as_text=True)
    assert names(theirs) == []


def test_only_the_coordinator_and_case_management_see_the_pool(pool: Town) -> None:
    may = [
        role
        for role in ("coordinator", "case_management")
        if pool.browser(getattr(pool, role)).get("/pool").status_code == 200
    ]
    assert may == ["coordinator", "case_management"]
    for role in (
        "prosecutor",
        "chief",
        "clerk",
        "receptionist",
        "lawyer",
        "hearing_officer",
        "inspector",
        "system_admin",
    ):
        assert pool.browser(getattr(pool, role)).get("/pool").status_code == 403


def test_the_list_asks_few_questions_of_the_database(pool: Town) -> None:
    [asked] = queries_of(pool.browser(pool.coordinator), "/pool")
    assert asked <= 9
