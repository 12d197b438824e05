"""People: entering, correcting, what is checked, and that one office learns nothing of another."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from sqlalchemy import select

from accounts.actions.memberships import appoint
from accounts.actions.people import IdNumberKnown, correct_person, enter_person, known_facts
from accounts.models import Person
from extensions import db
from record.act import history
from record.models import Act
from tests.accounts.crowd import ID, OTHER_ID, PHONE, entered, named, names_in, text_of
from tests.town import NOW, Town


def entry(town: Town, **more: str) -> dict[str, str]:
    return {
        "name": "李小明",
        "role": "volunteer",
        "starts_on": "2026-11-24",
        "language": "zh_Hans_CN",
        "organisation": "",
        **more,
    }


# Entering


def test_a_coordinator_enters_somebody_and_the_trail_masks_what_is_sensitive(town: Town) -> None:
    browser = town.browser(town.coordinator)
    sent = browser.post(
        "/people", entry(town, phone="１７４０００００１２３", id_number=ID.lower(), email="li@example.com")
    )
    person = named("李小明")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/people/{person.public_id}")
    assert (person.phone, person.id_number, person.birth_on, person.sex) == (PHONE, ID, date(1949, 12, 31), "female")
    assert (person.pinyin, person.initials) == ("li xiao ming", "lxm")
    assert [(m.role, m.office_id, m.starts_on) for m in person.memberships] == [
        ("volunteer", town.office.id, date(2026, 11, 24))
    ]
    assert history(person) == ["person.enter"]
    done = db.session.scalars(select(Act).where(Act.name == "person.enter").order_by(Act.id.desc())).first()
    assert done is not None
    assert (done.actor_id, done.office_id) == (town.coordinator.id, town.office.id)
    trail = str(done.changes) + str(done.facts)
    assert [secret for secret in (PHONE, ID, "li@example.com") if secret in trail] == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id_number", "110105194912310021", "最后一位|last character does not fit"),
        ("phone", "1740", "no phone number"),
        ("birth_on", "2030-01-01", "Nobody living"),
        ("birth_on", "1949-02-30", "Give a whole date"),
        ("name", "  ", "This is needed"),
        ("name", "・・・", "letters or characters"),
        ("email", "nobody", "no e-mail address"),
        ("role", "chief", "Not a valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(
    town: Town, field: str, value: str, said: str
) -> None:
    browser = town.browser(town.coordinator)
    answer = browser.post("/people", entry(town, **{field: value}))
    page = answer.get_data(as_text=True)
    beside = re.search(rf'id="{field}-why">.*?<span>(.*?)</span>', page, re.S)
    assert answer.status_code == 422
    assert beside is not None and re.search(said, html.unescape(beside[1])), beside
    assert db.session.scalars(select(Person).where(Person.name == "李小明")).all() == []


def test_what_disagrees_with_the_id_number_is_said_beside_it(town: Town) -> None:
    answer = town.browser(town.coordinator).post(
        "/people", entry(town, id_number=ID, birth_on="1950-01-01", sex="male")
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-why"', page) == ["birth_on", "sex"]


def test_a_role_of_an_organisation_asks_for_one_of_its_kind(town: Town) -> None:
    browser = town.browser(town.coordinator)
    answer = browser.post("/people", entry(town, role="lawyer"))
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-why"', answer.get_data(as_text=True)) == ["organisation"]


def test_a_squad_leader_enters_a_traffic_officer_into_his_own_squad_only(town: Town) -> None:
    squad = next(m.organisation for m in town.squad_leader.memberships)
    assert squad is not None
    strange = next(m.organisation for m in town.neighbour("squad_leader").memberships)
    assert strange is not None
    squad_id = squad.id
    facts = entry(town, name="新交警", role="traffic_officer", organisation=str(squad.public_id), number="001234")
    wrong = {**facts, "organisation": str(strange.public_id)}
    browser = town.browser(town.squad_leader)
    assert browser.post("/people", wrong).status_code == 422
    assert browser.post("/people", {**facts, "role": "volunteer"}).status_code == 422
    assert browser.post("/people", facts).status_code == 303
    given = [(m.role, m.organisation_id, m.number) for m in named("新交警").memberships]
    assert given == [("traffic_officer", squad_id, "001234")]


def test_nobody_without_the_permission_enters_anybody(town: Town) -> None:
    for role in ("prosecutor", "clerk", "chief", "system_admin", "security_admin", "volunteer", "lawyer"):
        assert town.browser(getattr(town, role)).post("/people", entry(town)).status_code == 403
    assert db.session.scalars(select(Person).where(Person.name == "李小明")).all() == []


# Another office


def shared(town: Town) -> Person:
    """Somebody whom the neighbour's office entered with everything that could leak."""
    facts = {"name": "赵共有", "phone": "17411112222", "id_number": ID, "email": "secret@linxian.example"}
    there = town.neighbour("coordinator")
    person = enter_person(facts, town.other_office, by=there, at=NOW)
    home = next(m.organisation for m in town.neighbour("lawyer").memberships)
    appoint(
        person,
        town.other_office,
        "lawyer",
        starts_on=date(2026, 1, 1),
        by=there,
        at=NOW,
        organisation=home,
        number="13301201700000001",
        reason="邻县的理由",
    )
    correct_person(
        person, {"email": "secret2@linxian.example"}, by=there, at=NOW, reason="邻县更正", office=town.other_office
    )
    return person


