"""What is done on the timeline, with leave, with deadlines and with the calendar, in the words of the trail."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.presenting import dated
from accounts.trail import call, hide_columns, name_columns, name_values, say
from scheduler.calendar import kinds
from scheduler.calendar.models import Feed
from scheduler.deadlines.models import CalendarDay, CalendarYear, Deadline, DeadlineSpell
from scheduler.timeline.models import Absence, Booking, Event, Quota, Resource, Waiting


def _due(deadline: Any) -> str:
    return dated(deadline.due_on) if deadline.due_on else ""


def _places(quota: Any) -> str:
    return str(_l("places on offer"))


call(Event, _l("event"), kinds.neutral)
call(Booking, _l("time taken"), lambda row: row.resource.name)
call(Quota, _l("places on offer"), _places)
call(Waiting, _l("place on a waiting list"), lambda row: row.resource.name)
call(Resource, _l("person or room of the timeline"))
call(Absence, _l("leave of a person"), lambda row: row.person.name)
call(CalendarYear, _l("calendar of a year"), lambda row: str(row.year))
call(CalendarDay, _l("day of the calendar"), lambda row: dated(row.falls_on))
call(Deadline, _l("deadline"), _due)
call(DeadlineSpell, _l("entry of a deadline"), lambda row: row.document)
call(Feed, _l("calendar address"))
say(
    {
        "absence.request": _l("asked for leave"),
        "absence.approve": _l("approved leave"),
        "absence.refuse": _l("refused leave"),
        "absence.withdraw": _l("took back leave"),
        "calendar.import": _l("took in the calendar of a year"),
        "calendar.correct": _l("corrected a day of the calendar"),
        "calendar.withdraw": _l("took back a corrected day of the calendar"),
        "deadline.start": _l("started a deadline"),
        "deadline.extend": _l("extended a deadline"),
        "deadline.recount": _l("counted a deadline anew"),
        "deadline.meet": _l("noted a deadline as met"),
        "deadline.excuse": _l("excused a missed deadline"),
        "deadline.cancel": _l("ended a deadline"),
        "deadline.entrust": _l("made somebody else answer for a deadline"),
        "feed.make": _l("made a calendar address"),
        "feed.revoke": _l("ended a calendar address"),
        "feed.lapse": _l("ended a calendar address that nothing read"),
        "feed.ask": _l("asked whether a calendar address is still wanted"),
    }
)
name_columns(
    {
        "all_day": _l("all day"),
        "place": _l("place"),
        "amount": _l("length"),
        "unit": _l("counted in"),
        "roll": _l("when it ends on a day off"),
        "criminal": _l("of criminal procedure"),
        "custody": _l("in custody"),
        "raw_on": _l("due before days off are counted"),
        "due_on": _l("due on"),
        "due_at": _l("due"),
        "met_at": _l("met"),
        "provisional": _l("calendar not yet published"),
        "evidence": _l("proof"),
        "excuse": _l("excuse"),
        "responsible_id": _l("responsible"),
        "responsible_role": _l("responsible role"),
        "falls_on": _l("day"),
        "source": _l("source"),
        "year": _l("year"),
        "taken_at": _l("taken in"),
        "made_at": _l("made"),
        "revoked_at": _l("revoked"),
        "asked_again_at": _l("asked whether still wanted"),
        "joined_at": _l("joined"),
        "first_until": _l("comes first until"),
        "promoted_at": _l("moved up"),
        "lent_from_id": _l("lent from"),
    }
)
hide_columns(
    "event.uid",
    "event.kind",
    "event.visibility",
    "event.office_id",
    "quota.event_id",
    "quota.office_id",
    "waiting.office_id",
    "booking.buffer_before",
    "booking.buffer_after",
    "booking.piece_of_id",
    "booking.whole_starts_at",
    "booking.whole_ends_at",
    "waiting.quota_id",
    "deadline.subject_table",
    "deadline.subject_id",
    "deadline.rule_key",
    "deadline.rule_version",
    "deadline_spell.deadline_id",
    "calendar_day.list_id",
    "feed.prefix",
    "feed.token_hash",
)
_ROLES = {
    "chair": _l("chair"),
    "hearing_officer": _l("hearing officer"),
    "duty_lawyer": _l("duty lawyer"),
    "volunteer": _l("traffic volunteer"),
    "room": _l("room"),
    "absence": _l("leave"),
    "party": _l("party"),
    "prosecutor": _l("prosecutor"),
    "traffic_officer": _l("traffic officer"),
    "approver": _l("approver"),
    "observer": _l("observer"),
    "contact": _l("contact"),
}
name_values(
    {
        "booking.role": _ROLES,
        "quota.role": _ROLES,
        "resource.kind": {
            "person": _l("person"),
            "room": _l("room"),
            "desk": _l("desk"),
            "vehicle": _l("vehicle"),
        },
        "feed.kind": {"own": _l("my own calendar"), "office": _l("calendar of the office")},
        "calendar_day.kind": {
            "off": _l("day off"),
            "makeup_work": _l("make-up working day"),
            "local_off": _l("local day off"),
            "working": _l("working day"),
        },
        "deadline.unit": {
            "hour": _l("hours"),
            "day": _l("days"),
            "clear_day": _l("clear days"),
            "working_day": _l("working days"),
            "month": _l("months"),
            "year": _l("years"),
        },
        "deadline.roll": {
            "none": _l("stays"),
            "next_working": _l("next working day"),
            "next_working_unless_custody": _l("next working day, unless in custody"),
            "previous_working": _l("working day before"),
        },
        "deadline_spell.kind": {
            "extended": _l("extended"),
            "returned": _l("returned for supplementary investigation"),
            "re_received": _l("received again"),
            "suspended": _l("suspended"),
            "resumed": _l("resumed"),
            "jurisdiction_changed": _l("jurisdiction changed"),
        },
    }
)
