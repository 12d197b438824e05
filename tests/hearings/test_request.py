"""Asking for a hearing: grounds, public or closed, who applied; who may ask; what a chief gets to read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from cases.actions.entering import correct_case
from cases.models import Case
from extensions import db
from hearings.actions.request import (
    ApplicationIncomplete,
    AppliedInTheFuture,
    AskedForAlready,
    CaseIsClosed,
    ClosedWithoutReason,
    DepartsWithoutReason,
    GroundMissing,
    MinorStaysClosed,
    OpennessUnknown,
    ReasonUntrue,
    amend_hearing,
    request_hearing,
)
from hearings.models import Hearing
from hearings.rules.request import (
    PUBLIC,
    Openness,
    judge_application,
    judge_grounds,
    judge_openness,
    openness_by_rule,
)
from record import invariants
from record.act import history
from tests.cases.made import a_case, a_party
from tests.hearings.made import a_requested_hearing, asked
from tests.queries import queries_of
from tests.town import NOW, Town

TODAY = date(2026, 11, 24)
GENERAL = ("dispute", "social_impact", "face_to_face")
ARREST = ("social_danger", "social_support")


def test_each_ground_is_enough_for_the_kinds_it_fits() -> None:
    """H-01, H-03, H-06: the three grounds; for an arrest review its own two; for an extension any of the five."""
    kinds = ("non_prosecution", "custody_review", "arrest_review", "detention_extension")
    fits = {kind: [g for g in (*GENERAL, *ARREST) if judge_grounds(kind, [g]).level == "ok"] for kind in kinds}
    assert fits == {
        "non_prosecution": list(GENERAL),
        "custody_review": list(GENERAL),
        "arrest_review": list(ARREST),
        "detention_extension": [*GENERAL, *ARREST],
    }
    assert judge_grounds("other", []).level == "refuse"


def test_what_the_rule_says_of_each_kind() -> None:
    """H-10, H-11."""
    kinds = (
        *("non_prosecution", "criminal_petition", "civil_supervision", "administrative_supervision", "public_interest"),
        *("arrest_review", "custody_review", "detention_extension", "other"),
    )
    closed = Openness(False, "arrest_or_detention")
    assert [openness_by_rule(kind, minor=False) for kind in kinds] == [PUBLIC] * 5 + [closed] * 3 + [None]
    assert {openness_by_rule(kind, minor=True) for kind in kinds} == {Openness(False, "minor")}


@pytest.mark.parametrize(
    ("kind", "minor", "chosen", "why", "verdict"),
    [
        ("non_prosecution", False, PUBLIC, "", ("ok", None)),
        ("non_prosecution", False, Openness(False, "privacy"), "", ("warn", "departs")),
        ("non_prosecution", False, Openness(False, "privacy"), "涉及隐私", ("ok", None)),
        ("non_prosecution", False, Openness(False, ""), "涉及隐私", ("refuse", "reason")),
        ("non_prosecution", False, Openness(False, "minor"), "未成年", ("refuse", "untrue")),
        ("non_prosecution", False, Openness(False, "arrest_or_detention"), "羁押", ("refuse", "untrue")),
        ("non_prosecution", True, PUBLIC, "各方同意", ("refuse", "minor")),
        ("non_prosecution", True, Openness(False, "privacy"), "", ("refuse", "minor")),
        ("non_prosecution", True, Openness(False, "minor"), "", ("ok", None)),
        ("arrest_review", False, Openness(False, "arrest_or_detention"), "", ("ok", None)),
        ("arrest_review", False, PUBLIC, "", ("warn", "departs")),
        ("arrest_review", False, PUBLIC, "各方同意公开", ("ok", None)),
        ("other", False, PUBLIC, "", ("ok", None)),
        ("other", False, Openness(False, "other_law"), "", ("ok", None)),
    ],
)
def test_what_may_be_chosen(kind: str, minor: bool, chosen: Openness, why: str, verdict: tuple[str, Any]) -> None:
    """H-07, H-10, H-11, H-12: defaults are departed from with a reason, a minor's hearing never."""
    judged = judge_openness(kind, minor, chosen, why)
    assert (judged.level, judged.facts) == verdict


