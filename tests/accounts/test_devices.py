"""Enrolling a field person's device by a one-use link (TRUST T31, T34, section 7 "Links")."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from pytest import mark, raises
from sqlalchemy import select, text

from accounts.actions.devices import (
    LinkCancelled,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NotInThisRole,
    StaffEnrolsNoDevice,
    cancel_enrolment,
    issue_enrolment,
    link_of,
    open_links,
)
from accounts.actions.people import give_membership
from accounts.actions.sessions import token_hash
from accounts.models import Enrolment, Membership, Person
from extensions import db
from record.act import act, history
from record.models import Act
from tests.accounts.visitor import Visitor, sessions_of, text_of
from tests.town import NOW, Town


def link_for(person: Person, role: str, town: Town, at: datetime | None = None) -> str:
    token = issue_enrolment(person, role, town.office, town.coordinator, at or datetime.now(UTC))
    db.session.remove()
    return f"/i/{token}"


def path_on(page: Any) -> str:
    found = re.search(r"http://localhost(/i/[\w-]{43})", page.text)
    assert found is not None
    return found[1]


def test_a_link_enrols_one_device_once(app: Flask, town: Town) -> None:
    path = link_for(town.volunteer, "volunteer", town)
    phone = Visitor(app)
    shown = phone.get(path)
    assert (shown.status_code, "何志愿" in text_of(shown), "Traffic volunteer" in text_of(shown)) == (200, True, True)
    assert phone.enrol(path).location == "/"
    assert phone.get("/me").status_code == 200
    (device,) = sessions_of(town.volunteer)
    assert (device.kind, device.role, device.device) == ("field", "volunteer", "WeChat · Android")
    assert device.expires_at - device.opened_at == timedelta(days=30)
    other = Visitor(app)
    again = other.get(path)
    assert (again.status_code, "already used" in text_of(again)) == (410, True)
    assert other.enrol(path).status_code == 410
    assert other.get("/me").status_code == 302
    assert history(town.volunteer)[-3:] == ["enrolment.issue", "session.open", "device.enrol"]


def test_opening_a_link_changes_nothing(app: Flask, town: Town) -> None:
    """Messengers and scanners fetch links to preview them (T34)."""
    path = link_for(town.volunteer, "volunteer", town)
    before = [list(db.session.execute(select(t))) for t in (Enrolment.__table__, Act.__table__)]
    db.session.remove()
    answers = [Visitor(app).client.open(path, method=method) for method in ("GET", "HEAD", "OPTIONS")]
    db.session.remove()
    assert [a.status_code for a in answers] == [200, 200, 200]
    assert [list(db.session.execute(select(t))) for t in (Enrolment.__table__, Act.__table__)] == before


def test_what_a_link_opens_is_kept_by_nobody(app: Flask, town: Town) -> None:
    headers = Visitor(app).get(link_for(town.volunteer, "volunteer", town)).headers
    assert [headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")] == [
        "no-store",
        "no-referrer",
        "noindex, nofollow, noarchive",
    ]
    assert Visitor(app).get("/i/" + "x" * 43).headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"


def test_the_secret_of_a_link_is_kept_nowhere(town: Town) -> None:
    path = link_for(town.volunteer, "volunteer", town)
    token = path.removeprefix("/i/")
    kept = [str(row) for table in ("enrolment", "act") for row in db.session.execute(text(f"SELECT * FROM {table}"))]
    assert not [row for row in kept if token in row]
    hash_in_acts = [row for row in db.session.scalars(select(Act)) if token_hash(token) in str(row.changes)]
    assert (hash_in_acts, len(token)) == ([], 43)


def test_an_unknown_link_leads_nowhere(app: Flask, town: Town) -> None:
    assert [Visitor(app).get(f"/i/{t}").status_code for t in ("x", "x" * 43, "%E6%9E%AB", "a" * 900)] == [404] * 4
    with raises(LinkUnknown):
        link_of("nothing", NOW)


def test_a_link_lives_seventy_two_hours(town: Town) -> None:
    token = issue_enrolment(town.volunteer, "volunteer", town.office, town.coordinator, NOW)
    assert link_of(token, NOW + timedelta(hours=72) - timedelta(seconds=1)).role == "volunteer"
    with raises(LinkExpired) as refusal:
        link_of(token, NOW + timedelta(hours=72))
    assert (refusal.value.status, refusal.value.at) == (410, NOW + timedelta(hours=72))


def test_a_second_link_voids_the_first_and_another_role_does_not(town: Town) -> None:
    person = town.squad_leader
    give_membership(
        person, town.office, "traffic_officer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW,
        organisation=person.memberships[0].organisation,
    )  # fmt: skip
    first = issue_enrolment(person, "squad_leader", town.office, town.coordinator, NOW)
    other = issue_enrolment(person, "traffic_officer", town.office, town.coordinator, NOW)
    second = issue_enrolment(person, "squad_leader", town.office, town.coordinator, NOW)
    with raises(LinkCancelled):
        link_of(first, NOW)
    assert [link_of(token, NOW).role for token in (other, second)] == ["traffic_officer", "squad_leader"]


def test_who_issued_a_link_can_withdraw_it(app: Flask, town: Town) -> None:
    desk = town.browser(town.coordinator)
    path = path_on(desk.post(f"/people/{town.volunteer.public_id}/enrolment", {"role": "volunteer"}))
    (link,) = open_links(town.volunteer, datetime.now(UTC))
    at = f"/people/{town.volunteer.public_id}/enrolment/{link.public_id}/cancellation"
    wrong = f"/people/{town.lawyer.public_id}/enrolment/{link.public_id}/cancellation"
    assert [desk.post(address).status_code for address in (wrong, at)] == [404, 303]
    gone = Visitor(app).get(path)
    assert (gone.status_code, "withdrawn" in text_of(gone)) == (410, True)
    assert Visitor(app).enrol(path).status_code == 410
    assert history(town.volunteer)[-2:] == ["enrolment.issue", "enrolment.cancel"]


def test_a_used_link_is_not_withdrawn(app: Flask, town: Town) -> None:
    path = link_for(town.volunteer, "volunteer", town)
    Visitor(app).enrol(path)
    link = db.session.scalars(select(Enrolment)).one()
    cancel_enrolment(link, town.coordinator, datetime.now(UTC))
    assert (link.cancelled_at, link.used_at is None) == (None, False)
    with raises(LinkUsed):
        link_of(path.removeprefix("/i/"), datetime.now(UTC))


@mark.parametrize("role", ["coordinator", "legal_aid_contact", "", "admin"])
def test_a_staff_role_cannot_be_enrolled(town: Town, role: str) -> None:
    with raises(StaffEnrolsNoDevice):
        issue_enrolment(town.volunteer, role, town.office, town.coordinator, NOW)


def test_whoever_has_a_staff_role_as_well_enrols_no_device(app: Flask, town: Town) -> None:
    path = link_for(town.lawyer, "lawyer", town)
    phone = Visitor(app)
    phone.enrol(link_for(town.lawyer, "lawyer", town))
    assert phone.get("/me").status_code == 200
    give_membership(town.lawyer, town.other_office, "clerk", starts_on=date(2026, 1, 1), by=town.security_admin, at=NOW)
    with raises(StaffEnrolsNoDevice):
        issue_enrolment(town.lawyer, "lawyer", town.office, town.coordinator, NOW)
    db.session.remove()
    assert phone.get("/me").status_code == 302
    assert Visitor(app).get(path).status_code == 410


def test_a_link_made_before_a_staff_role_enrols_nothing_after_it(app: Flask, town: Town) -> None:
    path = link_for(town.lawyer, "lawyer", town)
    give_membership(town.lawyer, town.other_office, "clerk", starts_on=date(2026, 1, 1), by=town.security_admin, at=NOW)
    db.session.remove()
    assert [Visitor(app).get(path).status_code, Visitor(app).enrol(path).status_code] == [409, 409]
    assert sessions_of(town.lawyer) == []


def test_a_role_the_person_does_not_have_gets_no_link(town: Town) -> None:
    with raises(NotInThisRole):
        issue_enrolment(town.volunteer, "traffic_officer", town.office, town.coordinator, NOW)
    with raises(NotInThisRole):
        issue_enrolment(town.volunteer, "volunteer", town.other_office, town.coordinator, NOW)


def test_a_link_dies_with_the_role_it_was_made_for(app: Flask, town: Town) -> None:
    path = link_for(town.lawyer, "lawyer", town)
    membership = db.session.scalars(select(Membership).where(Membership.person_id == town.lawyer.id)).one()
    with act("membership.end", membership, by=town.coordinator, at=NOW):
        membership.ends_on = date(2026, 11, 1)
    db.session.remove()
    assert Visitor(app).get(path).status_code == 410


def test_a_volunteers_link_never_yields_another_role(app: Flask, town: Town) -> None:
    """The device opens what it was enrolled for, whatever else its owner is (T31)."""
    person = town.volunteer
    squad = town.squad_leader.memberships[0].organisation
    give_membership(
        person, town.office, "squad_leader", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW, organisation=squad
    )
    officer = f"/people/{town.traffic_officer.public_id}/enrolment"
    as_volunteer, as_leader = Visitor(app), Visitor(app)
    path = link_for(town.volunteer, "volunteer", town)
    as_volunteer.post(path, {"pin": "402917", "again": "402917", "role": "squad_leader"})
    as_leader.enrol(link_for(town.volunteer, "squad_leader", town))
    assert [as_volunteer.get(officer).status_code, as_leader.get(officer).status_code] == [404, 200]
    assert "Squad leader" not in text_of(as_volunteer.get("/me"))


def test_the_coordinator_gets_a_card_with_code_link_and_expiry(town: Town) -> None:
    desk = town.browser(town.coordinator)
    desk.post("/language", {"language": "en"})
    address = f"/people/{town.volunteer.public_id}/enrolment"
    assert "Make a link" in text_of(desk.get(address))
    page = desk.post(address, {"role": "volunteer", "form_id": "once"})
    said = text_of(page)
    assert page.status_code == 200
    assert [w for w in ("何志愿", "Traffic volunteer", "Works once, until", "Withdraw") if w not in said] == []
    assert "<svg" in page.text
    assert "style=" not in page.text
    path = path_on(page)
    assert path_on(desk.post(address, {"role": "volunteer", "form_id": "once"})) == path
    assert path not in desk.get(address).text


@mark.parametrize(
    ("who", "whom", "role", "status"),
    [
        ("coordinator", "volunteer", "volunteer", 200),
        ("coordinator", "chief", "chief", 409),
        ("coordinator", "volunteer", "chief", 409),
        ("squad_leader", "traffic_officer", "traffic_officer", 200),
        ("squad_leader", "volunteer", "volunteer", 404),
        ("legal_aid_contact", "lawyer", "lawyer", 200),
        ("legal_aid_contact", "traffic_officer", "traffic_officer", 404),
        ("prosecutor", "volunteer", "volunteer", 404),
        ("volunteer", "volunteer", "volunteer", 403),
        ("chief", "volunteer", "volunteer", 403),
    ],
)
def test_who_may_enrol_whom(town: Town, who: str, whom: str, role: str, status: int) -> None:
    address = f"/people/{getattr(town, whom).public_id}/enrolment"
    browser = town.browser(getattr(town, who))
    assert browser.post(address, {"role": role}).status_code == status


def test_nobody_enrols_another_offices_people(town: Town) -> None:
    address = f"/people/{town.neighbour('volunteer').public_id}/enrolment"
    browser = town.browser(town.coordinator)
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"role": "volunteer"}).status_code == 404


def test_enrolling_again_in_the_same_browser_ends_the_older_device(app: Flask, town: Town) -> None:
    phone = Visitor(app)
    phone.enrol(link_for(town.volunteer, "volunteer", town))
    old = phone.cookie()
    phone.enrol(link_for(town.volunteer, "volunteer", town))
    assert [s.revoked_at is None for s in sessions_of(town.volunteer)] == [False, True]
    thief = Visitor(app)
    thief.use_cookie(old)
    assert thief.get("/me").status_code == 302


def test_whoever_enrols_or_signs_out_in_a_browser_it_stays_one_browser(app: Flask, town: Town) -> None:
    """T32: its mark says so, opens nothing, and another browser has another."""
    phone, other = Visitor(app), Visitor(app)
    first, third = link_for(town.volunteer, "volunteer", town), link_for(town.lawyer, "lawyer", town)
    second = link_for(town.squad_leader, "squad_leader", town)
    phone.enrol(first)
    phone.post("/account/sign-out", {"sure": "yes"})
    assert phone.get("/me").status_code == 302
    phone.enrol(second)
    other.enrol(third)
    marks = [sessions_of(whom)[0].browser for whom in (town.volunteer, town.squad_leader, town.lawyer)]
    assert marks[0] == marks[1] != marks[2] and all(marks)


def test_a_field_role_that_comes_or_goes_shows_at_once_and_ends_no_session(app: Flask, town: Town) -> None:
    phone = Visitor(app)
    phone.enrol(link_for(town.squad_leader, "squad_leader", town))
    officer = f"/people/{town.traffic_officer.public_id}/enrolment"
    assert phone.get(officer).status_code == 200
    membership = db.session.scalars(select(Membership).where(Membership.person_id == town.squad_leader.id)).one()
    with act("membership.end", membership, by=town.coordinator, at=NOW):
        membership.ends_on = date(2026, 11, 1)
    db.session.remove()
    assert phone.get(officer).status_code == 404
    assert phone.get("/language").location == "/"


def test_revoking_a_person_withdraws_his_links_too(app: Flask, town: Town) -> None:
    path = link_for(town.volunteer, "volunteer", town)
    town.browser(town.coordinator).post(f"/people/{town.volunteer.public_id}/revocation")
    assert Visitor(app).get(path).status_code == 410


def test_two_who_press_at_once_enrol_one_device(app: Flask, town: Town) -> None:
    from accounts.actions.devices import enrol_device
    from accounts.actions.passwords import account_of

    token = issue_enrolment(town.volunteer, "volunteer", town.office, town.coordinator, NOW)
    with app.test_request_context(method="POST"):
        link = link_of(token, NOW)
        enrol_device(link, account_of(link.person), "hash", NOW)
        with raises(LinkUsed):
            enrol_device(link, account_of(link.person), "hash", NOW)
    assert len(sessions_of(town.volunteer)) == 1
