"""Calendar feeds: what a private address gives, and to whom (TRUST 7.1; T15, T16, I27, F29)."""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from flask import Flask

from accounts.actions.people import give_membership
from accounts.models import Membership, Person
from extensions import db
from record.act import act
from scheduler.calendar.feeds import end_feed
from scheduler.timeline import timeline
from scheduler.timeline.models import Event
from scheduler.timeline.timeline import Cancel, Free, Move, Take
from tests.queries import reading
from tests.scheduler.subscriber import feed_of, read
from tests.town import Town, forget_request

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = ("危险驾驶", "枫检刑诉〔2026〕105号", "沈正华")
TOMORROW = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=1)
HOUR = timedelta(hours=1)


def hearing(town: Town, *people: Person, title: str = "会议") -> Event:
    """A meeting tomorrow at nine with these people; its title holds what must not leave the program."""
    event = Event(
        office_id=town.office.id,
        kind="meeting",
        title=f"{title} {' '.join(SECRETS)}",
        starts_at=TOMORROW,
        ends_at=TOMORROW + HOUR,
        place="听证室",
    )
    with act("event.plan", event, by=town.coordinator, at=datetime.now(UTC)):
        db.session.add(event)
        timeline.rebook(*(Take(event, town.resource(p), "prosecutor") for p in people))
    return event


def change(town: Town, event: Event, *changes: timeline.Change) -> None:
    with act("event.change", event, by=town.coordinator, at=datetime.now(UTC)):
        timeline.rebook(*changes)


def events(response: Any) -> list[tuple[str, int, str, datetime]]:
    calendar = icalendar.Calendar.from_ical(response.data)
    return [
        (str(e["UID"]), int(e["SEQUENCE"]), str(e["STATUS"]), e.decoded("DTSTART")) for e in calendar.walk("VEVENT")
    ]


def test_a_feed_shows_its_owner_his_own_times_and_nothing_of_parties_cases_or_offences(app: Flask, town: Town) -> None:
    """S-25, I27."""
    event = hearing(town, town.prosecutor)
    hearing(town, town.clerk, title="别人的")
    uid = str(event.uid)
    _, address = feed_of(town, town.prosecutor)
    response = read(app, address)
    assert events(response) == [(uid, 1, "CONFIRMED", TOMORROW)]
    assert not any(secret in response.text for secret in SECRETS)
    assert "VTIMEZONE" in response.text and "TZID=Asia/Shanghai" in response.text


def test_moving_raises_the_sequence_under_the_same_uid_and_leaving_cancels_for_whoever_left(
    app: Flask, town: Town
) -> None:
    event = hearing(town, town.prosecutor, town.clerk)
    uid = str(event.uid)
    _, address = feed_of(town, town.prosecutor)
    _, other = feed_of(town, town.clerk)
    change(town, event, Move(event, TOMORROW + HOUR, TOMORROW + 2 * HOUR))
    assert events(read(app, address)) == [(uid, 5, "CONFIRMED", TOMORROW + HOUR)]
    event = db.session.merge(event)
    change(town, event, Free(event.bookings[0]))
    assert events(read(app, address)) == [(uid, 6, "CANCELLED", TOMORROW + HOUR)]
    assert events(read(app, other)) == [(uid, 6, "CONFIRMED", TOMORROW + HOUR)]
    event = db.session.merge(event)
    change(town, event, Take(event, town.resource(town.prosecutor), "prosecutor"))
    assert events(read(app, address)) == [(uid, 7, "CONFIRMED", TOMORROW + HOUR)]


def test_a_cancelled_event_stays_thirty_days_and_then_leaves(app: Flask, town: Town) -> None:
    event = hearing(town, town.prosecutor)
    uid = str(event.uid)
    _, address = feed_of(town, town.prosecutor)
    change(town, event, Cancel(event))
    assert events(read(app, address)) == [(uid, 3, "CANCELLED", TOMORROW)]
    event = db.session.merge(event)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    with act("event.change", event, by=town.coordinator, at=datetime.now(UTC)):
        event.changed_at = long_ago
        event.bookings[0].ended_at = long_ago
    assert events(read(app, address)) == []


