"""Who is behind at a glance: figures, pace, worst first, for whom, and on paper."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from accounts.access import Viewer
from accounts.models import Person
from record.act import act
from tests.queries import queries_of
from tests.town import NOW, ZONE, Town, local
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions.autoplan import draft_plan
from volunteers.actions.booking import book
from volunteers.actions.confirmation import confirm
from volunteers.actions.credit import append_due
from volunteers.actions.incidents import note
from volunteers.actions.ticks import Device, arrive, correct_tick, leave, miss
from volunteers.figures import Figures, figures_of, lines_of, pace_of
from volunteers.models.assessment import Assessment
from volunteers.rules.pace import pace
from volunteers.waits import people_behind

TODAY = date(2026, 11, 24)
START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")


def figures(at: datetime = NOW) -> Figures:
    """Of the only person there is."""
    mine = all_of(Assessment)
    return figures_of(mine, at)[mine[0].id]


def test_a_booked_shift_moves_from_booked_to_unconfirmed_to_pending_to_done(town: Town, crossing: Crossing) -> None:
    shift, person = crossing.shift(), crossing.person()
    attendance = crossing.booked(shift, person)[0]
    assert figures() == Figures(booked=90)
    arrive(attendance, town.traffic_officer, START)
    assert figures(START) == Figures(booked=90)
    leave(attendance, town.traffic_officer, END - timedelta(minutes=10))
    assert figures(END) == Figures(unconfirmed=80)
    confirm(shift, town.traffic_officer, END)
    assert figures(END) == Figures(pending=80)
    append_due(END + timedelta(minutes=10))
    assert figures(END + timedelta(minutes=10)) == Figures(done=80)


def test_a_shift_that_is_over_and_of_which_nothing_was_noted_counts_nowhere(town: Town, crossing: Crossing) -> None:
    crossing.booked(crossing.shift(), crossing.person())
    assert figures(END - timedelta(minutes=1)) == Figures(booked=90)
    assert figures(END) == Figures()


def test_whoever_stands_at_the_crossing_counts_as_booked_until_the_end(town: Town, crossing: Crossing) -> None:
    """He is in one list at a time: in `booked` while the shift lasts, then among what an officer still confirms."""
    attendance = crossing.booked(crossing.shift(), crossing.person())[0]
    arrive(attendance, town.traffic_officer, START - timedelta(minutes=4))
    last = END - timedelta(minutes=1)
    lines = lines_of(attendance.assessment, last)
    assert (figures(last), lines.booked, lines.coming, lines.unconfirmed) == (Figures(booked=90), [attendance], [], [])
    over = lines_of(attendance.assessment, END)
    assert (figures(END), over.booked, over.unconfirmed) == (Figures(), [], [(attendance, 0)])


def test_the_shift_at_which_he_stands_is_not_his_next_one_nor_given_back_when_he_leaves(
    town: Town, crossing: Crossing
) -> None:
    here, ahead = (
        crossing.shift(slot=slot, post=post) for post in [crossing.post()] for slot in ("morning", "evening")
    )
    person = crossing.person()
    first, second = (crossing.booked(shift, person)[0] for shift in (here, ahead))
    arrive(first, town.traffic_officer, START)
    lines = lines_of(first.assessment, START)
    assert (lines.booked, lines.coming) == ([first, second], [second])


def test_a_plan_made_while_somebody_is_on_duty_leaves_his_shift_out(town: Town, crossing: Crossing) -> None:
    post = crossing.post()
    attendance = crossing.booked(crossing.shift(post=post), crossing.person(minutes=180))[0]
    for day in (26, 27):
        crossing.shift(date(2026, 11, day), post=post)
    arrive(attendance, town.traffic_officer, START)
    plan = draft_plan(crossing.office, 30, town.coordinator, START + timedelta(minutes=15))
    key = str(attendance.assessment_id)
    assert (plan.needed, len(plan.turns[key])) == ({key: 90}, 1)


@pytest.mark.parametrize("doubt", ["struck_out", "impostor"])
def test_of_whom_it_is_doubted_that_it_counts_nothing_is_booked_while_he_stands_there(
    town: Town, crossing: Crossing, doubt: str
) -> None:
    attendance = crossing.booked(crossing.shift(), crossing.person())[0]
    arrive(attendance, town.traffic_officer, START)
    if doubt == "impostor":
        note(attendance.shift, attendance, "impostor", "不像照片", town.traffic_officer, START)
    else:
        with act("attendance.strike_out", attendance, by=None, at=START):
            attendance.struck_out = True
    lines = lines_of(attendance.assessment, START)
    assert (figures(START), lines.booked) == (Figures(), [])
    assert [lines.held, lines.others] == ([[attendance], []] if doubt == "impostor" else [[], [attendance]])


def test_lines_add_up_to_the_figures_and_the_rest_is_named(town: Town, crossing: Crossing) -> None:
    person, post = crossing.person(), crossing.post()
    missed = crossing.booked(crossing.shift(post=post), person)[0]
    crossing.booked(crossing.shift(slot="evening", post=post), person)
    miss(missed, town.traffic_officer, END)
    mine = all_of(Assessment)[0]
    lines = lines_of(mine, END)
    assert [one.shift.slot for one in lines.booked] == ["evening"]
    assert [(one.shift.slot, one.state) for one in lines.others] == [("morning", "no_show")]
    assert (lines.credits, lines.pending, lines.unconfirmed) == ([], [], [])
    assert figures(END) == Figures(booked=90)


def test_what_waits_for_an_officer_is_not_lost_in_the_pace(town: Town, crossing: Crossing) -> None:
    person = crossing.person(first=date(2026, 11, 10), last=date(2026, 11, 26), minutes=80)
    attendance = crossing.booked(crossing.shift(), person)[0]
    mine = all_of(Assessment)[0]
    assert pace_of(mine, figures(), TODAY).standing == "booked"
    arrive(attendance, town.traffic_officer, START)
    leave(attendance, town.traffic_officer, END)
    assert pace_of(mine, figures(END), date(2026, 11, 25)).standing == "booked"


@pytest.mark.parametrize(("done", "standing"), [(509, "behind"), (510, "on_course"), (1200, "complete")])
def test_behind_is_who_lags_by_more_than_a_usual_shift(done: int, standing: str) -> None:
    """Half of the period is over: 600 of 1200 minutes would be an even pace, 90 of them are only the next shift."""
    found = pace(
        required=1200,
        done=done,
        pending=0,
        booked=0,
        first_on=date(2026, 11, 1),
        last_on=date(2026, 11, 20),
        on=date(2026, 11, 11),
    )
    assert found.standing == standing


def test_how_many_shifts_a_week_are_asked_is_one_figure_everywhere_and_falls_with_each_booking(
    town: Town, crossing: Crossing
) -> None:
    """8.9: 900 minutes in 21 days are ten shifts, four a week; with four booked, six and two."""
    today = datetime.now(ZONE).date()
    crossing.account(crossing.person("孙一", **days(-1, 20), minutes=900))
    own = f"/assessments/{all_of(Assessment)[0].public_id}"

    def asked() -> list[str]:
        """On his page at the desk (banner, back-plan), on the board, on his phone."""
        found = []
        for name, page in (("郑检察", own), ("郑检察", "/assessments/board"), ("孙一", "/hours")):
            text = town.browser(town.person(name)).get(page).text
            found += re.findall(
                r"asks \d+ shifts a week|<dd>\d+ shifts|>\d+ a week|<span>\d+ shifts|\d+ shifts a week", text
            )
        return found

    assert asked() == ["asks 4 shifts a week", "<dd>10 shifts", ">4 a week", "<span>4 shifts", "4 shifts a week"]
    post = crossing.post()
    shifts = [crossing.shift(today + timedelta(days=n), post=post) for n in (2, 3, 4, 5)]
    for shift in shifts:
        book(shift, town.person("孙一"), town.coordinator, NOW)
    assert asked() == ["asks 2 shifts a week", "<dd>6 shifts", ">2 a week", "<span>2 shifts", "2 shifts a week"]


def board(town: Town, who: Person, query: str = "") -> str:
    text: str = town.browser(who).get(f"/assessments/board{query}").get_data(as_text=True)
    return text


def order(page: str, *names: str) -> list[str]:
    return [name for _, name in sorted((page.index(f">{name}<"), name) for name in names if f">{name}<" in page)]


def days(first: int, last: int) -> dict[str, date]:
    """A period around today of the clock."""
    today = datetime.now(ZONE).date()
    return {"first": today + timedelta(days=first), "last": today + timedelta(days=last)}


def test_the_board_names_whoever_is_worst_off_first(town: Town, crossing: Crossing) -> None:
    crossing.person("正常人", **days(-1, 60))
    crossing.person("滞后人", **days(-30, 20))
    crossing.person("到期人", **days(-40, -2))
    page = board(town, town.coordinator)
    assert order(page, "正常人", "滞后人", "到期人") == ["到期人", "滞后人", "正常人"]
    assert order(board(town, town.coordinator, "?standing=behind"), "正常人", "滞后人", "到期人") == ["滞后人"]


def test_the_board_sorts_as_asked_and_says_whose_insurance_ends_too_early(town: Town, crossing: Crossing) -> None:
    crossing.person("甲志愿", minutes=600, **days(-1, 60))
    crossing.person("乙志愿", minutes=1200, **days(-1, 50))
    first, second = all_of(Assessment)
    today = datetime.now(ZONE).date()
    with act("assessment.insure", first, by=None, at=NOW), act("assessment.insure", second, by=None, at=NOW):
        first.insured_until, second.insured_until = today - timedelta(days=1), today + timedelta(days=49)
    names = ("甲志愿", "乙志愿")
    for asked, found in (
        ("?sort=open", ["甲志愿", "乙志愿"]),
        ("?sort=open&dir=desc", ["乙志愿", "甲志愿"]),
        ("?sort=until", ["乙志愿", "甲志愿"]),
        ("?sort=insured", ["甲志愿", "乙志愿"]),
        ("?sort=week&dir=desc", ["乙志愿", "甲志愿"]),
    ):
        assert order(board(town, town.coordinator, asked), *names) == found
    page = board(town, town.coordinator)
    assert (page.count("lapsed"), page.count("before the end")) == (1, 1)


def test_who_can_no_longer_serve_all_of_it_is_told_apart(town: Town, crossing: Crossing) -> None:
    """At most three hours on a day (DOMAIN 9.2 `service.max_per_day`): two days hold 360 minutes."""
    crossing.person("来得及", minutes=360, **days(-20, 1))
    assert "no longer fits" not in board(town, town.coordinator)
    crossing.person("来不及", minutes=361, **days(-20, 1))
    assert "no longer fits" in board(town, town.coordinator)


def give_to(town: Town, prosecutor: Person) -> None:
    """The newest assessment and its case become this prosecutor's."""
    newest = all_of(Assessment)[-1]
    with act("assessment.correct", newest, by=None, at=NOW):
        newest.prosecutor_id, newest.case.handler_id = prosecutor.id, prosecutor.id


