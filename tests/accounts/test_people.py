"""People: entering, correcting, what is checked, and that one office learns nothing of another."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from accounts.actions.memberships import appoint
from accounts.actions.people import IdNumberKnown, correct_person, enter_person, give_membership, known_facts
from accounts.models import Membership, Person
from accounts.reading import reading_of
from accounts.rules import people as rules
from extensions import db
from record.act import history
from record.models import Act
from tests.town import NOW, Town

ID = "11010519491231002X"
OTHER_ID = "440524188001010014"
PHONE = "17400000123"


def text_of(response: Any) -> str:
    """What a page says, without its markup."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.get_data(as_text=True), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def names_in(response: Any) -> list[str]:
    """The names a list of people shows, in its order."""
    return re.findall(r'class="lead-cell"><a class="name" href="[^"]+">([^<]+)</a>', response.get_data(as_text=True))


def named(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def entry(town: Town, **more: str) -> dict[str, str]:
    return {
        "name": "李小明",
        "role": "volunteer",
        "starts_on": "2026-11-24",
        "language": "zh_Hans_CN",
        "organisation": "",
        **more,
    }


# What is typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (ID, ID),
        ("11010519491231002x", ID),
        ("１１０１０５１９４９１２３１００２Ｘ", ID),
        (" 110105 19491231 002X ", ID),
    ],
)
def test_an_id_number_is_tidied(typed: str, kept: str) -> None:
    """I34."""
    assert rules.id_number(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("110105194912310021", "id_number_check"),
        ("11010519491231020X", "id_number_check"),
        ("110105194902300022", "id_number_date"),
        ("110105491231002", "id_number_length"),
        ("11010519491231002Y", "id_number_length"),
        ("", "id_number_length"),
    ],
)
def test_a_wrong_id_number_says_what_is_wrong_and_never_repeats_it(typed: str, code: str) -> None:
    """I34."""
    with pytest.raises(rules.FactRefused) as refusal:
        rules.id_number(typed)
    assert refusal.value.code == code
    assert not typed or typed not in refusal.value.message % refusal.value.facts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (PHONE, PHONE),
        ("１７４ ００００ ０１２３", PHONE),
        ("+86 174-0000-0123", PHONE),
        ("0571-87654321", "057187654321"),
    ],
)
def test_a_phone_is_tidied(typed: str, kept: str) -> None:
    assert rules.phone(typed) == kept


@pytest.mark.parametrize("typed", ["1740000012", "174000001234", "27400000123", "call me", "١٧٤"])
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(rules.PhoneUnreadable):
        rules.phone(typed)


@pytest.mark.parametrize(
    ("born", "good"), [("2026-11-24", True), ("2026-11-25", False), ("1896-01-01", True), ("1895-12-31", False)]
)
def test_nobody_is_born_tomorrow_nor_before_anybody_living(born: str, good: bool) -> None:
    try:
        rules.check_birth(date.fromisoformat(born), date(2026, 11, 24))
        refused = False
    except rules.BirthImpossible:
        refused = True
    assert refused is not good


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("单雄信", ("shanxiongxin", "sxx")),
        ("欧阳明", ("ouyangming", "oym")),
        ("尉迟恭", ("yuchigong", "ycg")),
        ("曾静", ("zengjing", "zj")),
        ("买买提·艾力", ("maimaitiaili", "mmtal")),
        ("John Smith", ("johnsmith", "js")),
    ],
)
def test_surnames_of_several_readings_are_read_as_surnames(name: str, reading: tuple[str, str]) -> None:
    """SETTLED 24."""
    assert reading_of(name) == reading


# Entering


def test_a_coordinator_enters_somebody_and_the_trail_masks_what_is_sensitive(town: Town) -> None:
    browser = town.browser(town.coordinator)
    sent = browser.post(
        "/people", entry(town, phone="１７４０００００１２３", id_number=ID.lower(), email="li@example.com")
    )
    person = named("李小明")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/people/{person.public_id}")
    assert (person.phone, person.id_number, person.birth_on, person.sex) == (PHONE, ID, date(1949, 12, 31), "female")
    assert (person.pinyin, person.initials) == ("lixiaoming", "lxm")
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
        ("birth_on", "1949-02-30", "Give a date"),
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
    facts = entry(town, name="新交警", role="traffic_officer", organisation=str(squad.public_id), number="001234")
    wrong = {**facts, "organisation": str(strange.public_id)}
    browser = town.browser(town.squad_leader)
    assert browser.post("/people", wrong).status_code == 422
    assert browser.post("/people", {**facts, "role": "volunteer"}).status_code == 422
    assert browser.post("/people", facts).status_code == 303
    given = [(m.role, m.organisation_id, m.number) for m in named("新交警").memberships]
    assert given == [("traffic_officer", squad.id, "001234")]


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
    assert browser.post(f"/people/{public_id}/unmasking", {"fact": "phone", "reason": "核对"}).status_code == 422
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
    assert ("174****0123" in there, "周协调" in there, "枫县" in there) == (True, False, False)


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


def entered(town: Town) -> Person:
    facts = {"name": "李小明", "phone": PHONE, "id_number": ID, "email": "li@example.com"}
    person = enter_person(facts, town.office, by=town.coordinator, at=NOW)
    give_membership(person, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW)
    return person


