"""Proposing an assessment: what speaks against it, the reason that is asked, the form with its back-plan beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from flask import Flask

from accounts.actions.people import enter_person
from accounts.models import Person
from accounts.rules.people import BirthDiffers
from cases.actions.parties import correct_party
from cases.models import Case, Party
from exchange.tidy import check_digit
from extensions import db
from record.act import act, history
from tests.cases.made import a_case, a_party, on_bail
from tests.queries import queries_of
from tests.racing import race
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.proposing import Look, Proposal, look, propose
from volunteers.actions.schemes import approve, draft
from volunteers.models.assessment import Assessment
from volunteers.rules.proposing import (
    IdNumberNeeded,
    NoSuspect,
    NotProposable,
    ReasonAsked,
    UnderAssessmentAlready,
    aggravating_text,
    circumstances,
)
from volunteers.rules.schemes import Terms, Tier
from volunteers.words import AGGRAVATING

RECEIVED = date(2026, 11, 20)
FIRST, LAST = date(2026, 11, 28), date(2026, 12, 4)


def numbered(born: str = "19900101") -> str:
    seventeen = f"999999{born}001"
    return seventeen + check_digit(seventeen)


ID_NUMBER = numbered()
ASKED = Proposal(16050, "", pleaded=True, first_on=FIRST, last_on=LAST, minutes=300)


def a_suspect(town: Town, since: date = date(2026, 10, 1), **facts: Any) -> Party:
    """Somebody on bail in a case of the town's prosecutor, received on 20 November."""
    return on_bail(town, a_case(town, received_on=RECEIVED, **facts), since)


def told(suspect: Party, **changes: Any) -> list[tuple[str, str]]:
    seen: Look = look(suspect, replace(ASKED, **changes), NOW)
    return [(doubt.level, doubt.code) for doubt in seen.doubts]


def test_the_fifteen_circumstances_have_a_word_each_and_keep_the_opinions_order() -> None:
    """D-02."""
    assert (list(circumstances()), len(circumstances())) == (list(AGGRAVATING), 15)
    kept = aggravating_text(["other", "drugs", "hit_and_run"], "载有儿童")
    assert kept == "造成交通事故后逃逸；服用国家规定管制的精神药品或者麻醉药品后驾驶；其他需要从重处理的情形：载有儿童"
    assert aggravating_text([], "") == ""


@pytest.mark.parametrize(
    ("hundredths", "aggravating", "codes"),
    [
        (7999, "", [("refuse", "bac_below_80")]),
        (8000, "", [("warn", "bac_below_150")]),
        (14999, "", [("warn", "bac_below_150")]),
        (14999, "逃逸", []),
        (8000, "逃逸", []),
        (7999, "逃逸", [("refuse", "bac_below_80")]),
        (15000, "", []),
        (18000, "", []),
        (18001, "", [("warn", "bac_above_180")]),
    ],
)
def test_blood_alcohol_is_judged_on_both_sides_of_each_line(
    town: Town, hundredths: int, aggravating: str, codes: list[tuple[str, str]]
) -> None:
    """D-01 (80), D-04 (150 without an aggravating circumstance), D-06 (above 180)."""
    assert told(a_suspect(town), bac_hundredths=hundredths, aggravating=aggravating) == codes


def test_without_a_plea_nothing_is_proposed_whatever_the_reason(town: Town) -> None:
    """8.5."""
    suspect = a_suspect(town)
    with pytest.raises(NotProposable) as refusal:
        propose(suspect, replace(ASKED, pleaded=False), ID_NUMBER, town.prosecutor, NOW, "he may plead yet")
    assert [doubt.code for doubt in refusal.value.doubts] == ["no_plea"]
    assert all_of(Assessment) == []


def test_nobody_in_custody_is_proposed(town: Town) -> None:
    """8.9."""
    case = a_case(town, received_on=RECEIVED)
    suspect = a_party(town, case, measure="detention", measure_from=date(2026, 11, 1))
    assert ("refuse", "in_custody") in told(suspect)
    with pytest.raises(NotProposable):
        propose(suspect, ASKED, ID_NUMBER, town.prosecutor, NOW, "reason")


@pytest.mark.parametrize(("last", "codes"), [(date(2026, 12, 4), []), (date(2026, 12, 5), ["period_after_bail"])])
def test_the_period_ends_with_bail_at_the_latest(town: Town, last: date, codes: list[str]) -> None:
    """D-11, D-16: bail since 4 December 2025 ends on 4 December 2026."""
    suspect = a_suspect(town, since=date(2025, 12, 4))
    assert [code for level, code in told(suspect, last_on=last) if level == "refuse"] == codes


