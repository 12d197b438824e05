"""The pages of the schemes: drafting a version, putting it in force by somebody else's word, what it changed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from exchange.tidy import check_digit
from extensions import db
from record.act import history
from record.course import OffCourse
from tests.cases.made import a_case, on_bail
from tests.queries import queries_of
from tests.town import NOW, Town
from tests.volunteers.conftest import all_of
from volunteers.actions.preparing import consent, tell
from volunteers.actions.proposing import Proposal, propose
from volunteers.actions.schemes import OwnDraft, approve, discard, draft, redraft
from volunteers.models.schemes import Scheme
from volunteers.rules.schemes import Terms, Tier, presets
from volunteers.scheme_words import GROUPS, difference
from volunteers.terms import terms_of
from volunteers.views.schemes import bound_to, version_before

USUAL = Terms()
ID_NUMBER = "99999919900101001" + check_digit("99999919900101001")
ENTERED = re.compile(r"/schemes/[0-9a-f-]{36}$")


def typed(**changes: Any) -> dict[str, Any]:
    """The default terms as their form sends them."""
    return {
        "title": "考察方案",
        "preset": "custom",
        "required_minutes": "20",
        "aggravator_extra_minutes": "0",
        "tiers": "",
        "min_shift_minutes": "60",
        "max_day_minutes": "3",
        "windows": "07:30-09:00\n17:00-18:30",
        "allow_weekends": "y",
        "period_days": "15",
        "extension_days": "15",
        "intake_working_days": "4",
        "evaluation_working_days": "2",
        "window_from": "",
        "limit_basis": "review_limit",
        "report_days": "3",
        "training_required": "y",
        "training_minutes": "1",
        "insurance_required": "y",
        "equipment": ["vest", "flag", "whistle"],
        "countersign": "none",
        "confirm_undo_minutes": "10",
        "late_grace_minutes": "10",
        "cancel_before_hours": "12",
        "round_minutes": "0.5",
        "no_show_limit": "2",
        "random_checks": "1",
        "pass_score": "60",
        "excellent_score": "90",
        "exempt_age": "65",
        "alternatives": ["community_service", "legal_publicity", "indoor_duty"],
        "exemptions": ["age", "pregnancy", "illness", "disability", "carer"],
        "stops": ["new_offence", "breach_of_bail", "impostor", "fraud", "plea_withdrawn"],
        **changes,
    }


def a_draft(town: Town, terms: Terms = USUAL) -> Scheme:
    return draft(town.office, "考察方案", "custom", terms, town.coordinator, NOW)


def in_force(town: Town, terms: Terms = USUAL, days: int = 0) -> Scheme:
    scheme = a_draft(town, terms)
    approve(scheme, town.chief, NOW + timedelta(days=days))
    return scheme


def test_the_form_asks_for_every_term_once() -> None:
    asked = [term.name for group in GROUPS for term in group.terms]
    assert sorted(asked) == sorted(Terms.__dataclass_fields__)


def test_what_is_typed_as_hours_is_kept_as_minutes(town: Town) -> None:
    answer = town.browser(town.coordinator).post("/schemes", typed())
    scheme = all_of(Scheme)[0]
    assert (answer.status_code, bool(ENTERED.search(answer.headers["Location"]))) == (303, True)
    assert (scheme.terms, scheme.number, scheme.state, scheme.drafted_by.name) == (Terms(), 1, "draft", "周协调")
    assert history(scheme) == ["scheme.draft"]


def test_every_preset_comes_back_from_its_form_as_it_was(town: Town) -> None:
    """Nothing that a preset says is lost between its form and what is kept."""
    browser = town.browser(town.coordinator)
    for key, terms in presets().items():
        page = browser.get("/schemes/new", query_string={"from": key}).get_data(as_text=True)
        assert (key, browser.post("/schemes", _as_sent(page)).status_code) == (key, 303)
        newest = db.session.scalars(select(Scheme).order_by(Scheme.id.desc())).first()
        assert newest is not None
        assert (newest.preset, newest.terms) == (key, terms)


def _as_sent(page: str) -> dict[str, Any]:
    """What a browser would send of the form of a scheme."""
    form = page[page.index('class="scheme-form"') :]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form[: form.index("</form>")]):
        kept = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if kept.get("type") != "checkbox" or " checked" in tag:
            sent.setdefault(kept["name"], []).append(kept.get("value", ""))
    for name, content in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = content.strip()
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = re.findall(r'<option selected value="([^"]*)"', options)
    return {name: value for name, value in sent.items() if name not in ("csrf_token", "form_id", "reason")}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"title": ""}, "title", "This is needed."),
    ({"required_minutes": "0.49"}, "required_minutes", "in whole minutes"),
    ({"required_minutes": "0.45"}, "required_minutes", "Between half an hour and 200 hours"),
    ({"required_minutes": "200.05"}, "required_minutes", "Between half an hour and 200 hours"),
    ({"required_minutes": "many"}, "required_minutes", "Give hours like 20 or 1.5"),
    ({"required_minutes": "9" * 5000}, "required_minutes", "Give hours like 20 or 1.5"),
    ({"min_shift_minutes": "181"}, "min_shift_minutes", "longer than what counts on one day"),
    ({"min_shift_minutes": "14"}, "min_shift_minutes", "From 15 to 600."),
    ({"windows": "09:00-07:30"}, "windows", "overlap, or one ends before it begins"),
    ({"windows": "soon"}, "windows", "Write each window on a line of its own"),
    ({"tiers": "149-180: 30"}, "tiers", "begin at 150"),
    ({"tiers": "150-180: 201"}, "tiers", "Between half an hour and 200 hours"),
    ({"tiers": "a lot"}, "tiers", "Write each tier on a line of its own"),
    ({"period_days": "0"}, "period_days", "From 1 to 180."),
    ({"window_from": "soon"}, "window_from", "Give a whole date: year, month and day."),
    ({"limit_basis": "never"}, "limit_basis", "Not a valid choice"),
]


def test_what_nobody_can_serve_by_is_said_beside_its_field_and_stores_nothing(town: Town) -> None:
    """D-04: a tier below 150 describes people who normally committed no crime."""
    browser = town.browser(town.coordinator)
    for changes, name, said in WRONG:
        answer = browser.post("/schemes", typed(**changes))
        page = answer.get_data(as_text=True)
        beside = re.findall(rf'id="{name}-why">.*?<span>(.*?)</span>', page, re.DOTALL)
        assert (changes, answer.status_code, [said in one for one in beside]) == (changes, 422, [True])
    assert all_of(Scheme) == []


@pytest.mark.parametrize(
    ("hours", "minutes"), [("0.5", 30), ("200", 12000), ("３０", 1800), ("0.833333", 50), ("1.5", 90)]
)
def test_hours_at_the_edge_and_in_full_width_digits_are_taken(town: Town, hours: str, minutes: int) -> None:
    town.browser(town.coordinator).post("/schemes", typed(required_minutes=hours))
    assert [one.terms.required_minutes for one in all_of(Scheme)] == [minutes]


def test_tiers_are_written_one_a_line(town: Town) -> None:
    """D-04: they begin at 150."""
    town.browser(town.coordinator).post("/schemes", typed(tiers="150-180: 30\n\n180－：40.5"))
    assert all_of(Scheme)[0].terms.tiers == (Tier(150, 180, 1800), Tier(180, None, 2430))


def test_whoever_drafted_a_version_does_not_put_it_in_force(town: Town) -> None:
    """TRUST 2: approve_scheme asks for a second person."""
    scheme = draft(town.office, "考察方案", "custom", Terms(), town.chief, NOW)
    with pytest.raises(OwnDraft):
        approve(scheme, town.chief, NOW)
    path = f"/schemes/{scheme.public_id}"
    browser = town.browser(town.chief)
    answer, page = browser.post(f"{path}/approval"), browser.get(path).get_data(as_text=True)
    assert (answer.status_code, f"{path}/approval" in page, "You drafted it" in page) == (403, False, True)
    assert history(all_of(Scheme)[0]) == ["scheme.draft"]


def test_the_one_who_changed_a_draft_last_is_its_drafter(town: Town) -> None:
    scheme = draft(town.office, "考察方案", "custom", Terms(), town.chief, NOW)
    redraft(scheme, "考察方案", replace(Terms(), required_minutes=600), town.coordinator, NOW)
    approve(scheme, town.chief, NOW)
    assert (scheme.state, scheme.approved_by, scheme.in_force_from) == ("in_force", town.chief, date(2026, 11, 24))


def test_the_chief_puts_a_draft_in_force_from_his_page_and_finds_it_among_what_waits(town: Town) -> None:
    path = f"/schemes/{a_draft(town).public_id}"
    browser = town.browser(town.chief)
    waits = [path in browser.get("/day").get_data(as_text=True)]
    answer = browser.post(f"{path}/approval")
    waits.append(path in browser.get("/day").get_data(as_text=True))
    scheme = all_of(Scheme)[0]
    assert (answer.status_code, scheme.state, waits) == (303, "in_force", [True, False])
    assert history(scheme) == ["scheme.draft", "scheme.approve"]


def test_a_new_version_retires_the_one_before_and_says_what_it_changes(town: Town) -> None:
    first = in_force(town)
    second = a_draft(town, replace(Terms(), required_minutes=1800, allow_weekends=False))
    assert version_before(second) == first
    approve(second, town.chief, NOW + timedelta(days=1))
    assert (first.state, second.state) == ("retired", "in_force")
    assert history(first) == ["scheme.draft", "scheme.approve", "scheme.retire"]
    assert (version_before(first), version_before(second)) == (None, first)
    path = f"/schemes/{second.public_id}"
    page = town.browser(town.coordinator).get(path).get_data(as_text=True)
    rows = page[page.index("changes-title") : page.index("terms-title")]
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", rows)]
    assert cells == ["Hours of service asked", "20 hours", "30 hours", "Shifts on weekends may be booked", "yes", "no"]


def test_two_versions_that_ask_the_same_differ_in_nothing(app: Any) -> None:
    with app.test_request_context():
        assert difference(Terms(), Terms()) == []
        assert len(difference(Terms(), replace(Terms(), window_from=date(2026, 12, 1)))) == 1


def test_a_version_in_force_is_not_rewritten(town: Town) -> None:
    """DOMAIN 3.3: not by a page, not by an action, not by a statement."""
    scheme = in_force(town)
    with pytest.raises(OffCourse):
        redraft(scheme, "另一个", Terms(), town.coordinator, NOW)
    with pytest.raises(OffCourse):
        discard(scheme, town.coordinator, NOW)
    path = f"/schemes/{scheme.public_id}/correction"
    browser = town.browser(town.coordinator)
    answer = browser.post(path, typed(required_minutes="30"))
    assert (answer.status_code, all_of(Scheme)[0].terms) == (409, Terms())
    assert browser.get(path).status_code == 303


@pytest.mark.parametrize("what", ["held = '{}'", "title = '另一个'", "number = 9", "preset = 'ruian'"])
def test_no_statement_rewrites_a_version_in_force(town: Town, what: str) -> None:
    in_force(town)
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE scheme SET {what}"))
    db.session.rollback()


def test_whoever_signed_stays_bound_to_the_version_he_signed(town: Town) -> None:
    """DOMAIN 3.3: bound to the version in force when the undertaking was signed."""
    first = in_force(town)
    case = a_case(town)
    suspect = on_bail(town, case)
    asked = Proposal(16050, "", True, date(2026, 11, 25), date(2026, 11, 26))
    signed = propose(suspect, asked, ID_NUMBER, town.prosecutor, NOW, "agreed")
    tell(signed, NOW.date(), "告知书", town.coordinator, NOW)
    consent(signed, NOW.date(), 2, None, "承诺书", town.coordinator, NOW)
    second = in_force(town, replace(Terms(), required_minutes=3600), days=1)
    assert (terms_of(signed, NOW.date()).required_minutes, bound_to([first, second])) == (1200, {first.id: 1})
    third = a_draft(town)
    assert (version_before(third), bound_to([third])) == (second, {})
    pages = [f"/schemes/{first.public_id}", f"/schemes/{third.public_id}"]
    browser = town.browser(town.chief)
    bound, next_one = (browser.get(path).get_data(as_text=True) for path in pages)
    assert ("whatever follows" in bound, "version 2 is no longer in force" in next_one) == (True, True)


def test_a_draft_is_changed_and_put_away(town: Town) -> None:
    path = f"/schemes/{a_draft(town).public_id}"
    browser = town.browser(town.coordinator)
    assert browser.post(f"{path}/correction", typed(period_days="30")).status_code == 303
    assert all_of(Scheme)[0].terms.period_days == 30
    assert browser.post(f"{path}/discarding").status_code == 303
    scheme = all_of(Scheme)[0]
    assert (scheme.state, history(scheme)) == ("discarded", ["scheme.draft", "scheme.redraft", "scheme.discard"])


def test_the_list_begins_with_the_version_in_force_and_shows_no_other_offices(town: Town) -> None:
    draft(town.other_office, "邻县方案", "custom", Terms(), town.neighbour("coordinator"), NOW)
    in_force(town)
    in_force(town, days=1)
    a_draft(town)
    page = town.browser(town.coordinator).get("/schemes").get_data(as_text=True)
    assert re.findall(r"version (\d)</a>", page) == ["2", "3", "1"]
    assert "邻县方案" not in page


def test_an_office_without_a_scheme_is_told_what_holds_and_where_to_begin(town: Town) -> None:
    page = town.browser(town.coordinator).get("/schemes").get_data(as_text=True)
    assert ("No scheme yet" in page, "20 hours" in page, 'href="/schemes/new"' in page) == (True, True, True)
    page = town.browser(town.prosecutor).get("/schemes").get_data(as_text=True)
    assert ("No scheme yet" in page, 'href="/schemes/new"' in page) == (True, False)


def test_the_list_is_read_in_as_many_queries_for_ten_versions_as_for_one(town: Town) -> None:
    a_draft(town)
    browser = town.browser(town.prosecutor)
    few = queries_of(browser, "/schemes")
    for _ in range(9):
        a_draft(town)
    assert queries_of(browser, "/schemes") == few


def test_those_who_propose_by_it_read_a_scheme_and_only_its_two_roles_act_on_it(town: Town) -> None:
    page = f"/schemes/{a_draft(town).public_id}"
    form, found = f"{page}/correction", {}
    for role in ("coordinator", "chief", "deputy_chief", "prosecutor", "volunteer", "traffic_officer"):
        browser = town.browser(getattr(town, role))
        found[role] = (browser.get(page).status_code, browser.get(form).status_code)
    assert found == {
        "coordinator": (200, 200),
        "chief": (200, 403),
        "deputy_chief": (200, 403),
        "prosecutor": (200, 403),
        "volunteer": (404, 404),
        "traffic_officer": (404, 404),
    }
