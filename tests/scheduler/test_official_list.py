"""Reading the yearly official list as people write it down (DOMAIN C-11)."""

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from exchange.refusals import FileRefused
from scheduler.deadlines.official_list import ListUnreadable, read_list
from scheduler.deadlines.working_days import Day

# An invented notice of 2027, whole: every day of the base law, compensation days, make-up working days.
NOTICE = """日期,类型,名称
2027-01-01至3日,放假,元旦
2027年2月5日至2月13日,放假,春节
2027-02-20,上班,
2027/2/27,班,
4月3日-5日,休,清明节
2027-05-01至05-05,放假,劳动节
2027-05-08,上班,
2027-06-09,放假,端午节
2027-09-15,放假,中秋节
2027-10-01至2027-10-07,放假,国庆节
2027-10-09,上班,
""".replace("4月3日-5日", "4月3日至5日")


def notice(text=NOTICE, year=2027):
    return read_list(text.encode(), year)


def test_a_list_is_read_however_a_clerk_writes_its_days():
    read = notice()
    assert (read.judged.refused, read.silent) == ((), ())
    assert sorted(day for day, meant in read.days.items() if meant.kind == "makeup_work") == [
        date(2027, 2, 20),
        date(2027, 2, 27),
        date(2027, 5, 8),
        date(2027, 10, 9),
    ]
    assert [read.days[date(2027, 2, day)] for day in (5, 13)] == [Day("off", "春节"), Day("off", "春节")]
    assert read.days[date(2027, 2, 20)] == Day("makeup_work", "调休上班")
    assert len(read.days) == 3 + 9 + 2 + 3 + 5 + 1 + 1 + 1 + 7 + 1


def test_the_same_list_as_json_as_a_table_and_without_header_is_the_same_list():
    days = notice().days
    rows = [{"date": day.isoformat(), "kind": meant.kind, "name": meant.name} for day, meant in days.items()]
    passed_round = {
        "year": 2027,
        "days": [{"date": r["date"], "name": r["name"], "isOffDay": r["kind"] == "off"} for r in rows],
    }
    tabs = NOTICE.replace(",", "\t")
    for text in (json.dumps(rows), json.dumps(passed_round, ensure_ascii=False), tabs, tabs.split("\n", 1)[1]):
        assert dict(notice(text).days) == dict(days)


def test_a_new_year_may_begin_in_december():
    read = notice("date,kind,name\n2026-12-31,off,New Year\n")
    assert list(read.days) == [date(2026, 12, 31)]


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_whatever_is_pasted_is_read_or_refused(content):
    try:
        read = read_list(content, 2027)
    except (ListUnreadable, FileRefused):
        return
    assert all(date(2026, 12, 1) <= day <= date(2027, 12, 31) for day in read.days)
