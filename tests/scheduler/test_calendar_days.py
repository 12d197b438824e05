"""Working days: the official list with what it moves, an office's own days, `flask count` (DOMAIN C-10 to C-15)."""

import html
import io
import re
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.rules.settings import ReasonMissing
from errors import Refusal
from extensions import db
from law import Rule
from record.act import act, history
from record.invariants import broken
from record.models import Act
from scheduler.actions.calendar_days import (
    DayAlreadySo,
    ListFaulty,
    ListIncomplete,
    NotCorrected,
    correct_day,
    effect_of_correction,
    effect_of_list,
    effect_of_withdrawal,
    take_list,
    withdraw_correction,
)
from scheduler.actions.deadlines import meet_deadline, start_deadline
from scheduler.deadlines import calendar as calendar_module
from scheduler.deadlines.calendar import Hit, calendar_in_force, hit_by_calendar
from scheduler.deadlines.models import CalendarDay, CalendarYear, DayKind, Deadline
from scheduler.deadlines.working_days import Day, statutory
from tests.scheduler.test_official_list import NOTICE, notice
from tests.town import NOW

SOURCE = "国办发明电〔2026〕99号"


def take(town, text=NOTICE, year=2027, office=None):
    return take_list(notice(text, year), office or town.office, source=SOURCE, by=town.coordinator, at=NOW)


def owe(town, on, amount, unit="day", office=None, roll="next_working"):
    office = office or town.office
    return start_deadline(office, Rule("petition.reply1", amount, unit, roll), on, office=office, by=None, at=NOW)


def correct(town, day, kind=DayKind.LOCAL_OFF, office=None, **more):
    values = {"name": "火把节", "source": "州政府公告", "reason": "as every year", **more}
    return correct_day(office or town.office, day, kind, by=town.coordinator, at=NOW, **values)


def breaches():
    return [breach for breach in broken() if breach.invariant.startswith(("I49", "I20", "I43"))]


