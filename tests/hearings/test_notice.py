"""Notice: two ways of counting, words that are settled, and what is told by hand (H-41, H-42)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from extensions import db
from hearings.actions.invitations import answer_invitation
from hearings.actions.notice import (
    LateReason,
    NoticeNeedsReason,
    NoticeTooShort,
    OfficersMissing,
    WrongTime,
    note_telling,
    notify_hearing,
    pending,
)
from hearings.actions.telling import NotByUs
from hearings.models import Hearing, Notice
from hearings.rules.notice import earliest_sitting, judge_notice, latest_lawful, latest_safe, notice_doubts
from law import Rule, Verdict
from record.act import history
from record.course import OffCourse
from record.models import Message
from tests.cases.made import a_party
from tests.hearings.planned import approved, participant, planned, the_case
from tests.town import NOW, Town, local

LAX, STRICT = Rule("hearing.notice_days", 3, "day"), Rule("hearing.notice_clear_days", 3, "clear_day")
SITS = date(2026, 10, 15)


def test_the_lax_day_refuses_and_the_strict_day_warns() -> None:
    """H-41: 15 October; lax day the 12th, strict day the 11th."""
    assert {day: judge_notice(SITS, date(2026, 10, day), LAX, STRICT) for day in (10, 11, 12, 13, 15)} == {
        10: Verdict.ok(),
        11: Verdict.ok(),
        12: Verdict.warn(date(2026, 10, 11)),
        13: Verdict.refuse(date(2026, 10, 12)),
        15: Verdict.refuse(date(2026, 10, 12)),
    }
    assert (latest_lawful(SITS, LAX), latest_safe(SITS, STRICT)) == (date(2026, 10, 12), date(2026, 10, 11))
    assert earliest_sitting(date(2026, 10, 12), LAX) == SITS


def test_consent_waives_the_days_and_every_doubt_names_the_article() -> None:
    told = date(2026, 10, 13)
    assert notice_doubts(SITS, told, LAX, STRICT, waived=True) == []
    [doubt] = notice_doubts(SITS, told, LAX, STRICT)
    assert (doubt.level, doubt.facts, "art. 10(2)" in doubt.source) == ("refuse", {"on": date(2026, 10, 12)}, True)


def test_an_office_that_counts_less_cautiously_is_not_warned() -> None:
    assert judge_notice(SITS, date(2026, 10, 12), LAX, Rule("hearing.notice_clear_days", 2)) == Verdict.ok()


@pytest.fixture
def hearing(town: Town) -> Hearing:
    """On Wednesday, 2 December; lax day 29 November, strict day the 28th. A suspect we know, a victim we do not."""
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    a_party(town, case, "李受害", "victim")
    return planned(town, hearing=approved(town, case)).hearing


def test_notice_freezes_who_is_told_and_the_words(town: Town, hearing: Hearing) -> None:
    """H-42: the parties hear the names and standing of chair and hearing officers."""
    notices = notify_hearing(hearing, {}, town.coordinator, NOW)
    assert hearing.state == "noticed"
    assert [(n.participant.name, n.channel, n.told_at is None) for n in notices] == [
        ("郑检察", "message", False),
        ("甲听证", "message", False),
        ("乙听证", "message", False),
        ("丙听证", "message", False),
        ("何志愿", "message", False),
        ("李受害", "phone", True),
    ]
    told = db.session.scalars(select(Message).filter_by(template="hearings/notice").order_by(Message.id)).all()
    assert [m.frozen_text for m in told] == [n.text for n in notices if n.channel == "message"]
    text = notices[4].text
    for part in ("何志愿", "危险驾驶", "听证室", "郑检察", "甲听证", "人大代表"):
        assert part in text
    assert "枫检刑诉" not in text and "李受害" not in text
    assert history(hearing) == ["hearing.approve", "hearing.plan", "hearing.notify"]
    with pytest.raises(OffCourse):
        notify_hearing(hearing, {}, town.coordinator, NOW)


def test_notice_is_judged_by_the_day_on_which_it_is_given(town: Town, hearing: Hearing) -> None:
    with pytest.raises(NoticeTooShort) as late:
        notify_hearing(hearing, {}, town.coordinator, local("2026-11-30 00:01"))
    assert late.value.latest == date(2026, 11, 29)
    with pytest.raises(NoticeNeedsReason) as near:
        notify_hearing(hearing, {}, town.coordinator, local("2026-11-29 23:59"))
    assert near.value.safe == date(2026, 11, 28)
    assert (hearing.state, db.session.scalars(select(Notice)).all()) == ("planned", [])
    notify_hearing(hearing, {}, town.coordinator, local("2026-11-29 23:59"), despite="期限将满")
    assert hearing.state == "noticed"


def test_notice_waits_until_there_are_enough_hearing_officers(town: Town, hearing: Hearing) -> None:
    """H-42."""
    gone = participant(hearing, "甲听证")
    answer_invitation(gone, False, gone.person, NOW, how="link", reason="出差")
    with pytest.raises(OfficersMissing) as missing:
        notify_hearing(hearing, {}, town.coordinator, NOW)
    assert (missing.value.number, missing.value.least) == (2, 3)


def test_a_message_reaches_only_whom_we_know(town: Town, hearing: Hearing) -> None:
    with pytest.raises(NotByUs):
        notify_hearing(hearing, {participant(hearing, "李受害"): "message"}, town.coordinator, NOW)
    notices = notify_hearing(hearing, {participant(hearing, "何志愿"): "letter"}, town.coordinator, NOW)
    assert [(n.participant.name, n.channel) for n in pending(hearing)] == [("何志愿", "letter"), ("李受害", "phone")]
    told = db.session.scalars(select(Message.recipient_id).filter_by(template="hearings/notice")).all()
    assert (town.volunteer.id in told, len(notices)) == (False, 6)


def test_what_is_told_by_hand_is_noted_with_day_and_result(town: Town, hearing: Hearing) -> None:
    notify_hearing(hearing, {}, town.coordinator, NOW)
    [open_] = pending(hearing)
    when, now = local("2026-11-24 10:00"), local("2026-11-24 11:00")
    for wrong in (local("2026-11-24 11:01"), local("2026-11-23 23:59")):
        with pytest.raises(WrongTime):
            note_telling(open_, "phone", wrong, "", town.clerk, now)
    note_telling(open_, "in_person", when, "本人签收", town.clerk, now)
    assert (open_.channel, open_.told_at, open_.told_by, open_.result) == ("in_person", when, town.clerk, "本人签收")
    assert (history(open_), pending(hearing)) == (["notice.tell"], [])


def test_a_call_after_the_last_lawful_day_is_noted_with_what_was_said(town: Town, hearing: Hearing) -> None:
    notify_hearing(hearing, {}, town.coordinator, NOW)
    [open_] = pending(hearing)
    late = local("2026-11-30 09:00")
    with pytest.raises(LateReason) as refusal:
        note_telling(open_, "phone", late, "", town.clerk, late)
    assert refusal.value.latest == date(2026, 11, 29)
    note_telling(open_, "phone", late, "本人同意如期举行", town.clerk, late)
    assert open_.told_at == late
