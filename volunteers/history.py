"""What is done with posts, shifts and bookings, in the words of the trail."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from accounts.presenting import span
from accounts.trail import call, name_columns, say
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance
from volunteers.models.posts import Post, PostOfficer
from volunteers.models.shifts import Posting, Shift


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
        "attendance.credit": _l("credited what was served"),
        "waiting.join": _l("joined a waiting list"),
        "waiting.leave": _l("left a waiting list"),
        "waiting.promote": _l("moved up from a waiting list"),
        "waiting.pass_over": _l("was passed over on a waiting list"),
        "assessment.import": _l("brought an assessment from a list"),
        "assessment.complete": _l("completed the hours"),
        "assessment.reopen": _l("reopened: hours are missing again"),
    }
)
name_columns(
    {
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
    }
)
