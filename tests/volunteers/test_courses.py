"""The machines against the paper: from which states each step leads, and that all others refuse it (DOMAIN 8.3 to 8.6).

The tables are written out here as DOMAIN has them, so that the code's tables are held against the paper and not
against themselves. A step to the same state (`change`, `prolong`, `stop`, `amend`, `extend`) is none of a course.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from exchange import word
from extensions import db
from record.act import act
from record.course import Course, OffCourse
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.prepared import Prepared
from tests.volunteers.test_evaluation import DECIDED, done
from tests.volunteers.test_evaluation import LATER as AFTERWARDS
from volunteers.actions import ending, evaluation, papers, schemes
from volunteers.actions.archiving import archive_settled
from volunteers.actions.booking import cancel, excuse, report_absence
from volunteers.actions.confirmation import confirm
from volunteers.actions.corrections import Grounds, approve, ask, propose, refuse
from volunteers.actions.credit import append_due, close
from volunteers.actions.shifts import cancel_shift
from volunteers.actions.ticks import arrive, leave, miss
from volunteers.models.assessment import ASSESSMENT, AssessmentState
from volunteers.models.attendance import ATTENDANCE, Attendance, AttendanceState
from volunteers.models.corrections import CORRECTION, Correction, CorrectionState
from volunteers.models.papers import PAPER_TEMPLATE, TemplateState
from volunteers.models.schemes import SCHEME, SchemeState
from volunteers.models.shifts import SHIFT, ShiftState

START, END = local("2026-11-25 07:30"), local("2026-11-25 09:00")
LATER = local("2026-11-25 12:00")
SEEN = Grounds("he left early", "other", "camera of the crossing")

SHIFTS = """
    -                                                     plan              planned
    planned                                               open              open
    open                                                  close             closed
    closed                                                archive           archived
    planned open                                          cancel            cancelled
"""
ATTENDANCES = """
    -                                                     book              booked
    booked                                                cancel            cancelled
    booked                                                report_absence    absent
    booked                                                arrive            arrived
    arrived                                               leave             left
    -                                                     walk_in           arrived
    booked arrived                                        enter_from_paper  left
    left                                                  confirm           confirmed
    confirmed                                             undo              left
    confirmed                                             credit            credited
    booked                                                miss              no_show
    no_show                                               excuse            absent
"""
# Beside 8.4: what 8.6 credits where nobody had confirmed, a signature that is refused (D-29), and (8.3) a shift that is
# stopped, before its start as well, a stop that is taken back, or a shift that is prolonged. A sheet may close what a
# phone has opened (SETTLED 1). Ticks that were a mistake are taken back (SETTLED 15).
BESIDE_8_4 = """
    booked arrived left no_show                           correct           credited
    confirmed                                             send_back         left
    left                                                  stay_on           arrived
    arrived                                               call_off          cancelled
    arrived left                                          take_back         booked
    left                                                  take_back_leaving arrived
    cancelled                                             come_back         arrived
    cancelled                                             reinstate         booked
"""
ASSESSMENTS = """
    -                                                     propose           proposed
    -                                                     import            serving
    proposed                                              tell              told
    told                                                  consent           consented
    proposed told consented trained insured serving       exempt            exempted
    consented                                             train             trained
    trained                                               insure            insured
    insured                                               start             serving
    serving                                               complete          hours_complete
    hours_complete                                        reopen            serving
    hours_complete serving                                evaluate          evaluated
    evaluated                                             report            reported
    reported                                              close             closed
    proposed told consented trained insured serving       withdraw          withdrawn
    consented trained insured serving hours_complete      stop              stopped
    proposed told consented trained insured serving hours_complete  transfer  transferred
"""
CORRECTIONS = """
    -                                                     ask               asked
    asked                                                 propose           proposed
    asked proposed                                        refuse            refused
    proposed                                              approve           approved
"""
SCHEMES = """
    -                                                     draft             draft
    draft                                                 discard           discarded
    draft                                                 approve           in_force
    in_force                                              retire            retired
"""
TEMPLATES = """
    -                                                     send              draft
    draft retired                                         use               in_force
    in_force                                              retire            retired
"""
COURSES: dict[str, tuple[Course, type, str]] = {
    "shift": (SHIFT, ShiftState, SHIFTS),
    "attendance": (ATTENDANCE, AttendanceState, ATTENDANCES + BESIDE_8_4),
    "assessment": (ASSESSMENT, AssessmentState, ASSESSMENTS),
    "correction": (CORRECTION, CorrectionState, CORRECTIONS),
    "scheme": (SCHEME, SchemeState, SCHEMES),
    "paper_template": (PAPER_TEMPLATE, TemplateState, TEMPLATES),
}


def rows_of(paper: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each line of a table: from which states, by which step, to which."""
    for line in filter(str.strip, paper.splitlines()):
        *froms, step, to = line.split()
        yield tuple(one for one in froms if one != "-"), step, to