def test_an_application_has_an_applicant_and_a_day_that_has_come() -> None:
    """H-05."""
    ahead = date(2026, 11, 25)
    given = [("", None), ("孙", TODAY), ("孙", None), ("", TODAY), ("孙", ahead)]
    judged = [judge_application(who, day, TODAY) for who, day in given]
    assert [(v.level, v.facts) for v in judged] == [
        ("ok", None),
        ("ok", None),
        ("refuse", "day"),
        ("refuse", "applicant"),
        ("refuse", ahead),
    ]


def test_a_request_lies_before_the_chief(town: Town) -> None:
    hearing = a_requested_hearing(town)
    assert (hearing.state, hearing.is_public, hearing.closed_reason) == ("requested", True, "")
    assert [(a.about, a.granted, a.asked_by.name) for a in hearing.approvals] == [
        ("hearing", None, town.prosecutor.name)
    ]
    assert history(hearing) == ["hearing.request"]
    assert invariants.broken() == []


@pytest.mark.parametrize(
    ("facts", "refusal", "source"),
    [
        ({"grounds": []}, GroundMissing, "DOMAIN H-01; 人民检察院审查案件听证工作规定 art. 4"),
        ({"kind": "arrest_review"}, GroundMissing, "DOMAIN H-01; 人民检察院审查案件听证工作规定 art. 4"),
        ({"kind": "other"}, OpennessUnknown, "DOMAIN H-10; 人民检察院审查案件听证工作规定 art. 5"),
        ({"openness": "closed"}, ClosedWithoutReason, "DOMAIN H-07; 公益诉讼办案听证工作指引 art. 5"),
        (
            {"openness": "closed", "closed_reason": "minor", "public_why": "未成年"},
            ReasonUntrue,
            "DOMAIN H-07, H-11; 人民检察院审查案件听证工作规定 art. 5",
        ),
        (
            {"openness": "closed", "closed_reason": "privacy"},
            DepartsWithoutReason,
            "DOMAIN H-12; 人民检察院审查案件听证工作规定 art. 5",
        ),
        ({"applicant": "孙小明"}, ApplicationIncomplete, "DOMAIN H-05; 人民检察院审查案件听证工作规定 art. 9"),
        ({"applied_on": TODAY}, ApplicationIncomplete, "DOMAIN H-05; 人民检察院审查案件听证工作规定 art. 9"),
        (
            {"applicant": "孙小明", "applied_on": date(2026, 11, 25)},
            AppliedInTheFuture,
            "DOMAIN H-05; 人民检察院审查案件听证工作规定 art. 9",
        ),
    ],
)
def test_a_rule_refuses_and_names_its_article(town: Town, facts: dict[str, Any], refusal: type, source: str) -> None:
    with pytest.raises(refusal) as refused:
        a_requested_hearing(town, **facts)
    assert refused.value.source == source
    assert db.session.scalars(select(Hearing)).all() == []


def test_a_minors_hearing_is_closed_whoever_wishes_otherwise(town: Town) -> None:
    """H-11."""
    case = a_case(town)
    a_party(town, case, "小甲", role="victim", birth_on=date(2008, 11, 25))
    with pytest.raises(MinorStaysClosed):
        a_requested_hearing(town, case, openness="public", public_why="各方同意")
    hearing = a_requested_hearing(town, case)
    assert (hearing.is_public, hearing.closed_reason) == (False, "minor")


def test_whoever_turned_eighteen_today_is_no_minor(town: Town) -> None:
    """H-11."""
    case = a_case(town)
    a_party(town, case, "小甲", role="victim", birth_on=date(2008, 11, 24))
    assert a_requested_hearing(town, case).is_public