def count(town, line):
    return town.app.test_cli_runner().invoke(args=["count", *line.split()])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2027-02-30,放假,春节", "date_impossible"),
        ("soon,放假,春节", "date_missing"),
        ("2027-02-22,上班,", "makeup_on_weekday"),
        ("2028-01-01,放假,元旦", "other_year"),
        ("2026-11-30,放假,元旦", "other_year"),
        ("2027-01-02,放假,元旦", "day_named_twice"),
        ("2027-01-03,上班,", "day_named_twice"),
        ("2027-03-03至2027-03-01,放假,", "span_impossible"),
        ("2027-03-01至2027-07-01,放假,", "span_impossible"),
        ("2027-03-01,maybe,", "kind_unknown"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_and_the_list_is_not_taken(town, row, code):
    read = notice(NOTICE + row + "\n")
    assert [(fault.row, fault.code) for fault in read.judged.refused] == [(13, code)]
    with pytest.raises(ListFaulty):
        take(town, NOTICE + row + "\n")
    assert db.session.query(CalendarYear).count() == db.session.query(CalendarDay).count() == 0


def test_a_list_that_was_cut_off_is_not_taken(town):
    half = NOTICE.split("2027-09-15")[0]
    with pytest.raises(ListIncomplete) as refusal:
        take(town, half)
    assert (refusal.value.day, refusal.value.name) == (date(2027, 9, 15), "中秋节")
    assert db.session.query(CalendarYear).count() == 0


# taking it


def test_a_list_makes_its_year_official(town):
    assert not calendar_in_force(town.office).is_official(2027)
    year, effect = take(town)
    calendar = calendar_in_force(town.office)
    assert (calendar.is_official(2027), calendar.is_official(2028)) == (True, False)
    assert [calendar.kind(date(2027, 2, day)) for day in (11, 12, 13, 14, 15, 20)] == [
        "off",
        "off",
        "off",
        "weekend",
        "working",
        "makeup_work",
    ]
    assert calendar_in_force(None) == calendar_in_force(town.other_office) == calendar
    assert (history(year), effect.elsewhere, effect.moves) == (["calendar.import"], 0, [])
    done = db.session.scalars(select(Act).where(Act.name == "calendar.import")).one()
    assert (done.office_id, done.reason, done.facts) == (town.office.id, SOURCE, {"days": 33, "moved": 0})


def test_the_list_moves_due_dates_and_names_old_and_new(town):
    crossing = owe(town, date(2027, 2, 2), 5, "working_day")
    certain = owe(town, date(2026, 12, 28), 10)
    before = owe(town, date(2026, 11, 2), 7)
    done = owe(town, date(2027, 2, 2), 5, "working_day")
    meet_deadline(done, by=town.clerk, at=NOW, evidence="letter")
    theirs = owe(town, date(2027, 2, 2), 5, "working_day", office=town.other_office)
    assert (crossing.due_on, crossing.provisional, certain.due_on) == (date(2027, 2, 11), True, date(2027, 1, 7))

    seen = effect_of_list(notice(), town.office)
    told = [(move.deadline.id, move.old, move.new, move.moved) for move in seen.moves]
    assert told == [
        (certain.id, date(2027, 1, 7), date(2027, 1, 7), False),
        (crossing.id, date(2027, 2, 11), date(2027, 2, 17), True),
    ]
    assert (seen.elsewhere, crossing.due_on, history(crossing)) == (1, date(2027, 2, 11), ["deadline.start"])

    _, effect = take(town)
    assert [(m.deadline.id, m.old, m.new) for m in effect.moves] == [told_[:3] for told_ in told]
    for deadline in (crossing, theirs):
        assert (deadline.due_on, deadline.provisional) == (date(2027, 2, 17), False)
        assert history(deadline) == ["deadline.start", "deadline.recount"]
    assert [(d.due_on, history(d)[1:]) for d in (before, done)] == [
        (date(2026, 11, 9), []),
        (date(2027, 2, 11), ["deadline.meet"]),
    ]
    moved = db.session.scalars(select(Act).where(Act.name == "deadline.recount", Act.subject_id == crossing.id)).one()
    parent = db.session.scalars(select(Act).where(Act.name == "calendar.import")).one()
    assert (moved.facts, moved.parent_uid) == ({"old": "2027-02-11", "new": "2027-02-17"}, parent.public_id)
    assert breaches() == []


def test_a_list_taken_again_replaces_the_first_one(town):
    take(town)
    deadline = owe(town, date(2027, 2, 10), 3, "working_day")
    assert deadline.due_on == date(2027, 2, 17)
    longer = NOTICE.replace("2月13日", "2月15日").replace("2027/2/27,班,\n", "")
    take(town, longer)
    calendar = calendar_in_force(town.office)
    assert [calendar.kind(date(2027, 2, day)) for day in (15, 27)] == ["off", "weekend"]
    assert (deadline.due_on, db.session.query(CalendarYear).count(), breaches()) == (date(2027, 2, 18), 1, [])
    shorter = NOTICE.replace("2月13日", "2月12日")
    take(town, shorter)
    assert calendar_in_force(town.office).kind(date(2027, 2, 13)) == "weekend"
    assert breaches() == []


def test_a_list_of_a_year_the_program_knows_may_amend_it(town):
    """2020: the State Council prolonged a Spring Festival that had begun."""
    deadline = owe(town, date(2026, 12, 1), 5, "working_day")
    assert deadline.due_on == date(2026, 12, 8)
    _, effect = take(town, "date,kind,name\n2026-12-04,off,mourning\n2026-12-05,work,\n", 2026)
    assert (deadline.due_on, [m.new for m in effect.moves]) == (date(2026, 12, 8), [])
    take(town, "date,kind,name\n2026-12-04,off,mourning\n", 2026)
    assert (deadline.due_on, breaches()) == (date(2026, 12, 9), [])


def test_packages_name_what_a_list_hits(town, monkeypatch):
    monkeypatch.setattr(calendar_module, "_hitting", [])

    @hit_by_calendar
    def duties(office, changed, calendar):
        off = [day for day in changed if not calendar.is_working_day(day)]
        return [Hit(f"duty of {day}", "a day off now", "/duties/1") for day in off[:1]]

    assert duties.__name__ == "duties"
    seen = effect_of_list(notice(), town.office)
    assert [(hit.what, hit.url) for hit in seen.hits] == [("duty of 2027-02-09", "/duties/1")]
    assert date(2027, 1, 1) not in seen.changed and seen.changed[date(2027, 2, 9)] == Day("off", "春节")


# corrections


def test_a_local_holiday_moves_due_dates_of_its_office_alone(town):
    ours, theirs = owe(town, date(2026, 11, 24), 3), owe(town, date(2026, 11, 24), 3, office=town.other_office)
    _row, moved = correct(town, date(2026, 11, 27))
    assert [(m.deadline.id, m.old, m.new) for m in moved] == [(ours.id, date(2026, 11, 27), date(2026, 11, 30))]
    assert (ours.due_on, theirs.due_on, history(theirs)) == (
        date(2026, 11, 30),
        date(2026, 11, 27),
        ["deadline.start"],
    )
    assert [calendar_in_force(o).kind(date(2026, 11, 27)) for o in (town.office, town.other_office)] == [
        "local_off",
        "working",
    ]
    assert breaches() == []


def test_a_correction_taken_back_moves_them_back(town):
    deadline = owe(town, date(2026, 11, 24), 3)
    correct(town, date(2026, 11, 27))
    withdraw_correction(town.office, date(2026, 11, 27), by=town.coordinator, at=NOW, reason="cancelled this year")
    assert (deadline.due_on, db.session.query(CalendarDay).count()) == (date(2026, 11, 27), 0)
    names = db.session.scalars(select(Act.name).where(Act.name.like("calendar.%")).order_by(Act.id)).all()
    assert (names, breaches()) == (["calendar.correct", "calendar.withdraw"], [])
    with pytest.raises(NotCorrected):
        withdraw_correction(town.office, date(2026, 11, 27), by=town.coordinator, at=NOW, reason="again")


def test_a_correction_stands_over_the_official_list(town):
    correct(town, date(2027, 2, 12), DayKind.LOCAL_OFF)
    take(town)
    correct(town, date(2027, 2, 11), DayKind.WORKING, name="")
    calendar = calendar_in_force(town.office)
    assert [calendar.kind(date(2027, 2, day)) for day in (11, 12, 13)] == ["working", "local_off", "off"]
    assert breaches() == []


def test_a_correction_needs_a_reason_and_something_to_correct(town):
    with pytest.raises(ReasonMissing):
        correct(town, date(2026, 11, 27), reason=" ")
    for day, kind in (
        (date(2026, 11, 28), DayKind.LOCAL_OFF),  # a Saturday
        (date(2026, 11, 27), DayKind.MAKEUP_WORK),  # a Friday
        (date(2026, 10, 10), DayKind.WORKING),  # a make-up Saturday
    ):
        with pytest.raises(DayAlreadySo):
            correct(town, day, kind)
    assert db.session.query(CalendarDay).count() == 0


def test_the_database_holds_one_meaning_a_day(town):
    take(town)
    year = db.session.scalars(select(CalendarYear)).one()
    for row in (
        CalendarDay(list_id=year.id, falls_on=date(2027, 1, 1), kind="off"),
        CalendarDay(list_id=year.id, falls_on=date(2027, 3, 1), kind="local_off"),
        CalendarDay(office_id=town.office.id, list_id=year.id, falls_on=date(2027, 3, 1), kind="off"),
        CalendarDay(falls_on=date(2027, 3, 1), kind="off"),
    ):
        with pytest.raises(IntegrityError), act("calendar.correct", year, by=None, at=NOW):
            db.session.add(row)


# flask count


def test_count_asks_the_offices_calendar(town):
    line = "2026-11-26 --working-days 1"
    correct(town, date(2026, 11, 27))
    ours = count(town, f"{line} --office 枫县人民检察院")
    assert (ours.exit_code, ours.stdout.splitlines()[0]) == (0, "2026-11-30")
    for office in ("", " --office 邻县人民检察院"):
        assert count(town, line + office).stdout.splitlines()[0] == "2026-11-27"


def test_count_knows_the_list_that_was_taken(town):
    line = "2027-02-08 --working-days 5"
    before = count(town, line)
    assert before.stdout.splitlines()[0] == "2027-02-15" and "日历未公布" in before.stdout
    take(town)
    after = count(town, line)
    assert after.stdout.splitlines()[0] == "2027-02-19" and "日历未公布" not in after.stdout


def test_count_refuses_an_office_nobody_knows(town):
    result = count(town, "2026-11-26 --days 1 --office 无此院")
    assert (result.exit_code, result.stdout) == (2, "")


# pages


def test_the_year_names_its_days_and_says_what_is_not_published(town):
    browser = town.browser(town.lawyer)
    page = browser.get("/calendar-days?year=2026").get_data(as_text=True)
    assert page.count('<section class="month"') == 12 and "国庆节" in page and "note tone-wait" not in page
    cells = re.findall(r'<td class="(off|makeup_work|guess)[^"]*"', page)
    assert (cells.count("off"), cells.count("makeup_work"), cells.count("guess")) == (33, 6, 0)
    page = browser.get("/calendar-days?year=2027").get_data(as_text=True)
    assert "note tone-wait" in page and len(re.findall(r'<td class="guess', page)) == 6
    assert "/calendar-days/corrections" not in page and "/calendar-days/list" not in page


def test_other_years_and_nonsense_are_shown_as_near_as_can_be(town):
    browser = town.browser(town.coordinator)
    for year in ("1", "99999", "x", "", "1950", "2100"):
        assert browser.get("/calendar-days", query_string={"year": year}).status_code == 200


def test_a_list_is_looked_at_first_and_taken_after(town):
    waiting = owe(town, date(2027, 2, 2), 5, "working_day").id
    browser = town.browser(town.coordinator)
    assert browser.get("/calendar-days/list").status_code == 200
    form = {"year": "2027", "source": SOURCE, "rows": NOTICE}
    answer = browser.post("/calendar-days/list/preview", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "2027-02-11" in page and "2027-02-17" in page
    assert db.session.query(CalendarYear).count() == 0
    again = re.search(r'<textarea name="rows" hidden>(.*?)</textarea>', page, re.S)[1]
    form["rows"] = html.unescape(again)
    assert browser.post("/calendar-days/list", form).status_code == 303
    deadline = db.session.get(Deadline, waiting)
    assert (deadline.due_on, history(deadline)) == (date(2027, 2, 17), ["deadline.start", "deadline.recount"])
    assert breaches() == []


def test_a_file_is_read_like_pasted_rows(town):
    form = {"year": "2027", "source": SOURCE, "rows": "", "file": (io.BytesIO(NOTICE.encode("gb18030")), "2027.csv")}
    page = town.browser(town.coordinator).post("/calendar-days/list/preview", form).get_data(as_text=True)
    assert "2027-02-20" in page and 'action="/calendar-days/list"' in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"rows": NOTICE.replace("2027-05-08,上班", "2027-05-07,上班")}, "tone-bad"),
        ({"rows": "[1, 2"}, "refusal"),
        ({"rows": ""}, "refusal"),
        ({"rows": NOTICE, "year": "soon"}, "errors"),
        ({"rows": NOTICE, "source": ""}, "errors"),
        ({"rows": NOTICE.split("2027-09-15")[0]}, "中秋节"),
    ],
)
def test_what_cannot_be_taken_says_why_and_offers_no_button(town, form, said):
    whole = {"year": "2027", "source": SOURCE, **form}
    page = town.browser(town.coordinator).post("/calendar-days/list/preview", whole).get_data(as_text=True)
    assert said in page and 'action="/calendar-days/list"' not in page
    assert town.browser(town.coordinator).post("/calendar-days/list", whole).status_code in {422}
    assert db.session.query(CalendarYear).count() == 0


