"""What must hold of traffic service whatever was done: the tables read as they are, counted by other code than ours."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from extensions import db
from record.models import Act
from scheduler.timeline.models import Booking, Quota, Waiting
from volunteers.figures import figures_of
from volunteers.models.assessment import Assessment, ServiceProof
from volunteers.models.attendance import Attendance, Tick
from volunteers.models.corrections import Correction
from volunteers.models.equipment import Handing
from volunteers.models.incidents import Incident
from volunteers.models.ledger import Confirmation, CreditEntry
from volunteers.models.shifts import Posting, Shift

MINUTE = timedelta(minutes=1)
STEPS = {  # DOMAIN 8.4, written again
    "book": {"": "booked"},
    "cancel": {"booked": "cancelled"},
    "report_absence": {"booked": "absent"},
    "arrive": {"booked": "arrived"},
    "leave": {"arrived": "left"},
    "confirm": {"left": "confirmed"},
    "undo": {"confirmed": "left"},
    "credit": {"confirmed": "credited"},
    "miss": {"booked": "no_show"},
    "take_back": {"arrived": "booked", "left": "booked"},
    "take_back_leaving": {"left": "arrived"},
    "excuse": {"no_show": "absent"},
    "stay_on": {"left": "arrived"},
    "reinstate": {"cancelled": "booked"},
    "call_off": {"arrived": "cancelled"},
    "come_back": {"cancelled": "arrived"},
    "walk_in": {"": "arrived"},
    "correct": dict.fromkeys(("booked", "arrived", "left", "no_show", "credited"), "credited"),
}
GONE = {"cancelled": "cancelled", "absent": "released"}


@dataclass(frozen=True)
class Said:
    """What the ticks of an attendance say: the first arrival and the last leaving that stand, or that two disagree."""

    came_at: datetime | None
    left_at: datetime | None
    disagree: bool


def said_by(ticks: Iterable[Tick]) -> Said:
    """A tick that a stop made says something only while the shift ends at that moment; one taken back nothing."""
    known = [
        tick for tick in ticks if not tick.method.startswith("stop") or tick.at == tick.attendance.shift.event.ends_at
    ]
    gone = {tick.replaces_id for tick in known} | {tick.id for tick in known if _taken_back(tick)}
    times = {kind: sorted(t.at for t in known if t.kind == kind and t.id not in gone) for kind in ("in", "out")}
    apart = any(found and found[-1] - found[0] > MINUTE for found in times.values())
    return Said(min(times["in"], default=None), max(times["out"], default=None), apart)


def _taken_back(tick: Tick) -> bool:
    said = [one for one in tick.attendance.choices if one.kind == tick.kind]
    return any(one.tick_id is None and tick.id <= one.up_to_id for one in said)


def minutes_within(said: Said, starts_at: datetime, ends_at: datetime) -> int:
    if said.came_at is None or said.left_at is None:
        return 0
    seconds = (min(said.left_at, ends_at) - max(said.came_at, starts_at)).total_seconds()
    return max(int(seconds // 60), 0)


def wrong(now: datetime) -> list[str]:
    """Everything that does not hold; empty, if all is well."""
    return [
        *_ledger(),
        *_overlaps(),
        *_figures(now),
        *_places(),
        *_waiting(),
        *_courses(),
        *_complete(),
        *_stops(),
        *_unclear(),
        *_equipment(),
    ]


def _all(model: Any) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.id)))


def _ledger() -> Iterable[str]:
    """Credited <= attended <= shift; of a standing confirmation, by an officer who was posted and is somebody else."""
    posted = {(p.shift_id, p.person_id) for p in _all(Posting)}
    for entry in _all(CreditEntry):
        word, shift = entry.confirmation, entry.attendance.shift
        if entry.correction is not None:
            yield from _corrected(entry)
            continue
        said_then = _confirmed_by(word)
        known = [tick for tick in entry.attendance.ticks if _number_of(tick.act_uid) < said_then]
        said = said_by(known)
        attended = minutes_within(said, shift.event.starts_at, shift.event.ends_at)
        length = int((shift.event.ends_at - shift.event.starts_at) / MINUTE)
        if not entry.minutes <= word.minutes <= attended <= length:
            yield f"credit {entry.id}: {entry.minutes}, confirmed {word.minutes}, attended {attended}, shift {length}"
        if said.disagree or entry.attendance.struck_out:
            yield f"credit {entry.id} of ticks that disagree or do not count"
        if word.undone_at is not None or (shift.id, word.by_id) not in posted or word.by_id == entry.person_id:
            yield f"credit {entry.id} without a posted officer's word"


def _number_of(uid: uuid.UUID) -> int:
    """Where an act stands in the order of all; several may bear the same time."""
    return db.session.scalars(select(Act.id).where(Act.public_id == uid)).one()


def _confirmed_by(word: Confirmation) -> int:
    """Where the act stands that made a confirmation."""
    acts = select(Act.id).where(Act.name == "attendance.confirm", Act.subject_id == word.attendance_id)
    return max(db.session.scalars(acts.where(Act.at == word.confirmed_at)))


def _corrected(entry: CreditEntry) -> Iterable[str]:
    """By two people, neither of them himself: what counted is reversed whole, and what was proposed counts instead."""
    made, event = entry.correction, entry.attendance.shift.event
    people = {made.proposed_by_id, made.decided_by_id, entry.person_id}
    if made.state != "approved" or len(people) != 3 or made.attendance_id != entry.attendance_id:
        yield f"credit {entry.id} by a correction that two others did not make"
    if entry.kind == "reversal":
        reversed_one = db.session.get_one(CreditEntry, entry.reverses_id)
        if (reversed_one.minutes, reversed_one.attendance_id) != (entry.minutes, entry.attendance_id):
            yield f"reversal {entry.id} does not take back what it reverses"
        return
    span = minutes_within(Said(entry.starts_at, entry.ends_at, disagree=False), event.starts_at, event.ends_at)
    if not entry.minutes == made.minutes == span:
        yield f"credit {entry.id}: {entry.minutes} minutes, {made.minutes} proposed, {span} within the shift"


def _overlaps() -> Iterable[str]:
    gone = {entry.reverses_id for entry in _all(CreditEntry)}
    spans = defaultdict(list)
    for entry in _all(CreditEntry):
        if entry.kind == "credit" and entry.id not in gone:
            spans[entry.person_id].append((entry.starts_at, entry.ends_at))
    for booking in db.session.scalars(select(Booking).where(Booking.binds)):
        spans["bound", booking.resource_id].append((booking.starts_at, booking.ends_at))
    for who, found in spans.items():
        found.sort()
        if any(one[1] > other[0] for one, other in pairwise(found)):
            yield f"{who} is in two places"


def _figures(now: datetime) -> Iterable[str]:
    """The page's figures against a recount, minute by minute."""
    done, pending, ticked, booked = (defaultdict[int, int](int) for _ in range(4))
    for entry in _all(CreditEntry):
        done[entry.assessment_id] += entry.minutes if entry.kind == "credit" else -entry.minutes
    for proof in _all(ServiceProof):
        if proof.counts_for_id is not None:
            done[proof.counts_for_id] += _standing(proof)
    held = _held_back()
    for word in _all(Confirmation):
        if word.undone_at is None and word.credited_at is None and word.attendance_id not in held:
            pending[word.attendance.assessment_id] += word.minutes
    for one in _all(Attendance):
        event = one.shift.event
        lasts, counts = event.ends_at > now, not one.struck_out and one.id not in held
        if lasts and (one.state == "booked" or (one.state == "arrived" and counts)):
            booked[one.assessment_id] += int((event.ends_at - event.starts_at) / MINUTE)
        elif one.state in {"arrived", "left"} and counts:
            ticked[one.assessment_id] += minutes_within(said_by(one.ticks), event.starts_at, event.ends_at)
    people = _all(Assessment)
    told = figures_of(people, now)
    for person in people:
        key, shown = person.id, told[person.id]
        counted = (done[key], pending[key], ticked[key], booked[key])
        if counted != (shown.done, shown.pending, shown.unconfirmed, shown.booked):
            yield f"assessment {key}: {shown}, counted {counted}"


