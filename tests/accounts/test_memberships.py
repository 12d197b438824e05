"""Memberships: field roles by their keepers, staff roles by two people (TRUST 2)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from accounts.actions.memberships import (
    EndedAlready,
    EndsBeforeItStarts,
    InRoleAlready,
    NotForOneself,
    NotTheChiefsToDecide,
    OrganisationNeeded,
    ProposedAlready,
    SecondPersonNeeded,
    appoint,
    approve_role,
    change_organisation,
    end_membership,
    propose_end,
    propose_role,
    refuse_role,
    withdraw_role,
)
from accounts.actions.people import AdministratorsApart, enter_person
from accounts.models import Membership, Organisation, Person, Role, RoleGrant
from extensions import db
from record.act import act, history, transaction
from record.course import OffCourse
from tests.accounts.crowd import text_of
from tests.town import NOW, Town

DAY = date(2026, 12, 1)


def newcomer(town: Town, name: str = "新同事") -> Person:
    return enter_person({"name": name}, town.office, by=None, at=NOW)


def roles_of(person: Person) -> list[tuple[str, date, date | None]]:
    rows = db.session.scalars(select(Membership).where(Membership.person_id == person.id).order_by(Membership.id))
    return [(m.role, m.starts_on, m.ends_on) for m in rows]


def second_squad(town: Town) -> Organisation:
    squad = Organisation(office_id=town.office.id, kind="squad", name="二中队")
    with act("organisation.enter", squad, by=None, at=NOW):
        db.session.add(squad)
    return squad


def organisation(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


# Field roles


def test_the_first_installation_appoints_without_anybody_before(town: Town) -> None:
    person = newcomer(town)
    appoint(person, town.office, "security_admin", starts_on=DAY, by=None, at=NOW)
    assert roles_of(person) == [("security_admin", DAY, None)]


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("traffic_officer", None),
        ("traffic_officer", "枫桥律所"),
        ("lawyer", "一中队"),
        ("legal_aid_contact", "枫桥律所"),
        ("squad_leader", "邻一中队"),
    ],
)
def test_a_role_of_an_organisation_needs_one_of_its_kind_and_office(town: Town, role: str, home: str | None) -> None:
    with pytest.raises(OrganisationNeeded):
        appoint(
            newcomer(town),
            town.office,
            role,
            starts_on=DAY,
            by=None,
            at=NOW,
            organisation=organisation(home) if home else None,
        )


def test_nobody_gives_himself_a_role_or_ends_his_own(town: Town) -> None:
    with pytest.raises(NotForOneself):
        appoint(town.coordinator, town.office, "hearing_officer", starts_on=DAY, by=town.coordinator, at=NOW)
    with pytest.raises(NotForOneself):
        end_membership(town.squad_leader.memberships[0], DAY, town.squad_leader, NOW, "x")


def test_nobody_has_a_role_twice(town: Town) -> None:
    person = newcomer(town)
    appoint(person, town.office, "hearing_officer", starts_on=DAY, by=None, at=NOW)
    with pytest.raises(InRoleAlready):
        appoint(person, town.office, "hearing_officer", starts_on=date(2027, 1, 1), by=None, at=NOW)


def test_a_role_ends_on_a_day_that_still_counts_and_never_before_it_began(town: Town) -> None:
    membership = town.lawyer.memberships[0]
    with pytest.raises(EndsBeforeItStarts):
        end_membership(membership, date(2025, 12, 31), town.coordinator, NOW, "离所")
    end_membership(membership, date(2026, 11, 23), town.coordinator, NOW, "离所")
    with pytest.raises(EndedAlready):
        end_membership(membership, DAY, town.coordinator, NOW, "又来")
    assert history(membership) == ["membership.give", "membership.end"]


def test_somebody_moves_to_another_organisation_and_the_old_time_stays_what_it_was(town: Town) -> None:
    officer, squad = town.traffic_officer, second_squad(town)
    old = officer.memberships[0]
    new = change_organisation(old, squad, DAY, by=town.coordinator, at=NOW, reason="调整")
    assert [(m.organisation_id, m.starts_on, m.ends_on) for m in (old, new)] == [
        (organisation("一中队").id, date(2026, 1, 1), date(2026, 11, 30)),
        (squad.id, DAY, None),
    ]
    assert (history(old), history(new)) == (["membership.give", "membership.transfer"], ["membership.give"])


def test_the_pages_give_end_and_move_what_is_ones_own_to_keep(town: Town) -> None:
    squad_id = second_squad(town).public_id
    officer, clerk = town.traffic_officer, town.clerk
    officer_id, membership = officer.id, officer.memberships[0].public_id
    path, clerks = f"/people/{officer.public_id}/memberships", clerk.memberships[0].public_id
    browser = town.browser(town.coordinator)
    given = {"role": "hearing_officer", "starts_on": "2026-12-01"}
    assert browser.post(path, {**given, "role": "chief"}).status_code == 422
    assert browser.post(path, given).status_code == 303
    moved = {"organisation": str(squad_id), "starts_on": "2026-12-01"}
    assert browser.post(f"/memberships/{membership}/transfer", moved).status_code == 303
    ended = {"ends_on": "2026-12-31", "reason": "离开"}
    assert browser.post(f"/memberships/{clerks}/ending", ended).status_code == 403
    for role in ("legal_aid_contact", "case_management"):
        assert town.browser(getattr(town, role)).post(f"/memberships/{membership}/ending", ended).status_code == 404
    assert (
        town.browser(town.neighbour("coordinator")).post(f"/memberships/{membership}/ending", ended).status_code == 404
    )
    assert roles_of(db.session.get_one(Person, officer_id)) == [
        ("traffic_officer", date(2026, 1, 1), date(2026, 11, 30)),
        ("hearing_officer", DAY, None),
        ("traffic_officer", DAY, None),
    ]


def test_a_squad_leader_loses_sight_of_an_officer_who_left_his_squad(town: Town) -> None:
    officer = town.traffic_officer
    path = f"/people/{officer.public_id}"
    change_organisation(officer.memberships[0], second_squad(town), date(2026, 11, 1), by=town.coordinator, at=NOW)
    assert town.browser(town.squad_leader).get(path).status_code == 404
    assert town.browser(town.coordinator).get(path).status_code == 200


# Staff roles


def proposed(town: Town, person: Person, role: str = "clerk") -> RoleGrant:
    return propose_role(person, town.office, role, starts_on=DAY, by=town.security_admin, at=NOW, reason="调入")


def second_admin(town: Town) -> Person:
    person = newcomer(town, "另安全")
    appoint(person, town.office, "security_admin", starts_on=date(2026, 1, 1), by=None, at=NOW)
    return person


def test_a_proposed_role_holds_once_another_administrator_approves_it(town: Town) -> None:
    person, other = newcomer(town), second_admin(town)
    grant = proposed(town, person)
    assert roles_of(person) == []
    with pytest.raises(SecondPersonNeeded):
        approve_role(grant, town.security_admin, NOW)
    membership = approve_role(grant, other, NOW)
    assert (roles_of(person), grant.membership_id, grant.state) == ([("clerk", DAY, None)], membership.id, "approved")
    assert (history(grant), history(membership)) == (["role.propose", "role.approve"], ["membership.give"])
    with pytest.raises(OffCourse):
        approve_role(grant, other, NOW)


def test_the_chief_decides_only_where_there_is_no_other_administrator(town: Town) -> None:
    end_membership(town.neighbour("security_admin").memberships[0], date(2026, 11, 1), None, NOW, "离任")
    person = newcomer(town)
    grant = proposed(town, person)
    with transaction():
        approve_role(grant, town.chief, NOW)
    assert roles_of(person) == [("clerk", DAY, None)]
    second_admin(town)
    again = proposed(town, person, "receptionist")
    with pytest.raises(NotTheChiefsToDecide):
        approve_role(again, town.chief, NOW)


def test_nobody_decides_about_himself_and_the_database_agrees(town: Town) -> None:
    other = second_admin(town)
    with pytest.raises(NotForOneself):
        proposed(town, town.security_admin)
    grant = proposed(town, other)
    with pytest.raises(NotForOneself):
        approve_role(grant, other, NOW)
    for column, who in (("decided_by_id", town.security_admin.id), ("decided_by_id", other.id)):
        with pytest.raises(IntegrityError), act("role.approve", grant, by=None, at=NOW):
            statement = f"UPDATE role_grant SET state = 'approved', {column} = :who WHERE id = :id"
            db.session.execute(text(statement), {"who": who, "id": grant.id})


def test_a_role_ends_the_same_way(town: Town) -> None:
    other = second_admin(town)
    grant = propose_end(town.clerk.memberships[0], DAY, town.security_admin, NOW, "调出")
    with pytest.raises(ProposedAlready):
        propose_end(town.clerk.memberships[0], DAY, other, NOW, "调出")
    approve_role(grant, other, NOW)
    assert roles_of(town.clerk) == [("clerk", date(2026, 1, 1), DAY)]


def test_a_refused_or_withdrawn_proposal_gives_nothing(town: Town) -> None:
    person, other = newcomer(town), second_admin(town)
    refuse_role(grant := proposed(town, person), other, NOW, "无需")
    withdraw_role(taken := proposed(town, person), town.security_admin, NOW)
    with pytest.raises(SecondPersonNeeded):
        withdraw_role(proposed(town, person), other, NOW)
    assert (history(grant), history(taken)) == (["role.propose", "role.refuse"], ["role.propose", "role.withdraw"])
    assert roles_of(person) == []


def test_nobody_holds_two_of_the_three_administrators_roles(town: Town) -> None:
    """SETTLED 25."""
    with pytest.raises(AdministratorsApart):
        appoint(town.system_admin, town.office, "audit_admin", starts_on=DAY, by=None, at=NOW)
    with pytest.raises(AdministratorsApart):
        proposed(town, town.audit_admin, "system_admin")
    end_membership(town.audit_admin.memberships[0], date(2026, 11, 30), None, NOW, "换岗")
    appoint(town.audit_admin, town.office, "system_admin", starts_on=DAY, by=None, at=NOW)
    assert [role for role, _, _ in roles_of(town.audit_admin)] == ["audit_admin", "system_admin"]


def test_the_pages_lead_from_proposal_to_role(town: Town) -> None:
    person, other = newcomer(town, "申同事"), second_admin(town)
    from accounts.models import Account

    db.session.add_all([Account(person_id=p.id, username=p.name, fs_uniquifier=p.name) for p in (person, other)])
    db.session.commit()
    person_id, path, office = person.id, f"/people/{person.public_id}", str(town.office.public_id)
    proposer, approver = town.browser(town.security_admin), town.browser(town.person("另安全"))
    sent = {"office": office, "role": "clerk", "starts_on": "2026-12-01", "reason": "调入"}
    assert proposer.post(f"{path}/roles", {**sent, "role": "volunteer"}).status_code == 422
    assert proposer.post(f"{path}/roles", sent).status_code == 303
    grant = db.session.scalars(select(RoleGrant.public_id)).one()
    assert "申同事" in text_of(approver.get("/roles"))
    assert proposer.post(f"/roles/{grant}/approval").status_code == 403
    for role in Role:
        if role not in {Role.SECURITY_ADMIN, Role.CHIEF}:
            assert town.browser(getattr(town, role)).post(f"/roles/{grant}/approval").status_code in {403, 404}
    assert town.browser(town.neighbour("chief")).post(f"/roles/{grant}/approval").status_code == 404
    assert approver.post(f"/roles/{grant}/approval").status_code == 303
    assert roles_of(db.session.get_one(Person, person_id)) == [("clerk", DAY, None)]