def test_a_departure_keeps_its_reason(town: Town) -> None:
    """H-12."""
    facts = {"openness": "closed", "closed_reason": "commercial_secret", "public_why": "丙公司申请"}
    hearing = a_requested_hearing(town, **facts)
    assert (hearing.is_public, hearing.closed_reason, hearing.public_why) == (False, "commercial_secret", "丙公司申请")
    amend_hearing(hearing, asked(public_why="不再需要"), town.prosecutor, NOW)
    assert (hearing.is_public, hearing.closed_reason, hearing.public_why) == (True, "", "")


def test_one_hearing_of_a_kind_is_under_way_in_a_case(town: Town) -> None:
    first = a_requested_hearing(town)
    with pytest.raises(AskedForAlready):
        a_requested_hearing(town, first.case)
    other = a_requested_hearing(town, first.case, kind="custody_review")
    with pytest.raises(AskedForAlready):
        amend_hearing(other, asked(), town.prosecutor, NOW)
    amend_hearing(first, asked(why="补充理由"), town.prosecutor, NOW)
    assert history(first) == ["hearing.request", "hearing.amend"]


def test_only_grounds_that_fit_the_kind_are_kept(town: Town) -> None:
    """H-01, H-03."""
    hearing = a_requested_hearing(town, grounds=["dispute", "social_danger"])
    assert hearing.grounds == ["dispute"]


def test_a_closed_case_has_no_hearing(town: Town) -> None:
    case = a_case(town)
    correct_case(case, {"stage": "closed"}, town.prosecutor, NOW, "已决定")
    with pytest.raises(CaseIsClosed):
        a_requested_hearing(town, case)


def typed(**more: Any) -> dict[str, Any]:
    return {**asked(), **more}


def test_a_request_is_written_on_a_page_and_what_was_typed_stays(town: Town) -> None:
    path = f"/cases/{a_case(town).public_id}/hearings"
    browser = town.browser(town.prosecutor)
    assert browser.get(f"{path}/new").status_code == 200
    refused = browser.post(path, typed(grounds=[]))
    page = refused.get_data(as_text=True)
    assert (refused.status_code, "是否起诉争议较大" in page, "H-01" in page) == (422, True, True)
    assert browser.post(path, typed(why="")).status_code == 422
    answer = browser.post(path, typed())
    hearing = db.session.scalars(select(Hearing)).one()
    own = f"/hearings/{hearing.public_id}"
    assert (answer.status_code, answer.headers["Location"]) == (303, own)
    assert browser.post(f"{own}/amendment", typed(why="另有新证据")).status_code == 303
    assert db.session.scalars(select(Hearing)).one().why == "另有新证据"


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "nonsense"},
        {"mode": "x" * 5000},
        {"grounds": ["dispute", "nonsense"]},
        {"why": "有\x00无"},
        {"why": "很" * 5000},
        {"openness": "maybe"},
        {"applicant": "孙", "applied_on": "２０２６年"},
        {"applicant": "孙", "applied_on": "9999-99-99"},
        {"closed_reason": "nonsense"},
    ],
)
def test_bad_input_is_shown_again_and_stores_nothing(town: Town, more: dict[str, Any]) -> None:
    path = f"/cases/{a_case(town).public_id}/hearings"
    assert town.browser(town.prosecutor).post(path, typed(**more)).status_code == 422
    assert db.session.scalars(select(Hearing)).all() == []


def test_who_may_ask_in_which_case(town: Town) -> None:
    mine = f"/cases/{a_case(town, number='一').public_id}/hearings"
    other = f"/cases/{a_case(town, number='二', handler_id=town.chief.id).public_id}/hearings"
    a_party(
        town,
        db.session.scalars(select(Case).filter_by(number="一")).one(),
        "尤",
        role="defender",
        person_id=town.lawyer.id,
    )

    def tried(person: Any) -> list[int]:
        browser = town.browser(person)
        return [browser.get(f"{path}/new").status_code for path in (mine, other)]

    assert tried(town.prosecutor) == [200, 404]
    assert tried(town.lawyer) == [200, 404]
    assert tried(town.coordinator) == [200, 200]
    assert tried(town.receptionist) == [200, 200]
    assert tried(town.clerk) == [403, 403]
    assert tried(town.neighbour("prosecutor")) == [404, 404]


