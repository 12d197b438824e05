"""What is done with posts, shifts and bookings, in the words of the trail."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from accounts.presenting import span
from accounts.trail import call, hide_columns, name_columns, say
from volunteers.models.assessment import Assessment, BackPlanned, ServiceProof, Supplement
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.plans import DraftPlan
from volunteers.models.posts import Post, PostOfficer
from volunteers.models.scan import PresenceClaim, ScanAttempt
from volunteers.models.schemes import Scheme
from volunteers.models.shifts import Posting, Shift
from volunteers.words import PLAN_DATES


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
call(Tick, _l("note of presence"), lambda row: row.attendance.person.name)
call(ScanAttempt, _l("code that was refused"), lambda row: _shift(row.shift))
call(PresenceClaim, _l("claim of presence"), lambda row: row.attendance.person.name)
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
        "shift.hand_over": _l("handed a shift to a colleague"),
        "shift.seek_walk_in": _l("looked for somebody who had not booked"),
        "attendance.walk_in": _l("admitted somebody without a booking"),
        "shift.close": _l("closed a shift as final"),
        "shift.stop": _l("stopped a shift for everybody"),
        "shift.resume": _l("took the stop of a shift back"),
        "shift.prolong": _l("prolonged a shift"),
        "attendance.stay_on": _l("is here again: the stop was taken back"),
        "attendance.reinstate": _l("is expected again: the stop was taken back"),
        "posting.post": _l("posted an officer to a shift"),
        "posting.end": _l("relieved an officer of a shift"),
        "attendance.book": _l("booked a place"),
        "attendance.cancel": _l("cancelled a booking"),
        "attendance.report_absence": _l("told an absence"),
        "attendance.excuse": _l("excused a missed shift"),
        "attendance.arrive": _l("noted an arrival"),
        "attendance.leave": _l("noted a departure"),
        "attendance.claim_presence": _l("said that he is there"),
        "attendance.deliver_tick": _l("delivered a note of presence late"),
        "shift.refuse_code": _l("had a code refused"),
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
        "assessment.complete": _l("completed the hours"),
        "assessment.reopen": _l("reopened: hours are missing again"),
    }
)
name_columns(
    {
        **PLAN_DATES,
        "capacity": _l("places"),
        "quota.extra": _l("of them added for somebody without a booking"),
        "prolonged_from": _l("prolonged from"),
        "stopped_at": _l("stopped at"),
        "would_end_at": _l("end without the stop"),
        "stopped_why": _l("why it was stopped"),
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
        "tick.method": _l("by which means"),
        "scan_attempt.why": _l("why refused"),
        "scan_attempt.by_id": _l("presented by"),
        "officer_id": _l("on the screen of"),
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
    "tick.code",
    "tick.client_id",
    "scan_attempt.office_id",
    "scan_attempt.act_uid",
    "presence_claim.office_id",
    "presence_claim.act_uid",
    "confirmation.office_id",
    "confirmation.batch",
    "credit_entry.office_id",
    "supplement.office_id",
    "service_proof.office_id",
    "back_plan.office_id",
    "back_plan.assessment_id",
    "back_plan.why",
    "back_plan.doubts",
)
