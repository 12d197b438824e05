"""Who is on duty: a lawyer's own page, today's lawyer for staff and public, his number, stand-ins (L-10, 8.2)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.access import Viewer
from accounts.models import Account, Person
from extensions import db
from lawyers import my_day
from lawyers.actions.duty import (
    HoursLent,
    NobodyThere,
    NoNumber,
    NotInForce,
    ReasonMissing,
    call_lawyer,
    cancel_duty,
    give_up_duty,
    substitute_duty,
)
from lawyers.actions.publishing import publish_rota
from lawyers.models import Duty, LawyerEntry, Rota, Station, key_of
from record import invariants
from record.act import act, history
from record.edge import now
from record.models import Message
from scheduler.actions.absence import approve_absence, hit_by, released_along, request_absence
from scheduler.calendar.feeds import make_feed
from scheduler.timeline.lending import lend
from scheduler.timeline.models import Booking
from tests.engines import grown
from tests.lawyers.conftest import coming_month, generated, make_station, on_duty_today, take_register
from tests.town import NOW, ZONE, Town, forget_request, local


@grown("published")
def publish_month(town: Town) -> None:
    take_register(town)
    publish_rota(generated(town, make_station(town), coming_month(), now()), town.coordinator, now())


@pytest.fixture
def published(town: Town) -> Rota:
    """Next month, published."""
    return db.session.scalars(select(Rota)).one()


def with_account(town: Town, entry: LawyerEntry) -> Person:
    """The lawyer, who has enrolled a device."""
    account = Account(person_id=entry.person.id, username=entry.name, fs_uniquifier=f"x-{entry.id}")
    with act("account.open", entry.person, by=None, at=NOW):
        db.session.add(account)
    return entry.person


def idle_of(register: list[LawyerEntry], rota: Rota) -> LawyerEntry:
    busy = {duty.lawyer_id for duty in rota.duties}
    return next(entry for entry in register if entry.id not in busy)


def messages(template: str) -> list[int]:
    sent = select(Message.recipient_id).where(Message.template == template, Message.channel == "page")
    return list(db.session.scalars(sent.order_by(Message.id)))


def test_a_lawyer_sees_his_duties_and_nobody_elses(town: Town, published: Rota) -> None:
    duty = published.duties[3]
    assert duty.lawyer is not None
    on, others = duty.serves_on, [d.serves_on for d in published.duties if d.lawyer_id != duty.lawyer_id]
    browser = town.browser(with_account(town, duty.lawyer))
    page = browser.get("/duties").text
    assert f'datetime="{on.isoformat()}"' in page
    assert [other for other in others if f'datetime="{other.isoformat()}"' in page] == []
    assert ("09:00–12:00" in page, "14:00–17:00" in page, "/me/feeds" in page, "/leave" in page) == (True,) * 4
    led = browser.get("/rotas")
    assert (led.status_code, led.location) == (302, "/duties")
    assert browser.get("/rotas?all=").status_code == 200


def test_his_feed_holds_his_duties_and_loses_what_he_gives_up(
    town: Town, register: list[LawyerEntry], published: Rota
) -> None:
    duty = published.duties[3]
    assert duty.lawyer is not None and duty.event is not None
    lawyer, uid, number = duty.lawyer.person, str(duty.event.uid), duty.id
    _, token = make_feed(lawyer, town.office, now(), name="手机", kind="own", language="zh_Hans_CN")
    text = town.app.test_client().get(f"/feeds/{token}.ics").text
    assert (text.count("BEGIN:VEVENT"), f"UID:{uid}" in text, "STATUS:CONFIRMED" in text) == (1, True, True)
    forget_request()
    give_up_duty(db.session.get_one(Duty, number), town.coordinator, now(), "病")
    text = town.app.test_client().get(f"/feeds/{token}.ics").text
    assert (f"UID:{uid}" in text, "STATUS:CANCELLED" in text) == (True, True)


def test_who_stands_in_reads_for_whom_and_who_gave_up_by_whom(
    town: Town, register: list[LawyerEntry], published: Rota
) -> None:
    duty, idle = published.duties[3], idle_of(register, published)
    assert duty.lawyer is not None
    first = duty.lawyer
    number, names, key = duty.id, (first.name, idle.name), idle.id
    people = [with_account(town, entry).id for entry in (first, idle)]
    give_up_duty(duty, town.coordinator, now(), "病")
    assert "Nobody stands in yet." in town.browser(town.person(names[0])).get("/duties").text
    duty, idle = db.session.get_one(Duty, number), db.session.get_one(LawyerEntry, key)
    substitute_duty(duty, idle, town.coordinator, now(), "代班")
    assert history(duty) == ["duty.release", "duty.substitute"]
    assert messages("lawyers/duty_given_up") == people[:1]
    assert messages("lawyers/duty_stand_in") == people[1:]
    assert invariants.broken() == []
    assert f"{names[1]} stands in for you." in town.browser(town.person(names[0])).get("/duties").text
    assert f"You stand in for {names[0]}" in town.browser(town.person(names[1])).get("/duties").text
    told = {name: town.browser(town.person(name)).get("/me/messages").text for name in names}
    assert ["不再由您值班" in told[name] for name in names] == [True, False]
    assert "由您值班" in told[names[1]]


def test_a_cancelled_duty_frees_its_lawyer_and_tells_him(town: Town, published: Rota) -> None:
    duty = published.duties[3]
    assert duty.lawyer is not None and duty.event is not None
    who, name = with_account(town, duty.lawyer).id, duty.lawyer.name
    with pytest.raises(ReasonMissing):
        cancel_duty(duty, town.coordinator, now(), "")
    cancel_duty(duty, town.coordinator, now(), "停电")
    assert (duty.state, duty.event.status, [b.binds for b in duty.event.bookings]) == (
        "cancelled",
        "cancelled",
        [False, False],
    )
    assert messages("lawyers/duty_cancelled") == [who]
    assert invariants.broken() == []
    with pytest.raises(NotInForce):
        cancel_duty(duty, town.coordinator, now(), "停电")
    browser = town.browser(town.person(name))
    assert "的值班已取消" in browser.get("/me/messages").text
    assert "There is no duty that day." in browser.get("/duties").text


def test_an_hour_lent_to_a_hearing_keeps_the_duty_where_it_is(town: Town, published: Rota) -> None:
    duty = published.duties[3]
    assert duty.event is not None
    on = duty.serves_on.isoformat()
    hearing = town.event("听证会", f"{on} 10:00", f"{on} 11:00", kind="hearing")
    morning = min(duty.event.bookings, key=lambda booking: booking.starts_at)
    with act("event.plan", hearing, by=town.coordinator, at=now()):
        lend(morning, hearing.starts_at, hearing.ends_at, hearing, "hearing_officer")
    for refused in (give_up_duty, cancel_duty):
        with pytest.raises(HoursLent):
            refused(duty, town.coordinator, now(), "病")


def test_leave_that_takes_a_lent_lawyer_empties_his_duty(town: Town, published: Rota) -> None:
    duty = published.duties[3]
    assert duty.event is not None and duty.lawyer is not None
    on, lawyer = duty.serves_on.isoformat(), duty.lawyer.person
    hearing = town.event("听证会", f"{on} 10:00", f"{on} 11:00", kind="conference")
    morning = min(duty.event.bookings, key=lambda booking: booking.starts_at)
    with act("event.plan", hearing, by=town.coordinator, at=now()):
        lend(morning, hearing.starts_at, hearing.ends_at, hearing, "hearing_officer")
    leave = request_absence(lawyer, town.office, local(f"{on} 10:00"), local(f"{on} 11:00"), by=lawyer, at=now())
    approve_absence(leave, town.coordinator, now(), release=[booking.id for booking in hit_by(leave)])
    assert (duty.state, duty.lawyer, [b for b in duty.event.bookings if b.binds]) == ("uncovered", None, [])
    assert invariants.broken() == []


def test_the_days_page_empties_and_cancels_a_published_duty(
    town: Town, register: list[LawyerEntry], published: Rota
) -> None:
    one, other, idle = published.duties[3], published.duties[4], idle_of(register, published)
    paths = [f"/rotas/{published.public_id}/days/{duty.serves_on.isoformat()}" for duty in (one, other)]
    forms = [{"duty": str(duty.public_id)} for duty in (one, other)]
    keys, entry = (one.id, other.id), key_of(idle)
    browser = town.browser(town.coordinator)
    assert browser.post(f"{paths[0]}/vacancy", forms[0]).status_code == 422
    for reason in ("\x00", "病\x00", "\u202e"):
        assert browser.post(f"{paths[0]}/vacancy", {**forms[0], "reason": reason}).status_code in {400, 422}
        assert browser.post(paths[0], {**forms[0], "lawyer": entry, "reason": reason}).status_code in {400, 422}
    assert browser.post(f"{paths[0]}/vacancy", {**forms[0], "reason": "病"}).status_code == 303
    assert browser.post(f"{paths[0]}/vacancy", {**forms[0], "reason": "病"}).status_code == 409
    assert browser.post(paths[0], {**forms[0], "lawyer": entry, "reason": "代班"}).status_code == 303
    assert browser.post(f"{paths[1]}/cancellation", {**forms[1], "reason": "停电"}).status_code == 303
    assert browser.post(f"{paths[1]}/cancellation", {"duty": "x"}).status_code == 422
    assert [db.session.get_one(Duty, key).state for key in keys] == ["published", "cancelled"]


def test_todays_lawyer_is_seen_at_a_glance_and_called_by_those_who_fetch_him(
    town: Town, register: list[LawyerEntry], station: Station
) -> None:
    """Only coordinator, receptionist and the legal-aid body see the number, and each look is an act."""
    duty = on_duty_today(town, station, register[0])
    path, name, phone, key = f"/duties/{duty.public_id}/call", register[0].name, register[0].person.phone, duty.id
    assert phone is not None
    for who in ("coordinator", "receptionist", "legal_aid_contact", "prosecutor", "clerk", "chief"):
        day = town.browser(getattr(town, who)).get("/").text
        may = who in {"coordinator", "receptionist", "legal_aid_contact"}
        assert (who, name in day, path in day, phone in day) == (who, True, may, False)
    shown = town.browser(town.receptionist).post(path, headers={"HX-Request": "true"})
    assert (shown.status_code, f'href="tel:{phone}"' in shown.text) == (200, True)
    assert history(db.session.get_one(Duty, key)) == ["duty.call"]
    for who in ("prosecutor", "clerk", "lawyer", "volunteer"):
        assert town.browser(getattr(town, who)).post(path).status_code in {403, 404}
    assert town.browser(town.neighbour("receptionist")).post(path).status_code == 404


def test_nobodys_number_is_looked_up_on_another_day(town: Town, published: Rota) -> None:
    with pytest.raises(NotInForce):
        call_lawyer(published.duties[0], town.coordinator, now())


def test_where_nobody_is_on_duty_nobody_is_called(town: Town, register: list[LawyerEntry], station: Station) -> None:
    duty = on_duty_today(town, station, None)
    with pytest.raises(NobodyThere):
        call_lawyer(duty, town.coordinator, now())
    path = f"/rotas/{duty.rota.public_id}/days/{duty.serves_on.isoformat()}"
    day = town.browser(town.coordinator).get("/").text
    assert ("Nobody is on duty on" in day, path in day) == (True, True)


def test_a_number_that_the_office_has_not_typed_is_not_shown(town: Town, station: Station) -> None:
    member = town.lawyer.memberships[0]
    entry = LawyerEntry(office_id=town.office.id, membership_id=member.id, licence="1")
    with act("lawyer.register", entry, by=None, at=NOW):
        db.session.add(entry)
    with pytest.raises(NoNumber):
        call_lawyer(on_duty_today(town, station, entry), town.coordinator, now())


def test_the_public_page_and_the_card_show_todays_lawyer_and_nothing_else(
    town: Town, register: list[LawyerEntry], station: Station
) -> None:
    """L-10: name, firm, hours; no number. Another day is for those who may see the rota."""
    on_duty_today(town, station, register[0])
    name, firm, phone = register[0].name, register[0].firm, register[0].person.phone or "-"
    card, tomorrow = f"/duty/today/{station.public_id}", (now().astimezone(ZONE).date() + timedelta(days=1)).isoformat()
    visitor = town.app.test_client()
    for path in ("/duty/today", card, f"{card}?on={tomorrow}", f"{card}?on=x"):
        page = visitor.get(path).text
        assert (path, name in page, firm in page, "09:00–12:00" in page, phone in page) == (
            path,
            True,
            True,
            True,
            False,
        )
    forget_request()
    assert name not in town.browser(town.clerk).get(f"{card}?on={tomorrow}").text
    assert visitor.get("/duty/today/00000000-0000-4000-8000-000000000000").status_code == 404


def test_an_event_of_the_calendar_is_named_and_leads_on_by_who_looks(town: Town, published: Rota) -> None:
    duty = published.duties[0]
    assert duty.lawyer is not None and duty.event is not None
    name, day = duty.lawyer.name, duty.serves_on
    link = f"/duties/events/{duty.event.public_id}"
    span = f"/calendar/events?start={day}&end={day + timedelta(days=1)}"
    who = {"coordinator": f"Duty lawyer: {name}", "prosecutor": f"Duty lawyer: {name}", "case_management": None}
    for role, title in who.items():
        found = town.browser(getattr(town, role)).get(span).json
        titles = [event["title"] for event in found]
        assert (role, titles) == (role, [title or "Lawyer's duty"])
    led = {role: town.browser(getattr(town, role)).get(link) for role in ("coordinator", "prosecutor")}
    assert {role: bool(re.search(r"/days/", answer.location)) for role, answer in led.items()} == {
        "coordinator": True,
        "prosecutor": False,
    }
    assert town.browser(town.neighbour("coordinator")).get(link).status_code == 404


@pytest.mark.parametrize(("day", "waits"), [("2026-11-20", []), ("2026-11-21", ["2026-12-01"])])
def test_the_next_month_waits_from_ten_days_before_it_begins(
    town: Town, register: list[LawyerEntry], station: Station, day: str, waits: list[str]
) -> None:
    at = local(f"{day} 09:00")
    with town.app.test_request_context():
        found = list(my_day.waiting(Viewer(town.coordinator, at.date()), town.office, at))
    assert [wait.due_on.isoformat() for wait in found if wait.due_on] == waits


def test_what_waits_for_whoever_drafts_stands_on_his_day(
    town: Town, register: list[LawyerEntry], station: Station
) -> None:
    rota = generated(town, station, coming_month(), now())
    path = f"/rotas/{rota.public_id}"
    for who, waits in (("coordinator", True), ("legal_aid_contact", True), ("prosecutor", False)):
        assert (who, path in town.browser(getattr(town, who)).get("/").text) == (who, waits)


def test_half_a_day_of_leave_names_the_whole_duty_that_it_ends(town: Town, published: Rota) -> None:
    duty = published.duties[3]
    assert duty.lawyer is not None
    number, on, lawyer = duty.id, duty.serves_on, duty.lawyer.person
    hours = local(f"{on} 14:00"), local(f"{on} 17:00")
    leave = request_absence(lawyer, town.office, *hours, by=lawyer, at=now())
    hit, along = hit_by(leave), released_along(hit_by(leave))
    assert [local_hours(b) for b in hit] == ["14:00–17:00"]
    assert [local_hours(b) for b in along[hit[0].id]] == ["09:00–12:00"]
    path, shown = f"/leave/requests/{leave.public_id}", str(hit[0].public_id)
    browser = town.browser(town.coordinator)
    for page in (browser.get(path).text, browser.get("/leave/requests").text):
        assert [hour in page for hour in ("14:00–17:00", "09:00–12:00")] == [True, True]
    assert browser.post(f"{path}/approval", {"release": [shown]}).status_code == 303
    duty = db.session.get_one(Duty, number)
    assert duty.event is not None
    assert (duty.state, duty.lawyer_id) == ("uncovered", None)
    assert [b.status for b in duty.event.bookings] == ["released", "released"]
    assert (history(duty), invariants.broken()) == (["duty.release"], [])


def test_leave_of_a_whole_day_names_each_half_of_a_duty_once(town: Town, published: Rota) -> None:
    duty = published.duties[3]
    assert duty.lawyer is not None
    day = local(f"{duty.serves_on} 00:00")
    lawyer = duty.lawyer.person
    leave = request_absence(lawyer, town.office, day, day + timedelta(days=1), by=lawyer, at=now())
    hit = hit_by(leave)
    assert [local_hours(b) for b in hit] == ["09:00–12:00", "14:00–17:00"]
    assert [hours for hours in released_along(hit).values() if hours] == []


def local_hours(booking: Booking) -> str:
    return "–".join(f"{at.astimezone(ZONE):%H:%M}" for at in (booking.starts_at, booking.ends_at))