def _places() -> Iterable[str]:
    for shift in _all(Shift):
        quota = db.session.scalars(select(Quota).where(Quota.event_id == shift.event_id)).one()
        held = select(Booking).where(Booking.event_id == shift.event_id, Booking.role == "volunteer", Booking.binds)
        count = len(db.session.scalars(held).all())
        regular = sum(not one.extra and one.booking.binds for one in shift.attendances)
        if regular > quota.capacity - quota.extra:
            yield f"shift {shift.id}: {regular} booked, and {quota.extra} of {quota.capacity} places are for walk-ins"
        if shift.state != "cancelled" and not (quota.taken == count <= quota.capacity):
            yield f"shift {shift.id}: {quota.taken} taken, {count} booked, {quota.capacity} places"


def _waiting() -> Iterable[str]:
    """Numbered without gap or double; nobody waits where he is booked."""
    lines = defaultdict(list)
    for place in _all(Waiting):
        lines[place.quota_id].append(place)
    for key, line in lines.items():
        if sorted(place.number for place in line) != list(range(1, len(line) + 1)):
            yield f"waiting list of {key}: {[place.number for place in line]}"
        event_id = db.session.get_one(Quota, key).event_id
        held = select(Booking.resource_id).where(Booking.event_id == event_id, Booking.binds)
        booked = set(db.session.scalars(held))
        if any(place.state == "waiting" and place.resource_id in booked for place in line):
            yield f"somebody waits for {event_id} and is booked"