def test_a_prosecutor_sees_the_people_of_his_own_cases_only(town: Town, crossing: Crossing) -> None:
    crossing.person("自己的", **days(-30, 20))
    crossing.person("别人的", **days(-30, 20))
    give_to(town, town.chief)
    other = str(all_of(Assessment)[-1].public_id)
    page = board(town, town.prosecutor)
    assert (">自己的<" in page, "别人的" in page) == (True, False)
    browser = town.browser(town.prosecutor)
    assert browser.get(f"/assessments/{other}").status_code == 404
    assert "别人的" not in browser.get("/assessments?show=all").get_data(as_text=True)
    assert "别人的" not in browser.get("/assessments/board/paper").get_data(as_text=True)


def test_these_pages_are_the_desks_not_the_volunteers(town: Town) -> None:
    volunteer, coordinator = town.browser(town.volunteer), town.browser(town.coordinator)
    for path in ("/assessments", "/assessments/board", "/assessments/board/paper"):
        assert (volunteer.get(path).status_code, coordinator.get(path).status_code) == (403, 200)


def test_the_board_is_read_in_as_many_queries_for_ten_people_as_for_one(town: Town, crossing: Crossing) -> None:
    crossing.person("一", **days(-10, 20))
    browser = town.browser(town.coordinator)
    pages = ("/assessments/board", "/assessments")
    few = queries_of(browser, *pages)
    for n in range(9):
        crossing.person(f"人{n}", **days(-10, 20))
    assert queries_of(browser, *pages) == few


def test_my_day_counts_who_is_behind_for_coordinator_and_prosecutor(town: Town, crossing: Crossing) -> None:
    crossing.person("自己的", first=date(2026, 11, 1), last=date(2026, 11, 30))
    crossing.person("别人的", first=date(2026, 11, 1), last=date(2026, 11, 23))
    give_to(town, town.chief)

    def waits(who: Person) -> list[str]:
        return [one.what for one in people_behind(Viewer(who, TODAY), town.office, NOW)]

    with town.app.test_request_context(headers={"Accept-Language": "en"}):
        assert [len(waits(who)) for who in (town.coordinator, town.prosecutor, town.chief)] == [2, 1, 0]


def test_a_corrected_tick_corrects_the_figure(town: Town, crossing: Crossing) -> None:
    shift, person = crossing.shift(), crossing.person()
    attendance = crossing.booked(shift, person)[0]
    arrive(attendance, town.traffic_officer, START, Device("x", START))
    leave(attendance, town.traffic_officer, END, Device("x", END))
    correct_tick(attendance, "out", END - timedelta(minutes=30), town.traffic_officer, END, "left at half past eight")
    assert figures(END) == Figures(unconfirmed=60)
