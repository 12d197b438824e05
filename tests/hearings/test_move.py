"""Moving: judged as a new plan, everybody who was told is told again, calendars follow."""

from __future__ import annotations

import pytest
from icalendar import Calendar
from sqlalchemy import select

from accounts.rules.settings import ReasonMissing
from extensions import db
from hearings.actions.invitations import answer_invitation
from hearings.actions.move import NothingMoves, move_sitting
from hearings.actions.notice import notify_hearing
from hearings.actions.planning import NotPlannable
from hearings.models import Hearing, Notice
from record import invariants
from record.act import act, history
from record.models import Message
from scheduler.calendar import ical
from scheduler.calendar.feeds import entries, make_feed
from scheduler.timeline import timeline
from scheduler.timeline.timeline import Take
from tests.cases.made import a_party
from tests.hearings.planned import approved, participant, planned, the_case
from tests.town import NOW, Town, local


@pytest.fixture
def hearing(town: Town) -> Hearing:
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    a_party(town, case, "李受害", "victim")
    return planned(town, hearing=approved(town, case)).hearing


def move(
    town: Town, hearing: Hearing, to: str = "2026-12-03 14:00", reason: str = "主持人开会", **facts: object
) -> None:
    known = {"room": town.room(), **facts}
    move_sitting(hearing.sitting, local(to), 60, town.coordinator, NOW, reason, **known)


def test_everybody_and_the_room_move_and_hearing_officers_are_asked_again(town: Town, hearing: Hearing) -> None:
    """8.1 replan and move: same event, sequence + 1."""
    asked = participant(hearing, "甲听证")
    answer_invitation(asked, True, asked.person, NOW, how="link")
    event, before = hearing.event, hearing.event.sequence
    move(town, hearing)
    assert (hearing.event, event.sequence) == (event, before + 1)
    two, three = local("2026-12-03 14:00"), local("2026-12-03 15:00")
    assert [(b.resource.name, b.status, b.starts_at, b.ends_at) for b in timeline.live_bookings(event)] == [
        ("听证室", "accepted", local("2026-12-03 13:45"), local("2026-12-03 15:15")),
        ("郑检察", "accepted", two, three),
        ("甲听证", "invited", two, three),
        ("乙听证", "invited", two, three),
        ("丙听证", "invited", two, three),
        ("何志愿", "accepted", two, three),
    ]
    assert (asked.issue, asked.answered_at) == (2, None)
    assert (hearing.state, history(hearing)[-1], history(hearing.sitting)) == (
        "planned",
        "hearing.replan",
        ["sitting.plan", "sitting.move"],
    )
    assert invariants.broken() == []


def test_everybody_who_was_told_is_told_again(town: Town, hearing: Hearing) -> None:
    notify_hearing(hearing, {}, town.coordinator, NOW)
    move(town, hearing)
    changes = db.session.scalars(select(Notice).filter_by(kind="change").order_by(Notice.id)).all()
    assert [(n.participant.name, n.channel) for n in changes] == [
        ("郑检察", "message"),
        ("甲听证", "message"),
        ("乙听证", "message"),
        ("丙听证", "message"),
        ("何志愿", "message"),
        ("李受害", "phone"),
    ]
    assert all("14:00" in n.text and "主持人开会" in n.text for n in changes)
    assert hearing.state == "planned"
    notify_hearing(hearing, {}, town.coordinator, NOW)
    assert hearing.state == "noticed"


def test_who_was_not_told_is_not_told_of_a_change(town: Town, hearing: Hearing) -> None:
    move(town, hearing)
    changes = db.session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [n.participant.name for n in changes] == ["郑检察"]
    assert db.session.scalar(select(Message.id).filter_by(recipient_id=town.volunteer.id)) is None


def test_a_new_day_is_judged_and_nothing_moves_where_it_is_refused(town: Town, hearing: Hearing) -> None:
    """H-41."""
    start, sequence = hearing.event.starts_at, hearing.event.sequence
    with pytest.raises(NotPlannable) as refusal:
        move(town, hearing, "2026-11-25 14:00")
    assert [d.code for _, d in refusal.value.doubts] == ["notice_too_short"]
    with pytest.raises(ReasonMissing):
        move(town, hearing, reason=" ")
    assert (hearing.event.starts_at, hearing.event.sequence, history(hearing.sitting)) == (
        start,
        sequence,
        ["sitting.plan"],
    )


def test_a_move_to_where_it_stands_is_refused_and_nobody_is_asked_again(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "甲听证")
    answer_invitation(asked, True, asked.person, NOW, how="link")
    with pytest.raises(NothingMoves):
        move_sitting(
            hearing.sitting, hearing.event.starts_at, 90, town.coordinator, NOW, "主持人开会", room=town.room()
        )
    assert (asked.issue, asked.booking.status, history(hearing.sitting)) == (1, "accepted", ["sitting.plan"])
    assert db.session.scalars(select(Notice)).all() == []


def test_a_move_by_a_quarter_does_not_collide_with_itself(town: Town, hearing: Hearing) -> None:
    move(town, hearing, "2026-12-02 09:15")
    assert hearing.event.starts_at == local("2026-12-02 09:15")


def test_the_room_changes_with_the_time_or_alone(town: Town, hearing: Hearing) -> None:
    from hearings.actions.approval import ask_approval, grant_approval

    with pytest.raises(NotPlannable) as refusal:
        move(town, hearing, "2026-12-02 09:00", room=town.room("二楼会议室"))
    assert [d.code for _, d in refusal.value.doubts] == ["venue_not_approved"]
    asked = ask_approval(hearing, "venue", by=town.coordinator, at=NOW, detail="二楼会议室", why="听证室检修")
    grant_approval(asked, town.chief, NOW)
    move(town, hearing, "2026-12-02 09:00", room=town.room("二楼会议室"))
    rooms = [(b.resource.name, b.status) for b in hearing.event.bookings if b.role == "room"]
    assert (rooms, hearing.event.place) == ([("听证室", "released"), ("二楼会议室", "accepted")], "二楼会议室")
    assert invariants.broken() == []


def test_a_clash_at_the_new_time_is_named(town: Town, hearing: Hearing) -> None:
    taken = town.event("院务会", "2026-12-03 14:30", "2026-12-03 16:00")
    with act("event.book", taken, by=town.coordinator, at=NOW):
        timeline.rebook(Take(taken, town.room(), "room"))
    with pytest.raises(NotPlannable) as refusal:
        move(town, hearing)
    assert [(c.resource, c.title) for c in refusal.value.clashes] == [("听证室", "院务会")]
    assert refusal.value.times[0][0] == local("2026-12-03 16:15")


def test_the_officers_feed_follows_with_a_higher_sequence(town: Town, hearing: Hearing) -> None:
    """I27: same UID; nothing of the case."""
    officer = participant(hearing, "甲听证").person
    feed, _ = make_feed(officer, town.office, NOW, name="手机", kind="own", language="zh_Hans_CN")
    before = read(feed)
    move(town, hearing)
    after = read(feed)
    assert (before["UID"], before["DTSTART"].dt) == (after["UID"], local("2026-12-02 09:00"))
    assert after["DTSTART"].dt == local("2026-12-03 14:00")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    text = str(after.to_ical())
    assert [w for w in ("枫检刑诉", "危险驾驶", "何志愿") if w in text] == []


def read(feed):  # type: ignore[no-untyped-def]
    found = ical.text_of("x", entries(feed, NOW, 90, 30))
    [event] = Calendar.from_ical(found).walk("VEVENT")
    return event
