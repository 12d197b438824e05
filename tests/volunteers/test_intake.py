"""The office's files of volunteer service, from the file to the database (data/README.md, SETTLED 1 and 12)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts.access import Viewer, listed
from accounts.models import Membership, Person
from accounts.rights import GRANT_ROLE
from cases.models import Case, Measure, Party
from cases.rules.measures import measure_named
from exchange.differing import differences
from exchange.judging import expected_shape
from exchange.looking import Seen
from exchange.models import Flag
from exchange.values import shown
from extensions import db
from record.act import act, history
from record.invariants import broken
from scheduler.timeline.models import Booking, Quota
from tests.engines import LONG_ON_POSTGRESQL
from tests.town import NOW, Town, local
from tests.volunteers.conftest import DATA, FILES, Crossing, all_of, bring
from tests.volunteers.test_conflicts import bring as bring_rows
from volunteers.actions.ending import withdraw
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.posts import Post
from volunteers.models.shifts import Posting, Shift


def shape(seen: Seen) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items() if not key.startswith("why_")}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return plain(expected_shape(seen.judged, str))


def expected(kind: str) -> dict[str, Any]:
    found = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))[FILES[kind]]
    for part in ("flagged", "refused", "already_there_rows"):
        found[part] = [{k: v for k, v in one.items() if not k.startswith("why_")} for one in found[part]]
    return found


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def assessment_of(name: str) -> Assessment:
    query = select(Assessment).join(Person, Person.id == Assessment.person_id).where(Person.name == name)
    return db.session.scalars(query).one()


@LONG_ON_POSTGRESQL
def test_the_three_files_are_taken_with_the_numbers_that_are_expected(town: Town) -> None:
    seen = {kind: bring(town, kind) for kind in FILES}
    assert {kind: shape(one) for kind, one in seen.items()} == {kind: expected(kind) for kind in FILES}
    assert [count(model) for model in (Post, Assessment, Attendance)] == [12, 63, 112]


@LONG_ON_POSTGRESQL
def test_a_file_sent_again_stores_nothing(brought: Town) -> None:
    before = [count(m) for m in (Post, Assessment, Attendance, Tick, Booking, Shift, Person, Membership, Case, Party)]
    again = [bring(brought, kind).judged for kind in FILES]
    assert [one.taken for one in again] == [0, 0, 0]
    assert [one.already_there for one in again] == [12, 63, 113]
    assert before == [
        count(m) for m in (Post, Assessment, Attendance, Tick, Booking, Shift, Person, Membership, Case, Party)
    ]


def test_what_is_stored_reads_as_the_files_have_it(brought: Town) -> None:
    for kind in FILES:
        assert list(differences(bring(brought, kind))) == []


def test_a_prosecutor_whom_the_list_named_is_found_by_whoever_gives_roles(brought: Town) -> None:
    """He handles cases and holds no role yet; a suspect of the list is nobody to whom one is given."""
    one = all_of(Assessment)[0]
    handler, suspect = one.case.handler, one.person
    assert all_of(Membership, Membership.person_id == handler.id) == []
    may = listed(Viewer(brought.security_admin, NOW.date()), Person, GRANT_ROLE)
    given = set(db.session.scalars(may))
    assert (handler in given, suspect in given) == (True, False)


def test_what_a_person_changed_in_the_case_differs_from_the_list(brought: Town) -> None:
    """The day of receipt and the measure are the case's and the suspect's, who have pages of their own."""
    one = all_of(Assessment)[0]
    [party] = [party for party in one.case.parties if party.person_id == one.person_id]
    received, measure = one.case.received_on, one.measure
    assert measure_named(measure) == party.measure == "bail"
    with act("case.correct", one.case, by=brought.coordinator, at=NOW):
        one.case.received_on = date(2026, 9, 3)
    with act("party.correct", party, by=brought.coordinator, at=NOW):
        party.measure = "detention"
    found = [(x.key, x.stored, x.origin) for x in differences(bring(brought, "volunteers"))]
    assert found == [("received_on", shown(date(2026, 9, 3)), "changed_here"), ("measure", "刑事拘留", "changed_here")]
    with act("case.correct", one.case, by=brought.coordinator, at=NOW):
        one.case.received_on = received
    with act("party.correct", party, by=brought.coordinator, at=NOW):
        party.left_on = NOW.date()
    assert list(differences(bring(brought, "volunteers"))) == []


def test_nothing_is_confirmed_or_credited_by_an_import(brought: Town) -> None:
    """SETTLED 1: every sign-in waits for an officer; the open ones wait for a sign-out as well."""
    states = Counter(one.state for one in all_of(Attendance))
    assert states == {"left": 107, "arrived": 5}
    assert [count(Confirmation), count(CreditEntry)] == [0, 0]
    assert {one.from_paper for one in all_of(Attendance)} == {True}


def test_a_sheet_becomes_shifts_of_their_posts_windows_with_the_officer_who_signed(brought: Town) -> None:
    query = select(Shift).join(Post, Post.id == Shift.post_id)
    shift = db.session.scalars(
        query.where(Post.name == "枫林路与人民路口", Shift.starts_on == date(2026, 10, 14))
    ).one()
    assert (shift.event.starts_at, shift.event.ends_at) == (local("2026-10-14 07:30"), local("2026-10-14 09:00"))
    assert (shift.state, shift.slot, shift.minutes, shift.from_paper) == ("open", "morning", 90, True)
    assert [(p.person.name, p.reason) for p in shift.postings] == [("韩正华", "来自纸质表")]
    assert len(shift.attendances) == 10
    quota = db.session.scalars(select(Quota).where(Quota.event_id == shift.event_id)).one()
    assert (quota.taken, quota.capacity) == (10, 12)
    assert history(shift.attendances[0]) == ["attendance.enter_from_paper"]


def test_an_officer_who_is_not_of_the_post_is_not_posted(brought: Town) -> None:
    flag = db.session.scalars(select(Flag).where(Flag.code == "officer_not_of_post").order_by(Flag.row)).first()
    attendance = db.session.get_one(Attendance, flag.subject_id)
    assert (flag.row, attendance.person.name, attendance.shift.postings) == (23, "傅桂英", [])
    assert [(tick.by_id, tick.device) for tick in attendance.ticks] == [(None, "paper")] * 2
    assert count(Posting) < count(Shift)


def test_a_row_outside_every_window_has_a_shift_of_its_own(brought: Town) -> None:
    flag = db.session.scalars(select(Flag).where(Flag.code == "outside_window")).one()
    shift = db.session.get_one(Attendance, flag.subject_id).shift
    assert (shift.slot, shift.event.starts_at, shift.minutes) == ("other", local("2026-10-20 17:00"), 90)


def test_ticks_say_what_the_paper_says(brought: Town) -> None:
    attendance = db.session.scalars(
        select(Attendance)
        .join(Person, Person.id == Attendance.person_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(Person.name == "李磊", Shift.starts_on == date(2026, 10, 15))
    ).one()
    said = [(tick.kind, tick.at, tick.by.name, tick.server_at) for tick in attendance.ticks]
    assert said == [("in", local("2026-10-15 17:25"), "王志强", NOW)]
    assert (attendance.state, attendance.remark) == ("arrived", "迟到")


def test_an_imported_person_serves_already_and_has_his_case(brought: Town) -> None:
    one = assessment_of("沈正华")
    assert (one.state, one.origin, one.required_minutes, one.bac_hundredths) == ("serving", "import", 2400, 17028)
    assert (one.first_on, one.last_on) == (date(2026, 9, 15), date(2026, 10, 15))
    assert (one.case.number, one.case.received_on) == ("枫检刑诉〔2026〕105号", date(2026, 9, 8))
    assert (one.case.handler.name, one.prosecutor) == ("何文秀", one.case.handler)
    assert [(p.name, p.role, p.measure) for p in one.case.parties] == [("沈正华", "suspect", "bail")]
    assert history(one) == ["assessment.import"]
    assert [(m.role, m.starts_on) for m in one.person.memberships] == [("volunteer", date(2026, 9, 15))]


def test_three_pairs_share_a_case(brought: Town) -> None:
    shared = Counter(one.case_id for one in all_of(Assessment))
    assert sorted(shared.values()) == [1] * 57 + [2] * 3
    assert count(Case) == 60


def test_a_prosecutor_named_in_a_list_gets_no_role_by_it(brought: Town) -> None:
    """TRUST 2: staff roles are a security administrator's to give."""
    named = db.session.scalars(select(Person).where(Person.name == "陈明")).one()
    assert named.memberships == []
    assert brought.prosecutor.name not in {one.prosecutor.name for one in all_of(Assessment)}