def test_the_counter_sees_what_it_asked_for_and_nothing_of_the_case(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, "孙小明")
    a_requested_hearing(town, a_case(town, number="二"))
    hearing = request_hearing(case, asked(), town.receptionist, NOW)
    path, number = f"/hearings/{hearing.public_id}", case.number
    counter = town.browser(town.receptionist)
    listed = counter.get("/hearings").get_data(as_text=True)
    assert (number in listed, ">二<" in listed) == (True, False)
    page = counter.get(path).get_data(as_text=True)
    assert ("孙小明" in page, "/cases/" in page, "What was done" in page) == (False, False, False)
    assert counter.get(f"{path}/amendment").status_code == 200


def test_the_counter_names_the_case_by_its_number_and_learns_nothing_else_of_it(town: Town) -> None:
    case = a_case(town, number="枫检刑诉〔2026〕31号", cause="盗窃罪名")
    a_party(town, case, "林一鸣", is_minor=True)
    a_case(town, number="枫检刑诉〔2026〕32号", cause="诈骗")
    path, handler = f"/cases/{case.public_id}/hearings/new", town.prosecutor.name
    counter = town.browser(town.receptionist)
    asked = ("/hearings/new", "/hearings/new?q=窃罪名", "/hearings/new?q=31号", path)
    pages = [counter.get(one).text for one in asked]
    assert ["枫检刑诉" in page for page in pages] == [False, False, True, True]
    leaked = ("盗窃罪名", "诈骗", handler, "32号", "A minor is party")
    assert [word for page in pages for word in leaked if word in page] == []
    coordinator = town.browser(town.coordinator)
    assert "盗窃罪名" in coordinator.get("/hearings/new").text


def test_a_defender_reads_nothing_of_the_prosecutors_request_and_amends_only_his_own(town: Town) -> None:
    case = a_case(town)
    a_party(town, case, town.lawyer.name, role="defender", person_id=town.lawyer.id)
    theirs = f"/hearings/{a_requested_hearing(town, case).public_id}"
    mine = f"/hearings/{request_hearing(case, asked(kind='custody_review'), town.lawyer, NOW).public_id}"
    browser = town.browser(town.lawyer)
    page = browser.get(theirs).get_data(as_text=True)
    shown = ("Course of the hearing" in page, "是否起诉争议较大" in page, "For the next step" in page)
    assert shown == (True, False, False)
    assert "是否起诉争议较大" in browser.get(mine).get_data(as_text=True)
    assert "What was done" not in browser.get(mine).get_data(as_text=True)
    codes = [browser.get(f"{path}/amendment").status_code for path in (theirs, mine)]
    assert codes == [403, 200]


def test_a_defender_is_the_applicant_of_what_he_asks_for(town: Town) -> None:
    """H-05."""
    case = a_case(town)
    a_party(town, case, town.lawyer.name, role="defender", person_id=town.lawyer.id)
    path = f"/cases/{case.public_id}/hearings/new"
    name = town.lawyer.name
    page = town.browser(town.lawyer).get(path).get_data(as_text=True)
    assert f'name="applicant" type="text" value="{name}"' in page


def test_the_list_asks_few_questions_however_many_hearings(town: Town) -> None:
    a_requested_hearing(town, a_case(town, number="0"))
    browser = town.browser(town.coordinator)
    few = queries_of(browser, "/hearings")
    for n in range(1, 6):
        a_requested_hearing(town, a_case(town, number=str(n)))
    assert queries_of(browser, "/hearings") == few
