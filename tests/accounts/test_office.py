"""The office's own pages: names, departments, organisations, mail, copies, time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.actions.memberships import end_membership
from accounts.actions.offices import (
    NameTaken,
    NoProsecutorHere,
    PasswordInClear,
    SuperiorOfItself,
    UnknownZone,
    change_office,
    enter_department,
    enter_organisation,
    heads_to_be,
    name_head,
    rename_unit,
    resume_unit,
    retire_unit,
    set_mail_server,
)
from accounts.models import Department, MailServer, Organisation, PersonSession
from accounts.rules.settings import ReasonMissing
from extensions import db
from record.act import history
from record.models import Act, Message
from tests.accounts.visitor import in_english, text_of
from tests.town import NOW, Browser, Town

SERVER = {"host": "mail.example", "port": "587", "security": "starttls", "username": "office", "password": "secret"}


def page_of(town: Town, role: str) -> Browser:
    browser = town.browser(getattr(town, role))
    in_english(browser)
    return browser


def last_changes() -> list[tuple[str, Any, Any]]:
    done = db.session.scalars(select(Act).order_by(Act.id.desc())).first()
    assert done is not None
    return [(c["column"], c["from"], c["to"]) for c in done.changes]


def test_the_office_changes_with_a_reason_and_keeps_what_it_was(town: Town) -> None:
    change_office(town.office, {"seal_text": "枫县检察"}, town.coordinator, NOW, "new seal")
    assert (history(town.office)[-1], last_changes()) == ("office.change", [("seal_text", "", "枫县检察")])
    with pytest.raises(ReasonMissing):
        change_office(town.office, {"seal_text": "x"}, town.coordinator, NOW, " ")


def test_an_office_stands_below_another_and_never_below_itself(town: Town) -> None:
    superior = town.office.parent
    assert superior is not None
    for parent in (town.office, superior):
        with pytest.raises(SuperiorOfItself):
            change_office(superior, {"parent_id": parent.id}, town.coordinator, NOW, "by mistake")
    change_office(town.office, {"parent_id": town.other_office.id}, town.coordinator, NOW, "reorganised")
    assert town.office.parent == town.other_office


def test_names_of_offices_and_units_are_each_used_once(town: Town) -> None:
    with pytest.raises(NameTaken):
        change_office(town.office, {"name": "邻县人民检察院"}, town.coordinator, NOW, "by mistake")
    with pytest.raises(NameTaken):
        enter_organisation(town.office, "squad", "一中队", town.coordinator, NOW)
    enter_organisation(town.office, "law_firm", "一中队", town.coordinator, NOW)  # another kind may be called so
    second = enter_organisation(town.office, "squad", "二中队", town.coordinator, NOW)
    with pytest.raises(NameTaken):
        rename_unit(second, "一中队", town.coordinator, NOW)
    enter_department(town.office, "第一检察部", town.coordinator, NOW)
    enter_department(town.other_office, "第一检察部", town.coordinator, NOW)


def test_a_department_is_headed_by_a_prosecutor_of_the_office_or_by_nobody(town: Town) -> None:
    """H-27: chief and deputies are prosecutors too; no longer once his role has ended."""
    first = enter_department(town.office, "第一检察部", town.coordinator, NOW, town.prosecutor)
    for head in (town.clerk, town.neighbour("prosecutor")):
        with pytest.raises(NoProsecutorHere):
            name_head(first, head, town.coordinator, NOW)
        with pytest.raises(NoProsecutorHere):
            enter_department(town.office, "第二检察部", town.coordinator, NOW, head)
    assert heads_to_be(town.office, NOW) == [town.deputy_chief, town.chief, town.prosecutor]
    for head in (town.chief, town.deputy_chief, None):
        name_head(first, head, town.coordinator, NOW)
    assert (first.head, history(first)) == (None, ["department.enter", *["department.name_head"] * 3])
    end_membership(town.chief.memberships[0], NOW.date(), None, NOW, "调任")
    assert [town.chief in heads_to_be(town.office, NOW + timedelta(days=n)) for n in (0, 1)] == [True, False]


def test_who_heads_a_department_is_said_on_its_page_and_where_it_is_entered(town: Town) -> None:
    head, clerk = str(town.prosecutor.public_id), str(town.clerk.public_id)
    browser = page_of(town, "coordinator")
    sent = {"department-name": "第一检察部", "department-head": head}
    assert browser.post("/office/departments", {**sent, "department-head": clerk}).status_code == 422
    assert browser.post("/office/departments", sent).status_code == 303
    unit = db.session.scalars(select(Department)).one()
    key, path = unit.id, f"/office/departments/{unit.public_id}"
    assert "第一检察部 郑检察" in text_of(browser.get("/office"))
    assert f'<option selected value="{head}">' in browser.get(path).text
    assert browser.post(f"{path}/head", {"head": clerk}).status_code == 422
    assert browser.post(f"{path}/head", {"head": ""}).status_code == 303
    assert db.session.get_one(Department, key).head_id is None
    assert town.browser(town.neighbour("coordinator")).post(f"{path}/head", {"head": ""}).status_code == 404
    assert town.browser(town.clerk).post(f"{path}/head", {"head": head}).status_code in {403, 404}


def test_a_zone_must_exist(town: Town) -> None:
    with pytest.raises(UnknownZone):
        change_office(town.office, {"zone": "Asia/Feng"}, town.system_admin, NOW, "moved")


def test_a_unit_goes_out_of_use_with_a_reason_and_comes_back(town: Town) -> None:
    unit = enter_department(town.office, "第一检察部", town.coordinator, NOW)
    with pytest.raises(ReasonMissing):
        retire_unit(unit, town.coordinator, NOW, "")
    retire_unit(unit, town.coordinator, NOW, "merged")
    resume_unit(unit, town.coordinator, NOW)
    assert (unit.active, history(unit)) == (True, ["department.enter", "department.retire", "department.resume"])


def test_the_pages_show_and_change_the_own_office_only(town: Town) -> None:
    browser = page_of(town, "coordinator")
    said = text_of(browser.get("/office"))
    assert "枫县人民检察院" in said and "法援中心 Legal-aid body" in said
    assert "邻一中队" not in said
    theirs = select(Organisation).where(Organisation.office_id == town.other_office.id)
    path = f"/office/organisations/{db.session.scalars(theirs).first().public_id}"  # type: ignore[union-attr]
    assert [browser.get(path).status_code, browser.post(f"{path}/renaming", {"name": "x"}).status_code] == [404, 404]


def test_a_unit_is_entered_renamed_and_retired_on_its_pages(town: Town) -> None:
    browser = page_of(town, "coordinator")
    assert (
        browser.post("/office/organisations", {"organisation-name": "二中队", "organisation-kind": "squad"}).status_code
        == 303
    )
    assert browser.post("/office/departments", {"department-name": "第一检察部"}).status_code == 303
    twin = browser.post("/office/departments", {"department-name": "第一检察部"})
    assert (twin.status_code, "exists already" in text_of(twin)) == (409, True)
    squad = db.session.scalars(select(Organisation).where(Organisation.name == "二中队")).one()
    key, path = squad.id, f"/office/organisations/{squad.public_id}"
    assert browser.post(f"{path}/renaming", {"name": "三中队"}).status_code == 303
    refused = browser.post(f"{path}/retirement", {"reason": ""})
    assert refused.status_code == 422
    assert browser.post(f"{path}/retirement", {"reason": "dissolved"}).status_code == 303
    page = text_of(browser.get(path))
    assert "三中队" in page and "Out of use" in page and "Reason: dissolved" in page
    squad = db.session.get_one(Organisation, key)
    assert history(squad) == ["organisation.enter", "organisation.rename", "organisation.retire"]
    assert db.session.scalars(select(Department.name)).all() == ["第一检察部"]


def test_retiring_says_first_how_many_people_belong_to_it(town: Town) -> None:
    squad = db.session.scalars(select(Organisation).where(Organisation.name == "一中队")).one()
    path = f"/office/organisations/{squad.public_id}"
    page = text_of(page_of(town, "coordinator").get(path))
    assert "2 people belong to it and stay so until their memberships are ended." in page


@pytest.mark.parametrize("role", ["clerk", "prosecutor", "system_admin", "audit_admin", "volunteer"])
def test_nobody_else_changes_the_office(town: Town, role: str) -> None:
    browser = town.browser(getattr(town, role))
    assert [
        browser.get("/office").status_code,
        browser.post("/office/departments", {"department-name": "x"}).status_code,
    ] == [
        403,
        403,
    ]


def test_mail_copies_and_zone_are_the_system_administrators(town: Town) -> None:
    for role in ("coordinator", "chief", "security_admin"):
        assert town.browser(getattr(town, role)).get("/installation").status_code == 403
    browser = page_of(town, "system_admin")
    assert browser.post("/installation/mail", {**SERVER, "sender": "office@feng.example"}).status_code == 303
    assert browser.post("/installation/backup", {"place": "/srv/copies"}).status_code == 303
    assert browser.post("/installation/zone", {"zone": "Asia/Urumqi", "reason": "moved west"}).status_code == 303
    server = db.session.scalars(select(MailServer)).one()
    assert (server.host, server.port, server.password, server.active) == ("mail.example", 587, "secret", True)
    assert (town.office.backup_place, town.office.zone) == ("/srv/copies", "Asia/Urumqi")


def test_the_installation_asks_again_who_one_is(town: Town) -> None:
    """Mark A: a sign-in of yesterday is not enough."""
    browser = page_of(town, "system_admin")
    for opened in db.session.scalars(select(PersonSession)):
        opened.fresh_at = datetime.now(UTC) - timedelta(hours=2)
    db.session.commit()
    db.session.remove()
    assert browser.get("/installation").location.startswith("/account/verify")


def test_an_empty_password_keeps_the_stored_one(town: Town) -> None:
    browser = page_of(town, "system_admin")
    browser.post("/installation/mail", {**SERVER, "sender": "office@feng.example"})
    browser.post("/installation/mail", {**SERVER, "password": "", "port": "465", "sender": "office@feng.example"})
    server = db.session.scalars(select(MailServer)).one()
    assert (server.port, server.password) == (465, "secret")


def test_a_password_does_not_travel_in_clear(town: Town) -> None:
    facts = {"port": 25, "security": "none", "username": "u", "password": "p", "sender": "a@b.cn"}
    with pytest.raises(PasswordInClear):
        set_mail_server(town.office, {**facts, "host": "mail.example"}, town.system_admin, NOW)
    set_mail_server(town.office, {**facts, "host": "127.0.0.1"}, town.system_admin, NOW)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("sender", "office@feng.example\r\nBcc: x@y.cn"),
        ("sender", "office"),
        ("host", "mail example"),
        ("host", "mail.example\n"),
        ("port", "70000"),
        ("security", "rot13"),
    ],
)
def test_a_mail_server_that_cannot_be_is_refused(town: Town, field: str, typed: str) -> None:
    """T19."""
    form = {**SERVER, "sender": "office@feng.example", field: typed}
    answer = page_of(town, "system_admin").post("/installation/mail", form)
    stripped = typed != typed.strip() and field == "host"  # a line break at the end is no part of what was typed
    assert answer.status_code == (303 if stripped else 422)


def test_a_test_message_goes_the_way_of_all_messages(town: Town) -> None:
    browser = page_of(town, "system_admin")
    browser.post("/installation/mail", {**SERVER, "sender": "office@feng.example"})
    refused = browser.post("/installation/mail/test", {"address": ""})
    assert (refused.status_code, "no e-mail address" in text_of(refused)) == (422, True)
    assert browser.post("/installation/mail/test", {"address": "shen@feng.example"}).status_code == 303
    assert town.system_admin.email == "shen@feng.example"
    told = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [(m.recipient_id, m.channel, m.state) for m in told] == [
        (town.system_admin.id, "page", "sent"),
        (town.system_admin.id, "mail", "queued"),
    ]
    waiting = browser.get("/installation/tests").text
    assert "Waiting" in waiting and 'hx-trigger="every 3s"' in waiting
    browser.post("/installation/mail/off")
    assert browser.post("/installation/mail/test", {"address": ""}).status_code == 409
