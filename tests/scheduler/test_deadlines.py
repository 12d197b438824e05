"""Deadlines: started by a rule that stays with them, met, extended, recounted, excused (DOMAIN 8.8, TRUST I49)."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from accounts.actions.settings import change_setting
from accounts.setting_values import Value
from accounts.settings import rule_for
from extensions import db
from law import Rule
from record.act import _mark, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Act
from scheduler.actions.deadlines import (
    MomentMissing,
    PaperMissing,
    cancel_deadline,
    excuse_deadline,
    extend_deadline,
    meet_deadline,
    recount_deadline,
    start_deadline,
)
from scheduler.deadlines.counting import Period
from scheduler.deadlines.limit import TooManyReturns
from scheduler.deadlines.models import DeadlineSpell
from tests.town import NOW, local

ROLL = "next_working_unless_custody"


def start(town, amount=7, unit="day", on=date(2026, 9, 30), roll="next_working", **more):
    """A deadline that the office itself owes."""
    rule = more.pop("rule", None) or Rule("test.rule", amount, unit, roll)
    return start_deadline(town.office, rule, on, office=town.office, by=town.coordinator, at=NOW, **more)


def spell(kind, on, document="文书"):
    return DeadlineSpell(kind=kind, happened_on=on, document=document)


def breaches():
    return [breach.invariant for breach in broken() if breach.invariant.startswith("I49")]


def forge(statement, **values):
    """Write behind the program's back, as somebody with the database in his hands could."""
    _mark("forged")
    db.session.execute(text(statement), values)
    db.session.commit()


@pytest.mark.parametrize(
    ("on", "amount", "unit", "roll", "more", "raw", "due"),
    [
        (date(2026, 9, 30), 7, "day", "next_working", {}, date(2026, 10, 7), date(2026, 10, 8)),
        (date(2026, 9, 30), 7, "working_day", "none", {}, date(2026, 10, 15), date(2026, 10, 15)),
        (date(2026, 5, 6), 3, "working_day", "none", {}, date(2026, 5, 9), date(2026, 5, 9)),
        (date(2026, 9, 1), 1, "month", ROLL, {}, date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 9, 1), 1, "month", ROLL, {"custody": True}, date(2026, 10, 1), date(2026, 10, 1)),
        (date(2026, 2, 27), 1, "month", ROLL, {"criminal": True}, date(2026, 3, 27), date(2026, 3, 27)),
    ],
)
def test_a_deadline_starts_with_the_day_counting_gives(town, on, amount, unit, roll, more, raw, due):
    deadline = start(town, amount, unit, on, roll, **more)
    assert (deadline.raw_on, deadline.due_on, deadline.due_at, deadline.provisional) == (raw, due, None, False)
    assert (deadline.state, history(deadline), breaches()) == ("running", ["deadline.start"], [])


def test_hours_end_at_the_minute_and_run_through_the_night(town):
    deadline = start(town, 24, "hour", local("2026-09-30 16:20"))
    assert (deadline.due_at, deadline.due_on) == (local("2026-10-01 16:20"), date(2026, 10, 1))
    assert (deadline.starts_on, breaches()) == (date(2026, 9, 30), [])
    with pytest.raises(MomentMissing):
        start(town, 24, "hour", date(2026, 9, 30))


def test_hours_started_before_dawn_in_greenwich_belong_to_the_towns_day(town):
    deadline = start(town, 1, "hour", datetime(2026, 9, 29, 16, 30, tzinfo=UTC))
    assert deadline.starts_on == deadline.due_on == date(2026, 9, 30)


def test_what_counts_over_a_year_without_list_is_marked(town):
    deadline = start(town, 3, "month", date(2026, 11, 30))
    assert (deadline.due_on, deadline.provisional, breaches()) == (date(2027, 3, 1), True, [])


def test_a_running_deadline_keeps_the_rule_it_started_under(town):
    def rule():
        return rule_for("petition.reply1", town.office, date(2026, 11, 24))

    first = start(town, rule=rule(), on=date(2026, 11, 16))
    set_by = {"by": town.coordinator, "at": NOW, "reason": "earlier"}
    row = change_setting(town.office, "petition.reply1", Value(5, "working_day"), **set_by)
    second = start(town, rule=rule(), on=date(2026, 11, 16))
    change_setting(town.office, "petition.reply1", Value(3, "day"), **set_by)
    told = [(d.amount, d.unit, d.rule_version, d.due_on) for d in (first, second)]
    assert told == [(7, "day", None, date(2026, 11, 23)), (5, "working_day", row.public_id, date(2026, 11, 23))]
    recount_deadline(first, by=None, at=NOW, reason="custody ended", custody=False)
    assert (first.due_on, breaches()) == (date(2026, 11, 23), [])


