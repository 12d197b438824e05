"""Two rows of one person: his service goes to the row that stays, and every figure stays as it was (SETTLED 16)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError

from accounts.access import Viewer, listed
from accounts.actions.following import MergeRefused
from accounts.actions.memberships import appoint
from accounts.actions.merging import merge_people, plan_merge
from accounts.actions.people import enter_person, give_membership
from accounts.models import Office, Person
from exchange.taking import Options
from extensions import db, engine_options, listen
from record.act import act
from record.invariants import broken
from record.models import Act
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from volunteers.actions import intake
from volunteers.actions.booking import book, own_cancel_until
from volunteers.actions.confirmation import confirm, sheet, undo
from volunteers.actions.corrections import Grounds, propose
from volunteers.actions.corrections import approve as approve_correction
from volunteers.actions.credit import append_due, credited_minutes
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.postings import end_posting, post_officer
from volunteers.actions.shifts import Span, open_shifts
from volunteers.actions.ticks import arrive, correct_tick, leave, standing_of
from volunteers.figures import Figures, figures_of, lines_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, BookedDay, Tick
from volunteers.models.ledger import Confirmation, CreditEntry, CreditSpan
from volunteers.models.posts import PostOfficer
from volunteers.models.shifts import Posting, Shift
from volunteers.rights import READ_CREDITS
from volunteers.rules.obstacles import DayFull

TODAY = date(2026, 11, 24)
LATER = NOW + timedelta(days=5)
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)


def merge(town: Town, kept: Person, other: Person) -> None:
    merge_people(kept, other, town.office, by=town.coordinator, at=LATER, reason="同一人")


def refused(town: Town, kept: Person, other: Person) -> list[str]:
    """What stands in the way, with its facts; nothing has moved then."""
    with force_locale("en"), pytest.raises(MergeRefused) as refusal:
        merge(town, kept, other)
    db.session.expire_all()
    assert other.merged_into_id is None
    return [one.message % {**one.facts, "starts_at": "then"} for one in refusal.value.obstacles]


def blank(town: Town, role: str = "volunteer", name: str = "李小明") -> Person:
    """A row of somebody that has done nothing yet."""
    person = enter_person({"name": name}, town.office, by=None, at=NOW)
    squad = town.traffic_officer.memberships[0].organisation if role == "traffic_officer" else None
    appoint(person, town.office, role, starts_on=date(2026, 1, 1), by=town.coordinator, at=NOW, organisation=squad)
    return person


def nameless(person: Person) -> Person:
    """Without the ID number, as somebody entered in a hurry is."""
    with act("person.correct", person, by=None, at=NOW):
        person.id_number = person.id_hash = None
    return person


def serve(shift: Shift, person: Person, officer: Person, by: Person, *, credited: bool = True) -> Attendance:
    """Booked, present for the whole shift, confirmed; and credited."""
    one, event = book(shift, person, by, NOW), shift.event
    arrive(one, officer, event.starts_at)
    leave(one, officer, event.ends_at)
    confirm(shift, officer, event.ends_at)
    if credited:
        append_due(event.ends_at + timedelta(hours=1))
    return one


def closed(crossing: Crossing, person: Person, office: Office | None = None) -> Assessment:
    """An assessment of the person that is over."""
    like = db.session.scalars(select(Assessment).order_by(Assessment.id)).first()
    assert like is not None
    assessment = Assessment(
        office_id=(office or crossing.town.office).id,
        person_id=person.id,
        case_id=like.case_id,
        first_on=date(2026, 1, 1),
        last_on=date(2026, 3, 31),
        required_minutes=600,
        bac_hundredths=12000,
        origin="import",
        state="withdrawn",
    )
    with act("assessment.import", assessment, by=None, at=NOW):
        db.session.add(assessment)
    return assessment


class Away:
    """The neighbouring office, where somebody serves as well."""

    def __init__(self, town: Town, name: str = "邻县机密岗") -> None:
        self.town, self.crossing = town, Crossing(town)
        self.crossing.elsewhere, self.crossing.prosecutor = (town.other_office, town.neighbour("coordinator")), None
        self.crossing.numbers = iter(range(800, 900))
        self.post = self.crossing.post(name, squad=None, officers=())

    def served(self, on: date, slot: str = "morning") -> Person:
        person = self.crossing.person("李晓明")
        coordinator, officer = self.town.neighbour("coordinator"), self.town.neighbour("traffic_officer")
        span = Span(on, 1, frozenset({self.post.id}), frozenset({slot}))
        [shift] = open_shifts(self.town.other_office, span, coordinator, NOW)
        post_officer(shift, officer, coordinator, NOW, "此岗无人")
        serve(shift, person, officer, coordinator)
        return person


def changed_in_the_merge(kept: Person) -> set[str]:
    merged = db.session.scalars(select(Act).where(Act.name == "person.merge", Act.subject_id == kept.id)).one()
    return {f"{change['table']}.{change['column']}" for change in merged.changes}


# Volunteers


def test_a_row_with_credits_goes_and_every_figure_stays(town: Town, crossing: Crossing) -> None:
    kept, other = blank(town), crossing.person()
    post = crossing.post()
    served = serve(crossing.shift(WEDNESDAY, post=post), other, town.traffic_officer, town.coordinator)
    pending = crossing.shift(WEDNESDAY, "evening", post)
    serve(pending, other, town.traffic_officer, town.coordinator, credited=False)
    ahead = book(crossing.shift(date(2026, 12, 1), post=post), other, other, NOW)
    assessment = served.assessment
    before = figures_of([assessment], LATER)
    merge(town, kept, other)
    assert figures_of([assessment], LATER) == before == {assessment.id: Figures(90, 90, 0, 90)}
    assert assessment_at(kept, town.office.id) is assessment
    spans = db.session.scalars(select(CreditSpan)).all()
    assert {one.person_id for one in (assessment, served, ahead, *all_of(Confirmation), *spans)} == {kept.id}
    assert [(entry.person_id, entry.minutes) for entry in all_of(CreditEntry)] == [(other.id, 90)]
    assert [entry.id for entry in lines_of(assessment, LATER).credits] == [entry.id for entry in all_of(CreditEntry)]
    assert credited_minutes(assessment) == 90
    assert broken() == []


def test_what_a_key_takes_along_is_noted_in_the_act_all_the_same(town: Town, crossing: Crossing) -> None:
    kept, other = blank(town), crossing.person()
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    merge(town, kept, other)
    service = {
        one for one in changed_in_the_merge(kept) if one.split(".")[0] in {"assessment", "attendance", "confirmation"}
    }
    assert service == {"assessment.person_id", "attendance.person_id", "confirmation.person_id"}


def test_he_goes_on_serving_and_is_credited_under_the_row_that_stays(town: Town, crossing: Crossing) -> None:
    kept, other = blank(town), crossing.person()
    post = crossing.post()
    serve(crossing.shift(WEDNESDAY, post=post), other, town.traffic_officer, town.coordinator)
    pending = crossing.shift(WEDNESDAY, "evening", post)
    serve(pending, other, town.traffic_officer, town.coordinator, credited=False)
    merge(town, kept, other)
    append_due(LATER)
    serve(crossing.shift(date(2026, 12, 1), post=post), kept, town.traffic_officer, town.coordinator)
    assert [entry.person_id for entry in all_of(CreditEntry)] == [other.id, kept.id, kept.id]
    assert figures_of(all_of(Assessment), LATER + timedelta(days=5))[all_of(Assessment)[0].id] == Figures(done=270)
    assert broken() == []


def test_a_chain_of_merges_keeps_his_hours_at_its_end(town: Town, crossing: Crossing) -> None:
    first, second, third = blank(town), blank(town), crossing.person()
    serve(crossing.shift(WEDNESDAY), third, town.traffic_officer, town.coordinator)
    merge(town, second, third)
    merge(town, first, second)
    [assessment], [entry] = all_of(Assessment), all_of(CreditEntry)
    assert (assessment.person_id, credited_minutes(assessment), entry.person_id) == (first.id, 90, third.id)
    assert list(db.session.scalars(listed(Viewer(first, TODAY), CreditEntry, READ_CREDITS))) == [entry]
    assert broken() == []


def test_a_credit_of_the_merged_row_is_reversed_in_the_name_of_the_one_that_stays(
    town: Town, crossing: Crossing
) -> None:
    kept, other = blank(town), crossing.person()
    one = serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    merge(town, kept, other)
    db.session.refresh(one)
    made = propose(one, None, Grounds("it was somebody else", "other", "camera"), town.coordinator, LATER)
    approve_correction(made, town.chief, LATER, "so it was")
    assert [(e.kind, e.person_id) for e in all_of(CreditEntry)] == [("credit", other.id), ("reversal", kept.id)]
    assert (credited_minutes(one.assessment), db.session.scalars(select(CreditSpan)).all()) == (0, [])
    assert broken() == []


def test_he_reads_his_credits_and_in_an_offices_role_nobody_has_his_own_before_him(
    town: Town, crossing: Crossing
) -> None:
    kept, other = blank(town), crossing.person()
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    merge(town, kept, other)
    [entry] = all_of(CreditEntry)

    def read(person: Person) -> list[CreditEntry]:
        return list(db.session.scalars(listed(Viewer(person, TODAY), CreditEntry, READ_CREDITS)))

    assert (read(kept), read(town.coordinator), read(town.volunteer)) == ([entry], [entry], [])
    with act("membership.end", kept.memberships[0], by=None, at=NOW):
        kept.memberships[0].role = "coordinator"
    assert read(kept) == []


def test_his_hours_stand_on_his_page_and_on_the_board_under_the_row_that_stays(town: Town, crossing: Crossing) -> None:
    kept, other = crossing.account(blank(town)), crossing.person("李晓明")
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    merge(town, kept, other)
    key = all_of(Assessment)[0].public_id
    phone, desk = town.browser(kept), town.browser(town.coordinator)
    board, one = (desk.get(path).get_data(as_text=True) for path in ("/assessments/board", f"/assessments/{key}"))
    assert [("李小明" in page, "李晓明" in page) for page in (board, one)] == [(True, False), (True, True)]
    mine = phone.get("/hours").get_data(as_text=True)
    assert "1 hour 30 minutes" in re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", mine))


def test_what_he_booked_before_he_may_take_back_as_before(town: Town, crossing: Crossing) -> None:
    kept, other = blank(town), crossing.person()
    shift = crossing.shift(WEDNESDAY)
    booked_at = shift.event.starts_at - timedelta(hours=1)
    one = book(shift, other, other, booked_at)
    until = own_cancel_until(one)
    merge(town, kept, other)
    assert until > booked_at
    assert own_cancel_until(one) == until


def test_the_page_names_what_moves_and_a_row_with_credits_is_merged_there(town: Town, crossing: Crossing) -> None:
    kept, other = blank(town), crossing.person()
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    path, sent = f"/people/{kept.public_id}/merging", {"other": str(other.public_id), "reason": "同一人"}
    key, browser = kept.id, town.browser(town.coordinator)
    page = browser.get(path, query_string=sent).get_data(as_text=True)
    moves = re.findall(r"moves: ([a-z ]+) × (\d+)", page)
    service = {"assessment", "booking of a shift", "confirmation of hours"}
    assert {what: n for what, n in moves if what in service} == dict.fromkeys(service, "1")
    assert "credit span" not in page
    assert browser.post(path, sent).status_code == 303
    assert [one.person_id for one in all_of(Attendance)] == [key]


def test_two_assessments_under_way_at_one_office_are_refused_with_what_helps(town: Town, crossing: Crossing) -> None:
    kept, other = crossing.person(), nameless(crossing.person())
    assert refused(town, kept, other) == [
        "Both are under assessment at this office. End the assessment that was entered by mistake; "
        "one that is over is no obstacle."
    ]


@pytest.mark.parametrize("which", ["kept", "other"])
def test_an_assessment_that_is_over_is_no_obstacle(town: Town, crossing: Crossing, which: str) -> None:
    serving, second = crossing.person(), blank(town)
    past = closed(crossing, second)
    serve(crossing.shift(WEDNESDAY), serving, town.traffic_officer, town.coordinator)
    kept, other = (second, serving) if which == "kept" else (serving, second)
    live = assessment_at(serving, town.office.id)
    merge(town, kept, other)
    assert {one.id: one.person_id for one in all_of(Assessment)} == {live.id: kept.id, past.id: kept.id}
    assert assessment_at(kept, town.office.id) is live
    assert credited_minutes(live) == 90
    assert broken() == []


def test_assessments_of_two_offices_both_stay_under_way(town: Town, crossing: Crossing) -> None:
    kept, other = Away(town).served(THURSDAY), nameless(crossing.person())
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    merge(town, kept, other)
    here, there = (assessment_at(kept, office.id) for office in (town.office, town.other_office))
    assert [(one.state, credited_minutes(one)) for one in (here, there)] == [("serving", 90), ("serving", 90)]
    assert broken() == []


def test_days_on_which_both_had_booked_hold_both_and_no_further_shift(town: Town, crossing: Crossing) -> None:
    """I14, SETTLED 16: 90 minutes there and 180 here; nobody loses a place."""
    kept, other = Away(town).served(WEDNESDAY, "evening"), nameless(crossing.person())
    noon = {"morning": (time(10), time(11, 30)), "evening": (time(13), time(14, 30))}
    for slot in noon:
        book(crossing.shift(WEDNESDAY, slot, crossing.post(f"岗{slot}", **noon)), other, other, NOW)
    merge(town, kept, other)
    days = all_days(kept)
    assert [(day.minutes, day.most) for day in days] == [(90, 270)] * 3
    third = crossing.shift(WEDNESDAY, "morning", crossing.post("晨岗", morning=(time(6), time(7))))
    with pytest.raises(DayFull):
        book(third, kept, kept, NOW)
    assert broken() == []


def all_days(person: Person) -> list[BookedDay]:
    query = select(BookedDay).where(BookedDay.person_id == person.id).order_by(BookedDay.attendance_id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_what_another_office_has_of_him_is_counted_and_named_nowhere(town: Town, crossing: Crossing) -> None:
    """T35. The row's roles there are over, so that it is the coordinator's to merge."""
    kept, other = crossing.person(), nameless(Away(town).served(THURSDAY))
    give_membership(other, town.office, "volunteer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    there = next(m for m in other.memberships if m.office_id == town.other_office.id)
    with act("membership.end", there, by=None, at=NOW):
        there.starts_on = there.ends_on = date(2026, 1, 1)
    with force_locale("en"):
        plan = plan_merge(kept, other, Viewer(town.coordinator, TODAY))
    assert (plan.moves, plan.obstacles) == ([("membership", 1)], [])
    merge(town, kept, other)
    assert {one.person_id for one in all_of(Attendance)} == {kept.id}
    assert broken() == []


def test_what_collides_at_another_office_is_told_without_its_name(town: Town, crossing: Crossing) -> None:
    """T35: neither that he is under assessment there, nor that he stands at its post."""
    away = Away(town)
    kept, other = away.served(THURSDAY), nameless(away.served(THURSDAY, "evening"))
    with act("post.change", away.post, by=None, at=NOW):
        db.session.add_all(PostOfficer(post_id=away.post.id, person_id=person.id) for person in (kept, other))
    with force_locale("en"):
        plan = plan_merge(kept, other, Viewer(town.coordinator, TODAY))
        there = plan_merge(kept, other, Viewer(town.neighbour("coordinator"), TODAY))
    assert plan.moves == []
    assert [(one.message % one.facts).split(".")[0] for one in plan.obstacles] == [
        "Both stand in a place that holds only one of them: elsewhere"
    ] * 2
    assert [(one.message % one.facts).split(".")[0] for one in there.obstacles] == [
        "Both are under assessment at this office",
        "Both stand in a place that holds only one of them: officer of a post",
    ]


def test_minutes_credited_to_both_are_named_before_anything_is_written(town: Town, crossing: Crossing) -> None:
    """I13; of the other office not even the place."""
    kept, other = Away(town).served(WEDNESDAY), nameless(crossing.person())
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    assert refused(town, kept, other) == [
        "At the same time, from then: occupied elsewhere, and shift.",
        "Credited for the same time, from then: elsewhere, and 客运站前广场.",
    ]


def test_a_list_taken_again_knows_him_by_the_number_that_stayed_with_the_merged_row(
    town: Town, crossing: Crossing
) -> None:
    """A keeper who does not keep every role of the row that stays fills in nothing there."""
    kept, other = blank(town), crossing.person()
    number = other.id_number
    give_membership(kept, town.other_office, "lawyer", starts_on=date(2026, 1, 1), by=None, at=NOW)
    merge(town, kept, other)
    assert (kept.id_number, other.id_number) == (None, number)
    stored = intake.context(town.office, Options(on=TODAY, year_month=(2026, 10))).stored
    assert (number,) in stored


# Traffic officers


def test_an_officers_row_goes_with_his_postings_and_what_he_confirmed(town: Town, crossing: Crossing) -> None:
    kept, other = blank(town, "traffic_officer", "朱一"), blank(town, "traffic_officer", "朱二")
    shift = crossing.shift(WEDNESDAY, post=crossing.post(officers=("朱二",)))
    serve(shift, crossing.person(), other, town.coordinator)
    merge(town, kept, other)
    assert [(one.person_id, one.ended_at) for one in all_of(Posting)] == [(kept.id, None)]
    assert [one.by_id for one in all_of(Confirmation)] == [kept.id]
    assert [one.by_id for one in all_of(Tick)] == [other.id] * 2
    assert "confirmation.by_id" in changed_in_the_merge(kept)
    assert broken() == []


def test_he_corrects_and_takes_back_under_the_row_that_stays_what_he_did_under_the_other(
    town: Town, crossing: Crossing
) -> None:
    """Two ticks of one officer are no disagreement of two (SETTLED 15)."""
    kept, other = blank(town, "traffic_officer", "朱一"), blank(town, "traffic_officer", "朱二")
    shift = crossing.shift(WEDNESDAY, post=crossing.post(officers=("朱二",)))
    starts_at, ends_at = shift.event.starts_at, shift.event.ends_at
    one, two = crossing.booked(shift, crossing.person(), crossing.person())
    for attendance in (one, two):
        arrive(attendance, other, starts_at)
    leave(one, other, ends_at)
    confirm(shift, other, ends_at)
    merge_people(kept, other, town.office, by=town.coordinator, at=ends_at, reason="同一人")
    correct_tick(two, "in", starts_at + timedelta(minutes=10), kept, ends_at, "看错了表")
    said = standing_of(two)
    assert (said.came_at, said.disagree) == (starts_at + timedelta(minutes=10), False)
    [batch] = {confirmation.batch for confirmation in all_of(Confirmation)}
    assert undo(shift, batch, kept, ends_at) == 1
    assert [line.problem for line in sheet(shift, kept)] == ["", "not_left"]


def test_an_officer_posted_twice_to_a_shift_stands_there_once_and_keeps_what_he_confirmed(
    town: Town, crossing: Crossing
) -> None:
    """Entered twice at a post, he was posted by both names to each of its shifts; no posting is ever taken away."""
    kept, other = blank(town, "traffic_officer", "朱一"), blank(town, "traffic_officer", "朱二")
    post = crossing.post(officers=("朱一",))
    shifts = [crossing.shift(WEDNESDAY, slot, post) for slot in ("morning", "evening")]
    for shift in shifts:
        post_officer(shift, other, town.coordinator, NOW, "补排")
    end_posting(shifts[1].postings[0], town.coordinator, NOW, "换人")
    serve(shifts[0], crossing.person(), other, town.coordinator)
    merge(town, kept, other)
    standing = [(shift.slot, [p.person_id for p in shift.postings if p.ended_at is None]) for shift in shifts]
    assert standing == [("morning", [kept.id]), ("evening", [kept.id])]
    live = [
        [b.resource.person_id for b in s.event.bookings if b.status == "accepted" and b.role == "traffic_officer"]
        for s in shifts
    ]
    assert live == [[kept.id], [kept.id]]
    assert [one.by_id for one in all_of(Confirmation)] == [kept.id]
    assert broken() == []


def test_nobody_becomes_the_officer_who_confirmed_his_own_hours(town: Town, crossing: Crossing) -> None:
    """I15; whichever row stays."""
    officer, volunteer = blank(town, "traffic_officer", "朱二"), crossing.person()
    serve(crossing.shift(WEDNESDAY, post=crossing.post(officers=("朱二",))), volunteer, officer, town.coordinator)
    facing = ["One of them faces the other in: confirmation of hours."]
    assert refused(town, officer, volunteer) == facing
    assert refused(town, volunteer, officer) == facing


# What the database refuses, and what verify-db finds


def owner_writes(town: Town, without: Iterable[tuple[str, str]], *statements: str) -> None:
    """What only the owner of the tables can do, with the guards taken away."""
    db.session.commit()
    db.session.remove()
    url = town.app.config["SQLALCHEMY_OWNER_URI"]
    owner = create_engine(url, **engine_options(url))
    listen(owner)
    with owner.begin() as connection:
        for table, guard in without:
            if owner.dialect.name == "sqlite":
                connection.execute(text(f"DROP TRIGGER {guard}"))
            else:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {guard}"))
        for statement in statements:
            connection.execute(text(statement))
    owner.dispose()


def found() -> list[str]:
    return sorted(f"{one.invariant}: {one.what}" for one in broken() if not one.invariant.startswith("I43"))


def credit_of(confirmation: Confirmation, person: Person) -> CreditEntry:
    """A credit of a confirmation as somebody might write it past the actions, in any name."""
    attendance = confirmation.attendance
    return CreditEntry(
        office_id=attendance.office_id,
        attendance_id=attendance.id,
        confirmation_id=confirmation.id,
        assessment_id=attendance.assessment_id,
        person_id=person.id,
        minutes=confirmation.minutes,
        attended_minutes=confirmation.minutes,
        final_at=confirmation.final_at,
        credited_at=LATER,
        starts_at=confirmation.starts_at,
        ends_at=confirmation.ends_at,
    )


def test_a_credit_names_its_assessments_person_when_it_is_written(town: Town, crossing: Crossing) -> None:
    """Not even the row merged into him: what is written after a merge names the one that stays."""
    kept, other, stranger = blank(town), crossing.person(), crossing.person()
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator, credited=False)
    merge(town, kept, other)
    [said] = all_of(Confirmation)
    for wrong in (stranger, other):
        with pytest.raises(IntegrityError), act("x", said.attendance, by=None, at=LATER):
            db.session.add(credit_of(said, wrong))
            db.session.flush()
    strangers = assessment_at(stranger, town.office.id).id
    with (
        pytest.raises(IntegrityError, match="credit_of_its_assessments_person"),
        act("x", said.attendance, by=None, at=LATER),
    ):
        entry = credit_of(said, kept)
        entry.assessment_id = strangers
        db.session.add(entry)
        db.session.flush()
    with act("x", said.attendance, by=None, at=LATER):
        db.session.add(credit_of(said, kept))
    assert [one.person_id for one in all_of(CreditEntry)] == [kept.id]


@pytest.mark.parametrize(
    ("table", "column", "guard"),
    [
        ("assessment", "person_id", "assessment_keeps_its_person"),
        ("confirmation", "by_id", "confirmation_is_settled"),
    ],
)
def test_service_goes_to_nobody_but_the_row_its_person_was_merged_into(
    town: Town, crossing: Crossing, table: str, column: str, guard: str
) -> None:
    one, stranger = crossing.person(), blank(town)
    shift = crossing.shift(WEDNESDAY)
    serve(shift, one, town.traffic_officer, town.coordinator)
    with pytest.raises(IntegrityError, match=guard), act("x", shift, by=None, at=LATER):
        db.session.execute(text(f"UPDATE {table} SET {column} = :id"), {"id": stranger.id})


def test_verify_db_finds_a_credit_that_is_not_its_persons(town: Town, crossing: Crossing) -> None:
    """As it did when a key said so: of the confirmation's person, and of the assessment's."""
    one, stranger = crossing.person(), crossing.person()
    serve(crossing.shift(WEDNESDAY), one, town.traffic_officer, town.coordinator)
    [entry] = all_of(CreditEntry)
    key, span, his, strangers = entry.id, entry.attendance_id, one.id, stranger.id
    own, other = (assessment_at(person, town.office.id).id for person in (one, stranger))
    append_only, act_needed = "credit_entry_is_append_only_update", "credit_entry_needs_an_act_update"
    guards = [("credit_entry", append_only), ("credit_entry", act_needed)]
    owner_writes(town, guards, f"UPDATE credit_entry SET person_id = {strangers}")
    assert found() == [
        f"I11 every credit has its confirmation: credit {key}",
        f"I11 every credit is of its assessment's person: credit {key}",
    ]
    owner_writes(town, [], f"UPDATE credit_entry SET person_id = {his}, assessment_id = {other}")
    assert found() == [f"I11 every credit is of its assessment's person: credit {key}"]
    owner_writes(
        town,
        [],
        f"UPDATE credit_entry SET assessment_id = {own}",
        f"UPDATE credit_span SET person_id = {strangers}",
    )
    assert found() == [f"I13 the span of a credit is its attendance's person's: span {span}"]


def test_verify_db_finds_after_a_merge_what_it_found_before(town: Town, crossing: Crossing) -> None:
    kept, other, stranger = blank(town), crossing.person(), crossing.person()
    serve(crossing.shift(WEDNESDAY), other, town.traffic_officer, town.coordinator)
    merge(town, kept, other)
    assert broken() == []
    [attendance], [entry] = all_of(Attendance), all_of(CreditEntry)
    key, credit, stays, goes, nobody = attendance.id, entry.id, kept.id, other.id, blank(town).id
    guards = [("person", "person_needs_an_act_update")]
    owner_writes(town, guards, f"UPDATE person SET merged_into_id = {stranger.id} WHERE id = {goes}")
    assert found() == [
        f"I11 every credit has its confirmation: credit {credit}",
        f"I11 every credit is of its assessment's person: credit {credit}",
    ]
    owner_writes(
        town,
        [("resource", "resource_needs_an_act_update")],
        f"UPDATE person SET merged_into_id = {stays} WHERE id = {goes}",
        f"UPDATE resource SET person_id = {nobody} WHERE person_id = {stays}",
    )
    assert found() == [f"I28 an attendance is of its shift's event and its person: attendance {key}"]
