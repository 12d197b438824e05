"""What `flask verify-db` asks of attendances, confirmations and the ledger (TRUST section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Office
from extensions import db
from record.invariants import invariant, rows
from scheduler.timeline.models import Event
from volunteers.models.shifts import Shift

_READ_THROUGH = "JOIN person p ON p.id = e.person_id"
_WHO = "COALESCE(p.merged_into_id, p.id)"


@invariant("8.3 nobody is booked at a shift that does not take place")
def _called_off() -> list[str]:
    return rows(
        "SELECT a.id AS attendance FROM attendance a JOIN shift s ON s.id = a.shift_id "
        "WHERE s.state = 'cancelled' AND a.state = 'booked'"
    )


@invariant("I09 no more minutes confirmed than served")
def _minutes() -> list[str]:
    return rows(
        "SELECT c.id AS confirmation FROM confirmation c JOIN shift s ON s.id = c.shift_id "
        "WHERE c.minutes > s.minutes OR c.shift_minutes <> s.minutes"
    )


@invariant("I11 every credit has its confirmation")
def _confirmed() -> list[str]:
    """Of the same attendance and person, and standing; or the correction that two people made."""
    return rows(
        f"SELECT e.id AS credit FROM credit_entry e {_READ_THROUGH} LEFT JOIN confirmation c "
        "ON c.id = e.confirmation_id AND c.attendance_id = e.attendance_id "
        f"AND c.person_id = {_WHO} AND c.undone_at IS NULL LEFT JOIN correction k "
        "ON k.id = e.correction_id AND k.attendance_id = e.attendance_id AND k.state = 'approved' "
        f"AND k.person_id = {_WHO} AND k.decided_by_id <> k.proposed_by_id WHERE c.id IS NULL AND k.id IS NULL"
    )


@invariant("I17 a correction has done what was approved: the old reversed, the new credited, once")
def _corrected() -> list[str]:
    old = "SELECT 1 FROM credit_entry e WHERE e.correction_id = k.id AND e.reverses_id = k.old_credit_id"
    new = "SELECT 1 FROM credit_entry e WHERE e.correction_id = k.id AND e.kind = 'credit' AND e.minutes = k.minutes"
    return rows(
        "SELECT k.id AS correction FROM correction k WHERE "
        f"(k.state = 'approved' AND k.old_credit_id IS NOT NULL) <> EXISTS ({old}) "
        f"OR (k.state = 'approved' AND k.minutes > 0) <> EXISTS ({new})"
    )


@invariant("I17 a reversal takes back one credit, whole")
def _reversals() -> list[str]:
    return rows(
        "SELECT r.id AS reversal FROM credit_entry r LEFT JOIN credit_entry e ON e.id = r.reverses_id "
        "AND e.kind = 'credit' AND e.attendance_id = r.attendance_id AND e.minutes = r.minutes "
        "WHERE r.kind = 'reversal' AND e.id IS NULL"
    )


@invariant("I10 no more minutes are credited than the shift has")
def _within() -> list[str]:
    return rows(
        "SELECT e.id AS credit FROM credit_entry e JOIN attendance a ON a.id = e.attendance_id "
        "JOIN shift s ON s.id = a.shift_id WHERE e.minutes > s.minutes"
    )


@invariant("I11 every credit is of its assessment's person")
def _his_own() -> list[str]:
    return rows(
        f"SELECT e.id AS credit FROM credit_entry e {_READ_THROUGH} JOIN assessment a ON a.id = e.assessment_id "
        f"WHERE a.person_id <> {_WHO}"
    )


@invariant("I12 one span for each live credit")
def _spans() -> list[str]:
    live = (
        "SELECT e.attendance_id FROM credit_entry e WHERE e.kind = 'credit' "
        "AND NOT EXISTS (SELECT 1 FROM credit_entry r WHERE r.reverses_id = e.id)"
    )
    return rows(
        f"SELECT attendance_id AS without_span FROM ({live}) AS a "
        "WHERE attendance_id NOT IN (SELECT attendance_id FROM credit_span) "
        f"UNION ALL SELECT attendance_id FROM credit_span WHERE attendance_id NOT IN ({live})"
    )


@invariant("I13 nobody is credited twice for a minute")
def _overlaps() -> list[str]:
    return rows(
        "SELECT a.attendance_id AS one, b.attendance_id AS other FROM credit_span a JOIN credit_span b "
        "ON a.person_id = b.person_id AND a.attendance_id < b.attendance_id "
        "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )


@invariant("I13 the span of a credit is its attendance's person's")
def _whose_spans() -> list[str]:
    return rows(
        "SELECT s.attendance_id AS span FROM credit_span s JOIN attendance a ON a.id = s.attendance_id "
        "WHERE s.person_id <> a.person_id"
    )


@invariant("I15 who confirmed was posted to the shift, and is not the person")
def _officers() -> list[str]:
    return rows(
        "SELECT c.id AS confirmation FROM confirmation c WHERE c.by_id = c.person_id OR NOT EXISTS "
        "(SELECT 1 FROM posting p WHERE p.shift_id = c.shift_id AND p.person_id = c.by_id)"
    )


@invariant("I16 where the scheme asks for it, hours count once another one has signed")
def _countersigned() -> list[str]:
    alone = "c.countersigned_by_id IS NULL OR c.countersigned_by_id = c.by_id OR c.countersigned_by_id = c.person_id"
    return rows(
        "SELECT e.id AS credit FROM credit_entry e JOIN confirmation c ON c.id = e.confirmation_id "
        f"WHERE c.to_countersign AND ({alone})"
    )


@invariant("I15 nobody confirmed, ticked or decided for whom he had declared an interest")
def _interests() -> list[str]:
    """What was said under two rows before they were made one is not held against the one that stays."""
    merged = "EXISTS (SELECT 1 FROM person m WHERE m.merged_into_id IN (i.officer_id, i.person_id))"
    near = f"JOIN interest i ON i.officer_id = {{by}} AND i.person_id = {{who}}.person_id AND NOT {merged} "
    near += "AND i.declared_at < {when} AND (i.ended_at IS NULL OR {when} < i.ended_at)"
    return rows(
        f"SELECT c.id AS one FROM confirmation c {near.format(by='c.by_id', who='c', when='c.confirmed_at')} "
        f"UNION ALL SELECT t.id FROM tick t JOIN attendance a ON a.id = t.attendance_id "
        f"{near.format(by='t.by_id', who='a', when='t.server_at')} WHERE t.device <> 'paper' "
        f"UNION ALL SELECT k.id FROM correction k {near.format(by='k.decided_by_id', who='k', when='k.decided_at')}"
    )


@invariant("I44 nothing is credited before it is final")
def _final() -> list[str]:
    return rows("SELECT id AS credit FROM credit_entry WHERE kind = 'credit' AND credited_at < final_at")


@invariant("I44 nothing is credited before it was served")
def _served() -> list[str]:
    return rows("SELECT id AS credit FROM credit_entry WHERE kind = 'credit' AND credited_at < ends_at")


@invariant("I08 an attendance stands where its confirmation and its credit say")
def _states() -> list[str]:
    standing = "SELECT 1 FROM confirmation c WHERE c.attendance_id = a.id AND c.undone_at IS NULL"
    credited = "SELECT 1 FROM credit_entry e WHERE e.attendance_id = a.id AND e.kind = 'credit'"
    return rows(
        "SELECT a.id AS attendance, a.state FROM attendance a WHERE "
        f"(a.state = 'confirmed') <> (EXISTS ({standing}) AND NOT EXISTS ({credited})) "
        f"OR (a.state = 'credited') <> EXISTS ({credited})"
    )


@invariant("I47 a volunteer's booking follows his attendance")
def _bookings() -> list[str]:
    """SETTLED 5; a missed shift that was excused keeps its past booking."""
    return rows(
        "SELECT a.id AS attendance, a.state, b.status FROM attendance a JOIN booking b ON b.id = a.booking_id WHERE "
        "(a.state IN ('booked', 'arrived', 'left', 'confirmed', 'credited', 'no_show') AND b.status <> 'accepted') "
        "OR (a.state = 'cancelled' AND b.status <> 'cancelled') "
        "OR (a.state = 'absent' AND b.status NOT IN ('released', 'accepted'))"
    )


@invariant("I28 an attendance is of its shift's event and its person")
def _belong() -> list[str]:
    return rows(
        "SELECT a.id AS attendance FROM attendance a JOIN booking b ON b.id = a.booking_id "
        "JOIN shift s ON s.id = a.shift_id JOIN resource r ON r.id = b.resource_id "
        "WHERE b.event_id <> s.event_id OR b.role <> 'volunteer' OR r.person_id IS NULL OR r.person_id <> a.person_id"
    )


@invariant("D-28 a code that was not taken names nobody of another office")
def _attempts() -> list[str]:
    return rows(
        "SELECT t.id AS attempt FROM scan_attempt t JOIN attendance a ON a.id = t.attendance_id "
        "WHERE a.office_id <> t.office_id"
    )


@invariant("D-28 who says that he is there has the code of an officer of his shift")
def _claims() -> list[str]:
    """An officer entered twice is read through the row that stays (SETTLED 16)."""
    return rows(
        "SELECT c.id AS claim FROM presence_claim c JOIN attendance a ON a.id = c.attendance_id "
        f"JOIN person p ON p.id = c.officer_id WHERE a.office_id <> c.office_id OR NOT EXISTS "
        f"(SELECT 1 FROM posting o WHERE o.shift_id = a.shift_id AND o.person_id IN ({_WHO}, p.id))"
    )


@invariant("I14 a day's booked minutes are those of its bookings, and no more than it may have")
def _booked_days() -> list[str]:
    return rows(
        "SELECT d.attendance_id AS attendance, d.falls_on FROM booked_day d JOIN attendance a "
        "ON a.id = d.attendance_id WHERE a.state IN ('cancelled', 'absent') OR d.person_id <> a.person_id "
        "UNION ALL SELECT MAX(d.attendance_id), d.falls_on FROM booked_day d GROUP BY d.person_id, d.falls_on "
        "HAVING SUM(d.minutes) > MAX(d.most)"
    )


@invariant("DOMAIN 8.5 hours that a signature changed are those of the last supplement")
def _signed_hours() -> list[str]:
    return rows(
        "SELECT a.id AS assessment FROM assessment a JOIN supplement s ON s.assessment_id = a.id "
        "WHERE s.id = (SELECT MAX(t.id) FROM supplement t WHERE t.assessment_id = a.id) "
        "AND s.minutes_after <> a.required_minutes"
    )


@invariant("DOMAIN 8.5 nobody serves by the program without a signature and a scheme")
def _signed() -> list[str]:
    return rows(
        "SELECT id AS assessment FROM assessment WHERE origin = 'program' AND state IN ('serving', 'hours_complete') "
        "AND (consented_on IS NULL OR scheme_id IS NULL OR told_on IS NULL OR started_on IS NULL)"
    )


@invariant("DOMAIN 8.3 a shift that can be booked has its places")
def _places() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s WHERE s.state IN ('planned', 'open') AND NOT EXISTS "
        "(SELECT 1 FROM quota q WHERE q.event_id = s.event_id AND q.role = 'volunteer')"
    )


@invariant("SETTLED 21 a place added for a walk-in is nobody else's")
def _added_places() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s JOIN quota q ON q.event_id = s.event_id AND q.role = 'volunteer' "
        "WHERE q.capacity - q.extra < (SELECT COUNT(*) FROM attendance a JOIN booking b ON b.id = a.booking_id "
        "WHERE a.shift_id = s.id AND NOT a.extra AND b.binds)"
    )


@invariant("DOMAIN 8.3 a stopped shift ends when it was stopped, and nobody is expected or waits")
def _stopped() -> list[str]:
    """Stopped before its first minute was over it has one on the calendar."""
    at_once = "s.minutes = 1 AND s.stopped_at < e.ends_at"
    waits = "SELECT 1 FROM waiting w JOIN quota q ON q.id = w.quota_id WHERE q.event_id = e.id AND w.state = 'waiting'"
    return rows(
        "SELECT s.id AS shift FROM shift s JOIN event e ON e.id = s.event_id WHERE s.stopped_at IS NOT NULL "
        f"AND ((s.stopped_at <> e.ends_at AND NOT ({at_once})) OR EXISTS ({waits}) OR EXISTS "
        "(SELECT 1 FROM attendance a WHERE a.shift_id = s.id AND a.state = 'booked'))"
    )


@invariant("I11 what is ticked by a stop from elsewhere is no officer's statement")
def _stopped_afar() -> list[str]:
    """Nobody is confirmed by it who was not ticked in by somebody at the crossing."""
    said = "SELECT 1 FROM tick t WHERE t.attendance_id = c.attendance_id AND t.method <> 'stop_afar'"
    return rows(f"SELECT c.id AS confirmation FROM confirmation c WHERE c.undone_at IS NULL AND NOT EXISTS ({said})")


@invariant("DOMAIN 8.3 a cancelled shift is off the calendar, and nobody is booked on it")
def _cancelled() -> list[str]:
    return rows(
        "SELECT s.id AS shift FROM shift s JOIN event e ON e.id = s.event_id "
        "WHERE (s.state = 'cancelled') <> (e.status = 'cancelled') OR (s.state = 'cancelled' AND EXISTS "
        "(SELECT 1 FROM attendance a WHERE a.shift_id = s.id AND a.state IN ('booked', 'arrived')))"
    )


@invariant("DOMAIN 8.3 in a shift that is put away nothing waits to be credited")
def _archived() -> list[str]:
    return rows(
        "SELECT a.id AS attendance FROM attendance a JOIN shift s ON s.id = a.shift_id "
        "WHERE s.state = 'archived' AND a.state = 'confirmed'"
    )


@invariant("DOMAIN 3.3 nobody has the equipment of a shift twice")
def _equipment() -> list[str]:
    return rows(
        "SELECT h.attendance_id AS attendance FROM handing h LEFT JOIN handing s ON s.settles_id = h.id "
        "WHERE h.kind = 'out' AND s.id IS NULL GROUP BY h.attendance_id HAVING COUNT(*) > 1"
    )


@invariant("D-24 a note is of its shift's office and people, and nobody's about himself")
def _incidents() -> list[str]:
    return rows(
        "SELECT i.id AS incident FROM incident i JOIN attendance a ON a.id = i.attendance_id "
        "WHERE a.shift_id <> i.shift_id OR a.office_id <> i.office_id"
    )


@invariant("DOMAIN 3.3 nothing was credited while it was not established who stood there")
def _unclear() -> list[str]:
    """By the decision that held at that time."""
    then = "d.incident_id = i.id AND d.decided_at <= e.credited_at"
    later = "l.incident_id = i.id AND l.id > d.id AND l.decided_at <= e.credited_at"
    last = f"NOT EXISTS (SELECT 1 FROM incident_decision l WHERE {later})"
    was_he = f"SELECT 1 FROM incident_decision d WHERE {then} AND d.was_he AND {last}"
    return rows(
        "SELECT e.id AS credit FROM credit_entry e JOIN incident i ON i.attendance_id = e.attendance_id "
        "WHERE e.kind = 'credit' AND i.kind = 'impostor' AND i.noted_at < e.credited_at "
        f"AND NOT EXISTS ({was_he})"
    )


@invariant("DOMAIN 8.5 an assessment stands where its evaluation says")
def _evaluated() -> list[str]:
    return rows(
        "SELECT a.id AS assessment, a.state FROM assessment a LEFT JOIN evaluation e ON e.assessment_id = a.id "
        "WHERE (a.state IN ('evaluated', 'reported', 'closed')) <> (e.id IS NOT NULL) "
        "OR (a.state IN ('reported', 'closed')) <> (e.report_number IS NOT NULL) "
        "OR (a.state = 'closed') <> (e.decision IS NOT NULL)"
    )


@invariant("V-10 reports are numbered without a gap")
def _numbered() -> list[str]:
    return rows(
        "SELECT office_id AS office, report_year AS year FROM evaluation WHERE report_number IS NOT NULL "
        "GROUP BY office_id, report_year HAVING MAX(report_number) <> COUNT(*) OR MIN(report_number) <> 1"
    )


@invariant("a shift belongs to the local day on which it starts")
def _days() -> Iterator[str]:
    query = select(Shift.id, Shift.starts_on, Event.starts_at, Office.zone)
    query = query.join(Event, Event.id == Shift.event_id).join(Office, Office.id == Shift.office_id)
    for key, on, starts_at, zone in db.session.execute(query):
        if starts_at.astimezone(ZoneInfo(zone)).date() != on:
            yield f"shift {key} starts on another day than {on}"


@invariant("V-14 what was handed on with a proof is what the ledger of the office that credited it says")
def _proofs() -> list[str]:
    """With what that assessment had brought along itself."""
    since = "coalesce((SELECT sum(k.minutes) FROM proof_correction k WHERE k.proof_id = {of}.id), 0)"
    own = (
        "coalesce((SELECT sum(CASE e.kind WHEN 'credit' THEN e.minutes ELSE -e.minutes END) "
        "FROM credit_entry e WHERE e.assessment_id = p.assessment_id), 0)"
    )
    before = f"(SELECT q.minutes + {since.format(of='q')} FROM service_proof q WHERE q.counts_for_id = p.assessment_id)"
    return rows(
        f"SELECT p.id AS proof FROM service_proof p WHERE p.minutes + {since.format(of='p')} "
        f"<> {own} + coalesce({before}, 0)"
    )