@pytest.mark.parametrize(
    ("at", "state"),
    [("2026-10-08 23:59", "met"), ("2026-10-09 00:00", "late"), ("2026-10-01 08:00", "met")],
)
def test_it_is_met_till_the_end_of_the_due_day_and_late_after(town, at, state):
    deadline = start(town)
    meet_deadline(deadline, by=town.prosecutor, at=local(at), evidence="reply no. 3")
    assert (deadline.state, deadline.met_at, deadline.evidence) == (state, local(at), "reply no. 3")
    assert history(deadline) == ["deadline.start", "deadline.meet"]
    with pytest.raises(OffCourse):
        meet_deadline(deadline, by=town.prosecutor, at=local(at), evidence="again")


def test_hours_are_late_one_minute_after(town):
    for at, state in (("2026-10-01 16:20", "met"), ("2026-10-01 16:21", "late")):
        deadline = start(town, 24, "hour", local("2026-09-30 16:20"))
        meet_deadline(deadline, by=town.prosecutor, at=local(at), evidence="letter")
        assert deadline.state == state


def test_what_was_done_earlier_and_entered_later_counts_from_when_it_was_done(town):
    deadline = start(town)
    meet_deadline(
        deadline, by=town.clerk, at=local("2026-10-12 09:00"), evidence="post office", met_at=local("2026-10-08 17:00")
    )
    assert deadline.state == "met"


def test_an_extension_is_joined_first_and_rolled_once(town):
    """C-16: rolling the month first would give 23 October."""
    deadline = start(town, 1, "month", date(2026, 9, 1), ROLL, criminal=True)
    extend_deadline(
        deadline, Period(15, "day"), document="延长审查起诉期限决定书", on=date(2026, 9, 28), by=town.chief, at=NOW
    )
    assert (deadline.raw_on, deadline.due_on) == (date(2026, 10, 16), date(2026, 10, 16))
    assert history(deadline) == ["deadline.start", "deadline.extend"]
    done = db.session.scalars(select(Act).where(Act.name == "deadline.extend")).one()
    assert done.facts == {"old": "2026-10-08", "new": "2026-10-16"}
    assert breaches() == []


def test_an_extension_needs_its_document(town):
    deadline = start(town)
    with pytest.raises(PaperMissing):
        extend_deadline(deadline, Period(15, "day"), document=" ", on=date(2026, 10, 1), by=town.chief, at=NOW)
    assert (deadline.due_on, history(deadline)) == (date(2026, 10, 8), ["deadline.start"])


def test_a_case_that_comes_back_is_counted_anew_and_none_runs_while_it_is_away(town):
    """D-15: returned 21 September, received again 20 October: 20 November."""
    deadline = start(town, 1, "month", date(2026, 9, 1), ROLL, criminal=True)
    recount_deadline(deadline, by=town.clerk, at=NOW, reason="returned", spell=spell("returned", date(2026, 9, 21)))
    assert (deadline.state, deadline.due_on, breaches()) == ("running", None, [])
    recount_deadline(
        deadline, by=town.clerk, at=NOW, reason="came back", spell=spell("re_received", date(2026, 10, 20))
    )
    assert (deadline.due_on, breaches()) == (date(2026, 11, 20), [])
    assert [one.kind for one in deadline.spells] == ["returned", "re_received"]


def test_a_third_return_is_refused_and_leaves_no_spell(town):
    deadline = start(town, 1, "month", date(2026, 9, 1), ROLL, criminal=True)
    for day, kind in ((10, "returned"), (11, "re_received"), (12, "returned"), (13, "re_received")):
        recount_deadline(deadline, by=town.clerk, at=NOW, reason=kind, spell=spell(kind, date(2026, 9, day)))
    with pytest.raises(TooManyReturns):
        recount_deadline(deadline, by=town.clerk, at=NOW, reason="third", spell=spell("returned", date(2026, 9, 14)))
    assert (len(deadline.spells), deadline.due_on, breaches()) == (4, date(2026, 10, 13), [])