def leads(paper: str, state: str) -> dict[str, str]:
    """The steps that lead on from a state, and to which."""
    return {step: to for froms, step, to in rows_of(paper) if state in froms}


@pytest.mark.parametrize("noun", COURSES)
def test_from_each_state_the_steps_of_the_paper_lead_on_and_no_other(noun: str) -> None:
    """DOMAIN 8.3 to 8.6: every state, those from which nothing leads on included; and how a row is born."""
    course, states, paper = COURSES[noun]
    told = {str(state): leads(paper, str(state)) for state in states}  # type: ignore[attr-defined]
    built = {state: {s.name: s.to for s in course.open_steps(course.model(state=state))} for state in told}
    born = {step: to for froms, step, to in rows_of(paper) if not froms}
    assert built == told
    assert {name: step.to for name, step in course.steps.items() if not step.froms} == born


def assert_only_the_paper_leads_on(noun: str, row: Any) -> str:
    """Where a row stands, the course refuses each step that does not lead on, and the database each state beyond it."""
    course, states, paper = COURSES[noun]
    here = str(row.state)
    open_to = leads(paper, here)
    refused = []
    for step in course.steps.values():
        if step.name not in open_to:
            with pytest.raises(OffCourse), act(f"{noun}.{step.name}", row, by=None, at=NOW):
                course.step(step.name, row)
            refused.append(step.name)
    for state in {str(one) for one in states} - {here, *open_to.values()}:  # type: ignore[attr-defined]
        with pytest.raises(DBAPIError) as refusal, act(f"{noun}.forge", row, by=None, at=NOW):
            db.session.execute(update(course.model).where(course.model.id == row.id).values(state=state))
        assert (here, state, f"{noun}_state_keeps_its_course" in str(refusal.value.orig)) == (here, state, True)
    db.session.expire_all()
    assert (row.state, len(refused) + len(open_to)) == (here, len(course.steps))
    return here


def test_a_volunteers_booking_goes_only_the_way_of_the_paper(town: Town, crossing: Crossing) -> None:
    """DOMAIN 8.4."""
    officer, shift = town.traffic_officer, crossing.shift()
    one, gone, called, missed = crossing.booked(shift, *(crossing.person() for _ in range(4)))
    steps: list[tuple[Any, Callable[[], object]]] = [
        (one, lambda: arrive(one, officer, START)),
        (one, lambda: leave(one, officer, END)),
        (one, lambda: confirm(shift, officer, END)),
        (one, lambda: append_due(END + timedelta(minutes=10))),
        (gone, lambda: cancel(gone, town.coordinator, NOW)),
        (called, lambda: report_absence(called, called.person, NOW)),
        (missed, lambda: miss(missed, officer, LATER)),
        (missed, lambda: excuse(missed, town.coordinator, LATER, "in hospital")),
    ]
    walked = [assert_only_the_paper_leads_on("attendance", one)]
    for row, step in steps:
        step()
        walked.append(assert_only_the_paper_leads_on("attendance", row))
    assert " ".join(walked) == "booked arrived left confirmed credited cancelled absent no_show absent"


def test_a_shift_goes_only_the_way_of_the_paper(town: Town, crossing: Crossing) -> None:
    """DOMAIN 8.3."""
    kept, stormy = crossing.shift(), crossing.shift(date(2026, 11, 26), post=crossing.post("人民路口"))
    walked = [assert_only_the_paper_leads_on("shift", kept)]
    cancel_shift(stormy, town.coordinator, NOW, "storm")
    walked.append(assert_only_the_paper_leads_on("shift", stormy))
    close(kept, town.traffic_officer, LATER)
    walked.append(assert_only_the_paper_leads_on("shift", kept))
    archive_settled(LATER + timedelta(days=30))
    walked.append(assert_only_the_paper_leads_on("shift", kept))
    assert walked == ["open", "cancelled", "closed", "archived"]


def test_an_assessment_goes_only_the_way_of_the_paper(prepared: Prepared) -> None:
    """DOMAIN 8.5."""
    one, by = prepared.proposed(), prepared.town.prosecutor
    walked = [assert_only_the_paper_leads_on("assessment", one)]
    for step in ("tell", "consent", "train", "insure", "start"):
        prepared.do(step, one)
        walked.append(assert_only_the_paper_leads_on("assessment", one))
    ends: list[Callable[[Any], object]] = [
        lambda row: ending.withdraw(row, by, NOW),
        lambda row: ending.exempt(row, "illness", by, NOW, "certificate"),
        lambda row: ending.stop(row, "fraud", by, NOW, "somebody else came"),
        lambda row: ending.transfer(row, prepared.town.other_office, by, NOW, "moved"),
    ]
    for end in ends:
        other = prepared.serving()
        end(other)
        walked.append(assert_only_the_paper_leads_on("assessment", other))
    assert " ".join(walked[:6]) == "proposed told consented trained insured serving"
    assert " ".join(walked[6:]) == "withdrawn exempted stopped transferred"