@pytest.mark.parametrize(("born", "codes"), [("19611129", []), ("19611128", ["age_65"])])
def test_the_age_is_known_by_the_id_number_alone(town: Town, born: str, codes: list[str]) -> None:
    """3.3: 65 on the first day of service, 28 November 2026."""
    seen = look(a_suspect(town), ASKED, NOW, numbered(born))
    assert [doubt.code for doubt in seen.doubts] == codes


def test_the_fast_track_asks_for_a_reason(town: Town) -> None:
    """D-09, D-10."""
    assert ("warn", "fast_track") in told(a_suspect(town, fast_track=True))


@pytest.mark.parametrize(
    ("cause", "codes"), [("危险驾驶罪", []), ("交通肇事、危险驾驶", []), ("盗窃", ["other_charge"])]
)
def test_another_charge_than_the_opinions_asks_for_a_reason(town: Town, cause: str, codes: list[str]) -> None:
    """D-07: the opinion knows the service for drunk driving; Nantong's theft rests on its own reasons."""
    suspect = a_suspect(town, cause=cause)
    assert told(suspect) == [("warn", code) for code in codes]
    if codes:
        with pytest.raises(ReasonAsked):
            propose(suspect, ASKED, ID_NUMBER, town.prosecutor, NOW)
    assert propose(suspect, ASKED, ID_NUMBER, town.prosecutor, NOW, "本院试行").state == "proposed"


def test_a_warning_asks_for_a_reason_and_the_reason_stays_with_the_act(town: Town) -> None:
    suspect = a_suspect(town)
    asked = replace(ASKED, bac_hundredths=14999)
    for reason in ("", "  \n"):
        with pytest.raises(ReasonAsked) as refusal:
            propose(suspect, asked, ID_NUMBER, town.prosecutor, NOW, reason)
        assert [doubt.code for doubt in refusal.value.doubts] == ["bac_below_150"]
    made = propose(suspect, asked, ID_NUMBER, town.prosecutor, NOW, "repeatedly warned before")
    assert (made.state, made.bac_hundredths, made.required_minutes) == ("proposed", 14999, 300)
    assert history(made) == ["assessment.propose"]


def test_whoever_is_proposed_becomes_a_volunteer_of_the_office_by_his_number(town: Town) -> None:
    made = propose(a_suspect(town), ASKED, ID_NUMBER, town.prosecutor, NOW)
    person = made.person
    assert (person.name, person.id_number, person.birth_on) == ("孙小明", ID_NUMBER, date(1990, 1, 1))
    assert [(m.role, m.office_id) for m in person.memberships] == [("volunteer", made.office_id)]
    assert (made.prosecutor, made.scheme, made.with_hearing) == (town.prosecutor, None, True)


def test_without_a_number_nobody_is_proposed(town: Town) -> None:
    with pytest.raises(IdNumberNeeded):
        propose(a_suspect(town), ASKED, "", town.prosecutor, NOW)


def test_a_birth_date_that_the_number_contradicts_is_refused_and_nothing_is_stored(town: Town) -> None:
    suspect = a_suspect(town)
    with act("party.correct", suspect, by=town.coordinator, at=NOW):
        suspect.birth_on = date(1991, 1, 1)
    with pytest.raises(BirthDiffers):
        propose(suspect, ASKED, ID_NUMBER, town.prosecutor, NOW)
    assert (all_of(Assessment), [p.name for p in all_of(Person) if p.id_number]) == ([], [])


def test_one_human_is_under_one_assessment_at_a_time(town: Town) -> None:
    """Whatever the case he is proposed in."""
    propose(a_suspect(town), ASKED, ID_NUMBER, town.prosecutor, NOW)
    other = on_bail(town, a_case(town, "枫检刑诉〔2026〕32号", received_on=RECEIVED))
    with pytest.raises(UnderAssessmentAlready):
        propose(other, ASKED, ID_NUMBER, town.prosecutor, NOW)
    assert len(all_of(Assessment)) == 1


def test_only_a_suspect_is_proposed(town: Town) -> None:
    victim = a_party(town, a_case(town), role="victim")
    with pytest.raises(NoSuspect):
        propose(victim, ASKED, ID_NUMBER, town.prosecutor, NOW)


