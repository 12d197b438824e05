"""Publishing through its page: said before, refused with names, done; the next version keeps what stands (8.2)."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from accounts.actions.memberships import end_membership
from accounts.actions.people import give_membership
from accounts.actions.settings import change_setting
from accounts.models import Account, Organisation
from accounts.setting_values import Value
from extensions import db
from lawyers.actions.duty import assign_duty, cancel_duty
from lawyers.actions.publishing import NotThePublisher, publish_rota
from lawyers.actions.register import record_leave
from lawyers.actions.rota import asked_of, draft_rota, fill_rota
from lawyers.actions.station import change_station
from lawyers.models import Duty, LawyerEntry, Rota
from record import invariants
from record.act import act, history
from record.edge import now
from record.models import Message
from scheduler.fairness.rota import generate
from scheduler.fairness.rota_values import CHANGES
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking, Event
from scheduler.timeline.timeline import Take
from tests.engines import grown
from tests.lawyers.conftest import coming_month, generated, make_station, take_register
from tests.town import NOW, ZONE, Town

DECEMBER = date(2026, 12, 1), date(2026, 12, 31)


@grown("whole_december")
def generate_december(town: Town) -> None:
    take_register(town)
    generated(town, make_station(town), DECEMBER, NOW)


@pytest.fixture
def whole_december(town: Town) -> Rota:
    return db.session.scalars(select(Rota)).one()


@pytest.fixture
def path(month: Rota) -> str:
    return f"/rotas/{month.public_id}/publication"


def told() -> dict[int, tuple[list[str], list[str], list[str]]]:
    """What the newest publishing said to whom."""
    sent = select(Message).where(Message.template == "lawyers/rota_published", Message.channel == "page")
    messages = list(db.session.scalars(sent.order_by(Message.id)))
    newest = [m for m in messages if m.act_uid == messages[-1].act_uid] if messages else []
    return {m.recipient_id: (m.facts["added"], m.facts["removed"], m.facts["changed"]) for m in newest}


def test_whoever_reads_of_a_publishing_reads_days_and_what_happens_on_them(town: Town, month: Rota) -> None:
    """Added, taken away and with other hours: each with its days, as the reader's language writes them."""
    duty = month.duties[0]
    assert duty.lawyer is not None
    person = duty.lawyer.person
    account = Account(person_id=person.id, username=person.name, fs_uniquifier=f"x-{person.id}")
    with act("account.open", person, by=None, at=now()):
        db.session.add(account)
    name, number, days = person.name, month.id, f"{duty.serves_on.month}月{duty.serves_on.day}日"
    publish_rota(month, town.coordinator, now())
    change_station(month.station, {"pm_starts": None, "pm_ends": None}, town.coordinator, now(), "只值上午")
    second = draft_rota(month.station, *coming_month(), town.coordinator, now())
    publish_rota(second, town.coordinator, now())
    page = town.browser(town.person(name)).get("/me/messages").text
    bodies = re.findall(r'<p class="as-written">(.*?)</p>', page, re.DOTALL)
    assert [days in body for body in bodies] == [True, True]
    assert ["有变动" in body for body in bodies] == [True, False]
    assert db.session.get_one(Rota, number).state == "superseded"


def test_the_page_says_what_publishing_does_and_does_it(town: Town, month: Rota, path: str) -> None:
    number, duties = month.id, len(month.duties)
    browser = town.browser(town.coordinator)
    page = browser.get(path).text
    assert page.count(f"<dd>{duties}</dd>") == 2  # so many duties, and as many lawyers who are told
    answer = browser.post(path)
    assert (answer.status_code, answer.location) == (303, path.removesuffix("/publication"))
    rota = db.session.get_one(Rota, number)
    assert (rota.state, {duty.state for duty in rota.duties}) == ("published", {"published"})
    bound = select(Booking).where(Booking.role == "duty_lawyer", Booking.binds)
    assert len(db.session.scalars(bound).all()) == 2 * duties
    assert invariants.broken() == []
    assert browser.get(path).status_code == 409
    assert browser.post(path).status_code == 409