LEAKS = ["邻", "1741111", "2222", "secret", "linxian", "13301201700000001", "律师", "Lawyer", "2026-01-01"]


def test_the_office_that_enters_somebody_again_uses_the_same_row_and_learns_nothing(town: Town) -> None:
    """I34, T35."""
    person_id, public_id = (row := shared(town)).id, row.public_id
    browser = town.browser(town.coordinator)
    sent = browser.post("/people", entry(town, name="赵共有", id_number=ID))
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/people/{public_id}")
    page, listing = browser.get(f"/people/{public_id}"), browser.get("/people?q=赵共有")
    assert names_in(listing) == ["赵共有"]
    for shown in (page, listing, browser.get(f"/people/{public_id}/correction")):
        body = shown.get_data(as_text=True)
        assert [
            leak
            for leak in LEAKS
            if leak in re.sub(r'role="(volunteer|lawyer)|value="lawyer".*?<|<option.*?</option>', "", body)
        ] == []
    opened = browser.post(f"/people/{public_id}/disclosure", {"reason": "核对"})
    assert opened.status_code == 200
    assert [leak for leak in LEAKS if leak in opened.get_data(as_text=True)] == []
    assert browser.post(f"/people/{public_id}/unmasking", {"fact": "phone", "reason": "核对"}).status_code == 404
    for wanted in ("2222", "17411112222", "secret", "13301201700000001"):
        assert names_in(browser.get(f"/people?q={wanted}")) == []
    assert names_in(browser.get(f"/people?q={ID}")) == ["赵共有"]
    assert known_facts([person_id], town.office.id) == {person_id: {"name", "id_number", "birth_on", "sex"}}
    row = db.session.get_one(Person, person_id)
    assert (row.phone, [m.office_id for m in row.memberships]) == (
        "17411112222",
        [town.other_office.id, town.office.id],
    )


def test_what_the_second_office_types_is_what_it_sees_and_the_first_sees_no_act_of_it(town: Town) -> None:
    public_id = shared(town).public_id
    here = town.browser(town.coordinator)
    here.post("/people", entry(town, name="赵共有", id_number=ID, phone=PHONE))
    assert "174****0123" in text_of(here.get(f"/people/{public_id}"))
    there = text_of(town.browser(town.neighbour("coordinator")).get(f"/people/{public_id}"))
    assert ("174****0123" in there, "周协调" in there.replace("邻周协调", ""), "枫县" in there) == (True, False, False)


