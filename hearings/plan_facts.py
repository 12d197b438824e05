"""What a plan of a sitting is judged by: rows become values, rules judge them, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts.models import Department, Membership, Office, Organisation, Person, Role
from accounts.settings import in_force
from cases.limits import limit_of
from cases.models import COUNSEL, PARTIES, Case, Party, PartyRole
from errors import N_
from extensions import db
from hearings.actions.pool import candidate_of
from hearings.models import About, Capacity, Hearing, HearingApproval, HearingState, Mode, Participant, PoolMember
from hearings.rules.lending import judge_lawyer
from hearings.rules.notice import earliest_sitting, notice_doubts
from hearings.rules.officers import Candidate, Involved, judge_candidate, judge_recusal
from hearings.rules.parties import judge_late_party
from hearings.rules.planning import (
    Limits,
    judge_capacities,
    judge_chair,
    judge_hours,
    judge_limit,
    judge_moment,
    judge_panel,
    judge_place,
    judge_venue,
)
from law import Doubt, Rule
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.working_days import Calendar
from scheduler.timeline.models import Resource
from scheduler.timeline.slots import GRID, HORIZON, Hours, Span, next_times

KEYS = (
    "hearing.notice_days",
    "hearing.notice_clear_days",
    "hearing.buffer_before_case_limit",
    "hearing.room_buffer.before",
    "hearing.room_buffer.after",
    "hearing_officer.per_hearing.min",
    "hearing_officer.per_hearing.max",
    "hearing_officer.min_age",
    "hearing_officer.pool.term",
)
OFFERED = 3  # times; twice as many are looked at, for one may begin in the noon break
IN_THE_MORNING = time(8, 30)
PROSECUTORS = (Role.PROSECUTOR, Role.CHIEF, Role.DEPUTY_CHIEF)
_IMPARTIAL = frozenset({Capacity.CHAIR, Capacity.PROSECUTOR, Capacity.HEARING_OFFICER})  # who withdraws (H-26)
PRESENT = (*PARTIES, *COUNSEL, PartyRole.REPRESENTATIVE)  # who of a case is told of its hearing and may come (H-20)
Parts = tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class Plan:
    """What is asked for: a time, a place (a room of the office, or another in words), and who takes part."""

    starts_at: datetime
    minutes: int
    chair: Person
    officers: tuple[Person, ...]
    prosecutors: tuple[Person, ...] = ()
    room: Resource | None = None
    place: str = ""
    officers_why: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def venue(self) -> str:
        return self.room.name if self.room is not None else self.place


class Judging:
    """Everything about a hearing that a plan is judged by, read once."""

    def __init__(self, hearing: Hearing, at: datetime) -> None:
        self.hearing, self.at = hearing, at
        self.office: Office = hearing.office
        self.zone = ZoneInfo(self.office.zone)
        self.today = self.day(at)
        self.calendar: Calendar = calendar_in_force(self.office)
        held = in_force(self.office, self.today, KEYS)
        self.rules: dict[str, Rule] = {key: held[key].rule for key in KEYS}
        self.involved = involved_in(hearing.case)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    @property
    def lax(self) -> Rule:
        return self.rules["hearing.notice_days"]

    @property
    def strict(self) -> Rule:
        return self.rules["hearing.notice_clear_days"]

    @property
    def waived(self) -> bool:
        """Whether recorded consent stands in place of the days of notice (H-41, H-58)."""
        return self.hearing.mode == Mode.SIMPLIFIED and self.hearing.consent != ""

    def limits(self) -> Limits:
        limit = limit_of(self.hearing.case, self.today)
        buffer = self.rules["hearing.buffer_before_case_limit"].amount
        safe = self.calendar.add_working_days(limit.by, -buffer) if limit.by else None
        entered = limit.by if limit.basis == "entered_date" else None
        return Limits(limit.on, limit.bail_on, entered, safe, limit.custody)

    def of_time(self, starts_at: datetime, ends_at: datetime) -> list[Doubt]:
        """What speaks against a time, whoever takes part."""
        sits_on = self.day(starts_at)
        working = self.calendar.is_working_day(sits_on)
        found = judge_moment(starts_at, self.at, working_day=working)
        if not any(doubt.level == "refuse" for doubt in found):
            found += judge_hours(starts_at.astimezone(self.zone), ends_at.astimezone(self.zone), Hours().parts)
            found += notice_doubts(sits_on, self.today, self.lax, self.strict, waived=self.waived)
        return found + judge_limit(sits_on, self.limits())

    def of_venue(self, room: Resource | None, place: str) -> list[Doubt]:
        is_room = room is not None and room.is_hearing_room
        case = self.hearing.case
        telling = [] if room else judge_place(place, (case.number, case.cause, *(p.name for p in case.parties)))
        return telling or judge_venue(is_hearing_room=is_room, approved=venue_approved(self.hearing, place))

    def of_officer(self, person: Person, on: date, pool: dict[int, PoolMember] | None = None) -> list[Doubt]:
        """What speaks against a hearing officer on a day: not of the pool, not eligible, too near to the case."""
        members = pool_of(self.office) if pool is None else pool
        member = members.get(person.id)
        if member is None and not outsider_approved(self.hearing, person):
            return [_OUTSIDER]
        candidate = candidate_of(member) if member else _candidate(person)
        rules = self.rules["hearing_officer.min_age"], self.rules["hearing_officer.pool.term"]
        return judge_candidate(candidate, on, *rules) + judge_recusal(candidate, self.involved)

    def of_staff(self, person: Person) -> list[Doubt]:
        """What speaks against a prosecutor: that he stands too near to the case (H-26)."""
        return judge_recusal(_candidate(person), self.involved)

    def of_chair(self, person: Person, on: date) -> list[Doubt]:
        """What speaks against somebody in the chair on a day (H-27)."""
        case = self.hearing.case
        stands_as = headship_of(case.handler, self.office, on)
        serves = any(has_role(person, self.office, role, on) for role in PROSECUTORS)
        return judge_chair(person.id, case.handler_id, case.lead_id, handler_is=stands_as, is_prosecutor=serves)

    def of_people(self, plan: Plan, on: date) -> list[tuple[str, Doubt]]:
        """What speaks against the people of a plan, each with whom it concerns."""
        pool = pool_of(self.office)
        found = [(p.name, doubt) for p in plan.officers for doubt in self.of_officer(p, on, pool)]
        staff = dict.fromkeys((plan.chair, *plan.prosecutors))
        found += [(p.name, doubt) for p in staff for doubt in self.of_staff(p)]
        found += [(plan.chair.name, doubt) for doubt in self.of_chair(plan.chair, on)]
        twice = judge_capacities((p.id, p.name) for p in (plan.chair, *plan.prosecutors, *plan.officers))
        return found + [("", doubt) for doubt in twice]

    def of_party(self, party: Party, starts_at: datetime) -> list[tuple[str, Doubt]]:
        """What speaks against taking in somebody of the case after the plan: that one who sits stands too near to him,
        that he takes part already as something else, and, once notice is given, that he hears of it too late."""
        hearing, one = self.hearing, [_involved(party)]
        here = [(p.person, p.capacity) for p in hearing.taking_part() if p.person is not None]
        pool = pool_of(self.office)
        sitting = [person for person, as_what in here if as_what in _IMPARTIAL and person.id != party.person_id]
        known = [candidate_of(pool[p.id]) if p.id in pool else _candidate(p) for p in sitting]
        found = [(c.name, doubt) for c in known for doubt in judge_recusal(c, one)]
        lent = [person for person, as_what in here if as_what == Capacity.DUTY_LAWYER and person.id != party.person_id]
        lawyers = lawyers_as_of(lent, self.office.id, self.day(starts_at))
        found += [(c.name, doubt) for c in lawyers for doubt in judge_lawyer(c, one, ())]
        if party.person_id is not None:
            people = [*((person.id, person.name) for person, _ in here), (party.person_id, party.name)]
            found += [("", doubt) for doubt in judge_capacities(people)]
        if hearing.state == HearingState.NOTICED:
            days = self.day(starts_at), self.today
            late = judge_late_party(*days, self.lax, self.strict, consented=self.waived)
            found += [(party.name, doubt) for doubt in late]
        return found

    def of_panel(self, number: int, why: str) -> list[Doubt]:
        keys = "hearing_officer.per_hearing.min", "hearing_officer.per_hearing.max"
        return judge_panel(number, self.rules[keys[0]], self.rules[keys[1]], why)

    def whole(self, plan: Plan) -> list[tuple[str, Doubt]]:
        """All that speaks against a plan but what the timeline knows: (whom or what it concerns, doubt)."""
        found = [("", doubt) for doubt in self.of_time(plan.starts_at, plan.ends_at)]
        found += [(plan.venue, doubt) for doubt in self.of_venue(plan.room, plan.venue)]
        found += [("", doubt) for doubt in self.of_panel(len(plan.officers), plan.officers_why)]
        return found + self.of_people(plan, self.day(plan.starts_at))

    def next_times(self, resources: Iterable[int], minutes: int, wanted: datetime, *, buffered: bool) -> list[Span]:
        """The next three times that suit everybody, in office hours, and that no rule about time refuses."""
        before, after = self._buffers(buffered)
        outer = timedelta(minutes=minutes) + before + after
        parts = _parts_for(outer, outer - after)
        start = self._search_from(max(wanted - before, self._earliest()), outer, parts)
        days = [self.day(start) + timedelta(days=n) for n in range(HORIZON.days + 1)]
        is_open = {day: self.calendar.is_working_day(day) for day in days}
        found = next_times(resources, outer, start, count=2 * OFFERED, hours=Hours(self.zone, parts), is_open=is_open)
        suited = [(a + before, b - after) for a, b in found if not self._unsuited(a + before, b - after)]
        return suited[:OFFERED]

    def _buffers(self, buffered: bool) -> tuple[timedelta, timedelta]:
        keys = "hearing.room_buffer.before", "hearing.room_buffer.after"
        minutes = [self.rules[key].amount if buffered else 0 for key in keys]
        return timedelta(minutes=minutes[0]), timedelta(minutes=minutes[1])

    def earliest_day(self) -> date:
        """The first day of which people can still be told today with all the clear days."""
        if self.waived:
            return self.today
        safe = self.today + timedelta(days=self.strict.amount + 1)
        return max(safe, earliest_sitting(self.today, self.lax))

    def _earliest(self) -> datetime:
        """The morning of that day, or now."""
        return max(self.at, datetime.combine(self.earliest_day(), IN_THE_MORNING, self.zone))

    def _search_from(self, wanted: datetime, outer: timedelta, parts: Parts) -> datetime:
        """Where to look for free times from: never outside office hours, whatever was wanted."""
        first = wanted.astimezone(self.zone)
        for day in (first.date(), first.date() + timedelta(days=1)):
            for opens, closes in parts:
                start = max(first, datetime.combine(day, opens, self.zone))
                if start + outer <= datetime.combine(day, closes, self.zone):
                    return start
        return first

    def _unsuited(self, starts_at: datetime, ends_at: datetime) -> bool:
        doubts = self.of_time(starts_at, ends_at)
        return any(doubt.level == "refuse" or doubt.code == "outside_hours" for doubt in doubts)


def _parts_for(outer: timedelta, to_end: timedelta) -> Parts:
    """The parts of a day that may hold a sitting, the room's time around it included: its halves; what is longer than
    a half goes over noon, and begins late enough not to end in the break. `to_end`: from the first of it to its end."""
    halves = Hours().parts
    if any(outer <= _since_midnight(b) - _since_midnight(a) for a, b in halves):
        return halves
    (opens, noon), (again, closes) = halves[0], halves[-1]
    end = _since_midnight(opens) + to_end
    if _since_midnight(noon) < end <= _since_midnight(again):
        late = datetime.combine(date.max, again) - to_end + GRID
        return ((max(opens, late.time()), closes),)
    return ((opens, closes),)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)


_OUTSIDER = Doubt(
    "refuse",
    "not_of_the_pool",
    N_("Not of the pool: inviting somebody else needs the chief prosecutor's approval"),
    "DOMAIN H-35",
)


def _candidate(person: Person) -> Candidate:
    return Candidate(name=person.name, born_on=person.birth_on, person=person.id)


def lawyers_as_of(people: Sequence[Person], office_id: int, on: date) -> list[Candidate]:
    """Duty lawyers as the rules see them, each with the firm he is of on a day."""
    if not people:
        return []
    held = select(Membership.person_id, Organisation.name).join(Organisation)
    held = held.where(
        Membership.person_id.in_([person.id for person in people]),
        Membership.office_id == office_id,
        Membership.role == Role.LAWYER,
        Membership.starts_on <= on,
        Membership.ends_on.is_(None) | (Membership.ends_on >= on),
    )
    firms = {row.person_id: row.name for row in db.session.execute(held.order_by(Membership.id))}
    return [replace(_candidate(person), employer=firms.get(person.id, "")) for person in people]


def pool_of(office: Office) -> dict[int, PoolMember]:
    """Who is in the office's pool now, by person."""
    rows = select(PoolMember).where(PoolMember.office_id == office.id, PoolMember.left_on.is_(None))
    return {member.person_id: member for member in db.session.scalars(rows.order_by(PoolMember.id))}