def _courses() -> Iterable[str]:
    """Every attendance came to its state by its acts, and its booking stands where its state says (SETTLED 5)."""
    acts = defaultdict(list)
    corrected = {one.id: one.attendance_id for one in _all(Correction)}
    for act in db.session.scalars(select(Act).order_by(Act.id)):
        if act.subject_table == "attendance":
            acts[act.subject_id].append(act.name.partition(".")[2])
        elif act.name == "correction.approve":
            acts[corrected[act.subject_id]].append("correct")
    for one in _all(Attendance):
        state = ""
        for name in acts[one.id]:
            state = STEPS[name].get(state, "?") if name in STEPS else state
        if state != one.state:
            yield f"attendance {one.id} is {one.state}, its acts say {state}: {acts[one.id]}"
        excused = "excuse" in acts[one.id]
        if one.booking.status != ("accepted" if excused else GONE.get(one.state, "accepted")):
            yield f"attendance {one.id} is {one.state}, its booking {one.booking.status}"


def _stops() -> Iterable[str]:
    """A stopped shift ends when it was stopped, and nobody of it is expected, missing or still counted as here."""
    for shift in _all(Shift):
        at_least = shift.event.starts_at + MINUTE
        if shift.stopped_at is not None and max(shift.stopped_at, at_least) != shift.event.ends_at:
            yield f"shift {shift.id} was stopped at {shift.stopped_at} and ends at {shift.event.ends_at}"
        for one in shift.attendances:
            if shift.stopped_at is not None and one.state == "booked":
                yield f"attendance {one.id} is expected at a stopped shift"
            if one.fault == "service" and one.state == "no_show":
                yield f"attendance {one.id} is missing, and the service had told him not to come"


def _complete() -> Iterable[str]:
    """Hours are complete when the ledger says so, and not before."""
    for one in _all(Assessment):
        done = sum(e.minutes if e.kind == "credit" else -e.minutes for e in _entries(one))
        done += _standing(one.proof) if one.proof else 0
        if one.state in {"serving", "hours_complete"} and (one.state == "hours_complete") != (
            done >= one.required_minutes
        ):
            yield f"assessment {one.id} is {one.state} with {done} of {one.required_minutes}"


def _entries(assessment: Assessment) -> list[CreditEntry]:
    return list(db.session.scalars(select(CreditEntry).where(CreditEntry.assessment_id == assessment.id)))


def _held_back() -> set[int]:
    """Those noted as somebody else, and not said by the last decision to have been themselves."""
    about = [one for one in _all(Incident) if one.kind == "impostor"]
    return {one.attendance_id for one in about if not (one.decisions and one.decisions[-1].was_he)}


def _unclear() -> Iterable[str]:
    """Of a noted impostor nothing counts but what came before, or after it was decided that it was he."""
    for said in _all(Incident):
        if said.kind != "impostor":
            continue
        told = [(said.noted_at, False), *((one.decided_at, one.was_he) for one in said.decisions)]
        words = [word.confirmed_at for word in said.attendance.confirmations]
        lines = db.session.scalars(select(CreditEntry).filter_by(attendance_id=said.attendance_id, kind="credit"))
        for at in [*words, *(entry.credited_at for entry in lines)]:
            held = [was_he for when, was_he in told if when < at]
            if held and not held[-1] and all(when != at for when, _ in told):
                yield f"incident {said.id}: something of it counted at {at}"


def _equipment() -> Iterable[str]:
    """Each giving is settled once, and nobody has two."""
    open_ones: dict[int, int] = {}
    for one in _all(Handing):
        had = open_ones.get(one.attendance_id)
        if (had is not None) == (one.kind == "out") or (one.kind != "out" and one.settles_id != had):
            yield f"handing {one.id} does not follow what was handed out"
        open_ones.pop(one.attendance_id, None)
        if one.kind == "out":
            open_ones[one.attendance_id] = one.id


def _standing(proof: ServiceProof) -> int:
    """What a proof is worth today: what the ledger it came from says, with what was brought along there."""
    source = db.session.get_one(Assessment, proof.assessment_id)
    own = sum(e.minutes if e.kind == "credit" else -e.minutes for e in _entries(source))
    return own + (_standing(source.proof) if source.proof else 0)