def test_suspended_days_are_left_out_once_it_resumes(town):
    deadline = start(town, 1, "month", date(2026, 9, 1), ROLL, criminal=True)
    recount_deadline(deadline, by=None, at=NOW, reason="appraisal", spell=spell("suspended", date(2026, 9, 10)))
    assert deadline.due_on is None
    recount_deadline(deadline, by=None, at=NOW, reason="appraised", spell=spell("resumed", date(2026, 9, 20)))
    assert (deadline.raw_on, deadline.due_on, breaches()) == (date(2026, 10, 11), date(2026, 10, 12), [])


def test_custody_that_begins_or_ends_moves_the_end(town):
    deadline = start(town, 1, "month", date(2026, 9, 1), ROLL, criminal=True)
    recount_deadline(deadline, by=town.prosecutor, at=NOW, reason="arrested", custody=True)
    assert (deadline.due_on, breaches()) == (date(2026, 10, 1), [])
    recount_deadline(deadline, by=town.prosecutor, at=NOW, reason="bail", custody=False)
    assert (deadline.due_on, breaches()) == (date(2026, 10, 8), [])
    told = db.session.scalars(select(Act.facts).where(Act.name == "deadline.recount").order_by(Act.id)).all()
    assert told == [{"old": "2026-10-08", "new": "2026-10-01"}, {"old": "2026-10-01", "new": "2026-10-08"}]


def test_an_excuse_needs_evidence_and_ends_the_deadline(town):
    deadline = start(town)
    with pytest.raises(PaperMissing):
        excuse_deadline(deadline, code="unreachable", evidence="", by=town.chief, at=NOW)
    excuse_deadline(deadline, code="unreachable", evidence="3 calls on 2 days", by=town.chief, at=NOW)
    assert (deadline.state, deadline.excuse, history(deadline)) == (
        "excused",
        "unreachable",
        ["deadline.start", "deadline.excuse"],
    )
    with pytest.raises(OffCourse):
        cancel_deadline(deadline, by=None, at=NOW, reason="merged")


def test_a_cancelled_deadline_is_over(town):
    deadline = start(town)
    cancel_deadline(deadline, by=None, at=NOW, reason="petition merged")
    assert (deadline.state, history(deadline)) == ("cancelled", ["deadline.start", "deadline.cancel"])


def test_a_forged_due_date_is_found(town):
    deadline = start(town)
    assert breaches() == []
    forge("UPDATE deadline SET due_on = '2026-12-31' WHERE id = :id", id=deadline.id)
    assert [breach.what for breach in broken() if breach.invariant.startswith("I49")] == [
        f"deadline {deadline.public_id}, stored 2026-12-31, counted 2026-10-08"
    ]


def test_a_removed_mark_of_an_unpublished_year_is_found(town):
    deadline = start(town, 3, "month", date(2026, 11, 30))
    forge("UPDATE deadline SET provisional = false WHERE id = :id", id=deadline.id)
    assert breaches() == ["I49 a deadline's due date is what counting gives"]


@pytest.mark.parametrize("change", ["amount = 70", "unit = 'working_day'", "starts_on = '2026-10-01'", "roll = 'none'"])
def test_the_database_keeps_the_frozen_rule(town, change):
    deadline = start(town)
    with pytest.raises(DBAPIError, match="deadline_keeps_its_rule"):
        forge(f"UPDATE deadline SET {change} WHERE id = :id", id=deadline.id)
    db.session.rollback()
    assert breaches() == []


def test_the_database_keeps_the_course_and_the_spells(town):
    deadline = start(town)
    extend_deadline(deadline, Period(1, "day"), document="1", on=date(2026, 10, 1), by=town.chief, at=NOW)
    cancel_deadline(deadline, by=None, at=NOW, reason="merged")
    for statement in (
        "UPDATE deadline SET state = 'running' WHERE id = :id",
        "UPDATE deadline_spell SET amount = 9 WHERE deadline_id = :id",
        "DELETE FROM deadline_spell WHERE deadline_id = :id",
    ):
        with pytest.raises(DBAPIError):
            forge(statement, id=deadline.id)
        db.session.rollback()