def test_empty_days_are_published_only_when_somebody_says_so(town: Town, month: Rota, path: str) -> None:
    number, empty = month.id, month.duties[0]
    day = empty.serves_on
    assign_duty(empty, None, town.coordinator, now())
    browser = town.browser(town.coordinator)
    refused = browser.post(path)
    assert (refused.status_code, f"/days/{day.isoformat()}" in refused.text) == (409, True)
    assert browser.post(path, {"accept_empty": "y", "despite": "年初人少"}).status_code == 303
    states = {duty.serves_on: duty.state for duty in db.session.get_one(Rota, number).duties}
    assert [on for on, state in states.items() if state == "uncovered"] == [day]


def test_cells_that_cannot_bind_are_named_on_the_page(town: Town, month: Rota, path: str) -> None:
    hit, number = month.duties[:2], month.id
    names = []
    for duty in hit:
        assert duty.lawyer is not None
        names.append(duty.lawyer.name)
        meeting = town.event("听证会", f"{duty.serves_on} 10:00", f"{duty.serves_on} 11:00")
        with act("event.plan", meeting, by=town.coordinator, at=now()):
            timeline.rebook(Take(meeting, timeline.resource_of(duty.lawyer.person), "hearing_officer"))
    answer = town.browser(town.coordinator).post(path, {"despite": "试"})
    assert answer.status_code == 409
    assert [name for name in names if f'<strong class="name">{name}</strong>' in answer.text] == names
    assert answer.text.count("听证会") >= 2
    assert db.session.get_one(Rota, number).state == "draft"
    assert db.session.scalars(select(Event).where(Event.kind == "duty")).all() == []


def test_only_those_who_publish_find_the_page(town: Town, path: str) -> None:
    assert town.browser(town.prosecutor).get(path).status_code == 404
    assert town.browser(town.lawyer).post(path).status_code == 404
    assert town.browser(town.neighbour("coordinator")).post(path).status_code == 404


def published_by(town: Town, whom: str) -> None:
    change = {"by": town.coordinator, "at": NOW, "reason": "协议", "effective_from": NOW.date()}
    change_setting(town.office, "rota.publisher", Value(whom, ""), **change)


def test_who_coordinated_the_office_publishes_until_his_last_day(town: Town, whole_december: Rota) -> None:
    """L-07; he still sees the rota, as contact of the body."""
    contact, last = town.legal_aid_contact, NOW.date()
    held = give_membership(contact, town.office, "coordinator", starts_on=date(2026, 1, 1), by=None, at=NOW)
    end_membership(held, last, None, NOW, "调动")
    published_by(town, "office")
    with pytest.raises(NotThePublisher):
        publish_rota(whole_december, contact, NOW + timedelta(days=1))
    assert (whole_december.state, history(whole_december)[-1]) == ("draft", "rota.generate")
    publish_rota(whole_december, contact, NOW)
    assert whole_december.state == "published"


def test_who_coordinates_no_more_is_refused_on_the_page(town: Town, path: str, month: Rota) -> None:
    number = month.id
    today = now().astimezone(ZONE).date()
    held = give_membership(
        town.legal_aid_contact, town.office, "coordinator", starts_on=date(2026, 1, 1), by=None, at=NOW
    )
    end_membership(held, today - timedelta(days=1), None, NOW, "调动")
    published_by(town, "office")
    assert town.browser(town.legal_aid_contact).post(path).status_code == 403
    assert db.session.get_one(Rota, number).state == "draft"


def test_the_body_that_publishes_is_the_stations_own(town: Town, whole_december: Rota) -> None:
    """L-07, TRUST 2 (a: my station, my legal-aid body)."""
    published_by(town, "legal_aid_body")
    [mine] = town.legal_aid_contact.memberships
    other = Organisation(office_id=town.office.id, kind="legal_aid_body", name="市法援中心")
    station = whole_december.station
    with act("organisation.enter", other, by=None, at=NOW):
        db.session.add(other)
    for body in (other.id, None):
        with act("station.change", station, by=None, at=NOW):
            station.organisation_id = body
        with pytest.raises(NotThePublisher):
            publish_rota(whole_december, town.legal_aid_contact, NOW)
    with act("station.change", station, by=None, at=NOW):
        station.organisation_id = mine.organisation_id
    publish_rota(whole_december, town.legal_aid_contact, NOW)
    assert whole_december.state == "published"


