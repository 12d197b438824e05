"""Settings: the values an office sets, where each comes from, and what the law leaves open (DOMAIN 9.2)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from accounts.actions.settings import change_setting, return_setting
from accounts.forms.settings import form_of
from accounts.models import Office, Setting
from accounts.rules.settings import (
    AlreadySo,
    BeginsInThePast,
    LessThanLawful,
    MayNotBeOff,
    MoreThanLawful,
    NoDayChosen,
    ReasonMissing,
    TooMuch,
    UnknownChoice,
    ValueMissing,
    WindowsCollide,
    WrongOrder,
)
from accounts.setting_values import MonthlyDays, Value, loaded
from accounts.settings import declared, rule_for
from accounts.web import Form
from extensions import db
from law import Rule
from record.act import _mark, act, history
from record.models import Act
from tests.queries import queries_of
from tests.town import NOW

TODAY = date(2026, 11, 24)


def set_to(town, key, amount, *, office=None, on=None, unit="", reason="decided today", at=NOW):
    return change_setting(
        office or town.office, key, Value(amount, unit), by=town.coordinator, at=at, reason=reason, effective_from=on
    )


def superior(town):
    return db.session.scalars(select(Office).where(Office.name == "枫州市人民检察院")).one()


def amount_of(town, key, on=TODAY, office=None):
    return rule_for(key, office or town.office, on).amount


def text_of(response):
    """A page as it reads: tags and runs of blanks left out."""
    page = re.sub(r"<(script|style).*?</\1>", "", response.get_data(as_text=True), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_change_that_changes_nothing_is_refused_and_says_since_when_it_is_so(town):
    first = set_to(town, "service.period", 20, on=date(2026, 12, 1))
    with pytest.raises(AlreadySo) as refusal:
        set_to(town, "service.period", 20, on=date(2026, 12, 24))
    assert refusal.value.facts == {"since": date(2026, 12, 1)}
    with pytest.raises(BeginsInThePast):
        set_to(town, "service.period", 20, on=date(2026, 12, 2), at=NOW + timedelta(days=40))
    set_to(town, "service.period", 20, on=TODAY)  # earlier than it held
    set_to(town, "service.period", 20, office=superior(town))  # not this office's own
    assert history(first) == ["setting.change"]


# rule_for


def test_without_a_row_the_default_holds(town):
    assert rule_for("hearing.notice_days", town.office, TODAY) == Rule(
        "hearing.notice_days", 3, "day", "none", "default", "人民检察院审查案件听证工作规定 art. 10(2)"
    )


def test_the_offices_own_row_goes_before_its_superiors_and_that_before_the_default(town):
    set_to(town, "hearing.notice_days", 5, office=superior(town))
    assert [amount_of(town, "hearing.notice_days", office=o) for o in (town.office, town.other_office)] == [5, 5]
    own = set_to(town, "hearing.notice_days", 4)
    assert rule_for("hearing.notice_days", town.office, TODAY).version == str(own.public_id)
    assert [amount_of(town, "hearing.notice_days", office=o) for o in (town.office, town.other_office)] == [4, 5]


def test_a_value_holds_from_its_day_on_and_not_the_day_before(town):
    set_to(town, "service.period", 20)
    set_to(town, "service.period", 25, on=date(2026, 12, 1))
    days = [date(2026, 11, 23), TODAY, date(2026, 11, 30), date(2026, 12, 1)]
    assert [amount_of(town, "service.period", day) for day in days] == [15, 20, 20, 25]


def test_of_two_rows_of_one_day_the_later_one_holds(town):
    set_to(town, "service.period", 25, on=date(2026, 12, 1))
    set_to(town, "service.period", 21, on=date(2026, 12, 1), reason="thought again")
    assert amount_of(town, "service.period", date(2026, 12, 1)) == 21


def test_today_is_the_offices_day_not_greenwichs(town):
    """23:30 of the 24th in London is the 25th in the town."""
    row = set_to(town, "service.period", 20, at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    assert row.effective_from == date(2026, 11, 25)


def test_taking_a_value_back_lets_the_superiors_hold_again(town):
    set_to(town, "service.period", 30, office=superior(town))
    set_to(town, "service.period", 20)
    row = return_setting(town.office, "service.period", by=town.chief, at=NOW, reason="as everybody else")
    assert (amount_of(town, "service.period"), history(row)) == (30, ["setting.change"])
    return_setting(superior(town), "service.period", by=None, at=NOW, reason="gone")
    assert rule_for("service.period", town.office, TODAY).version == "default"


def test_a_unit_may_be_chosen_where_practice_differs(town):
    assert rule_for("petition.reply1", town.office, TODAY).unit == "day"
    set_to(town, "petition.reply1", 7, unit="working_day")
    assert rule_for("petition.reply1", town.office, TODAY).unit == "working_day"
    with pytest.raises(UnknownChoice):
        set_to(town, "petition.reply1", 7, unit="month")


# what is refused


@pytest.mark.parametrize(
    ("key", "amount", "refusal", "bound", "law"),
    [
        ("hearing.notice_days", 2, LessThanLawful, 3, "人民检察院审查案件听证工作规定 art. 10(2)"),
        ("lawyer.relay_application", 25, MoreThanLawful, 24, "法律援助法 39"),
        ("case.review_limit", 2, MoreThanLawful, 1, "刑诉法 172"),
        ("case.nonpros_appeal", 6, LessThanLawful, 7, "检察规则 377"),
        ("case.nonpros_appeal", 8, MoreThanLawful, 7, "检察规则 377"),
        ("petition.review_ask", 29, LessThanLawful, 30, "信访工作条例 35"),
        ("log.retention", 179, LessThanLawful, 180, "网络安全法 23"),
        ("service.period", 181, TooMuch, 180, ""),
    ],
)
def test_a_value_looser_than_the_law_is_refused_and_the_law_is_named(town, key, amount, refusal, bound, law):
    with pytest.raises(refusal) as refused:
        set_to(town, key, amount)
    assert (refused.value.bound, refused.value.source, db.session.query(Setting).count()) == (bound, law, 0)


def test_the_bound_itself_is_taken(town):
    set_to(town, "hearing.notice_days", 3)
    set_to(town, "log.retention", 180)
    assert (amount_of(town, "hearing.notice_days"), amount_of(town, "log.retention")) == (3, 180)


def test_a_change_without_a_reason_is_refused(town):
    for reason in ("", "   "):
        with pytest.raises(ReasonMissing):
            set_to(town, "service.period", 20, reason=reason)
        with pytest.raises(ReasonMissing):
            return_setting(town.office, "service.period", by=town.chief, at=NOW, reason=reason)
    assert db.session.query(Setting).count() == 0


def test_a_value_cannot_hold_from_yesterday(town):
    with pytest.raises(BeginsInThePast):
        set_to(town, "service.period", 20, on=date(2026, 11, 23))


def test_other_kinds_refuse_what_makes_no_sense(town):
    for key, amount, refusal in (
        ("service.period", None, ValueMissing),
        ("rota.publisher", "nobody", UnknownChoice),
        ("service.windows", ((time(17), time(18)), (time(7), time(9))), WindowsCollide),
        ("service.windows", ((time(9), time(9)),), WindowsCollide),
        ("reception.pattern", MonthlyDays((), 3), NoDayChosen),
        ("hearing_officer.per_hearing.min", 8, WrongOrder),
    ):
        with pytest.raises(refusal):
            set_to(town, key, amount)
    set_to(town, "hearing_officer.per_hearing.min", 5)
    with pytest.raises(WrongOrder):
        set_to(town, "hearing_officer.per_hearing.max", 4)
    set_to(town, "hearing_officer.fee", None)


def test_the_second_factor_goes_off_in_a_demonstration_office_only(town):
    with pytest.raises(MayNotBeOff):
        set_to(town, "login.second_factor", False)
    office = town.office
    with act("office.open", office, by=None, at=NOW):
        office.is_demo = True
    set_to(town, "login.second_factor", False)
    assert amount_of(town, "login.second_factor") is False


def test_a_row_is_never_changed_nor_deleted(town):
    row = set_to(town, "service.period", 20)
    for statement in (
        "UPDATE setting SET effective_from = '2026-01-01'",
        "DELETE FROM setting",
    ):
        with pytest.raises(DBAPIError), db.session.begin_nested():
            _mark("a shell")
            db.session.execute(db.text(statement))
    db.session.rollback()
    assert amount_of(town, "service.period") == loaded(row.value, "whole").amount == 20


# the pages


def test_the_page_shows_every_setting_with_its_value_and_where_it_comes_from(town):
    set_to(town, "service.period", 20)
    set_to(town, "hearing.notice_days", 5, office=superior(town))
    set_to(town, "rota.min_distance", 9, on=date(2099, 1, 1))
    page = town.browser(town.coordinator).get("/settings?lang=en").get_data(as_text=True)
    rows = re.findall(r'href="/settings/([^"]+)"', page)
    assert rows == [one.key for one in declared()]
    sections = re.split(r"<tr>", page)
    line = {key: text_of_html(next(s for s in sections if f'/settings/{key}"' in s)) for key in rows}
    assert "20 days this office" in line["service.period"].replace("20天", "20 days")
    assert "superior office" in line["hearing.notice_days"] and "default" in line["rota.min_distance"]
    assert "2099" in line["rota.min_distance"]


def text_of_html(part):
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_the_page_asks_as_little_of_the_database_however_many_rows_there_are(town):
    browser = town.browser(town.coordinator)
    few = queries_of(browser, "/settings", table="setting")
    for amount in (16, 17, 18):
        set_to(town, "service.period", amount)
        set_to(town, "service.extension", amount, on=date(2099, 1, 1))
    assert (few, queries_of(browser, "/settings", table="setting")) == ([2], [2])


def test_the_search_finds_by_word_key_and_source(town):
    browser = town.browser(town.coordinator)
    for q, keys in (
        ("hearing.notice", ["hearing.notice_days", "hearing.notice_clear_days"]),
        ("法律援助法 39", ["lawyer.relay_application"]),
        ("no such thing", []),
    ):
        page = browser.get("/settings", query_string={"q": q}).get_data(as_text=True)
        assert re.findall(r'href="/settings/([^"?]+)"', page) == keys


def test_a_setting_is_changed_on_its_page_and_its_history_is_shown(town):
    browser = town.browser(town.coordinator)
    form = {
        "amount": "20",
        "effective_from": "2099-01-01",
        "reason": "the squad asked",
        "citation": "枫检发〔2026〕9号",
    }
    assert browser.post("/settings/service.period/change", form).status_code == 303
    row = db.session.scalars(select(Setting)).one()
    done = db.session.scalars(select(Act).where(Act.subject_table == "setting")).one()
    assert (row.office_id, row.value, row.effective_from) == (
        town.office.id,
        {"amount": 20, "unit": "day"},
        date(2099, 1, 1),
    )
    assert (done.name, done.reason, done.actor_id) == ("setting.change", "the squad asked", town.coordinator.id)
    page = text_of(browser.get("/settings/service.period"))
    assert all(said in page for said in ("the squad asked", "枫检发〔2026〕9号", "周协调", "2099"))


def test_a_value_looser_than_the_law_comes_back_with_the_form_and_the_article(town):
    browser = town.browser(town.coordinator)
    form = {"amount": "2", "effective_from": "2099-01-01", "reason": "hurry"}
    answer = browser.post("/settings/hearing.notice_days/change", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "人民检察院审查案件听证工作规定 art. 10(2)" in page and 'value="2"' in page and "hurry" in page
    assert db.session.query(Setting).count() == 0


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("service.period", {"amount": "twenty"}),
        ("service.period", {"amount": ""}),
        ("service.required_hours", {"amount": "NaN"}),
        ("service.required_hours", {"amount": "Infinity"}),
        ("hearing_officer.fee", {"amount": "1.005"}),
        ("service.windows", {"amount": "07:30 to nine"}),
        ("service.windows", {"amount": "25:00-26:00"}),
        ("rota.publisher", {"amount": "somebody"}),
        ("service.period", {"amount": "20", "reason": ""}),
        ("service.period", {"amount": "20", "effective_from": "tomorrow"}),
        ("service.period", {"amount": "20", "effective_from": "2020-01-01"}),
        ("service.period", {"amount": "99999999999999999999999"}),
    ],
)
def test_what_cannot_be_understood_is_explained_and_changes_nothing(town, key, form):
    whole = {"effective_from": "2099-01-01", "reason": "decided", **form}
    answer = town.browser(town.coordinator).post(f"/settings/{key}/change", whole)
    assert (answer.status_code, db.session.query(Setting).count()) == (422, 0)
    assert 'class="errors"' in (page := answer.get_data(as_text=True)) or "refusal errors" in page


@pytest.mark.parametrize(
    ("key", "form", "amount"),
    [
        ("service.windows", {"amount": "7:00-9:00\r\n17:00 – 18:30"}, ((time(7), time(9)), (time(17), time(18, 30)))),
        ("hearing_officer.fee", {"amount": "200.50"}, 20050),
        ("hearing_officer.fee", {"amount": ""}, None),
        ("service.required_hours", {"amount": "12.5"}, Decimal("12.5")),
        ("service.shift_photos", {"amount": "on"}, True),
        ("gallery.deadline", {"amount": "16:45"}, time(16, 45)),
        ("service.window_from", {"amount": "2026-12-01"}, date(2026, 12, 1)),
        ("reception.pattern", {"amount": ["2", "4"], "weekday": "5"}, MonthlyDays((2, 4), 5)),
        ("petition.reply1", {"amount": "5", "unit": "working_day"}, 5),
    ],
)
def test_each_kind_of_value_is_typed_and_stored(town, key, form, amount):
    whole = {"effective_from": "2099-01-01", "reason": "decided", **form}
    answer = town.browser(town.coordinator).post(f"/settings/{key}/change", whole)
    assert (answer.status_code, amount_of(town, key, date(2099, 1, 1))) == (303, amount)
    assert town.browser(town.coordinator).get(f"/settings/{key}").status_code == 200


@pytest.mark.slow
def test_every_settings_page_opens(town):
    browser = town.browser(town.chief)
    assert {browser.get(f"/settings/{one.key}").status_code for one in declared()} == {200}
    assert browser.get("/settings/no.such.key").status_code == 404


def test_only_coordinator_and_chief_of_the_office_see_and_change_settings(town):
    form = {"amount": "20", "effective_from": "2099-01-01", "reason": "decided"}
    for role in ("prosecutor", "clerk", "inspector", "security_admin", "squad_leader", "lawyer", "volunteer"):
        browser = town.browser(getattr(town, role))
        answers = [
            browser.get("/settings").status_code,
            browser.get("/settings/service.period").status_code,
            browser.post("/settings/service.period/change", form).status_code,
            browser.post("/settings/service.period/return", {"reason": "x"}).status_code,
        ]
        assert answers == [403, 403, 403, 403], role
    assert db.session.query(Setting).count() == 0


def test_a_neighbour_changes_his_own_office_and_sees_nothing_of_ours(town):
    set_to(town, "service.period", 23, reason="our own business")
    browser = town.browser(town.neighbour("coordinator"))
    assert "our own business" not in text_of(browser.get("/settings/service.period"))
    form = {"amount": "20", "effective_from": "2099-01-01", "reason": "theirs", "office_id": str(town.office.id)}
    assert browser.post("/settings/service.period/change", form).status_code == 303
    on = date(2099, 1, 1)
    assert [amount_of(town, "service.period", on, o) for o in (town.office, town.other_office)] == [23, 20]


def test_a_form_takes_no_column_it_does_not_show(town):
    """T25: every column of the row, injected."""
    form = {"amount": "20", "effective_from": "2099-01-01", "reason": "decided"}
    injected = {column.key: "1" for column in Setting.__table__.columns if column.key not in form}
    town.browser(town.coordinator).post("/settings/service.period/change", {**injected, **form})
    row = db.session.scalars(select(Setting)).one()
    assert (row.office_id, row.key, row.value, row.citation, row.set_by_id) == (
        town.office.id,
        "service.period",
        {"amount": 20, "unit": "day"},
        "1",  # a field of the form
        town.coordinator.id,
    )
    assert issubclass(form_of("service.period"), Form)


def test_taking_back_on_the_page_needs_a_reason(town):
    set_to(town, "service.period", 20, at=datetime.now(UTC))
    browser = town.browser(town.coordinator)
    assert browser.post("/settings/service.period/return", {"reason": " "}).status_code == 422
    assert browser.post("/settings/service.period/return", {"reason": "as before"}).status_code == 303
    assert amount_of(town, "service.period", date(2099, 1, 1)) == 15