def test_nobody_elsewhere_turns_the_phone_of_a_staff_member_into_his_own(town: Town) -> None:
    """T1: whoever knows the ID number of a prosecutor of another office must not get his messages."""
    victim = town.neighbour("prosecutor")
    correct_person(victim, {"id_number": ID, "phone": "17411112222"}, by=victim, at=NOW, office=town.other_office)
    victim_id, public_id = victim.id, victim.public_id
    browser = town.browser(town.coordinator)
    assert browser.post("/people", entry(town, name="别人", id_number=ID, phone=PHONE)).status_code == 303
    row = db.session.get_one(Person, victim_id)
    assert (row.name, row.phone) == ("邻郑检察", "17411112222")
    assert browser.post(f"/people/{public_id}/correction", {"name": "别人", "phone": PHONE}).status_code == 403
    assert db.session.get_one(Person, victim_id).phone == "17411112222"


def test_entering_again_in_the_same_office_changes_nothing(town: Town) -> None:
    first = enter_person({"name": "李小明", "id_number": ID, "phone": PHONE}, town.office, by=town.coordinator, at=NOW)
    again = enter_person(
        {"name": "李晓明", "id_number": ID, "phone": "17411112222"}, town.office, by=town.coordinator, at=NOW
    )
    assert (again is first, first.name, first.phone, history(first)) == (True, "李小明", PHONE, ["person.enter"])


def test_the_page_of_somebody_of_another_office_is_not_there(town: Town) -> None:
    """T12."""
    other = town.neighbour("lawyer").public_id
    for role in ("coordinator", "chief", "squad_leader", "case_management", "legal_aid_contact"):
        browser = town.browser(getattr(town, role))
        for path in (f"/people/{other}", f"/people/{other}/correction", f"/people/{other}/merging"):
            answer = browser.get(path)
            assert answer.status_code in ({403, 404} if "chief" in role or path.endswith("correction") else {404})
            assert "邻" not in answer.get_data(as_text=True)
        for verb in ("disclosure", "unmasking", "correction", "memberships", "merging"):
            assert browser.post(f"/people/{other}/{verb}", {"reason": "x", "fact": "phone"}).status_code in {403, 404}


# Correcting


def test_a_correction_keeps_what_is_left_empty_and_notes_who_when_and_what(town: Town) -> None:
    person = entered(town)
    path = f"/people/{person.public_id}"
    browser = town.browser(town.coordinator)
    page = browser.get(f"{path}/correction").get_data(as_text=True)
    assert [secret for secret in (PHONE, ID, "li@example.com") if secret in page] == []
    facts = {
        "name": "李晓明",
        "pinyin": "li xiao ming",
        "initials": "lxm",
        "phone": "１７４０００００９９９",
        "language": "en",
    }
    assert browser.post(f"{path}/correction", {**facts, "sex": "female"}).status_code == 303
    row = named("李晓明")
    assert (row.phone, row.id_number, row.email, row.language) == ("17400000999", ID, "li@example.com", "en")
    assert history(row) == ["person.enter", "person.correct"]
    act = db.session.scalars(select(Act).where(Act.name == "person.correct")).one()
    changed = {c["column"]: (c["from"], c["to"]) for c in act.changes}
    assert (changed["name"], changed["language"]) == (("李小明", "李晓明"), ("zh_Hans_CN", "en"))
    assert sorted(changed) == ["language", "name", "phone", "phone_hash", "phone_tail_hash"]
    assert "17400000" not in str(act.changes)