def test_the_offices_feed_keeps_what_is_cancelled_as_long_and_shows_no_more_than_before(app: Flask, town: Town) -> None:
    """The same event is the same in both kinds of feed; what is for its participants alone stays with them."""
    event, among_them = hearing(town, town.prosecutor), hearing(town, town.clerk, title="内部")
    with act("event.change", among_them, by=town.coordinator, at=datetime.now(UTC)):
        among_them.visibility = "participants"
    uid, secret = str(event.uid), str(among_them.uid)
    _, address = feed_of(town, town.coordinator, "office")
    _, own = feed_of(town, town.prosecutor)
    _, clerks = feed_of(town, town.clerk, "office")
    change(town, event, Cancel(event))
    change(town, among_them, Cancel(among_them))
    assert events(read(app, address)) == events(read(app, own)) == [(uid, 3, "CANCELLED", TOMORROW)]
    assert events(read(app, clerks)) == [(uid, 3, "CANCELLED", TOMORROW), (secret, 4, "CANCELLED", TOMORROW)]
    event = db.session.merge(event)
    with act("event.change", event, by=town.coordinator, at=datetime.now(UTC)):
        event.changed_at = datetime.now(UTC) - timedelta(days=31)
    assert events(read(app, address)) == []


def test_whoever_is_taken_off_sees_so_in_the_offices_feed_too(app: Flask, town: Town) -> None:
    event = hearing(town, town.clerk, town.chief)
    with act("event.change", event, by=town.coordinator, at=datetime.now(UTC)):
        event.visibility = "participants"
    uid = str(event.uid)
    _, address = feed_of(town, town.clerk, "office")
    assert [(e[0], e[2]) for e in events(read(app, address))] == [(uid, "CONFIRMED")]
    event = db.session.merge(event)
    change(town, event, Free(event.bookings[0]))
    assert [(e[0], e[2]) for e in events(read(app, address))] == [(uid, "CANCELLED")]


def test_a_feed_asks_the_database_no_more_often_for_many_events_than_for_one(app: Flask, town: Town) -> None:
    hearing(town, town.clerk)
    addresses = [feed_of(town, town.clerk, kind)[1] for kind in ("own", "office")]
    asked = []
    for _ in range(2):
        for address in addresses:
            forget_request()
            with reading() as sent:
                read(app, address)
            asked.append(len(sent))
        for title in ("二", "三"):
            hearing(town, title=title)
    assert asked[:2] == asked[2:]


def test_what_has_not_changed_is_not_sent_again(app: Flask, town: Town) -> None:
    event = hearing(town, town.prosecutor)
    _, address = feed_of(town, town.prosecutor)
    etag = read(app, address).headers["ETag"]
    again = read(app, address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    event = db.session.merge(event)
    change(town, event, Move(event, TOMORROW + HOUR, TOMORROW + 2 * HOUR))
    changed = read(app, address, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.headers["ETag"] == etag) == (200, False)


def test_unknown_revoked_and_malformed_addresses_answer_alike(app: Flask, town: Town) -> None:
    """T15."""
    feed, address = feed_of(town, town.prosecutor)
    end_feed(feed, town.prosecutor, datetime.now(UTC))
    token = address.removeprefix("/feeds/").removesuffix(".ics")
    answers = [
        read(app, a) for a in (address, f"/feeds/{token[:-1]}x.ics", "/feeds/x.ics", "/feeds/cf1_%F0%9F%98%80.ics")
    ]
    assert {(a.status_code, a.data, tuple(sorted(a.headers))) for a in answers} == {
        (404, b"", tuple(sorted(answers[0].headers)))
    }


def test_an_ended_membership_empties_the_feed_on_the_next_reading(app: Flask, town: Town) -> None:
    """T16."""
    hearing(town, town.prosecutor)
    person = town.prosecutor
    _, address = feed_of(town, person)
    membership = db.session.query(Membership).filter_by(person_id=person.id).one()
    with act("membership.end", membership, by=town.security_admin, at=datetime.now(UTC)):
        membership.ends_on = (datetime.now(UTC) - timedelta(days=2)).date()
    assert events(read(app, address)) == []


def test_a_feed_of_the_office_needs_the_right_to_see_it(app: Flask, town: Town) -> None:
    event = hearing(town, town.prosecutor)
    uid = str(event.uid)
    _, address = feed_of(town, town.coordinator, "office")
    _, volunteers = feed_of(town, town.volunteer, "office")
    _, neighbours = feed_of(town, town.neighbour("coordinator"), "office")
    assert [e[0] for e in events(read(app, address))] == [uid]
    assert events(read(app, volunteers)) == []
    assert events(read(app, neighbours)) == []


def test_a_feed_is_read_with_its_headers_and_sets_no_cookie(app: Flask, town: Town) -> None:
    _, address = feed_of(town, town.prosecutor)
    headers = read(app, address).headers
    wanted = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'inline; filename="calendar.ics"',
    }
    assert {name: headers.get(name) for name in wanted} == wanted
    assert "Set-Cookie" not in headers