def test_a_post_keeps_its_windows_days_squad_and_officer(brought: Town) -> None:
    post = db.session.scalars(select(Post).where(Post.name == "市一小门前")).one()
    assert (post.capacity, post.windows, post.weekdays) == (4, {"morning": (time(7), time(8, 20))}, [1, 2, 3, 4, 5])
    assert (post.squad.name, post.remark) == ("城东中队", "学校寒暑假停")
    [officer] = post.present_officers
    [membership] = officer.memberships
    assert (officer.name, membership.role, membership.number) == ("徐家豪", "traffic_officer", "274384")
    assert membership.organisation == post.squad


def test_every_invariant_holds_after_the_import(brought: Town) -> None:
    assert broken() == []


def test_a_sheet_counts_for_him_and_for_that_service_in_whose_days_it_lies(town: Town, crossing: Crossing) -> None:
    """Of namesakes he whose period it is; of one's own several the newest in which the day lies, else the newest."""
    crossing.post()
    first = crossing.person("王芳", date(2026, 11, 2), date(2026, 11, 30))
    withdraw(all_of(Assessment)[0], first, local("2026-11-11 12:00"))
    crossing.person("王芳", date(2026, 11, 10), date(2026, 11, 18), again=first)
    other = crossing.person("王芳", date(2026, 11, 18), date(2026, 11, 30))
    days = (1, 2, 9, 10, 11, 12, 17, 18, 19, 25)
    seen = bring_rows(town, *(f"2026-11-{day:02},客运站前广场,王芳,07:30,09:00,朱交警,," for day in days))
    services = {one.id: n for n, one in enumerate(all_of(Assessment), start=1)}
    counted = {one.shift.starts_on.day: services[one.assessment_id] for one in all_of(Attendance)}
    assert counted == {2: 1, 9: 1, 10: 2, 11: 2, 12: 2, 17: 2, 19: 3, 25: 3}
    assert [(one.row, one.code) for one in seen.judged.refused] == [(2, "several_persons"), (9, "several_persons")]
    assert {one.person_id for one in all_of(Attendance)} == {first.id, other.id}
    assert (len({one.person_id for one in all_of(Assessment)}), seen.judged.flagged, broken()) == (2, (), [])


def test_a_day_after_his_service_ended_is_none_of_it(town: Town, crossing: Crossing) -> None:
    """Whoever withdraws serves until that day; what a sheet says of a later one is a doubt for a person to settle."""
    crossing.post()
    person = crossing.person("李强", date(2026, 11, 2), date(2026, 11, 30))
    withdraw(all_of(Assessment)[0], person, local("2026-11-11 12:00"))
    seen = bring_rows(town, *(f"2026-11-{day},客运站前广场,李强,07:30,09:00,朱交警,," for day in ("11", "12")))
    assert [(one.row, one.code) for one in seen.judged.flagged] == [(3, "outside_period")]
    assert len(all_of(Attendance)) == 2


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("取保候审(保证金)", Measure.BAIL),
        ("刑事拘留", Measure.DETENTION),
        ("刑事拘留后取保候审", Measure.BAIL),
        ("不予逮捕", Measure.NONE),
        ("逮捕", Measure.ARREST),
        ("未采取强制措施", Measure.NONE),
        ("监视居住", Measure.RESIDENCE),
        (None, Measure.NONE),
    ],
)
def test_the_words_of_a_measure_are_understood(text: str | None, measure: Measure) -> None:
    assert measure_named(text) == measure
