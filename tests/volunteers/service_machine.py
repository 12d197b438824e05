"""Traffic service as hypothesis drives it: each verb on rows chosen by numbers, in a session of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from accounts.actions.memberships import give_membership
from accounts.actions.people import enter_person
from accounts.models import Organisation, Person, Role
from errors import Refusal
from extensions import db
from record.edge import worth_trying_again
from scheduler.timeline.models import Waiting
from tests.town import NOW, Town, local
from tests.volunteers.conftest import Crossing
from tests.volunteers.prepared import Prepared
from volunteers.actions import (
    booking,
    confirmation,
    corrections,
    credit,
    delivery,
    ending,
    equipment,
    incidents,
    mistakes,
    postings,
    proposing,
    schemes,
    shifts,
    steering,
    ticks,
    walk_in,
)
from volunteers.actions.obstacles import quotas_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, TickKind
from volunteers.models.corrections import Correction
from volunteers.models.equipment import Handing, HandingKind
from volunteers.models.incidents import Incident, IncidentKind
from volunteers.models.ledger import Confirmation
from volunteers.models.shifts import Posting, Shift
from volunteers.rules.schemes import Terms

BEGINS = local("2026-11-27 06:00")
DAYS = (date(2026, 11, 27), date(2026, 11, 28))
MINUTE = timedelta(minutes=1)


@dataclass
class Service:
    """One office at work: two posts, shifts of two days, six people who signed, two officers, and the hour it is."""

    app: Flask
    said: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    clock: datetime = BEGINS

    def __post_init__(self) -> None:
        town = self.town = Town(self.app)
        crossing, prepared = Crossing(town), Prepared(town)
        posts = [crossing.post(f"岗{n}", capacity=n) for n in (3, 2)]
        opened = [crossing.shift(on, slot, post) for post in posts for on in DAYS for slot in ("morning", "evening")]
        noon = local("2026-11-27 12:00")
        opened.append(shifts.open_one(posts[0], noon, noon + timedelta(hours=2), 1, town.coordinator, NOW))
        self.shifts = [one.id for one in opened]
        prepared.in_force(Terms(required_minutes=180))
        served = [prepared.serving() for _ in range(6)]
        self.assessments = [one.id for one in served]
        self.people = [one.person_id for one in served]
        for n, person in enumerate(served[:5]):
            booking.book(opened[4 * (n // 3)], person.person, person.person, NOW)
        self.officers = [town.traffic_officer.id, self._second_officer().id]
        self.coordinator, self.prosecutor, self.leader = town.coordinator.id, town.prosecutor.id, town.squad_leader.id
        self.other_office = town.other_office.id
        db.session.remove()

    def _second_officer(self) -> Person:
        found = db.session.scalar(select(Person).where(Person.name == "马交警"))
        if found is None:
            office, by = self.town.office, self.town.coordinator
            squad = db.session.scalars(select(Organisation).filter_by(office_id=office.id, kind="squad")).first()
            found = enter_person({"name": "马交警"}, office, by=by, at=NOW)
            role = Role.TRAFFIC_OFFICER
            give_membership(found, office, role, starts_on=date(2026, 1, 1), by=by, at=NOW, organisation=squad)
        return found

    def later(self, n: int) -> None:
        """Some time passes, mostly until shortly before or after a shift begins or ends."""
        with self.app.app_context():
            events = [db.session.get_one(Shift, key).event for key in self.shifts]
            turns = sorted({at for one in events for at in (one.starts_at, one.ends_at) if at > self.clock})
            db.session.remove()
        soon = self.clock + (timedelta(days=1) if n % 9 == 0 else (1 + n % 13) * MINUTE)
        self.clock = soon if n % 3 == 0 or not turns else max(soon, turns[0] + (n % 23 - 8) * MINUTE)

    # What anybody can do; `n` chooses among what there is

    def verb(self, name: str, n: int, m: int) -> Callable[[], object]:
        """A verb on some rows, to be called in a session of its own."""
        return lambda: getattr(self, name)(n, m)

    def do(self, name: str, n: int, m: int) -> str:
        answer = self._run(self.verb(name, n, m))
        self.said[name][answer] += 1
        return answer

    def at_once(self, pair: Sequence[tuple[str, int, int]]) -> None:
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(self._run, self.verb(*one)) for one in pair]
        for (name, _, _), job in zip(pair, jobs, strict=True):
            self.said[name][job.result()] += 1

    def _run(self, verb: Callable[[], object]) -> str:
        """`ok`, `nothing` where there was nothing to do it to, the code of a refusal, `again` after a deadlock."""
        with self.app.app_context():
            try:
                return "nothing" if verb() is None else "ok"
            except Refusal as refusal:
                return refusal.code
            except DBAPIError as trouble:
                if not worth_trying_again(trouble):
                    raise
                return "again"
            finally:
                db.session.remove()

    def _shift(self, n: int) -> Shift:
        """One of those that are next to this hour, or just over."""
        known = [db.session.get_one(Shift, key) for key in self.shifts]
        return sorted(known, key=lambda one: abs(one.event.ends_at - self.clock))[n % 3]

    def _ahead(self, n: int) -> Shift:
        """One of those that are next to begin; at the end of the days, whichever."""
        known = [db.session.get_one(Shift, key) for key in self.shifts]
        coming = [one for one in known if one.event.starts_at > self.clock] or known
        return sorted(coming, key=lambda one: one.event.starts_at)[n % min(3, len(coming))]

    def _person(self, n: int) -> Person:
        return db.session.get_one(Person, self.people[n % len(self.people)])

    def _officer(self, n: int) -> Person:
        """Mostly him who is posted everywhere."""
        return db.session.get_one(Person, self.officers[n % 3 == 0])

    def _someone(self, key: int) -> Person:
        return db.session.get_one(Person, key)

    def _full(self, n: int) -> Shift:
        """One of those ahead that has no place left, where there is one."""
        ahead = [self._ahead(k) for k in range(3)]
        full = [one for one in ahead if quotas_of([one])[one.event_id].taken == one.post.capacity]
        return full[n % len(full)] if full else ahead[n % 3]

    def _one(self, n: int, usual: str, *others: str) -> Attendance | None:
        """Somebody in the usual state, whose shift begins or ends about now if there is one; at times in a state in
        which this is refused."""
        states = others if others and n % 8 == 0 else (usual,)
        query = select(Attendance).where(Attendance.shift_id.in_(self.shifts), Attendance.state.in_(states))
        found = db.session.scalars(query.order_by(Attendance.id)).all()
        near = [one for one in found if self._is_near(one.shift)] or found
        return near[n % len(near)] if near else None

    def _is_near(self, shift: Shift) -> bool:
        return any(abs(at - self.clock) < timedelta(hours=1) for at in (shift.event.starts_at, shift.event.ends_at))

    def _of(self, one: Attendance, n: int) -> Person:
        return self._officer(n) if n % 8 == 0 else one.shift.postings[0].person

    def book(self, n: int, m: int) -> object:
        person = self._person(n)
        by = person if m % 2 else self._someone(self.coordinator)
        return booking.book(self._ahead(m), person, by, self.clock)

    def wait(self, n: int, m: int) -> object:
        person = self._person(n)
        return booking.wait(self._full(m), person, person, self.clock)

    def leave_list(self, n: int, m: int) -> object:
        found = db.session.scalars(select(Waiting).filter_by(state="waiting").order_by(Waiting.id)).all()
        return booking.leave_list(found[n % len(found)], self._person(m), self.clock) or True if found else None

    def cancel(self, n: int, m: int) -> object:
        one = self._one(n, "booked", "arrived")
        by = one.person if one and m % 2 else self._someone(self.coordinator)
        return one and (booking.cancel(one, by, self.clock) or one)

    def report_absence(self, n: int, m: int) -> object:
        one = self._one(n, "booked", "arrived")
        return one and (booking.report_absence(one, one.person, self.clock) or one)

    def excuse(self, n: int, m: int) -> object:
        one = self._one(n, "no_show", "booked")
        return one and (booking.excuse(one, self._someone(self.coordinator), self.clock, "note") or one)

    def arrive(self, n: int, m: int) -> object:
        one = self._one(n, "booked", "arrived", "left")
        if one and n % 8 and not one.shift.event.starts_at - 60 * MINUTE <= self.clock < one.shift.event.ends_at:
            return None
        return one and ticks.arrive(one, self._of(one, m), self.clock, ticks.Device("phone", self._pressed(m)))

    def leave(self, n: int, m: int) -> object:
        one = self._one(n, "arrived", "left", "booked")
        return one and ticks.leave(one, self._of(one, m), self.clock, ticks.Device("phone", self._pressed(m)))

    def _pressed(self, m: int) -> datetime | None:
        """A press that reached us late, or one of a clock that is wrong."""
        return (None, self.clock, self.clock - 7 * MINUTE, self.clock - timedelta(days=9))[m % 4]

    def correct_tick(self, n: int, m: int) -> object:
        """By whoever stands there: of another officer's tick two then disagree."""
        one = self._one(n, "arrived", "left")
        kind = ("in", "out")[m % 2]
        stated = one.shift.event.starts_at + (m % 100) * MINUTE if one else None
        return one and stated and ticks.correct_tick(one, kind, stated, self._of(one, m), self.clock, "as I saw")

    def send_home(self, n: int, m: int) -> object:
        one = self._one(n, "arrived", "left")
        return one and ticks.send_home(one, self._of(one, m), self.clock, "unwell")

    def tick_all(self, n: int, m: int) -> object:
        one = self._one(n, "arrived", "booked")
        return one and ticks.tick_all(one.shift, self._of(one, m), self.clock)

    def miss(self, n: int, m: int) -> object:
        one = self._one(n, "booked", "arrived")
        return one and (ticks.miss(one, self._of(one, m), self.clock) or one)

    def strike_out(self, n: int, m: int) -> object:
        one = self._one(n, "arrived", "left")
        return one and (mistakes.strike_out(one, self._of(one, m), self.clock, "wrong row") or one)

    def restore(self, n: int, m: int) -> object:
        one = self._struck_out(n)
        return one and (mistakes.restore(one, self._of(one, m), self.clock) or one)

    def arrive_anew(self, n: int, m: int) -> object:
        one = self._struck_out(n)
        return one and mistakes.arrive_anew(one, self._of(one, m), self.clock, ticks.Device("phone", self._pressed(m)))

    def arrive_then(self, n: int, m: int) -> object:
        one = self._struck_out(n) if m % 3 == 0 else self._one(n, "booked", "arrived")
        stated = one.shift.event.starts_at + (m % 100 - 5) * MINUTE if one else None
        return one and stated and mistakes.arrive_then(one, stated, self._of(one, m), self.clock, "nobody had ticked")

    def not_come(self, n: int, m: int) -> object:
        one = self._struck_out(n)
        return one and (mistakes.not_come(one, self._of(one, m), self.clock) or one)

    def take_back_press(self, n: int, m: int) -> object:
        one = self._one(n, "left", "confirmed")
        by = self._of(one, m) if one else None
        made = mistakes.presses(one.shift, by, self.clock) if one and by else []
        if not one or not made:
            return None
        return mistakes.take_back_press(one.shift, made[0].batch, by, self.clock, "the wrong shift")

    def _struck_out(self, n: int) -> Attendance | None:
        """Mostly somebody whose ticks were said to be a mistake."""
        rows = select(Attendance).where(Attendance.shift_id.in_(self.shifts), Attendance.struck_out.is_(True))
        found = db.session.scalars(rows.order_by(Attendance.id)).all()
        return found[n % len(found)] if found and n % 8 else self._one(n, "arrived", "left")

    def confirm(self, n: int, m: int) -> object:
        one = self._one(n, "left", "arrived", "confirmed")
        return one and confirmation.confirm(one.shift, self._of(one, m), self.clock)

    def undo(self, n: int, m: int) -> object:
        query = select(Confirmation).where(Confirmation.shift_id.in_(self.shifts), Confirmation.undone_at.is_(None))
        found = db.session.scalars(query.order_by(Confirmation.id)).all()
        if not found:
            return None
        one = found[n % len(found)]
        return confirmation.undo(one.attendance.shift, one.batch, self._someone(one.by_id), self.clock)

    def credit(self, n: int, m: int) -> object:
        return credit.append_due(self.clock) or None

    def ask_correction(self, n: int, m: int) -> object:
        one = self._one(n, "credited", "left", "no_show")
        return one and corrections.ask(one, self._times(one, m), one.person, self.clock, "wrong")

    def propose_correction(self, n: int, m: int) -> object:
        """Mostly of what counts; at times by the officer himself, whose word it corrects."""
        one = self._one(n, "credited", "left", "no_show", "arrived", "booked")
        if one is None:
            return None
        by = self._of(one, m) if n % 7 == 0 else self._someone(self.coordinator)
        grounds = corrections.Grounds("seen", ("other", "paper", "ticks")[n % 3], "camera")
        return corrections.propose(one, self._times(one, m), grounds, by, self.clock)

    def decide_correction(self, n: int, m: int) -> object:
        """Mostly approved, by the squad leader; at times by whoever proposed it."""
        open_ones = select(Correction).where(Correction.state.in_(["asked", "proposed"]))
        found = db.session.scalars(open_ones.order_by(Correction.id)).all()
        by = self._someone(self.coordinator if m % 5 == 0 else self.leader)
        decide = corrections.approve if m % 3 else corrections.refuse
        one = found[n % len(found)] if found else None
        return one and (decide(one, by, self.clock, "so it is") or one)

    def _times(self, one: Attendance, m: int) -> tuple[datetime, datetime] | None:
        """Within the shift, mostly; at times nothing at all."""
        event = one.shift.event
        return None if m % 6 == 0 else (event.starts_at + m % 20 * MINUTE, event.ends_at - m % 31 * MINUTE)

    def close(self, n: int, m: int) -> object:
        """Mostly one in which something is still out, by whoever is posted."""
        out = self._out()
        shift = out[n % len(out)].shift if out and n % 4 else self._shift(n)
        return credit.close(shift, self._at(shift, m), self.clock) or True if shift.attendances else None

    def close_settled(self, n: int, m: int) -> object:
        return credit.close_settled(self.clock) or None

    def change_shift(self, n: int, m: int) -> object:
        shift = self._ahead(n)
        event = shift.event
        later = timedelta(minutes=(0, 30, -30)[m % 3])
        span = event.starts_at + later, event.ends_at + later
        by = self._someone(self.coordinator)
        return shifts.change_shift(shift, *span, 1 + m % 4, by, self.clock, "road works") or True

    def cancel_shift(self, n: int, m: int) -> object:
        by = self._someone(self.coordinator)
        return None if m % 4 else shifts.cancel_shift(self._ahead(n), by, self.clock, "storm") or True

    def _running(self, n: int) -> Shift:
        """A shift that runs, if there is one; at times another."""
        found = [db.session.get_one(Shift, key) for key in self.shifts]
        running = [one for one in found if one.event.starts_at < self.clock < one.event.ends_at]
        return running[n % len(running)] if running and n % 8 else found[n % len(found)]

    def stop(self, n: int, m: int) -> object:
        shift = self._running(n)
        return steering.stop(shift, self._at(shift, m), self.clock, "storm") or True if shift.attendances else None

    def resume(self, n: int, m: int) -> object:
        every = [db.session.get_one(Shift, key) for key in self.shifts]
        found = [one for one in every if one.stopped_at or m % 8 == 0]
        if not found:
            return None
        return steering.resume(found[n % len(found)], self._officer(m), self.clock) or True

    def prolong(self, n: int, m: int) -> object:
        shift = self._running(n)
        minutes = (10, 20, 30, 60)[m % 4]
        by = self._at(shift, m)
        return steering.prolong(shift, minutes, by, self.clock, "queue") is not None if shift.attendances else None

    def walk_in(self, n: int, m: int) -> object:
        """Somebody of the six, at a shift that runs or begins within the hour; at times with a reason."""
        shift = self._running(n)
        guest = db.session.get_one(Assessment, self.assessments[m % 6])
        return walk_in.admit(shift, guest, self._at(shift, n), self.clock, "needed" if m % 2 else "")

    def note_incident(self, n: int, m: int) -> object:
        """Half of them that it was somebody else."""
        one = self._one(n, "left", "arrived", "confirmed", "credited")
        kind = IncidentKind.IMPOSTOR if m % 2 else IncidentKind.ACCIDENT
        return one and incidents.note(one.shift, one, kind, "", self._of(one, m), self.clock)

    def decide(self, n: int, m: int) -> object:
        """At times anew, and mostly that it was he."""
        found = db.session.scalars(select(Incident).filter_by(kind="impostor").order_by(Incident.id)).all()
        found = [one for one in found if not one.decisions or m % 4 == 0]
        by = self._someone((self.coordinator, self.prosecutor)[m % 2])
        one = found[n % len(found)] if found else None
        return one and (incidents.decide(one, n % 3 > 0, by, self.clock, "looked at") or one)

    def press_again(self, n: int, m: int) -> object:
        one = self._one(n, "arrived", "left", "confirmed")
        kind = TickKind.OUT if one and one.state != "arrived" and m % 2 else TickKind.IN
        device = ticks.Device("phone", self._pressed(m))
        return one and delivery.press_again(one, kind, self._of(one, m), self.clock, device)

    def hand_out(self, n: int, m: int) -> object:
        one = self._one(n, "arrived")
        shift = one.shift if one and n % 8 else self._running(n)
        return equipment.hand_out(shift, None, self._at(shift, m), self.clock)

    def take_back(self, n: int, m: int) -> object:
        out = self._out()
        shift = out[n % len(out)].shift if out and m % 8 else self._running(n)
        return equipment.take_back(shift, None, self._at(shift, m), self.clock)

    def settle_equipment(self, n: int, m: int) -> object:
        """Of a shift that is closed, if there is one; else the office hears of it sooner."""
        found = [one.attendance for one in db.session.scalars(equipment.missing())] or self._out()
        by = self._someone(self.coordinator)
        one = found[n % len(found)] if found else None
        return one and (equipment.settle(one, m % 2 == 0, by, self.clock, "as told") or one)

    def _out(self) -> list[Attendance]:
        """Who has equipment in his hands."""
        back = select(Handing.settles_id).where(Handing.settles_id.is_not(None))
        given = select(Handing).where(Handing.kind == HandingKind.OUT, Handing.id.not_in(back))
        return [one.attendance for one in db.session.scalars(given.order_by(Handing.id))]

    def hand_over(self, n: int, m: int) -> object:
        """To the other officer, who may stand there already."""
        shift = self._running(n)
        to = self._officer(m)
        return steering.hand_over(shift, to, self._at(shift, n), self.clock, "called away", stays=n % 2 == 0)

    def _at(self, shift: Shift, m: int) -> Person:
        return shift.postings[m % len(shift.postings)].person

    def post_officer(self, n: int, m: int) -> object:
        by = self._someone(self.coordinator)
        return postings.post_officer(self._shift(n), self._officer(0), by, self.clock, "help")

    def end_posting(self, n: int, m: int) -> object:
        found = db.session.scalars(select(Posting).filter_by(shift_id=self._shift(n).id, ended_at=None)).all()
        by = self._someone(self.coordinator)
        return postings.end_posting(found[-1], by, self.clock, "elsewhere") or True if len(found) > 1 else None

    def amend(self, n: int, m: int) -> object:
        one = db.session.get_one(Assessment, self.assessments[n % 6])
        by, hours = self._someone(self.prosecutor), 60 + 30 * (m % 8)
        return proposing.amend(one, hours, self.clock.date(), "paper", by, self.clock, "agreed") or True

    def new_scheme(self, n: int, m: int) -> object:
        """A further version: whoever has signed is not touched by it."""
        office, by = self.town.office, self._someone(self.coordinator)
        scheme = schemes.draft(office, "办法", "custom", Terms(max_day_minutes=90 + m % 3 * 60), by, self.clock)
        return schemes.approve(scheme, self.town.chief, self.clock) or scheme

    def transfer(self, n: int, m: int) -> object:
        one = db.session.get_one(Assessment, self.assessments[n % 6])
        by = self._someone(self.prosecutor)
        return None if m % 3 else ending.transfer(one, self.town.other_office, by, self.clock, "moved")

    def withdraw(self, n: int, m: int) -> object:
        one = db.session.get_one(Assessment, self.assessments[n % 6])
        return None if m % 5 else ending.withdraw(one, one.person, self.clock) or True