def test_the_token_can_be_given_as_a_password_instead(app: Flask, town: Town) -> None:
    event = hearing(town, town.prosecutor)
    uid = str(event.uid)
    _, address = feed_of(town, town.prosecutor)
    token = address.removeprefix("/feeds/").removesuffix(".ics")
    assert [e[0] for e in events(read(app, "/feeds/mine.ics", auth=("feed", token)))] == [uid]
    assert read(app, "/feeds/mine.ics", auth=("feed", "wrong")).status_code == 404


def test_long_and_strange_texts_survive_folding(app: Flask, town: Town) -> None:
    """F28, F29."""
    place = "𠮷野家·买买提 👩‍👩‍👧‍👦 " * 9 + "a\\b;c,d\nEND:VEVENT"
    event = hearing(town, town.prosecutor)
    with act("event.change", event, by=town.coordinator, at=datetime.now(UTC)):
        event.place = place
    _, address = feed_of(town, town.prosecutor)
    response = read(app, address)
    (found,) = icalendar.Calendar.from_ical(response.data).walk("VEVENT")
    assert str(found["LOCATION"]) == place
    assert all(len(line) <= 75 for line in response.data.split(b"\r\n"))


def test_no_log_line_holds_a_token(app: Flask, town: Town, caplog: pytest.LogCaptureFixture) -> None:
    _, address = feed_of(town, town.prosecutor)
    with caplog.at_level(logging.DEBUG):
        read(app, address)
        read(app, "/feeds/cf1_wrong.ics")
    assert address.split("_", 1)[1][:20] not in caplog.text


def test_the_page_shows_an_address_once_and_ends_it(app: Flask, town: Town) -> None:
    browser = town.browser(town.lawyer)
    page = browser.post("/me/feeds", {"name": "我的手机", "kind": "own"}).text
    (address,) = set(re.findall(r"/feeds/cf1_[\w-]+\.ics", page))
    assert read(app, address).status_code == 200
    assert "cf1_" not in browser.get("/me/feeds").text
    (public_id,) = re.findall(r"/me/feeds/([0-9a-f-]{36})/revocation", browser.get("/me/feeds").text)
    assert town.browser(town.volunteer).post(f"/me/feeds/{public_id}/revocation").status_code == 404
    assert browser.post(f"/me/feeds/{public_id}/revocation").status_code == 303
    assert read(app, address).status_code == 404


def test_another_program_reads_the_same(app: Flask, town: Town, tmp_path: Path) -> None:
    """The text is parsed by ical.js as well as by icalendar."""
    node = shutil.which("node") or str(ROOT / ".node" / "bin" / "node")
    event = hearing(town, town.prosecutor)
    change(town, event, Move(event, TOMORROW + HOUR, TOMORROW + 2 * HOUR))
    uid = str(event.uid)
    _, address = feed_of(town, town.prosecutor)
    (tmp_path / "feed.ics").write_bytes(read(app, address).data)
    script = tmp_path / "read.mjs"
    script.write_text(
        f"""
        import {{ readFileSync }} from "node:fs";
        import ICAL from "{ROOT}/node_modules/ical.js/dist/ical.js";
        const calendar = new ICAL.Component(ICAL.parse(readFileSync("{tmp_path}/feed.ics", "utf8")));
        for (const zone of calendar.getAllSubcomponents("vtimezone")) {{
          ICAL.TimezoneService.register(new ICAL.Timezone(zone));
        }}
        console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((part) => {{
          const event = new ICAL.Event(part);
          const starts = event.startDate.toJSDate().toISOString();
          return [event.uid, event.sequence, part.getFirstPropertyValue("status"), starts];
        }})));
        """
    )
    told = subprocess.run([node, str(script)], capture_output=True, text=True, check=True, timeout=30)
    starts = (TOMORROW + HOUR).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert json.loads(told.stdout) == [[uid, 3, "CONFIRMED", starts]]


def test_somebody_of_two_offices_carries_both(app: Flask, town: Town) -> None:
    lawyer = town.lawyer
    give_membership(lawyer, town.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=datetime.now(UTC))
    ours = hearing(town, lawyer)
    theirs = Event(
        office_id=town.other_office.id,
        kind="meeting",
        title="邻县",
        starts_at=TOMORROW + 3 * HOUR,
        ends_at=TOMORROW + 4 * HOUR,
    )
    with act("event.plan", theirs, by=None, at=datetime.now(UTC)):
        db.session.add(theirs)
        timeline.rebook(Take(theirs, town.resource(lawyer), "duty_lawyer"))
    wanted = [str(ours.uid), str(theirs.uid)]
    _, address = feed_of(town, lawyer)
    assert [e[0] for e in events(read(app, address))] == wanted