def test_hours_are_those_of_the_tier_and_of_what_aggravates_unless_typed(town: Town) -> None:
    """3.3."""
    terms = Terms(tiers=(Tier(150, 170, 600), Tier(170, None, 900)), aggravator_extra_minutes=120)
    approve(draft(town.office, "方案", "custom", terms, town.coordinator, NOW), town.chief, NOW)
    suspect = a_suspect(town)

    def minutes(**changes: Any) -> int:
        return look(suspect, replace(ASKED, **{"minutes": None, **changes}), NOW).minutes

    assert minutes() == 600
    assert minutes(bac_hundredths=16999) == 600
    assert minutes(bac_hundredths=17000) == 900
    assert minutes(bac_hundredths=17000, aggravating="逃逸") == 1020
    assert minutes(bac_hundredths=17000, minutes=450) == 450


# the pages


def typed(suspect: Party, /, **changes: Any) -> dict[str, Any]:
    return {
        "suspect": str(suspect.public_id),
        "id_number": ID_NUMBER,
        "bac": "160.5",
        "pleaded": "y",
        "with_hearing": "y",
        "first_on": FIRST.isoformat(),
        "last_on": LAST.isoformat(),
        "hours": "5",
        **changes,
    }


def at(suspect: Party, rest: str = "") -> str:
    return f"/cases/{suspect.case.public_id}/assessments{rest}"


def test_an_assessment_is_proposed_in_the_browser(town: Town) -> None:
    suspect = a_suspect(town)
    path, form = at(suspect), typed(suspect, aggravating=["hit_and_run", "other"], aggravating_other="载有儿童")
    answer = town.browser(town.prosecutor).post(path, form)
    made = all_of(Assessment)[0]
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/assessments/{made.public_id}")
    assert (made.bac_hundredths, made.required_minutes, made.first_on, made.last_on) == (16050, 300, FIRST, LAST)
    assert made.aggravating == "造成交通事故后逃逸；其他需要从重处理的情形：载有儿童"


def of_a_far_year(town: Town, since: date = date(2035, 10, 8)) -> Party:
    """Somebody in a case received on Tuesday 6 November 2035: whatever day it is today, the intake lies ahead."""
    return on_bail(town, a_case(town, received_on=date(2035, 11, 6)), since)


def days_suggested(page: str) -> list[str]:
    return re.findall(r'<input[^>]*name="(?:first_on|last_on)"[^>]*value="([^"]*)"', page)


def test_the_form_begins_with_the_window_of_the_back_plan(town: Town) -> None:
    """8.9: after four working days of intake, as long as the scheme's fifteen days and the evaluation allow."""
    path = at(of_a_far_year(town), "/new")
    assert days_suggested(_page(town, "prosecutor", path)) == ["2035-11-13", "2035-11-21"]


def test_a_period_is_no_longer_than_the_scheme_has_it(town: Town) -> None:
    """3.3: `period_days`, both days included."""
    terms = replace(Terms(), period_days=7)
    approve(draft(town.office, "方案", "custom", terms, town.coordinator, NOW), town.chief, NOW)
    path = at(of_a_far_year(town), "/new")
    assert days_suggested(_page(town, "prosecutor", path)) == ["2035-11-13", "2035-11-19"]


def test_the_suggestion_never_lies_beyond_bail(town: Town) -> None:
    """D-11, D-16."""
    path = at(of_a_far_year(town, since=date(2034, 11, 20)), "/new")
    assert days_suggested(_page(town, "prosecutor", path)) == ["2035-11-13", "2035-11-20"]


def test_the_first_form_shows_the_day_on_which_each_step_is_due(town: Town) -> None:
    """H-55, H-41, 8.9; of 2035 no calendar is published."""
    path = at(of_a_far_year(town), "/new")
    page = _page(town, "prosecutor", path)
    table = page[page.index('class="backplan') :]
    rows = re.findall(r'<th scope="row">([^<]*)<.*?§ ([^<]*)<.*?<td><time datetime="([^"]*)"', table, re.DOTALL)
    assert rows == [
        ("Service from", "8.9", "2035-11-13"),
        ("Service until", "8.9", "2035-11-21"),
        ("Evaluation by", "8.9", "2035-11-21"),
        ("Notice of the hearing by", "H-41", "2035-11-23"),
        ("Hearing by", "H-55", "2035-11-29"),
        ("Limit it is counted back from", "D-16", "2035-12-06"),
    ]
    assert "Calendar not yet published" in page


