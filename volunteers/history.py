"""What is done with posts, shifts and bookings, in the words of the trail."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from accounts.presenting import dated, span
from accounts.trail import call, say
from volunteers.models.anomalies import Anomaly, BookingAttempt
from volunteers.models.assessment import Assessment, BackPlanned, ProofCorrection, ServiceProof, Supplement
from volunteers.models.attendance import Attendance, Tick, TickChoice
from volunteers.models.corrections import Correction
from volunteers.models.equipment import Handing
from volunteers.models.evaluation import Evaluation, Remark, SpotCheck
from volunteers.models.exports import ServiceExport, Synced
from volunteers.models.incidents import Incident, IncidentDecision, IncidentReading
from volunteers.models.interests import Interest
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.papers import PaperTemplate
from volunteers.models.plans import DraftPlan
from volunteers.models.portraits import Portrait
from volunteers.models.posts import Post, PostOfficer, SchoolBreak
from volunteers.models.reminders import ShiftReminder
from volunteers.models.scan import PresenceClaim, ScanAttempt
from volunteers.models.schemes import Scheme
from volunteers.models.series import Series
from volunteers.models.shifts import Posting, Shift
from volunteers.words import PAPERS, UNUSUAL


def _shift(shift: Shift) -> str:
    return f"{shift.post.name} {span(shift.event.starts_at, shift.event.ends_at)}"


call(Post, _l("traffic post"), None, lambda row: url_for("posts.show", public_id=row.public_id))
call(PostOfficer, _l("officer of a post"), lambda row: row.person.name)
call(SchoolBreak, _l("school holidays"), None, lambda _: url_for("school_breaks.index"))
call(
    Series,
    _l("series of shifts"),
    lambda row: row.post.name,
    lambda row: url_for("series.show", public_id=row.public_id),
)
call(Shift, _l("traffic shift"), _shift, lambda row: url_for("shifts.show", public_id=row.public_id))
call(Posting, _l("posting"), lambda row: row.person.name)
call(Attendance, _l("booking of a shift"), lambda row: _shift(row.shift))
call(
    Assessment,
    _l("assessment"),
    lambda row: row.person.name,
    lambda row: url_for("assessments.show", public_id=row.public_id),
)
call(
    Scheme,
    _l("service scheme"),
    lambda row: gettext("%(what)s, version %(n)s", what=row.title, n=row.number),
    lambda row: url_for("schemes.show", public_id=row.public_id),
)
call(Supplement, _l("supplementary agreement"), lambda row: row.document)
call(ServiceProof, _l("proof of service"), lambda row: row.office.name)
call(ProofCorrection, _l("correction of a proof of service"))
call(BackPlanned, _l("back-plan"), lambda row: dated(row.made_at))
call(
    DraftPlan,
    _l("plan of shifts"),
    lambda row: dated(row.made_on),
    lambda row: url_for("autoplan.show", public_id=row.public_id),
)
call(TickChoice, _l("choice between two times"))
call(
    PaperTemplate,
    _l("template of a paper"),
    lambda row: gettext("%(what)s, version %(n)s", what=PAPERS[row.kind], n=row.number),
    lambda row: url_for("papers.show", kind=row.kind),
)
call(
    Portrait,
    _l("portrait"),
    lambda row: row.assessment.person.name,
    lambda row: url_for("portraits.show", public_id=row.assessment.public_id),
)
call(Anomaly, _l("something unusual"), lambda row: str(UNUSUAL[row.kind]), lambda _: url_for("anomalies.index"))
call(
    ServiceExport,
    _l("service for the national system"),
    lambda row: dated(row.at),
    lambda row: url_for("exports.show", public_id=row.public_id),
)
call(Synced, _l("line handed over"))
call(Remark, _l("squad's remark"), lambda row: row.squad.name)
call(SpotCheck, _l("unannounced check"), lambda row: dated(row.checked_on))
call(Evaluation, _l("evaluation"), lambda row: row.assessment.person.name)
call(Tick, _l("note of presence"), lambda row: row.attendance.person.name)
call(ScanAttempt, _l("code that was refused"), lambda row: _shift(row.shift))
call(BookingAttempt, _l("booking that was refused"), lambda row: _shift(row.shift))
call(PresenceClaim, _l("claim of presence"), lambda row: row.attendance.person.name)
call(Confirmation, _l("confirmation of hours"), lambda row: row.attendance.person.name)
call(CreditEntry, _l("entry of hours"), lambda row: row.attendance.person.name)
call(
    Correction,
    _l("correction of hours"),
    lambda row: row.attendance.person.name,
    lambda row: url_for("corrections.show", public_id=row.public_id),
)
call(ShiftReminder, _l("reminder of a shift"))
call(Handing, _l("equipment"), lambda row: row.attendance.person.name)
call(Incident, _l("note from the crossing"), lambda row: _shift(row.shift), lambda _: url_for("incidents.index"))
call(IncidentReading, _l("reading of a note"))
call(IncidentDecision, _l("decision about a note"))
call(Interest, _l("declared interest"), lambda row: row.officer.name)
say(
    {
        "interest.declare": _l("declared an interest in somebody"),
        "interest.end": _l("ended a declared interest"),
        "post.enter": _l("entered a post"),
        "post.change": _l("changed a post"),
        "post.close": _l("took a post out of use"),
        "post.reopen": _l("took a post into use again"),
        "school_break.enter": _l("entered school holidays"),
        "school_break.change": _l("changed school holidays"),
        "school_break.remove": _l("removed school holidays"),
        "series.make": _l("made a series of shifts"),
        "series.change": _l("changed a series of shifts"),
        "series.open": _l("opened shifts of a series"),
        "series.end": _l("ended a series of shifts"),
        "shift.open_span": _l("opened shifts"),
        "shift.open_one": _l("opened one shift"),
        "shift.plan": _l("planned a shift"),
        "shift.open": _l("opened a shift for booking"),
        "shift.change": _l("changed a shift"),
        "shift.cancel": _l("cancelled a shift"),
        "shift.hand_over": _l("handed a shift to a colleague"),
        "shift.seek_walk_in": _l("looked for somebody who had not booked"),
        "attendance.walk_in": _l("admitted somebody without a booking"),
        "shift.keep": _l("kept a shift on a day of rest"),
        "shift.cancel_together": _l("cancelled several shifts for one reason"),
        "shift.close": _l("closed a shift as final"),
        "shift.archive": _l("put a shift away"),
        "shift.stop": _l("stopped a shift for everybody"),
        "shift.resume": _l("took the stop of a shift back"),
        "shift.prolong": _l("prolonged a shift"),
        "attendance.call_off": _l("was here, and the service cancelled the shift"),
        "attendance.come_back": _l("is here again: the stop was taken back"),
        "attendance.stay_on": _l("is here again: the stop was taken back"),
        "attendance.reinstate": _l("is expected again: the stop was taken back"),
        "posting.post": _l("posted an officer to a shift"),
        "posting.end": _l("relieved an officer of a shift"),
        "organisation.plan_duty": _l("changed the duty plan of a squad"),
        "attendance.book": _l("booked a place"),
        "attendance.cancel": _l("cancelled a booking"),
        "attendance.report_absence": _l("told an absence"),
        "attendance.excuse": _l("excused a missed shift"),
        "attendance.arrive": _l("noted an arrival"),
        "attendance.leave": _l("noted a departure"),
        "attendance.claim_presence": _l("said that he is there"),
        "attendance.deliver_tick": _l("delivered a note of presence late"),
        "shift.hand_out": _l("handed out equipment"),
        "shift.take_back": _l("took equipment back"),
        "attendance.settle_equipment": _l("settled what became of equipment"),
        "incident.note": _l("noted something at a crossing"),
        "incident.read": _l("read a note from the crossing"),
        "incident.decide": _l("decided who stood at the crossing"),
        "shift.refuse_code": _l("had a code refused"),
        "assessment.refuse_booking": _l("had a booking refused, bound elsewhere at that time"),
        "attendance.call": _l("rang somebody who was missing"),
        "attendance.miss": _l("noted that somebody did not come"),
        "attendance.undo": _l("took back a note of presence"),
        "attendance.settle_conflict": _l("chose between two times"),
        "attendance.correct_tick": _l("corrected a time of presence"),
        "attendance.confirm": _l("confirmed hours"),
        "attendance.enter_from_paper": _l("entered a line of a paper sheet"),
        "attendance.strike_out": _l("struck out a line"),
        "attendance.restore": _l("restored a line struck out"),
        "attendance.arrive_anew": _l("noted that somebody has come, ticked by mistake before"),
        "shift.tick_all": _l("noted everybody as present"),
        "shift.take_back_ticks": _l("took back that everybody was present"),
        "attendance.take_back": _l("took back what was ticked of somebody"),
        "attendance.take_back_leaving": _l("took back a departure"),
        "shift.confirm": _l("confirmed the hours of a shift"),
        "shift.undo_confirmation": _l("took back the confirmation of a shift"),
        "shift.enter_from_paper": _l("entered a paper sheet"),
        "attendance.send_back": _l("sent a confirmation back"),
        "shift.remind": _l("reminded of a shift that is not confirmed"),
        "posting.call": _l("rang an officer"),
        "shift.countersign": _l("countersigned the hours of a shift"),
        "attendance.credit": _l("credited what was served"),
        "correction.ask": _l("said that hours are wrong"),
        "correction.propose": _l("proposed a correction of hours"),
        "correction.refuse": _l("refused a correction of hours"),
        "correction.approve": _l("approved a correction of hours"),
        "waiting.join": _l("joined a waiting list"),
        "waiting.leave": _l("left a waiting list"),
        "waiting.promote": _l("moved up from a waiting list"),
        "waiting.pass_over": _l("was passed over on a waiting list"),
        "scheme.draft": _l("drafted a service scheme"),
        "scheme.redraft": _l("changed the draft of a service scheme"),
        "scheme.approve": _l("put a service scheme in force"),
        "scheme.retire": _l("retired a service scheme"),
        "scheme.discard": _l("discarded the draft of a service scheme"),
        "draft_plan.make": _l("made a plan of shifts"),
        "draft_plan.take": _l("booked by a plan of shifts"),
        "draft_plan.discard": _l("put a plan of shifts away"),
        "assessment.ask_office": _l("asked the office to enter what is missing"),
        "assessment.issue_card": _l("printed a card for the counter"),
        "counter.miss": _l("looked for somebody at the counter in vain"),
        "assessment.wish": _l("entered when somebody would rather not serve"),
        "assessment.import": _l("brought an assessment from a list"),
        "assessment.propose": _l("proposed an assessment"),
        "assessment.tell": _l("entered the signed notice of matters"),
        "assessment.consent": _l("entered the signed undertaking"),
        "assessment.train": _l("entered the training"),
        "assessment.insure": _l("entered the accident insurance"),
        "assessment.start": _l("began the service"),
        "assessment.record": _l("entered what was done before the program"),
        "assessment.allow_elsewhere": _l("entered the approval to serve elsewhere"),
        "assessment.amend": _l("changed the hours by a supplementary agreement"),
        "assessment.portray": _l("kept a portrait"),
        "assessment.remove_portrait": _l("removed the portrait"),
        "assessment.reassign": _l("went to another prosecutor with its case"),
        "assessment.extend": _l("set another end of the service"),
        "assessment.replan": _l("counted the back-plan anew"),
        "assessment.withdraw": _l("entered the withdrawal"),
        "assessment.stop": _l("stopped the assessment"),
        "assessment.exempt": _l("exempted from the service"),
        "assessment.transfer": _l("handed the assessment on to another office"),
        "service_proof.correct": _l("corrected hours that were handed on"),
        "assessment.make_paper": _l("made a paper"),
        "shift.make_paper": _l("made a paper"),
        "paper_template.send": _l("sent a template"),
        "paper_template.use": _l("put a template in use"),
        "paper_template.retire": _l("went back to the shipped template"),
        "anomaly.find": _l("found something unusual"),
        "anomaly.close": _l("closed something unusual"),
        "service_export.take": _l("handed service over to the national system"),
        "service_export.download": _l("downloaded service for the national system"),
        "service_export.disclose": _l("downloaded service for the national system, with ID numbers in full"),
        "office.export_board": _l("took the board as a sheet with names"),
        "remark.ask": _l("asked a squad for its remark"),
        "remark.give": _l("gave the squad's remark"),
        "spot_check.note": _l("entered an unannounced check"),
        "assessment.evaluate": _l("decided on the evaluation"),
        "assessment.report": _l("reported the evaluation"),
        "assessment.close": _l("recorded the decision and closed the assessment"),
        "assessment.complete": _l("completed the hours"),
        "assessment.reopen": _l("reopened: hours are missing again"),
    }
)
