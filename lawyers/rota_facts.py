"""What a rota of a station must know: opening days, who can come when and why not, what each owes from before.

Rows become the values of `scheduler.fairness`; drafts, hand edits and pages ask the same facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from accounts.models import Membership, Person
from accounts.settings import in_force
from extensions import db
from law import Rule
from lawyers.models import Duty, DutyState, LawyerEntry, Preset, Rota, RotaState, Station, key_of
from lawyers.rules.opening import Opening, labels, opening_days
from lawyers.rules.pattern import blocked_sessions
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.deadlines.working_days import Calendar
from scheduler.fairness.rota_due import carry_over
from scheduler.fairness.rota_values import Day, Key, Lawyer, Problem
from scheduler.timeline.models import Booking, BookingRole, Event, Resource

FAR = timedelta(days=62)  # duties so far outside a span still bind its distances and caps
BINDING = (DutyState.PUBLISHED,)
Cells = dict[date, tuple[Key, ...]]


@dataclass(frozen=True)
class Reason:
    """Why a lawyer cannot come on a day: leave, pattern, booked, elsewhere (another office's), not_yet, practice.

    `what` is the title of what holds him, or the half-days ("am", "pm") of his pattern.
    """

    code: str
    what: str = ""


Reasons = Mapping[tuple[Key, date], Reason]


@dataclass(frozen=True)
class Facts:
    """Everything about one station and one span. `problem` covers the whole span, with nothing locked."""

    station: Station
    openings: list[Opening]
    calendar: Calendar
    register: list[LawyerEntry]
    reasons: Reasons
    problem: Problem
    unofficial_years: tuple[int, ...]

    def entry(self, key: Key) -> LawyerEntry | None:
        return next((entry for entry in self.register if key_of(entry) == key), None)

    def name(self, key: Key) -> str:
        entry = self.entry(key)
        return entry.name if entry else ""

    def rest(self, today: date, duties: Iterable[Duty]) -> Problem:
        """The problem of the days from `today` on; what was served before binds distances and becomes carry-over."""
        past = tuple(day for day in self.problem.days if day.on < today)
        if not past:
            return self.problem
        served = {on: keys for on, keys in cells_of(duties).items() if on < today}
        owed = carry_over(replace(self.problem, days=past), served)
        lawyers = tuple(
            replace(
                lawyer,
                carried_over=owed[lawyer.key],
                served_before=(*lawyer.served_before, *(on for on, keys in served.items() if lawyer.key in keys)),
            )
            for lawyer in self.problem.lawyers
        )
        days = tuple(day for day in self.problem.days if day.on >= today)
        return replace(self.problem, days=days, lawyers=lawyers)


def cells_of(duties: Iterable[Duty], *, locked: bool = False) -> Cells:
    """Who is on which day, as the solver writes it; with `locked` only the cells that stay."""
    cells: defaultdict[date, list[Key]] = defaultdict(list)
    for duty in duties:
        if duty.lawyer is not None and duty.state != DutyState.CANCELLED and (duty.locked or not locked):
            cells[duty.serves_on].append(key_of(duty.lawyer))
    return {on: tuple(keys) for on, keys in sorted(cells.items())}


def gather(station: Station, first: date, last: date, rota: Rota | None = None) -> Facts:
    """The facts of a span. With a `rota` its own demands hold, and an opening day is a day on which it has a duty.

    About ten queries, however many days and lawyers.
    """
    calendar = calendar_in_force(station.office)
    closed = {closure.closed_on for closure in station.closures}
    openings = opening_days(station.preset, station.weekday, (first, last), calendar, closed)
    register = serving(station, first, last)
    settings = rules_of(station, first)
    days = _days(station, openings, calendar, rota)
    reasons = _reasons(station, register, [day.on for day in days], settings["lawyer.min_practice_years"])
    problem = Problem(
        days=days,
        lawyers=_lawyers(station, register, days, reasons, (first, last)),
        min_distance=rota.min_distance if rota else settings["rota.min_distance"].amount,
        max_per_week=None if station.preset == Preset.EVERY_WORKING_DAY else settings["rota.max_per_week"].amount,
        within=rota.within if rota else 1,
        may_stay_uncovered=frozenset(date.fromisoformat(on) for on in rota.may_stay_uncovered) if rota else frozenset(),
    )
    return Facts(station, openings, calendar, register, reasons, problem, calendar.unofficial_years(first, last))


def rules_of(station: Station, on: date) -> dict[str, Rule]:
    """The office's numbers that a rota asks, in force on a day. One query."""
    keys = ["rota.min_distance", "rota.max_per_week", "lawyer.min_practice_years", "rota.publisher"]
    return {key: held.rule for key, held in in_force(station.office, on, keys).items()}


def registered(office_id: int) -> Select[Any]:
    """The register of an office with people and firms, in the order of the alphabet."""
    return (
        select(LawyerEntry)
        .join(Membership, LawyerEntry.membership_id == Membership.id)
        .join(Person, Membership.person_id == Person.id)
        .options(
            contains_eager(LawyerEntry.membership).contains_eager(Membership.person),
            contains_eager(LawyerEntry.membership).joinedload(Membership.organisation),
        )
        .where(LawyerEntry.office_id == office_id)
        .order_by(Person.pinyin, Person.name, LawyerEntry.id)
    )


def serving(station: Station, first: date, last: date) -> list[LawyerEntry]:
    """Who takes turns within a span: with a share, and on the register for a part of it at least."""
    there = or_(Membership.ends_on.is_(None), Membership.ends_on >= first)
    query = registered(station.office_id).where(LawyerEntry.share_percent > 0, there, Membership.starts_on <= last)
    return list(db.session.scalars(query))


def _days(station: Station, openings: list[Opening], calendar: Calendar, rota: Rota | None) -> tuple[Day, ...]:
    if rota is None:
        needed = {opening.on: station.lawyers_a_session for opening in openings}
    else:
        needed = defaultdict(int)
        for duty in rota.duties:
            needed[duty.serves_on] += duty.state != DutyState.CANCELLED
    return tuple(Day(on, labels(on, calendar), places) for on, places in sorted(needed.items()) if places)


def session_spans(station: Station, on: date) -> dict[str, tuple[datetime, datetime]]:
    """The sessions of a day as instants, by name."""
    zone = ZoneInfo(station.office.zone)
    hours = station.sessions.items()
    return {name: (datetime.combine(on, a, zone), datetime.combine(on, b, zone)) for name, (a, b) in hours}


def _reasons(station: Station, register: list[LawyerEntry], dates: list[date], practice: Rule) -> Reasons:
    """Why who cannot come when; the first that holds is enough: leave, other bookings, pattern, register."""
    found: dict[tuple[Key, date], Reason] = {}
    if not dates or not register:
        return found
    spans = {on: list(session_spans(station, on).values()) for on in dates}
    taken = _taken(station, register, dates)
    for entry in register:
        key = key_of(entry)
        for on in dates:
            held = _held_by(taken.get(entry.membership.person_id, []), spans[on])
            reason = held or _never(entry, on, practice) or _pattern(entry, on, station)
            if reason is not None:
                found[key, on] = reason
    return found


def _held_by(taken: list[tuple[datetime, datetime, Reason]], spans: list[tuple[datetime, datetime]]) -> Reason | None:
    return next((why for a, b, why in taken for c, d in spans if a < d and c < b), None)


def _pattern(entry: LawyerEntry, on: date, station: Station) -> Reason | None:
    blocked = blocked_sessions(entry.weekly_blocks, on, station.sessions)
    return Reason("pattern", "+".join(blocked)) if blocked else None


def _never(entry: LawyerEntry, on: date, practice: Rule) -> Reason | None:
    """On the register that day, and long enough in practice (L-08)?"""
    member = entry.membership
    if on < member.starts_on or (member.ends_on is not None and on > member.ends_on):
        return Reason("not_yet")
    if practice.amount and entry.practice_since is not None and on.year - entry.practice_since < practice.amount:
        return Reason("practice", str(practice.amount))
    return None


def _taken(
    station: Station, register: list[LawyerEntry], dates: list[date]
) -> dict[int, list[tuple[datetime, datetime, Reason]]]:
    """What binds the lawyers in these days, by person; leave first. This station's own rota of the span does not count:
    a new version replaces it. Nor do hours lent from a duty."""
    zone = ZoneInfo(station.office.zone)
    since = datetime.combine(dates[0], time.min, zone)
    until = datetime.combine(dates[-1] + timedelta(days=1), time.min, zone)
    own = (
        select(Duty.event_id)
        .join(Rota)
        .where(Rota.station_id == station.id, Duty.serves_on.in_(dates), Duty.event_id.is_not(None))
    )
    query = (
        select(Booking, Resource.person_id)
        .join(Resource, Booking.resource_id == Resource.id)
        .join(Event, Booking.event_id == Event.id)
        .options(contains_eager(Booking.event))
        .where(
            Booking.binds,
            Resource.person_id.in_([entry.membership.person_id for entry in register]),
            Booking.starts_at < until,
            Booking.ends_at > since,
            Booking.lent_from_id.is_(None),
            Booking.event_id.not_in(own),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    found: defaultdict[int, list[tuple[datetime, datetime, Reason]]] = defaultdict(list)
    for booking, person_id in db.session.execute(query):
        found[person_id or 0].append((booking.starts_at, booking.ends_at, _why(booking, station)))
    return {who: sorted(held, key=lambda one: one[2].code != "leave") for who, held in found.items()}


def _why(booking: Booking, station: Station) -> Reason:
    if booking.role == BookingRole.ABSENCE:
        return Reason("leave")
    return Reason("booked", booking.event.title) if booking.office_id == station.office_id else Reason("elsewhere")


def _lawyers(
    station: Station, register: list[LawyerEntry], days: tuple[Day, ...], reasons: Reasons, span: tuple[date, date]
) -> tuple[Lawyer, ...]:
    owed, elsewhere = carried_into(station, span[0]), _elsewhere(station, register, span)
    return tuple(
        Lawyer(
            key=key_of(entry),
            share=Fraction(entry.share_percent, 100),
            unavailable=frozenset(day.on for day in days if (key_of(entry), day.on) in reasons),
            firm=entry.firm or None,
            carried_over=owed.get(key_of(entry), {}),
            served_before=tuple(on for on in elsewhere[entry.id] if on <= span[1]),
            booked_after=tuple(on for on in elsewhere[entry.id] if on > span[1]),
            cap_per_month=entry.cap_per_month,
        )
        for entry in register
    )


def _elsewhere(station: Station, register: list[LawyerEntry], span: tuple[date, date]) -> dict[int, list[date]]:
    """The published duties of the lawyers outside this rota, at whatever station of the office, by entry."""
    outside = or_(Rota.station_id != station.id, Duty.serves_on < span[0], Duty.serves_on > span[1])
    query = (
        select(Duty.lawyer_id, Duty.serves_on)
        .join(Rota)
        .where(
            Rota.state == RotaState.PUBLISHED,
            Duty.state.in_(BINDING),
            Duty.lawyer_id.in_([entry.id for entry in register]),
            Duty.serves_on.between(span[0] - FAR, span[1] + FAR),
            outside,
        )
        .order_by(Duty.serves_on)
    )
    found: defaultdict[int, list[date]] = defaultdict(list)
    for lawyer_id, on in db.session.execute(query):
        found[lawyer_id or 0].append(on)
    return found


def carried_into(station: Station, first: date) -> dict[Key, dict[str, Fraction]]:
    """What each lawyer still owes (negative: served too much) when a span begins, per measure (L-28).

    From the last rota published before: what it knew then, and what was really served since.
    """
    before = select(Rota).where(Rota.station_id == station.id, Rota.state == RotaState.PUBLISHED, Rota.last_on < first)
    last = db.session.scalar(before.order_by(Rota.last_on.desc()).limit(1))
    if last is None or not last.basis:
        return {}
    duties = select(Duty).where(Duty.rota_id == last.id, Duty.state.in_(BINDING)).options(joinedload(Duty.lawyer))
    problem = problem_of(last.basis)
    keys = {lawyer.key for lawyer in problem.lawyers}
    served = {
        on: tuple(key for key in cell if key in keys) for on, cell in cells_of(db.session.scalars(duties)).items()
    }
    return carry_over(problem, served)


def basis_of(problem: Problem) -> dict[str, Any]:
    """What the next carry-over must know of a problem, as JSON."""
    return {
        "days": [[day.on.isoformat(), sorted(day.label), day.needed] for day in problem.days],
        "lawyers": [
            [
                lawyer.key,
                str(lawyer.share),
                sorted(on.isoformat() for on in lawyer.unavailable),
                {measure: str(owed) for measure, owed in lawyer.carried_over.items()},
            ]
            for lawyer in problem.lawyers
        ],
    }


def problem_of(basis: Mapping[str, Any]) -> Problem:
    """The problem a basis was made of, as far as the carry-over asks it."""
    return Problem(
        days=tuple(Day(date.fromisoformat(on), frozenset(label), needed) for on, label, needed in basis["days"]),
        lawyers=tuple(
            Lawyer(
                key,
                Fraction(share),
                frozenset(map(date.fromisoformat, unavailable)),
                carried_over={measure: Fraction(owed) for measure, owed in carried.items()},
            )
            for key, share, unavailable, carried in basis["lawyers"]
        ),
    )
