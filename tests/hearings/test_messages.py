"""What messages about a hearing say: neutral, in two languages, nothing of the case or of anybody in it (LOOK, I27)."""

from __future__ import annotations

import re

from sqlalchemy import select

from accounts.mail import written
from extensions import db
from hearings.actions.approval import ask_approval, deny_approval, refuse_hearing, return_hearing
from hearings.actions.request import amend_hearing, request_hearing
from hearings.models import NoticeKind
from hearings.wording import notice_text
from record.models import Message
from tests.cases.made import a_case, a_party
from tests.hearings.made import an_approved_hearing, asked
from tests.hearings.planned import participant, planned
from tests.town import NOW, Town

SECRET = ("孙小明", "枫检刑诉", "危险驾驶", "争议", "保密")


def test_no_message_names_the_case_or_anybody_in_it(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, "孙小明")
    hearing = request_hearing(case, asked(why="保密的理由"), town.receptionist, NOW)
    return_hearing(hearing, town.chief, NOW, "保密的意见")
    amend_hearing(hearing, asked(), town.receptionist, NOW)
    refuse_hearing(hearing, town.chief, NOW, "保密的理由")
    other = an_approved_hearing(town, case)
    deny_approval(ask_approval(other, "venue", by=town.prosecutor, at=NOW), town.chief, NOW, "保密的理由")
    messages = db.session.scalars(select(Message).where(Message.template.startswith("hearings/"))).all()
    assert sorted({m.template for m in messages}) == [
        "hearings/approval_asked",
        "hearings/approval_decided",
        "hearings/approved",
        "hearings/asked_in_your_case",
        "hearings/refused",
        "hearings/returned",
    ]
    said = [written(message) for message in messages]
    assert [text for text in said if any(word in text.subject + text.body for word in SECRET)] == []
    assert all(text.subject and text.body.strip() for text in said)


def test_a_notice_in_chinese_has_no_english_word(town: Town) -> None:
    """H-42: it is a legal document."""
    hearing = planned(town).hearing
    officer = participant(hearing, "甲听证")
    said = [notice_text(hearing, officer, kind, "主持人开会") for kind in NoticeKind]
    assert [re.findall("[A-Za-z]+", text) for text in said] == [[] for _ in NoticeKind]
    assert "主持人：郑检察（本院检察官）" in said[0]