def beside(town: Town, suspect: Party, /, **changes: Any) -> str:
    """What stands beside the form for what is typed so far."""
    path, sent = at(suspect, "/back-plan"), typed(suspect, **changes)
    del sent["id_number"]
    answer = town.browser(town.prosecutor).get(path, query_string=sent)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def said(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r'<span class="what">(.*?)</span>', page)]


def test_the_back_plan_beside_the_form_follows_what_is_typed(town: Town) -> None:
    suspect = a_suspect(town)
    good = beside(town, suspect)
    assert ("Nothing speaks against it" in good, said(good), "data-warns" in good) == (True, [], False)
    suspect = all_of(Party)[0]
    warned = beside(town, suspect, bac="149.99")
    assert said(warned) == ["Below 150 mg/100 ml and nothing aggravating: normally no crime at all (D-04)."]
    assert "data-warns" in warned
    suspect = all_of(Party)[0]
    refused = beside(town, suspect, bac="79.99", pleaded="")
    assert said(refused) == [
        "Without a plea there is no assessment (8.5).",
        "Below 80 mg/100 ml it is no drunk driving (D-01).",
    ]
    assert ("Not possible" in refused, "data-warns" in refused) == (True, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"bac": ""},
        {"bac": "much"},
        {"bac": "9" * 4000},
        {"hours": "-1"},
        {"hours": "999999"},
        {"first_on": ""},
        {"last_on": "0001-01-01"},
        {"last_on": "2026-11-01"},
        {"suspect": "nobody"},
        {"aggravating": ["nothing"]},
    ],
)
def test_whatever_is_typed_so_far_the_part_beside_the_form_answers(town: Town, changes: dict[str, Any]) -> None:
    assert "Back-plan" in beside(town, a_suspect(town), **changes)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"bac": ""}, "bac", "This is needed."),
    ({"bac": "160.505"}, "bac", "two digits after the point at most"),
    ({"bac": "0"}, "bac", "From 0.01 to 1000 mg/100 ml."),
    ({"bac": "1000.01"}, "bac", "From 0.01 to 1000 mg/100 ml."),
    ({"id_number": ""}, "id_number", "The ID number is needed"),
    ({"id_number": "123"}, "id_number", "An ID number has 17 digits and then a digit or X; this has"),
    ({"last_on": "2026-11-27"}, "last_on", "The last day lies before the first."),
    ({"hours": "0.45"}, "hours", "From 0.5 to 200 hours."),
    ({"hours": "200.05"}, "hours", "From 0.5 to 200 hours."),
    ({"aggravating": ["other"]}, "aggravating", "Say below what else aggravates."),
    ({"suspect": "nobody"}, "suspect", "Not a valid choice"),
]


def test_what_is_wrong_is_said_beside_its_field_and_stores_nothing(town: Town) -> None:
    suspect = a_suspect(town)
    path, forms = at(suspect), [(typed(suspect, **changes), name, words) for changes, name, words in WRONG]
    browser = town.browser(town.prosecutor)
    for form, name, words in forms:
        answer = browser.post(path, form)
        page = answer.get_data(as_text=True)
        near = re.findall(rf'id="{name}-why">.*?<span>(.*?)</span>', page, re.DOTALL)
        assert (name, answer.status_code, [words in one for one in near]) == (name, 422, [True])
    assert (all_of(Assessment), [p.name for p in all_of(Person) if p.id_number]) == ([], [])


def test_what_speaks_against_it_is_named_before_the_blood_alcohol_is_typed(town: Town) -> None:
    """The charge (D-07) and the fast track (D-09); not the box that waits to be ticked."""
    suspect = a_suspect(town, cause="盗窃", fast_track=True)
    assert said(beside(town, suspect, bac="", pleaded="", last_on=str(FIRST), hours="1"))[:2] == [
        "The case is about 盗窃; the scheme is for drunk driving (D-07).",
        "The case runs on the fast track: ten days in all (D-09).",
    ]


def test_a_warning_is_named_above_the_form_until_a_reason_is_given(town: Town) -> None:
    suspect = a_suspect(town)
    path, first = at(suspect), typed(suspect, bac="180.01")
    browser = town.browser(town.prosecutor)
    asked = browser.post(path, first)
    page = asked.get_data(as_text=True)
    box = page[page.index('id="objections"') : page.index('class="proposal"')]
    assert (asked.status_code, said(box)) == (422, ["Above 180 mg/100 ml the scheme normally does not apply (D-06)."])
    assert browser.post(path, {**first, "reason": "he drove his own yard"}).status_code == 303
    assert [one.bac_hundredths for one in all_of(Assessment)] == [18001]


