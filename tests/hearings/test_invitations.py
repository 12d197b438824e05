"""Invitations: a private link, an answer that is a POST, a place that is free again at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts.mail import written
from extensions import db
from hearings.actions.invitations import (
    InvitationGone,
    ReasonMissing,
    TooLateToAnswer,
    answer_invitation,
    check_link,
    invite,
    secret_of,
)
from hearings.models import Hearing, Participant
from record import invariants
from record.act import history
from record.models import Message
from scheduler.timeline.models import BookingStatus
from tests.cases.made import a_party
from tests.hearings.planned import approved, officers, participant, planned, the_case
from tests.town import NOW, Town, local

LATER = local("2026-11-24 12:00")


@pytest.fixture
def hearing(town: Town) -> Hearing:
    case = the_case(town)
    a_party(town, case, "孙小明")
    return planned(town, hearing=approved(town, case)).hearing


def path_of(asked: Participant, issue: int | None = None) -> str:
    return f"/i/hearing/{asked.public_id}/{secret_of(asked, issue)}"


def test_an_invitation_says_when_where_and_as_what_and_nothing_of_the_case(town: Town, hearing: Hearing) -> None:
    message = db.session.scalars(select(Message).filter_by(recipient_id=officers(town)[0].id)).one()
    with town.app.test_request_context():
        text = written(message)
    whole = text.subject + text.body
    assert "2026" not in message.facts.get("link", "")
    assert [word for word in ("枫检刑诉", "危险驾驶", "孙小明") if word in whole] == []
    assert path_of(participant(hearing, "甲听证")) in whole
    assert secret_of(participant(hearing, "甲听证")) not in str(message.facts)


def test_yes_is_a_fact_with_its_way(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "甲听证")
    answer_invitation(asked, True, asked.person, LATER, how="link")
    assert (asked.booking.status, asked.answered_at, asked.answered_how) == ("accepted", LATER, "link")
    assert history(asked) == ["participant.invite", "participant.accept"]
    answer_invitation(asked, True, asked.person, LATER, how="link")
    assert history(asked) == ["participant.invite", "participant.accept"]
    told = db.session.execute(select(Message.recipient_id).filter_by(template="hearings/answer")).scalars().all()
    assert told == [town.coordinator.id]


def test_no_needs_a_reason_and_frees_the_place(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "乙听证")
    with pytest.raises(ReasonMissing):
        answer_invitation(asked, False, asked.person, LATER, how="page", reason=" ")
    answer_invitation(asked, False, asked.person, LATER, how="page", reason="那天出差")
    assert (asked.live, asked.ended_why, asked.booking.status, asked.booking.binds) == (
        False,
        "那天出差",
        BookingStatus.DECLINED,
        False,
    )
    assert [p.name for p in hearing.taking_part("hearing_officer")] == ["甲听证", "丙听证"]
    assert invariants.broken() == []


def test_who_said_yes_may_still_say_no_until_it_begins(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "甲听证")
    answer_invitation(asked, True, asked.person, LATER, how="link")
    with pytest.raises(TooLateToAnswer):
        answer_invitation(asked, False, asked.person, local("2026-12-02 09:00"), how="link", reason="病了")
    answer_invitation(asked, False, asked.person, local("2026-12-02 08:59"), how="link", reason="病了")
    assert history(asked) == ["participant.invite", "participant.accept", "participant.decline"]
    with pytest.raises(InvitationGone):
        answer_invitation(asked, True, asked.person, LATER, how="link")


def test_a_link_of_an_earlier_issue_no_longer_opens(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "甲听证")
    first = secret_of(asked)
    check_link(asked, first)
    invite(asked, town.coordinator, LATER)
    with pytest.raises(InvitationGone):
        check_link(asked, first)
    check_link(asked, secret_of(asked))
    other = participant(hearing, "乙听证")
    with pytest.raises(InvitationGone):
        check_link(other, secret_of(asked))


def test_a_get_answers_nothing_a_post_does_and_no_sign_in_is_needed(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "甲听证")
    path, key = path_of(asked), asked.id
    guest = town.app.test_client()
    page = guest.get(path)
    assert page.status_code == 200
    assert guest.get(path + "?answer=yes").status_code == 200
    db.session.remove()
    assert history(db.session.get_one(Participant, key)) == ["participant.invite"]
    assert guest.post(path, data={"form_id": "a", "answer": "perhaps"}).status_code == 422
    assert guest.post(path, data={"form_id": "b", "answer": "no"}).status_code == 422
    assert guest.post(path, data={"form_id": "c", "answer": "yes"}).status_code == 303
    db.session.remove()
    one = db.session.get_one(Participant, key)
    assert (history(one), one.answered_how) == (["participant.invite", "participant.accept"], "link")


def test_a_link_page_shows_nothing_of_the_case_and_a_wrong_link_nothing_at_all(town: Town, hearing: Hearing) -> None:
    asked = participant(hearing, "甲听证")
    guest = town.app.test_client()
    page = guest.get(path_of(asked)).get_data(as_text=True)
    assert "听证室" in page
    assert [word for word in ("枫检刑诉", "危险驾驶", "孙小明", "乙听证") if word in page] == []
    assert guest.get(f"/i/hearing/{asked.public_id}/{'0' * 32}").status_code == 410
    assert guest.get(f"/i/hearing/{hearing.public_id}/{'0' * 32}").status_code == 410


def test_whoever_is_signed_in_answers_his_own_and_nobody_elses(town: Town, hearing: Hearing) -> None:
    mine, other = participant(hearing, "甲听证"), participant(hearing, "乙听证")
    paths = [f"/invitations/{p.public_id}" for p in (mine, other)]
    browser = town.browser(mine.person)
    assert [browser.get(path).status_code for path in paths] == [200, 404]
    assert paths[0] in browser.get("/").get_data(as_text=True)
    assert browser.post(paths[1] + "/answer", {"answer": "yes"}).status_code == 404
    assert browser.post(paths[0] + "/answer", {"answer": "yes"}).status_code == 303
    assert participant(db.session.scalars(select(Hearing)).one(), "甲听证").answered_how == "page"


def test_nobody_answers_for_another_not_even_the_coordinator(town: Town, hearing: Hearing) -> None:
    """TRUST 2: answer_on_behalf is asked for at the desk of the traffic service, and comes to hearings later."""
    path = f"/invitations/{participant(hearing, '甲听证').public_id}"
    for role in ("coordinator", "clerk", "prosecutor", "chief"):
        assert town.browser(getattr(town, role)).post(path + "/answer", {"answer": "yes"}).status_code in {403, 404}
    again = db.session.scalars(select(Hearing)).one()
    assert history(participant(again, "甲听证")) == ["participant.invite"]


def test_an_earlier_message_does_not_leave_once_the_time_has_changed(town: Town, hearing: Hearing) -> None:
    """I25."""
    from hearings.actions.move import move_sitting
    from record.notices import is_outdated

    first = db.session.scalars(select(Message).filter_by(template="hearings/invitation")).first()
    assert is_outdated(first) is False
    move_sitting(hearing.sitting, local("2026-12-03 09:00"), 90, town.coordinator, NOW, "主持人开会", room=town.room())
    assert is_outdated(first) is True
    newest = db.session.scalars(select(Message).filter_by(template="hearings/invitation").order_by(Message.id)).all()
    assert [is_outdated(m) for m in newest] == [True, True, True, False, False, False]