def test_a_reading_is_corrected_by_hand_and_stays_so(town: Town) -> None:
    """SETTLED 24."""
    person = entered(town)
    path = f"/people/{person.public_id}/correction"
    browser = town.browser(town.coordinator)
    facts = {"name": "李小明", "language": "zh_Hans_CN", "sex": "female"}
    assert browser.post(path, {**facts, "pinyin": "Li Shao Ming", "initials": "lxm"}).status_code == 303
    assert (named("李小明").pinyin, named("李小明").initials) == ("li shao ming", "lsm")
    assert (
        browser.post(path, {**facts, "pinyin": "li shao ming", "initials": "lsm", "email": "x@y.cn"}).status_code == 303
    )
    assert named("李小明").pinyin == "li shao ming"
    assert names_in(browser.get("/people?q=lsm")) == ["李小明"]


def test_a_sensitive_fact_is_taken_out_on_demand(town: Town) -> None:
    path = f"/people/{entered(town).public_id}/correction"
    facts = {"name": "李小明", "pinyin": "li xiao ming", "initials": "lxm", "language": "zh_Hans_CN"}
    facts |= {"sex": "female", "remove_phone": "y"}
    assert town.browser(town.coordinator).post(path, facts).status_code == 303
    row = named("李小明")
    assert (row.phone, row.phone_hash, row.phone_tail_hash, row.email) == (None, None, None, "li@example.com")


def test_an_id_number_of_somebody_else_is_refused(town: Town) -> None:
    enter_person({"name": "别人", "id_number": OTHER_ID}, town.office, by=town.coordinator, at=NOW)
    with pytest.raises(IdNumberKnown):
        correct_person(entered(town), {"id_number": OTHER_ID}, by=town.coordinator, at=NOW)


def test_columns_that_are_no_field_of_the_form_have_no_effect(town: Town) -> None:
    """T25."""
    person = entered(town)
    person_id, hashes = person.id, (person.id_hash, person.phone_hash, person.public_id)
    facts = {"name": "李小明", "pinyin": "li xiao ming", "initials": "lxm", "language": "zh_Hans_CN"}
    facts |= {"sex": "female"}
    path = f"/people/{person.public_id}/correction"
    column_values = {
        c.name: "1"
        for c in Person.__table__.columns
        if c.name not in {*facts, "phone", "id_number", "email", "birth_on"}
    }
    answer = town.browser(town.coordinator).post(
        path,
        {
            **facts,
            **column_values,
            "role": "chief",
            "merged_into_id": str(town.chief.id),
            "id_hash": "x",
            "office_id": "1",
        },
    )
    assert answer.status_code == 303
    row = db.session.get_one(Person, person_id)
    assert (row.id_hash, row.phone_hash, row.public_id) == hashes
    assert (row.merged_into_id, [m.role for m in row.memberships], history(row)) == (
        None,
        ["volunteer"],
        ["person.enter"],
    )


def test_a_coordinator_does_not_correct_his_colleagues_but_the_system_administrator_does(town: Town) -> None:
    clerk = town.clerk.public_id
    facts = {"name": "褚书计", "pinyin": "", "initials": "", "language": "zh_Hans_CN"}
    assert town.browser(town.coordinator).post(f"/people/{clerk}/correction", facts).status_code == 403
    assert town.browser(town.system_admin).post(f"/people/{clerk}/correction", facts).status_code == 303
    assert [p.name for p in db.session.scalars(select(Person).where(Person.public_id == clerk))] == ["褚书计"]


# An account for the staff


def test_a_system_administrator_makes_an_account_without_a_role_and_without_a_password(town: Town) -> None:
    browser = town.browser(town.system_admin)
    facts = {"name": "新书记员", "username": "XinShuji", "language": "zh_Hans_CN"}
    answer = browser.post("/people/accounts", facts)
    assert answer.status_code == 200
    person = named("新书记员")
    assert person.account is not None
    assert (person.account.username, person.account.password, person.memberships) == ("xinshuji", None, [])
    assert len(re.findall(r"/i/[\w-]{43}", answer.get_data(as_text=True))) >= 1
    assert browser.post("/people/accounts", {**facts, "name": "另一位"}).status_code == 409
    assert town.browser(town.coordinator).post("/people/accounts", facts).status_code == 403
