"""The pages of a sitting: what each shows to whom, and what comes back when it is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from extensions import db
from hearings.models import Hearing
from record.act import act, history
from scheduler.timeline import timeline
from scheduler.timeline.models import Booking
from scheduler.timeline.timeline import Take
from tests.cases.made import a_party
from tests.hearings.planned import WHY, an_officer, approved, officers, planned, the_case
from tests.town import NOW, Town, forget_request, local

LATER = "2027-01-04"


@pytest.fixture
def hearing(town: Town) -> Hearing:
    case = the_case(town, limit_on=None, stage="trial")
    a_party(town, case, "李受害", "victim")
    return approved(town, case)


def typed(town: Town, **facts: object) -> dict[str, object]:
    return {
        "day": LATER,
        "starts": "09:00",
        "minutes": "90",
        "room": str(town.room().public_id),
        "chair": str(town.prosecutor.public_id),
        "officers": [str(p.public_id) for p in officers(town)],
        "officers_why": WHY,
        **facts,
    }


def again() -> Hearing:
    db.session.remove()
    return db.session.scalars(select(Hearing)).one()


def test_a_plan_is_written_refused_with_what_was_typed_and_saved(town: Town, hearing: Hearing) -> None:
    path = f"/hearings/{hearing.public_id}/plan"
    form = typed(town)
    browser = town.browser(town.coordinator)
    assert browser.get(path).status_code == 200
    few = browser.post(path, {**form, "officers": form["officers"][:2], "officers_why": "因为"})
    page = few.get_data(as_text=True)
    assert few.status_code == 422
    assert "at least 3 are needed" in page and "art. 7" in page and "因为" in page
    assert browser.post(path, form).status_code == 303
    assert history(again()) == ["hearing.approve", "hearing.plan"]


def test_the_time_that_was_offered_is_taken_when_its_button_is_pressed(town: Town, hearing: Hearing) -> None:
    path = f"/hearings/{hearing.public_id}/plan"
    form = typed(town, day="2020-01-01", at="2027-01-05T14:15:00+08:00")
    assert town.browser(town.coordinator).post(path, form).status_code == 303
    assert again().event.starts_at == local("2027-01-05 14:15")


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2027-02-30"},
        {"day": "２０２７"},
        {"starts": "25:00"},
        {"minutes": "九十"},
        {"minutes": "99999999999999999999"},
        {"minutes": "-5"},
        {"room": "x"},
        {"chair": "x"},
        {"officers": ["x"]},
        {"room": "elsewhere", "place": "\x00😀"},
        {"room": "elsewhere", "place": ""},
        {"room": "elsewhere", "place": "村委会"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"at": "yesterday", "day": ""},
    ],
    ids=str,
)
def test_nonsense_is_answered_with_a_sentence(town: Town, hearing: Hearing, wrong: dict[str, object]) -> None:
    path = f"/hearings/{hearing.public_id}/plan"
    form = typed(town, **wrong)
    answer = town.browser(town.coordinator).post(path, form)
    assert answer.status_code == 422
    assert (again().state, db.session.scalars(select(Booking)).all()) == ("approved", [])


def test_another_place_is_put_before_the_chief(town: Town, hearing: Hearing) -> None:
    """H-45: refused, asked for, granted, planned."""
    path = f"/hearings/{hearing.public_id}"
    browser = town.browser(town.coordinator)
    form = typed(town, room="elsewhere", place="东门村村委会")
    assert "东门村村委会" in browser.post(path + "/plan", form).get_data(as_text=True)
    assert browser.post(path + "/venue", {"place": "东门村村委会"}).status_code == 303
    [asked] = [a.public_id for a in again().approvals if a.about == "venue"]
    chief = town.browser(town.chief)
    assert chief.post(f"{path}/approvals/{asked}/approval", {"document": "1号"}).status_code == 303
    assert browser.post(path + "/plan", form).status_code == 303
    event = again().event
    assert (event.place, [b.role for b in event.bookings if b.role == "room"]) == ("东门村村委会", [])


def test_every_page_of_a_planned_hearing_opens_and_each_step_is_taken_there(town: Town, hearing: Hearing) -> None:
    path, form = f"/hearings/{hearing.public_id}", typed(town)
    fourth = str(officers(town, 4)[3].public_id)
    browser = town.browser(town.coordinator)
    browser.post(path + "/plan", form)
    for part in ("", "/move", "/officers", "/notice"):
        assert browser.get(path + part).status_code == 200, part
    page = browser.get(path).get_data(as_text=True)
    assert "/i/hearing/" in page and "Cancel this hearing?" in page
    first = str(next(p for p in again().participants if p.capacity == "hearing_officer").public_id)
    assert (
        browser.post(path + "/officers", {"person": fourth, "why": "原人员患病", "instead_of": first}).status_code
        == 303
    )
    assert browser.post(path + "/notice", {}).status_code == 303
    [open_] = [n.public_id for n in again().notices if n.told_at is None]
    telling = f"{path}/notices/{open_}"
    assert browser.get(telling).status_code == 200
    bad = browser.post(telling + "/telling", {"channel": "phone", "day": "2030-01-01", "clock": "09:00"})
    assert (bad.status_code, "Nobody can have been told then" in bad.get_data(as_text=True)) == (422, True)
    moved = typed(town, day="2027-01-06", reason="主持人另有公务")
    assert browser.post(path + "/move", moved).status_code == 303
    assert browser.post(path + "/cancellation", {"reason": ""}).status_code == 422
    assert browser.post(path + "/cancellation", {"reason": "撤回申请"}).status_code == 303
    assert browser.get(path).status_code == 200
    assert [s.state for s in again().sittings] == ["cancelled"]


def test_the_way_back_to_a_form_that_was_sent_leads_to_the_hearing(town: Town, hearing: Hearing) -> None:
    path, browser, form = f"/hearings/{hearing.public_id}", town.browser(town.coordinator), typed(town)
    browser.post(path + "/plan", form)
    again_to_plan = browser.get(path + "/plan")
    browser.post(path + "/notice", {})
    answers = (again_to_plan, browser.get(path + "/notice"))
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, path), (303, path)]


def test_somebody_entered_in_the_case_after_the_plan_is_named(town: Town, hearing: Hearing) -> None:
    path, browser, form = f"/hearings/{hearing.public_id}", town.browser(town.coordinator), typed(town)
    browser.post(path + "/plan", form)
    assert "does not take part yet" not in browser.get(path).get_data(as_text=True)
    case = again().case
    a_party(town, case, "后来人", "third_party")
    a_party(town, case, "某证人", "witness")
    db.session.commit()
    page = browser.get(path).get_data(as_text=True)
    assert "后来人 takes part" in page and page.count("does not take part yet") == 1
    assert "某证人" not in page


def test_a_remark_of_the_pool_stands_beside_the_name(town: Town, hearing: Hearing) -> None:
    """A kinship that nobody reads in time ends in a challenge (H-24)."""
    path = f"/hearings/{hearing.public_id}"
    an_officer(town, "癸听证", remark="本人系某案当事人亲属")
    form = typed(town)
    browser = town.browser(town.coordinator)
    assert "本人系某案当事人亲属" in browser.get(path + "/plan").get_data(as_text=True)
    browser.post(path + "/plan", form)
    assert "本人系某案当事人亲属" in browser.get(path + "/officers").get_data(as_text=True)


def test_a_refused_step_names_the_state_in_words(town: Town, hearing: Hearing) -> None:
    path, browser, form = f"/hearings/{hearing.public_id}", town.browser(town.coordinator), typed(town)
    browser.post(path + "/plan", form)
    page = browser.post(path + "/plan", form).get_data(as_text=True)
    assert "the state is “Planned”" in page


def test_a_cancelled_hearing_keeps_its_time_and_has_no_dates_to_keep(town: Town, hearing: Hearing) -> None:
    path, browser, form = f"/hearings/{hearing.public_id}", town.browser(town.coordinator), typed(town)
    browser.post(path + "/plan", form)
    browser.post(path + "/cancellation", {"reason": "撤回申请"})
    page = browser.get(path).get_data(as_text=True)
    assert "Was planned for" in page and "2027-01-04T09:00" in page
    assert [word for word in ("no time yet", "Last lawful notice", "Limit of the case") if word in page] == []


def test_the_calendar_shows_a_hearing_with_its_room_and_nothing_of_the_case(town: Town) -> None:
    """S-25: for the office a link, for the volunteer who is the suspect a neutral word."""
    case = the_case(town, "枫检刑诉〔2026〕77号")
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    planned(town, hearing=approved(town, case))
    forget_request()
    hearing, officer = again(), town.person("甲听证")
    link = f"/hearings/{hearing.public_id}"
    asked = f"/invitations/{next(p for p in hearing.participants if p.person_id == officer.id).public_id}"
    span = "/calendar/events?start=2026-11-30&end=2026-12-07"
    seen = {role: town.browser(getattr(town, role)).get(span).get_json() for role in ("coordinator", "volunteer")}
    assert [(e["title"], e["extendedProps"]) for e in seen["coordinator"]] == [
        ("Hearing", {"url": link, "place": "听证室"})
    ]
    assert [(e["title"], e["extendedProps"]) for e in seen["volunteer"]] == [
        ("Hearing", {"url": None, "place": "听证室"})
    ]
    assert town.browser(town.neighbour("coordinator")).get(span).get_json() == []
    assert asked in town.browser(town.person("甲听证")).get("/").get_data(as_text=True)


def test_my_day_names_what_waits_with_the_last_lawful_day(town: Town, hearing: Hearing) -> None:
    path, form = f"/hearings/{hearing.public_id}", typed(town)
    browser = town.browser(town.coordinator)
    browser.post(path + "/plan", form)
    page = browser.get("/").get_data(as_text=True)
    assert "Give notice of the hearing" in page and 'datetime="2027-01-01"' in page
    browser.post(path + "/notice", {})
    page = browser.get("/").get_data(as_text=True)
    assert "Tell 李受害 of the hearing" in page and "Give notice of the hearing" not in page


def test_somebody_outside_the_case_sees_nothing_of_it(town: Town, hearing: Hearing) -> None:
    path, form = f"/hearings/{hearing.public_id}", typed(town)
    town.browser(town.coordinator).post(path + "/plan", form)
    for name in ("邻周协调", "何志愿", "朱交警", "甲听证"):
        browser = town.browser(town.person(name))
        for part in ("", "/plan", "/move", "/officers", "/notice"):
            assert browser.get(path + part).status_code in {403, 404}, (name, part)


def test_a_declined_place_is_shown_as_free_and_waits_for_somebody(town: Town, hearing: Hearing) -> None:
    path, form = f"/hearings/{hearing.public_id}", typed(town)
    browser = town.browser(town.coordinator)
    browser.post(path + "/plan", form)
    asked = next(p for p in again().participants if p.capacity == "hearing_officer")
    link, name = f"/invitations/{asked.public_id}/answer", asked.name
    said = {"answer": "no", "reason": "那天出差"}
    assert town.browser(town.person(name)).post(link, said).status_code == 303
    page = browser.get(path).get_data(as_text=True)
    assert "2 hearing officers take part, at least 3 are needed" in page and "那天出差" in page
    assert "A hearing lacks hearing officers: 2 of 3" in browser.get("/").get_data(as_text=True)
    assert browser.post(path + "/notice", {}).status_code == 422


def test_a_lawyer_on_duty_is_lent_and_given_back_on_the_page(town: Town, hearing: Hearing) -> None:
    path, form = f"/hearings/{hearing.public_id}", typed(town)
    duty = town.event("值班", f"{LATER} 08:30", f"{LATER} 12:00", kind="duty")
    with act("duty.publish", duty, by=town.coordinator, at=NOW):
        session = timeline.rebook(Take(duty, town.resource(town.lawyer), "duty_lawyer"))[0].public_id
    browser, clerk = town.browser(town.coordinator), town.browser(town.clerk)
    browser.post(path + "/plan", form)
    assert "Lend to the hearing" in browser.get(path).get_data(as_text=True)
    assert "Lend to the hearing" not in clerk.get(path).get_data(as_text=True)
    assert clerk.post(f"{path}/lawyer/{session}/loan").status_code == 404
    assert browser.post(f"{path}/lawyer/{session}/loan").status_code == 303
    [lent] = [p.booking.public_id for p in again().taking_part("duty_lawyer")]
    assert "Give the hour back" in browser.get(path).get_data(as_text=True)
    assert browser.post(f"{path}/lawyer/{lent}/return").status_code == 303
    assert again().taking_part("duty_lawyer") == []


def test_a_lawyer_of_counsels_firm_is_lent_on_the_page_with_a_reason_and_counsel_himself_not(
    town: Town, hearing: Hearing
) -> None:
    """8.10, H-26."""
    path, case = f"/hearings/{hearing.public_id}", hearing.case
    a_party(town, case, "孔律师", "defender", employer="枫桥律所")
    duty = town.event("值班", f"{LATER} 08:30", f"{LATER} 12:00", kind="duty")
    with act("duty.publish", duty, by=town.coordinator, at=NOW):
        session = timeline.rebook(Take(duty, town.resource(town.lawyer), "duty_lawyer"))[0].public_id
    form, loan = typed(town), f"{path}/lawyer/{session}/loan"
    browser = town.browser(town.coordinator)
    browser.post(path + "/plan", form)
    page = browser.get(path).get_data(as_text=True)
    said = "Is of the firm of 孔律师, who is in this case: 枫桥律所"
    assert (said in page, page.count('name="despite"'), page.count(loan)) == (True, 1, 1)
    refused = browser.post(loan, {"despite": " "})
    page = refused.get_data(as_text=True)
    assert (refused.status_code, page.count("not without a reason"), page.count(said)) == (422, 1, 2)
    long = browser.post(loan, {"despite": "长" * 4_001}).get_data(as_text=True)
    assert ("At most 4000 characters" in long, "长长长" in long) == (True, True)
    assert again().taking_part("duty_lawyer") == []
    assert browser.post(loan, {"despite": "法援机构同意"}).status_code == 303
    [lent] = again().taking_part("duty_lawyer")
    assert browser.post(f"{path}/lawyer/{lent.booking.public_id}/return").status_code == 303
    a_party(town, again().case, "尤律师", "agent", employer="枫桥律所")
    forget_request()
    page = browser.get(path).get_data(as_text=True)
    assert ("Is counsel in the same case" in page, loan in page) == (True, False)
    assert browser.post(loan, {"despite": "法援机构同意"}).status_code == 422


def test_somebody_outside_the_pool_sits_once_the_chief_agrees(town: Town, hearing: Hearing) -> None:
    """H-35."""
    path, form = f"/hearings/{hearing.public_id}", typed(town)
    outsider = str(town.hearing_officer.public_id)
    browser, chief = town.browser(town.coordinator), town.browser(town.chief)
    wanted = {**form, "officers": [*form["officers"][:2], outsider], "despite": "出生日期未登记"}
    assert browser.post(path + "/plan", wanted).status_code == 422
    assert browser.post(path + "/outsider", {"person": "x"}).status_code == 404
    assert browser.post(path + "/outsider", {"person": outsider, "why": "熟悉当地"}).status_code == 303
    [asked] = [a.public_id for a in again().approvals if a.about == "outsider"]
    assert chief.post(f"{path}/approvals/{asked}/approval", {"document": "2号"}).status_code == 303
    assert browser.post(path + "/plan", wanted).status_code == 303
    assert "吕听证" in [p.name for p in again().taking_part("hearing_officer")]
