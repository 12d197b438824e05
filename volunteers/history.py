"""What is done with posts, shifts and bookings, in the words of the trail."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from accounts.presenting import span
from accounts.trail import call, hide_columns, name_columns, say
from volunteers.models.anomalies import Anomaly
from volunteers.models.assessment import Assessment, BackPlanned, ServiceProof, Supplement
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.evaluation import Evaluation, Remark, SpotCheck
from volunteers.models.exports import ServiceExport, Synced
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.papers import PaperTemplate
from volunteers.models.plans import DraftPlan
from volunteers.models.posts import Post, PostOfficer
from volunteers.models.schemes import Scheme
from volunteers.models.shifts import Posting, Shift
from volunteers.words import PAPERS, PLAN_DATES, UNUSUAL


def _shift(shift: Shift) -> str:
    return f"{shift.post.name} {span(shift.event.starts_at, shift.event.ends_at)}"


call(Post, _l("traffic post"), None, lambda row: url_for("posts.show", public_id=row.public_id))
call(PostOfficer, _l("officer of a post"), lambda row: row.person.name)
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
    lambda row: f"{row.title} v{row.number}",
    lambda row: url_for("schemes.show", public_id=row.public_id),
)
call(Supplement, _l("supplementary agreement"), lambda row: row.document)
call(ServiceProof, _l("proof of service"), lambda row: row.office.name)
call(BackPlanned, _l("back-plan"), lambda row: row.made_at.date().isoformat())
call(
    DraftPlan,
    _l("plan of shifts"),
    lambda row: row.made_on.isoformat(),
    lambda row: url_for("autoplan.show", public_id=row.public_id),
)
call(
    PaperTemplate,
    _l("template of a paper"),
    lambda row: f"{PAPERS[row.kind]} v{row.number}",
    lambda row: url_for("papers.show", kind=row.kind),
)
call(Anomaly, _l("something unusual"), lambda row: str(UNUSUAL[row.kind]), lambda _: url_for("anomalies.index"))
call(
    ServiceExport,
    _l("service for the national system"),
    lambda row: row.at.date().isoformat(),
    lambda row: url_for("exports.show", public_id=row.public_id),
)
call(Synced, _l("line handed over"))
call(Remark, _l("squad's remark"), lambda row: row.squad.name)
call(SpotCheck, _l("unannounced check"), lambda row: row.checked_on.isoformat())
call(Evaluation, _l("evaluation"), lambda row: row.assessment.person.name)
call(Tick, _l("note of presence"), lambda row: row.attendance.person.name)
call(Confirmation, _l("confirmation of hours"), lambda row: row.attendance.person.name)
call(CreditEntry, _l("entry of hours"), lambda row: row.attendance.person.name)
say(
    {
        "post.enter": _l("entered a post"),
        "post.change": _l("changed a post"),
        "post.close": _l("took a post out of use"),
        "post.reopen": _l("took a post into use again"),
        "shift.open_span": _l("opened shifts"),
        "shift.open_one": _l("opened one shift"),
        "shift.plan": _l("planned a shift"),
        "shift.open": _l("opened a shift for booking"),
        "shift.change": _l("changed a shift"),
        "shift.cancel": _l("cancelled a shift"),
        "shift.close": _l("closed a shift as final"),
        "posting.post": _l("posted an officer to a shift"),
        "posting.end": _l("relieved an officer of a shift"),
        "attendance.book": _l("booked a place"),
        "attendance.cancel": _l("cancelled a booking"),
        "attendance.report_absence": _l("told an absence"),
        "attendance.excuse": _l("excused a missed shift"),
        "attendance.arrive": _l("noted an arrival"),
        "attendance.leave": _l("noted a departure"),
        "attendance.call": _l("rang somebody who was missing"),
        "attendance.miss": _l("noted that somebody did not come"),
        "attendance.undo": _l("took back a note of presence"),
        "attendance.correct_tick": _l("corrected a time of presence"),
        "attendance.confirm": _l("confirmed hours"),
        "attendance.enter_from_paper": _l("entered a line of a paper sheet"),
        "attendance.strike_out": _l("struck out a line"),
        "attendance.restore": _l("restored a line struck out"),
        "shift.tick_all": _l("noted everybody as present"),
        "shift.confirm": _l("confirmed the hours of a shift"),
        "shift.undo_confirmation": _l("took back the confirmation of a shift"),
        "shift.enter_from_paper": _l("entered a paper sheet"),
        "attendance.credit": _l("credited what was served"),
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
        "assessment.extend": _l("set another end of the service"),
        "assessment.replan": _l("counted the back-plan anew"),
        "assessment.withdraw": _l("entered the withdrawal"),
        "assessment.stop": _l("stopped the assessment"),
        "assessment.exempt": _l("exempted from the service"),
        "assessment.transfer": _l("handed the assessment on to another office"),
        "assessment.make_paper": _l("made a paper"),
        "shift.make_paper": _l("made a paper"),
        "paper_template.send": _l("sent a template"),
        "paper_template.use": _l("put a template in use"),
        "paper_template.retire": _l("went back to the shipped template"),
        "anomaly.find": _l("found something unusual"),
        "anomaly.close": _l("closed something unusual"),
        "service_export.take": _l("handed service over to the national system"),
        "service_export.download": _l("downloaded service for the national system"),
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
name_columns(
    {
        **PLAN_DATES,
        "capacity": _l("places"),
        "post.morning_from": _l("morning peak from"),
        "post.morning_till": _l("morning peak till"),
        "post.evening_from": _l("evening peak from"),
        "post.evening_till": _l("evening peak till"),
        "weekdays": _l("days"),
        "post.active": _l("in use"),
        "post_officer.left_on": _l("left the post on"),
        "attendance.outcome": _l("outcome"),
        "attendance.fault": _l("at fault"),
        "post_id": _l("traffic post"),
        "shift_id": _l("traffic shift"),
        "squad_id": _l("squad"),
        "assessment_id": _l("assessment"),
        "attendance_id": _l("booking of a shift"),
        "confirmation_id": _l("confirmation of hours"),
        "minutes": _l("minutes"),
        "shift_minutes": _l("minutes of the shift"),
        "attended_minutes": _l("minutes present"),
        "required_minutes": _l("minutes to serve"),
        "from_paper": _l("from a paper sheet"),
        "extra": _l("came without a booking"),
        "struck_out": _l("struck out"),
        "posted_at": _l("posted"),
        "posted_by_id": _l("posted by"),
        "at": _l("time noted"),
        "device_at": _l("time of the device"),
        "server_at": _l("time received"),
        "device": _l("device"),
        "by_id": _l("noted by"),
        "replaces_id": _l("replaces"),
        "confirmation.by_id": _l("confirmed by"),
        "confirmed_at": _l("confirmed"),
        "final_at": _l("final"),
        "undone_at": _l("taken back"),
        "credited_at": _l("credited"),
        "reverses_id": _l("takes back"),
        "prosecutor_id": _l("prosecutor"),
        "scheme.title": _l("title"),
        "scheme.number": _l("version"),
        "scheme.preset": _l("began as"),
        "scheme.held": _l("terms"),
        "drafted_by_id": _l("drafted by"),
        "approved_by_id": _l("approved by"),
        "approved_at": _l("approved"),
        "in_force_from": _l("in force from"),
        "scheme_id": _l("service scheme"),
        "with_hearing": _l("with a hearing"),
        "told_on": _l("told of the risks on"),
        "consented_on": _l("consented on"),
        "trained_on": _l("trained on"),
        "trained_minutes": _l("minutes of training"),
        "trained_by": _l("trained by"),
        "insured_from": _l("insured from"),
        "insured_until": _l("insured until"),
        "policy": _l("insurance policy"),
        "capable_of": _l("hardest post for the health"),
        "bail_leave": _l("approval to serve elsewhere"),
        "started_on": _l("began on"),
        "ended_on": _l("ended on"),
        "assessment.ground": _l("ground"),
        "signed_on": _l("signed on"),
        "supplement.document": _l("document"),
        "minutes_before": _l("minutes before"),
        "minutes_after": _l("minutes after"),
        "to_office_id": _l("to the office"),
        "counts_for_id": _l("counts for"),
        "lines": _l("spans served"),
        "made_at": _l("counted"),
        "wishes": _l("would rather not serve"),
        "made_on": _l("made on"),
        "draft_plan.days": _l("days ahead"),
        "turns": _l("shifts of each"),
        "needed": _l("minutes asked"),
        "short": _l("minutes without a place"),
        "unwanted": _l("unwanted shifts"),
        "proven": _l("proven best"),
        "agreed": _l("who agreed"),
        "discarded_at": _l("put away"),
        "working_days": _l("working days"),
        "back_plan.most": _l("minutes that fit"),
        "verdict": _l("verdict"),
        "paper_template.kind": _l("paper"),
        "paper_template.number": _l("version"),
        "paper_template.file_name": _l("name of the file"),
        "paper_template.sha256": _l("checksum"),
        "sent_by_id": _l("sent by"),
        "paper_template.sent_at": _l("sent"),
        "anomaly.kind": _l("kind"),
        "officer_id": _l("officer"),
        "anomaly.facts": _l("what was unusual"),
        "found_at": _l("found"),
        "anomaly.closed_by_id": _l("closed by"),
        "anomaly.closed_at": _l("closed"),
        "anomaly.why": _l("reason"),
        "service_export.by_id": _l("taken by"),
        "service_export.at": _l("taken"),
        "service_export.count": _l("lines"),
        "entry_id": _l("entry of hours"),
        "export_id": _l("service for the national system"),
        "asked_at": _l("asked"),
        "opinion": _l("how it was"),
        "remark.text": _l("in words"),
        "given_by_id": _l("given by"),
        "given_at": _l("given"),
        "checked_on": _l("checked on"),
        "found": _l("was met"),
        "spot_check.note": _l("what was seen"),
        "proposed": _l("proposed grade"),
        "grade": _l("grade"),
        "score": _l("points"),
        "evaluation.lines": _l("arithmetic"),
        "done_minutes": _l("minutes served"),
        "evaluation.reasons": _l("reasons"),
        "evaluation.decided_by_id": _l("decided by"),
        "decided_at": _l("decided"),
        "report_year": _l("year of the report"),
        "report_number": _l("number of the report"),
        "reported_at": _l("reported"),
        "evaluation.decision": _l("decision in the case"),
        "decision_on": _l("day of the decision"),
        "decision_document": _l("paper of the decision"),
        "area": _l("county or district"),
        "difficulty": _l("how hard it is"),
        "assessment.first_on": _l("first day"),
        "assessment.last_on": _l("last day"),
        "in_custody": _l("in custody"),
        "aggravating": _l("aggravating circumstances"),
        "bac_hundredths": _l("alcohol in 0.01 mg/100 ml"),
        "origin": _l("origin"),
    }
)
hide_columns(
    "shift.slot",
    "shift.event_id",
    "shift.office_id",
    "attendance.office_id",
    "attendance.booking_id",
    "tick.office_id",
    "tick.act_uid",
    "confirmation.office_id",
    "confirmation.batch",
    "credit_entry.office_id",
    "supplement.office_id",
    "service_proof.office_id",
    "service_export.office_id",
    "anomaly.office_id",
    "anomaly.about",
    "paper_template.office_id",
    "remark.office_id",
    "spot_check.office_id",
    "evaluation.office_id",
    "back_plan.office_id",
    "back_plan.assessment_id",
    "back_plan.why",
    "back_plan.doubts",
)