def involved_in(case: Case) -> list[Involved]:
    """The people of a case as the rules of recusal see them, those too who were in it and left."""
    return [_involved(party) for party in case.parties]


def left_out(hearing: Hearing) -> list[Party]:
    """People of the case who do not take part in its planned hearing: they were entered after the plan."""
    if hearing.event is None:
        return []
    here = hearing.taking_part(Capacity.PARTY)
    parties, people = {p.party_id for p in here}, {p.person_id for p in here}
    late = [p for p in hearing.case.present_parties if p.role in PRESENT and p.id not in parties]
    return [p for p in late if p.person_id is None or p.person_id not in people]


def left_behind(hearing: Hearing) -> list[Participant]:
    """Who takes part as somebody of the case, and is no longer in it, or no longer in a role that takes part."""
    here = hearing.taking_part(Capacity.PARTY)
    return [p for p in here if p.party is not None and (p.party.left_on is not None or p.party.role not in PRESENT)]


_SIDES = dict.fromkeys((*COUNSEL, PartyRole.REPRESENTATIVE), "counsel") | dict.fromkeys(PARTIES, "party")


def _involved(party: Party) -> Involved:
    return Involved(party.name, _SIDES.get(PartyRole(party.role), "witness"), party.employer, party.person_id)


def headship_of(person: Person, office: Office, on: date) -> str:
    """Whether somebody is the office's chief, or the head of a department in use; "" where neither (H-27)."""
    if has_role(person, office, Role.CHIEF, on):
        return "chief"
    mine = select(Department.id).filter_by(office_id=office.id, head_id=person.id, active=True)
    return "head" if db.session.scalar(mine.limit(1)) is not None else ""


def has_role(person: Person, office: Office, role: str, on: date) -> bool:
    held = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.office_id == office.id,
        Membership.role == role,
        Membership.starts_on <= on,
        Membership.ends_on.is_(None) | (Membership.ends_on >= on),
    )
    return db.session.scalar(held.limit(1)) is not None


def venue_approved(hearing: Hearing, place: str) -> bool:
    return any(a.granted and a.about == About.VENUE and a.detail == place for a in hearing.approvals)


def outsider_approved(hearing: Hearing, person: Person) -> bool:
    return any(a.granted and a.about == About.OUTSIDER and a.person_id == person.id for a in hearing.approvals)


def outsiders_of(hearing: Hearing) -> list[Person]:
    """People not of the pool whom the chief has approved for this hearing."""
    granted: Sequence[HearingApproval] = [a for a in hearing.approvals if a.granted and a.about == About.OUTSIDER]
    return [a.person for a in granted if a.person is not None]