def test_a_correction_keeps_what_is_left_empty_and_notes_who_when_and_what(town: Town) -> None:
    person = entered(town)
    path = f"/people/{person.public_id}"
    browser = town.browser(town.coordinator)
    page = browser.get(f"{path}/correction").get_data(as_text=True)
    assert [secret for secret in (PHONE, ID, "li@example.com") if secret in page] == []
    facts = {
        "name": "李晓明",
        "pinyin": "lixiaoming",
        "initials": "lxm",
        "phone": "１７４０００００９９９",
        "language": "en",
    }
    assert browser.post(f"{path}/correction", {**facts, "birth_on": "1949-12-31", "sex": "female"}).status_code == 303
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
    facts = {"name": "李小明", "language": "zh_Hans_CN", "birth_on": "1949-12-31", "sex": "female"}
    assert browser.post(path, {**facts, "pinyin": "Li Shao Ming", "initials": "lxm"}).status_code == 303
    assert (named("李小明").pinyin, named("李小明").initials) == ("lishaoming", "lsm")
    assert (
        browser.post(path, {**facts, "pinyin": "lishaoming", "initials": "lsm", "email": "x@y.cn"}).status_code == 303
    )
    assert named("李小明").pinyin == "lishaoming"
    assert names_in(browser.get("/people?q=lsm")) == ["李小明"]


def test_a_sensitive_fact_is_taken_out_on_demand(town: Town) -> None:
    person = entered(town)
    facts = {"name": "李小明", "pinyin": "lixiaoming", "initials": "lxm", "language": "zh_Hans_CN"}
    facts |= {"birth_on": "1949-12-31", "sex": "female", "remove_phone": "y"}
    assert town.browser(town.coordinator).post(f"/people/{person.public_id}/correction", facts).status_code == 303
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
    facts = {"name": "李小明", "pinyin": "lixiaoming", "initials": "lxm", "language": "zh_Hans_CN"}
    facts |= {"birth_on": "1949-12-31", "sex": "female"}
    column_values = {
        c.name: "1" for c in Person.__table__.columns if c.name not in {*facts, "phone", "id_number", "email"}
    }
    answer = town.browser(town.coordinator).post(
        f"/people/{person.public_id}/correction",
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


# The list


def test_the_list_shows_the_office_with_phones_masked(town: Town) -> None:
    entered(town)
    answer = town.browser(town.coordinator).get("/people")
    assert names_in(answer) == sorted(names_in(answer), key=lambda name: reading_of(name)[0])
    assert "174****0123" in text_of(answer)
    assert [secret for secret in (PHONE, "邻") if secret in answer.get_data(as_text=True)] == []
    assert len(names_in(answer)) == 18


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("squad_leader", ["秦队长", "朱交警"]),
        ("case_management", ["吕听证"]),
        ("legal_aid_contact", ["尤律师"]),
    ],
)
def test_who_keeps_some_sees_only_those(town: Town, role: str, names: list[str]) -> None:
    browser = town.browser(getattr(town, role))
    assert names_in(browser.get("/people")) == names
    assert browser.get(f"/people/{town.volunteer.public_id}").status_code == 404


def test_a_squad_leader_does_not_learn_what_else_his_officer_is(town: Town) -> None:
    """D-24: an officer may himself be under assessment."""
    officer = town.traffic_officer
    give_membership(
        officer, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW, reason="考察"
    )
    page = text_of(town.browser(town.squad_leader).get(f"/people/{officer.public_id}"))
    assert [word for word in ("volunteer", "Volunteer", "志愿", "考察") if word in page] == []
    assert "volunteer" in text_of(town.browser(town.coordinator).get(f"/people/{officer.public_id}")).lower()


@pytest.mark.parametrize("role", ["system_admin", "security_admin"])
def test_an_administrator_sees_the_installation_but_never_a_volunteer(town: Town, role: str) -> None:
    browser = town.browser(getattr(town, role))
    everybody = [name for page in (1, 2) for name in names_in(browser.get(f"/people?page={page}"))]
    assert "邻朱交警" in everybody and "朱交警" in everybody
    assert [name for name in everybody if "志愿" in name] == []
    assert browser.get(f"/people/{town.volunteer.public_id}").status_code == 404
    assert names_in(browser.get("/people?q=志愿")) == []


def test_others_have_no_list_of_people(town: Town) -> None:
    for role in ("prosecutor", "clerk", "receptionist", "audit_admin", "lawyer", "traffic_officer", "volunteer"):
        assert town.browser(getattr(town, role)).get("/people").status_code == 403


def test_the_list_asks_the_database_as_often_for_many_as_for_few(town: Town) -> None:
    browser = town.browser(town.coordinator)
    few = queries_of(town, lambda: browser.get("/people"))
    for n in range(60):
        person = enter_person({"name": f"志愿{n}", "phone": f"174{n:08}"}, town.office, by=town.coordinator, at=NOW)
        give_membership(person, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW)
    many = queries_of(town, lambda: browser.get("/people"))
    assert (many, few <= 16) == (few, True)
    assert [len(names_in(browser.get(f"/people?page={page}"))) for page in (1, 2, 99)] == [50, 27, 27]


def queries_of(town: Town, ask: Any) -> int:
    count = 0

    def counted(*args: Any) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", counted)
    try:
        assert ask().status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", counted)
    return count


def test_somebody_whose_roles_ended_is_kept_apart_and_his_facts_closed(town: Town) -> None:
    person = entered(town)
    public_id = person.public_id
    membership = db.session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    from accounts.actions.memberships import end_membership

    end_membership(membership, date(2026, 11, 1), town.coordinator, NOW, "ended")
    browser = town.browser(town.coordinator)
    assert "李小明" not in names_in(browser.get("/people"))
    assert names_in(browser.get("/people?state=former")) == ["李小明"]
    page = text_of(browser.get(f"/people/{public_id}"))
    assert [word for word in ("0123", "002X") if word in page] == []
    assert browser.post(f"/people/{public_id}/disclosure", {"reason": "x"}).status_code == 409


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