def test_a_day_is_corrected_and_taken_back_on_the_page(town):
    browser = town.browser(town.coordinator)
    form = {"day": "2026-11-27", "kind": "local_off", "name": "火把节", "source": "公告", "reason": "州政府"}
    assert browser.post("/calendar-days/corrections", form).status_code == 303
    assert "火把节" in browser.get("/calendar-days?year=2026").get_data(as_text=True)
    theirs = town.browser(town.neighbour("coordinator"))
    assert "火把节" not in theirs.get("/calendar-days?year=2026").get_data(as_text=True)
    assert theirs.post("/calendar-days/2026-11-27/withdrawal", {"reason": "not mine"}).status_code == 404
    assert browser.post("/calendar-days/2026-11-27/withdrawal", {"reason": ""}).status_code == 422
    assert browser.post("/calendar-days/soon/withdrawal", {"reason": "x"}).status_code == 404
    assert browser.post("/calendar-days/2026-11-27/withdrawal", {"reason": "not this year"}).status_code == 303
    assert db.session.query(CalendarDay).count() == 0


def test_what_a_day_moves_is_shown_before_it_is_corrected_or_taken_back(town):
    number = owe(town, date(2026, 11, 24), 3).id
    browser = town.browser(town.coordinator)
    form = {"day": "2026-11-27", "kind": "local_off", "name": "火把节", "source": "公告", "reason": "州政府\n通知"}
    seen = browser.post("/calendar-days/corrections/preview", form)
    page = seen.get_data(as_text=True)
    assert (seen.status_code, db.session.query(CalendarDay).count()) == (200, 0)
    assert ['datetime="2026-11-27"' in page, 'datetime="2026-11-30"' in page] == [True, True]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert {key: hidden[key] for key in form} == form
    assert browser.post("/calendar-days/corrections/preview", {**form, "kind": "working"}).status_code == 422
    assert browser.get("/calendar-days/2026-11-27/withdrawal").status_code == 404
    assert browser.post("/calendar-days/corrections", form).status_code == 303
    assert 'href="/calendar-days/2026-11-27/withdrawal"' in browser.get("/calendar-days?year=2026").text
    back = browser.get("/calendar-days/2026-11-27/withdrawal")
    page = back.get_data(as_text=True)
    assert (back.status_code, 'action="/calendar-days/2026-11-27/withdrawal"' in page) == (200, True)
    assert ['datetime="2026-11-27"' in page, 'datetime="2026-11-30"' in page] == [True, True]
    assert db.session.get_one(Deadline, number).due_on == date(2026, 11, 30)