def test_an_assessment_with_its_hours_goes_only_the_way_of_the_paper(town: Town, crossing: Crossing) -> None:
    """DOMAIN 8.5: to the decision in the case; and back to serving where a correction took the hours away."""
    one, by, officer = done(crossing), town.prosecutor, town.traffic_officer
    walked = [assert_only_the_paper_leads_on("assessment", one)]
    steps: list[Callable[[], object]] = [
        lambda: propose(all_of(Attendance)[0], None, SEEN, officer, LATER),
        lambda: approve(all_of(Correction)[0], town.squad_leader, LATER, "the camera shows it"),
        lambda: propose(all_of(Attendance)[0], (START, END), SEEN, officer, LATER),
        lambda: approve(all_of(Correction)[1], town.squad_leader, LATER, "the camera was another's"),
        lambda: evaluation.evaluate(one, "excellent", "no squad is left to ask", by, AFTERWARDS),
        lambda: evaluation.report(one, by, AFTERWARDS),
        lambda: evaluation.close(one, DECIDED, by, AFTERWARDS, "told"),
    ]
    for step in steps:
        step()
        walked.append(assert_only_the_paper_leads_on("assessment", one))
    assert " ".join(walked) == (
        "hours_complete hours_complete serving serving hours_complete evaluated reported closed"
    )


def test_a_template_goes_only_the_way_it_should(prepared: Prepared) -> None:
    """DOMAIN 3.3 forms: one in force at most; what was retired may come back, and nothing is thrown away."""
    office, by = prepared.office, prepared.town.coordinator
    first, second = (
        papers.send(office, "matters_notice", word.shipped(f"# {name}"), f"{name}.docx", by, NOW, "as we have it")
        for name in ("one", "two")
    )
    walked = [assert_only_the_paper_leads_on("paper_template", first)]
    steps: list[Callable[[], object]] = [
        lambda: papers.use(first, by, NOW, "ours"),
        lambda: papers.use(second, by, NOW, "newer"),
        lambda: papers.use(first, by, NOW, "the older was better"),
        lambda: papers.retire(office, "matters_notice", by, NOW, "the shipped one"),
    ]
    for step in steps:
        step()
        walked.append(assert_only_the_paper_leads_on("paper_template", first))
    assert " ".join(walked) == "draft in_force retired in_force retired"
    assert [one.state for one in papers.templates_of(office, "matters_notice")] == ["retired", "retired"]


def test_a_correction_goes_only_the_way_of_the_paper(town: Town, crossing: Crossing) -> None:
    """DOMAIN 8.6."""
    shift = crossing.shift()
    ends = END - timedelta(minutes=30)
    rows = crossing.booked(shift, crossing.person(), crossing.person())
    for row in rows:
        arrive(row, town.traffic_officer, START)
        leave(row, town.traffic_officer, END)
    confirm(shift, town.traffic_officer, END)
    append_due(LATER)
    asked, other = (ask(row, (START, ends), row.person, LATER, "I left early") for row in rows)
    walked = [assert_only_the_paper_leads_on("correction", asked)]
    propose(rows[0], (START, ends), SEEN, town.coordinator, LATER)
    walked.append(assert_only_the_paper_leads_on("correction", asked))
    approve(asked, town.squad_leader, LATER, "the camera shows it")
    walked.append(assert_only_the_paper_leads_on("correction", asked))
    refuse(other, town.squad_leader, LATER, "the camera shows him until nine")
    walked.append(assert_only_the_paper_leads_on("correction", other))
    assert walked == ["asked", "proposed", "approved", "refused"]


def test_a_scheme_goes_only_the_way_it_should(prepared: Prepared) -> None:
    """DOMAIN 3.3: one version in force, drafted by one and put in force by another."""
    town, first = prepared.town, prepared.scheme
    drafts = [
        schemes.draft(prepared.office, "考察办法", "custom", first.terms, town.coordinator, NOW) for _ in range(2)
    ]
    walked = [assert_only_the_paper_leads_on("scheme", drafts[0]), assert_only_the_paper_leads_on("scheme", first)]
    schemes.discard(drafts[0], town.coordinator, NOW)
    walked.append(assert_only_the_paper_leads_on("scheme", drafts[0]))
    schemes.approve(drafts[1], town.chief, NOW)
    walked.append(assert_only_the_paper_leads_on("scheme", first))
    assert walked == ["draft", "in_force", "discarded", "retired"]