def test_repairing_a_published_month_changes_what_it_must_and_nothing_else(
    town: Town, register: list[LawyerEntry], whole_december: Rota
) -> None:
    """One lawyer's leave is one change, though others owe more by now; only two people hear of it."""
    publish_rota(whole_december, town.coordinator, NOW)
    given_up = whole_december.duties[10]
    gone = given_up.lawyer
    assert gone is not None and given_up.event is not None
    release = [booking.id for booking in given_up.event.bookings]
    on = given_up.serves_on
    record_leave(gone, on, on, town.coordinator, NOW, release=release)
    second = draft_rota(whole_december.station, *DECEMBER, town.coordinator, NOW)
    asked = asked_of(second, NOW.date())
    plan = generate(asked.problem)
    assert plan.measures[CHANGES].spread == 0
    fill_rota(second, plan, asked.made_from, town.coordinator, NOW)
    new = next(duty.lawyer for duty in second.duties if duty.serves_on == on)
    assert new is not None
    before = {d.serves_on: d.lawyer_id for d in whole_december.duties if d.serves_on != on}
    assert {d.serves_on: d.lawyer_id for d in second.duties if d.serves_on != on} == before
    publish_rota(second, town.coordinator, NOW + timedelta(hours=1))
    assert told() == {new.membership.person_id: ([on.isoformat()], [], [])}
    assert invariants.broken() == []


def test_a_new_version_takes_the_hours_that_the_station_has_now(town: Town, whole_december: Rota) -> None:
    """What is published keeps its hours until then; each lawyer hears that his day has changed (L-26)."""
    publish_rota(whole_december, town.coordinator, NOW)
    change_station(whole_december.station, {"pm_starts": None, "pm_ends": None}, town.coordinator, NOW, "只值上午")
    second = draft_rota(whole_december.station, *DECEMBER, town.coordinator, NOW)
    publish_rota(second, town.coordinator, NOW + timedelta(hours=1))
    hours = {
        (b.starts_at.astimezone(ZONE).time(), b.ends_at.astimezone(ZONE).time())
        for duty in second.duties
        if duty.event
        for b in duty.event.bookings
        if b.binds
    }
    assert hours == {(time(9), time(12))}
    assert {duty.sessions for duty in second.duties} == {"am"}
    days = {d.lawyer.membership.person_id: ([], [], [d.serves_on.isoformat()]) for d in second.duties if d.lawyer}
    assert told() == days
    assert invariants.broken() == []


def test_a_new_version_for_other_hours_keeps_what_was_served(town: Town, whole_december: Rota) -> None:
    publish_rota(whole_december, town.coordinator, NOW)
    later = NOW + timedelta(days=20)
    change_station(whole_december.station, {"pm_starts": None, "pm_ends": None}, town.coordinator, later, "只值上午")
    second = draft_rota(whole_december.station, *DECEMBER, town.coordinator, later)
    publish_rota(second, town.coordinator, later)
    sessions = {duty.serves_on < later.astimezone(ZONE).date(): duty.sessions for duty in second.duties}
    assert sessions == {True: "am+pm", False: "am"}
    kept = select(Duty).where(Duty.rota_id == whole_december.id, Duty.event_id.is_(None))
    assert {d.serves_on < later.astimezone(ZONE).date() for d in db.session.scalars(kept)} == {True}
    assert invariants.broken() == []


def test_a_duty_ended_for_good_stays_away_from_the_next_version(town: Town, whole_december: Rota) -> None:
    publish_rota(whole_december, town.coordinator, NOW)
    ended = whole_december.duties[5]
    cancel_duty(ended, town.coordinator, NOW, "当日闭馆")
    kept = [(d.serves_on, d.lawyer_id) for d in whole_december.duties if d is not ended]
    second = draft_rota(whole_december.station, *DECEMBER, town.coordinator, NOW)
    assert [(d.serves_on, d.lawyer_id) for d in second.duties] == kept
    asked = asked_of(second, NOW.astimezone(ZONE).date())
    plan = generate(asked.problem)
    fill_rota(second, plan, asked.made_from, town.coordinator, NOW)
    assert [(d.serves_on, d.lawyer_id) for d in second.duties] == kept
    publish_rota(second, town.coordinator, NOW)
    third = draft_rota(whole_december.station, *DECEMBER, town.coordinator, NOW)
    assert [(d.serves_on, d.lawyer_id) for d in third.duties] == kept
    assert (history(second), invariants.broken()) == (["rota.draft", "rota.generate", "rota.publish"], [])
