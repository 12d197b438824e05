"""Calendar addresses that end without their owner: with his access, his role, his row, or unread (TRUST 2, 7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from accounts.actions.devices import link_of
from accounts.actions.memberships import appoint, approve_role, change_organisation, end_membership, propose_end
from accounts.actions.merging import merge_people
from accounts.actions.passwords import account_of, hashed, issue_password_link, reset_second_factor, set_password
from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Organisation, Person
from extensions import db
from record import invariants, jobs
from record.act import act, history
from record.models import Act, Message
from scheduler.calendar.ending import tend_feeds
from scheduler.calendar.models import Feed, FeedUse
from scheduler.timeline import timeline
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import Take
from tests.accounts.crowd import text_of
from tests.accounts.visitor import PASSWORD, in_english
from tests.scheduler.subscriber import feed_of, read
from tests.town import NOW, Town

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)


def live(*feeds: Feed) -> list[bool]:
    """Which of the addresses still give something."""
    return [db.session.get_one(Feed, feed.id, populate_existing=True).revoked_at is None for feed in feeds]


def membership(person: Person, role: str) -> Membership:
    return db.session.scalars(select(Membership).filter_by(person_id=person.id, role=role)).one()


def told(name: str) -> list[tuple[int, str]]:
    """Whom an act of that name has told, by which template."""
    acts = select(Act.public_id).where(Act.name == name)
    found = select(Message.recipient_id, Message.template).where(Message.act_uid.in_(acts), Message.channel == "page")
    return [(who, template) for who, template in db.session.execute(found.order_by(Message.id))]


def unread_since(feed: Feed, at: datetime) -> None:
    db.session.execute(db.update(FeedUse).where(FeedUse.feed_id == feed.id).values(last_used_at=at))
    db.session.commit()


def test_a_merge_ends_the_addresses_of_the_row_that_goes_and_hands_none_on(app: Flask, town: Town) -> None:
    """Whoever merges a row of his own making into somebody does not read that one's calendar."""
    prosecutor, made_up = town.prosecutor, enter_person({"name": "替身"}, town.office, by=town.coordinator, at=NOW)
    appoint(made_up, town.office, "volunteer", starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW)
    event = Event(office_id=town.office.id, kind="meeting", title="院务会", starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    with act("event.plan", event, by=town.coordinator, at=NOW):
        db.session.add(event)
        timeline.rebook(Take(event, town.resource(prosecutor), "prosecutor"))
    (_, his), (taken, address) = feed_of(town, prosecutor), feed_of(town, made_up)
    key, goes = taken.id, made_up.id
    merge_people(prosecutor, made_up, town.office, by=town.coordinator, at=NOW, reason="同一人")
    assert (db.session.get_one(Feed, key).person_id, history(taken)) == (goes, ["feed.make", "feed.revoke"])
    assert "院务会" not in read(app, address).text and read(app, address).status_code == 404
    assert read(app, his).text.count("BEGIN:VEVENT") == 1
    assert invariants.broken() == []


def test_a_live_address_of_a_merged_row_is_seen(town: Town) -> None:
    """It could be made by nothing of ours, but for a hand in the database."""
    feed, _ = feed_of(town, town.volunteer)
    with act("feed.test", feed, by=None, at=NOW):
        db.session.execute(
            text("UPDATE person SET merged_into_id = :kept WHERE id = :gone"),
            {"kept": town.lawyer.id, "gone": town.volunteer.id},
        )
    assert [b.invariant for b in invariants.broken()] == ["T15 a row that was merged has no calendar address"]


def test_ending_somebodys_access_ends_his_addresses_and_nobody_elses(app: Flask, town: Town) -> None:
    """TRUST 2, revoke_access: sessions, devices, feeds. Revoking acts on the next request."""
    whom = f"/people/{town.traffic_officer.public_id}"
    (_, phone), (_, elsewhere) = feed_of(town, town.traffic_officer), feed_of(town, town.traffic_officer)
    _, others = feed_of(town, town.volunteer)
    desk = town.browser(town.coordinator)
    in_english(desk)
    assert "Calendar addresses end as well" in text_of(desk.get(whom))
    assert desk.post(f"{whom}/revocation", {"reason": "手机丢失"}).status_code == 303
    assert [read(app, a).status_code for a in (phone, elsewhere, others)] == [404, 404, 200]
    feed = db.session.scalars(select(Feed).filter_by(person_id=town.traffic_officer.id).limit(1)).one()
    assert history(feed) == ["feed.make", "feed.revoke"]
    ended = db.session.scalars(select(Act).where(Act.name == "feed.revoke").limit(1)).one()
    assert (ended.actor_id, ended.reason) == (town.coordinator.id, "手机丢失")


def test_whoever_may_not_end_somebodys_access_ends_no_address_of_his(app: Flask, town: Town) -> None:
    _, address = feed_of(town, town.chief)
    _, theirs = feed_of(town, town.neighbour("volunteer"), office=town.other_office)
    paths = [f"/people/{p.public_id}/revocation" for p in (town.chief, town.neighbour("volunteer"))]
    desk = town.browser(town.coordinator)
    assert [desk.post(path, {"reason": "x"}).status_code for path in paths] == [403, 404]
    assert [read(app, a).status_code for a in (address, theirs)] == [200, 200]


@pytest.mark.parametrize("by_link", [True, False])
def test_a_password_reset_by_link_ends_the_addresses_that_were_made_under_the_old_one(
    town: Town, by_link: bool
) -> None:
    """TRUST 7: at password reset. Whoever knew the old one may have made himself an address."""
    feed, _ = feed_of(town, town.clerk, at=NOW)
    kept, _ = feed_of(town, town.chief, at=NOW)
    link = link_of(issue_password_link(town.clerk, town.office, town.system_admin, NOW), NOW) if by_link else None
    set_password(account_of(town.clerk), hashed(PASSWORD), NOW, link=link)
    assert (live(feed), live(kept), history(town.clerk)[-1]) == ([not by_link], [True], "password.set")


def test_a_lost_authenticator_ends_sessions_and_leaves_the_addresses(town: Town) -> None:
    """TRUST 7 names what ends a feed; the second factor is none of it."""
    feed, _ = feed_of(town, town.clerk, at=NOW)
    account = account_of(town.clerk)
    with act("totp.set", town.clerk, by=town.clerk, at=NOW):
        account.tf_totp_secret = "x"
    reset_second_factor(town.clerk, town.chief, NOW, "手机丢失")
    assert live(feed) == [True]


def test_a_role_that_ends_takes_the_addresses_of_its_office_along(town: Town) -> None:
    """TRUST 7: at role or office change."""
    lawyer = town.lawyer
    give_membership(lawyer, town.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    here, _ = feed_of(town, lawyer, at=NOW)
    there, _ = feed_of(town, lawyer, at=NOW, office=town.other_office)
    role = db.session.scalars(
        select(Membership).filter_by(person_id=lawyer.id, office_id=town.office.id, role="lawyer")
    ).one()
    end_membership(role, TODAY, town.coordinator, NOW, "离所")
    assert (live(here, there), history(here), history(role)) == (
        [False, True],
        ["feed.make", "feed.revoke"],
        ["membership.give", "membership.end"],
    )


def test_a_staff_role_ended_by_two_people_takes_them_along_at_the_decision(town: Town) -> None:
    feed, _ = feed_of(town, town.clerk, at=NOW)
    grant = propose_end(membership(town.clerk, "clerk"), TODAY, town.security_admin, NOW, "调走")
    assert live(feed) == [True]
    approve_role(grant, town.neighbour("security_admin"), NOW)
    assert live(feed) == [False]


def test_a_role_that_ends_later_keeps_them_till_its_last_day_is_over(town: Town) -> None:
    feed, _ = feed_of(town, town.volunteer, at=NOW)
    end_membership(membership(town.volunteer, "volunteer"), TODAY + DAY, town.coordinator, NOW, "期满")
    tend_feeds(NOW + DAY)
    assert live(feed) == [True]
    assert tend_feeds(NOW + 2 * DAY) == "role gone 1, unread 0, asked 0"
    assert (live(feed), history(feed)) == ([False], ["feed.make", "feed.revoke"])


def test_what_is_made_after_one_role_has_ended_rests_on_those_that_are_left(town: Town) -> None:
    give_membership(town.volunteer, town.office, "hearing_officer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    end_membership(membership(town.volunteer, "volunteer"), TODAY, town.coordinator, NOW, "期满")
    feed, _ = feed_of(town, town.volunteer, at=NOW + DAY)
    assert (tend_feeds(NOW + 2 * DAY), live(feed)) == ("role gone 0, unread 0, asked 0", [True])


def test_whoever_moves_to_another_firm_has_his_role_still_and_keeps_them(town: Town) -> None:
    firm = Organisation(office_id=town.office.id, kind="law_firm", name="二所")
    with act("organisation.enter", firm, by=None, at=NOW):
        db.session.add(firm)
    feed, _ = feed_of(town, town.lawyer, at=NOW)
    change_organisation(membership(town.lawyer, "lawyer"), firm, TODAY, by=town.coordinator, at=NOW)
    assert (tend_feeds(NOW + 3 * DAY), live(feed)) == ("role gone 0, unread 0, asked 0", [True])


def test_an_address_nothing_has_read_for_long_ends_and_its_owner_is_told(town: Town) -> None:
    """feed.idle_revoke, 180 days; one that was never read counts from its making."""
    never, _ = feed_of(town, town.clerk, at=NOW)
    read_once, _ = feed_of(town, town.lawyer, at=NOW)
    unread_since(read_once, NOW + DAY)
    tend_feeds(NOW + 180 * DAY - timedelta(seconds=1))
    assert live(never, read_once) == [True, True]
    tend_feeds(NOW + 180 * DAY)
    assert (live(never, read_once), history(never)) == ([False, True], ["feed.make", "feed.lapse"])
    tend_feeds(NOW + 181 * DAY)
    assert live(never, read_once) == [False, False]
    assert told("feed.lapse") == [
        (town.clerk.id, "scheduler/feed_ended"),
        (town.lawyer.id, "scheduler/feed_ended"),
    ]


def test_an_owner_is_asked_each_year_whether_his_address_is_still_wanted(town: Town) -> None:
    """feed.tell_owner_after, 12 months."""
    feed, _ = feed_of(town, town.clerk, at=NOW)
    years = [datetime(year, 11, 24, 1, 0, tzinfo=UTC) for year in (2027, 2028)]
    for at in (years[0] - timedelta(seconds=1), years[0], years[0] + DAY, years[1] - DAY, years[1] + DAY):
        unread_since(feed, at)
        tend_feeds(at)
    assert (live(feed), history(feed)) == ([True], ["feed.make", "feed.ask", "feed.ask"])
    assert told("feed.ask") == [(town.clerk.id, "scheduler/feed_asked")] * 2


def test_the_owner_reads_which_address_it_was(town: Town) -> None:
    feed_of(town, town.clerk, at=NOW)
    feed, _ = feed_of(town, town.clerk, at=NOW)
    unread_since(feed, NOW + 365 * DAY)
    tend_feeds(NOW + 366 * DAY)
    page = text_of(town.browser(town.clerk).get("/me/messages"))
    assert [word in page for word in ("“手机”", "180", "11月24日")] == [True] * 3


def test_it_is_the_work_of_each_day(app: Flask) -> None:
    assert jobs._jobs["feeds.tend"] == jobs.Job("feeds.tend", DAY, tend_feeds)