def test_a_withdrawal_lets_the_official_list_speak_again(town):
    take(town)
    correct(town, date(2027, 2, 11), DayKind.WORKING, name="")
    seen = effect_of_withdrawal(town.office, date(2027, 2, 11))
    assert seen.changed == {date(2027, 2, 11): Day("off", "春节")}
    assert effect_of_correction(town.office, date(2027, 2, 15), DayKind.LOCAL_OFF, "x").changed == {
        date(2027, 2, 15): Day("local_off", "x")
    }


def test_a_correction_form_takes_no_column_it_does_not_show(town):
    """T25."""
    form = {"day": "2026-11-27", "kind": "local_off", "name": "x", "source": "y", "reason": "z"}
    injected = {"office_id": str(town.other_office.id), "list_id": "1", "falls_on": "2026-12-25", "id": "9"}
    town.browser(town.coordinator).post("/calendar-days/corrections", {**injected, **form})
    row = db.session.scalars(select(CalendarDay)).one()
    assert (row.office_id, row.list_id, row.falls_on) == (town.office.id, None, date(2026, 11, 27))


def test_who_may_not_change_settings_changes_no_day(town):
    for role in ("clerk", "prosecutor", "lawyer", "squad_leader", "security_admin"):
        browser = town.browser(getattr(town, role))
        answers = [
            browser.get("/calendar-days/list").status_code,
            browser.post("/calendar-days/list/preview", {"year": "2027", "source": "x", "rows": NOTICE}).status_code,
            browser.post("/calendar-days/list", {"year": "2027", "source": "x", "rows": NOTICE}).status_code,
            browser.post("/calendar-days/corrections", {"day": "2026-11-27"}).status_code,
            browser.post("/calendar-days/2026-11-27/withdrawal", {"reason": "x"}).status_code,
        ]
        assert answers == [403] * 5, role


def test_the_preview_tells_nothing_of_other_offices_but_a_number(town):
    owe(town, date(2027, 2, 2), 5, "working_day", office=town.other_office)
    form = {"year": "2027", "source": SOURCE, "rows": NOTICE}
    page = town.browser(town.coordinator).post("/calendar-days/list/preview", form).get_data(as_text=True)
    assert "2027-02-17" not in re.sub(r"<textarea.*?</textarea>", "", page, flags=re.S)
    assert re.search(r"<p>[^<]*1[^<]*</p>", page)


def test_without_a_database_the_statutory_calendar_answers():
    assert statutory().kind(date(2026, 10, 1)) == "off"
    assert issubclass(ListIncomplete, Refusal)