def test_a_refusal_is_named_above_the_form_whatever_the_reason(town: Town) -> None:
    suspect = a_suspect(town)
    path, form = at(suspect), typed(suspect, bac="79.99", reason="please")
    answer = town.browser(town.prosecutor).post(path, form)
    page = answer.get_data(as_text=True)
    box = page[page.index('id="objections"') : page.index('class="proposal"')]
    assert (answer.status_code, said(box)) == (409, ["Below 80 mg/100 ml it is no drunk driving (D-01)."])
    assert all_of(Assessment) == []


def test_the_case_shows_its_assessments_and_offers_a_proposal_to_its_prosecutor_only(town: Town) -> None:
    suspect, roles = a_suspect(town), ("prosecutor", "coordinator", "chief", "case_management", "clerk")
    path, new = f"/cases/{suspect.case.public_id}", at(suspect, "/new")
    offers = {r: new in _page(town, r, path) for r in roles}
    assert offers == {
        "prosecutor": True,
        "coordinator": False,
        "chief": False,
        "case_management": False,
        "clerk": False,
    }
    made = propose(all_of(Party)[0], ASKED, ID_NUMBER, town.prosecutor, NOW)
    url = f"/assessments/{made.public_id}"
    shown = {r: url in _page(town, r, path) for r in roles}
    assert shown == {
        "prosecutor": True,
        "coordinator": True,
        "chief": True,
        "case_management": False,
        "clerk": False,
    }
    assert new not in _page(town, "prosecutor", path)  # nobody is free to be proposed


def _page(town: Town, role: str, path: str) -> str:
    return str(town.browser(getattr(town, role)).get(path).get_data(as_text=True))


def test_nobody_but_the_prosecutor_of_the_case_reaches_the_form(town: Town) -> None:
    paths = [at(suspect := a_suspect(town), "/new"), at(suspect, "/back-plan")]
    found = {
        role: [town.browser(getattr(town, role)).get(path).status_code for path in paths]
        for role in ("prosecutor", "coordinator", "chief", "clerk", "volunteer")
    }
    assert found == {
        "prosecutor": [200, 200],
        "coordinator": [403, 403],
        "chief": [403, 403],
        "clerk": [403, 403],
        "volunteer": [404, 404],
    }
    neighbour = town.browser(town.neighbour("prosecutor"))
    assert [neighbour.get(path).status_code for path in paths] == [404, 404]


def test_a_case_without_a_suspect_says_so(town: Town) -> None:
    case: Case = a_case(town)
    path = f"/cases/{case.public_id}"
    pages = [_page(town, "prosecutor", path), _page(town, "prosecutor", f"{path}/assessments/new")]
    assert ["Enter the suspect first" in pages[0], "Nobody to propose" in pages[1]] == [True, True]


def test_a_case_is_read_in_as_many_queries_for_five_assessments_as_for_one(town: Town, crossing: Crossing) -> None:
    case = a_case(town, received_on=RECEIVED)
    path = f"/cases/{case.public_id}"
    counts = []
    for n in range(5):
        suspect = on_bail(town, all_of(Case)[0], name=f"嫌疑{n}")
        propose(suspect, ASKED, numbered(f"199001{n + 10}"), town.prosecutor, NOW)
        if n in (0, 4):
            counts.append(queries_of(town.browser(town.prosecutor), path))
    assert counts[0] == counts[1]


def test_of_two_desks_that_propose_for_one_man_at_once_one_is_told_that_he_is_under_assessment(
    app: Flask, town: Town
) -> None:
    """8.5: one at a time in an office; the database decides, and the loser reads a sentence."""
    person = enter_person({"name": "孙大山", "id_number": ID_NUMBER}, town.office, by=town.coordinator, at=NOW)
    suspects = [a_suspect(town, number=f"枫检刑诉〔2026〕{n}号") for n in (71, 72)]
    for suspect in suspects:
        correct_party(suspect, {"person_id": person.id}, town.coordinator, NOW)
    ids = [suspect.id for suspect in suspects]

    def desk(suspect_id: int) -> str:
        propose(db.session.get_one(Party, suspect_id), ASKED, "", town.prosecutor, NOW)
        return "proposed"

    outcomes = sorted(race(app, [partial(desk, one) for one in ids]))
    assert outcomes == ["proposed", "under_assessment_already"]
    assert len(all_of(Assessment)) == 1
