"""Publishing a rota: all its cells bind together, or those that fail are named; what it replaces steps back (8.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.models import Person, Role
from accounts.rights import members
from errors import Refusal
from extensions import db
from lawyers.actions.duty import KIND, takes
from lawyers.actions.rota import check_draft, in_force, local_day
from lawyers.models import DUTY, ROTA, Duty, DutyState, Rota, RotaState
from lawyers.rota_facts import Facts, basis_of, cells_of, gather, rules_of, session_spans
from record.act import act
from scheduler.deadlines.calendar import hold_calendar
from scheduler.fairness.rota_check import Broken, judge_rota
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole, BookingStatus, Event, Visibility
from scheduler.timeline.timeline import Cancel, Change


class EmptyDays(Refusal):
    """`days` are the days on which a place is empty."""

    code = "empty_days"
    message = "On %(count)s days nobody is on duty, or fewer than needed."
    help = "Fill them, or publish them as empty: then everybody sees that nobody is on duty."

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(count=len(days))
        self.days = list(days)


class DemandsBroken(Refusal):
    """`broken` lists every demand that the rota breaks; it may be published all the same, for a reason."""

    code = "demands_broken"
    message = "This rota breaks %(count)s of its own demands."
    help = "Mend them, or publish it all the same and say why."
    source = "DOMAIN L-27, L-28"

    def __init__(self, facts: Facts, broken: Sequence[Broken]) -> None:
        super().__init__(count=len(broken))
        self.broken, self.known = list(broken), facts


class ClosedDays(Refusal):
    """`days` are days on which the station is closed by now."""

    code = "closed_days"
    message = "The station is closed on %(count)s of these days: its days or the calendar have changed."
    help = "Discard this draft and begin a new one; it keeps what is published."
    source = "TRUST I39"

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(count=len(days))
        self.days = list(days)


class NotThePublisher(Refusal):
    code = "not_the_publisher"
    status = 403
    message = "The rota of this office is published by somebody else."
    help = "The setting “who publishes the rota” says who: the office or the legal-aid body."
    source = "DOMAIN L-07"


def publish_rota(rota: Rota, by: Person, at: datetime, *, accept_empty: bool = False, despite: str = "") -> None:
    """Publish a draft. `accept_empty`: empty places are published as such; `despite`: why broken demands are borne.

    Raises: NotADraft, NotThePublisher, ClosedDays, EmptyDays, DemandsBroken; Collision naming every cell that fails.
    """
    check_draft(rota)
    hold_calendar(change=False)
    today = local_day(rota.station, at)
    check_publisher(rota, by, today)
    facts = gather(rota.station, rota.first_on, rota.last_on, rota)
    check_demands(rota, facts, today, accept_empty, despite)
    standing = in_force(rota.station, rota.first_on, RotaState.PUBLISHED)
    with act("rota.publish", rota, by=by, at=at, reason=despite) as current:
        change = _Publishing(rota, at, today)
        if standing is not None:
            change.replace(standing)
            with act("rota.supersede", standing, by=by, at=at):
                ROTA.step("supersede", standing)
        provisional = bool(facts.unofficial_years)
        ROTA.step("publish", rota, published_at=at, provisional=provisional, basis=basis_of(facts.problem), edits=[])
        change.carry_out()
        current.facts["changes"] = change.told()


def check_publisher(rota: Rota, by: Person, on: date) -> None:
    """Raises: NotThePublisher where `by` is not, on the day, coordinator of the office or, as the office has settled
    it, contact of the legal-aid body that keeps the station (L-07)."""
    station = rota.station
    if rules_of(station, rota.first_on)["rota.publisher"].amount == "office":
        publishers = members(rota.office_id, Role.COORDINATOR, on)
    elif station.organisation_id is not None:
        publishers = members(rota.office_id, Role.LEGAL_AID_CONTACT, on, station.organisation_id)
    else:
        publishers = []
    if by.id not in publishers:
        raise NotThePublisher()


def check_demands(rota: Rota, facts: Facts, today: date, accept_empty: bool, despite: str) -> None:
    """Raises: ClosedDays, EmptyDays, DemandsBroken."""
    coming = [duty for duty in rota.duties if duty.serves_on >= today]
    open_on = {opening.on for opening in facts.openings}
    closed = sorted({duty.serves_on for duty in coming} - open_on)
    if closed:
        raise ClosedDays(closed)
    empty = sorted({duty.serves_on for duty in coming if duty.lawyer is None})
    accepted = facts.problem.may_stay_uncovered
    if not accept_empty and (unexpected := [on for on in empty if on not in accepted]):
        raise EmptyDays(unexpected)
    broken = broken_demands(rota, facts, today)
    if broken and not despite:
        raise DemandsBroken(facts, broken)


def broken_demands(rota: Rota, facts: Facts, today: date) -> list[Broken]:
    """What the coming part of a rota breaks, but for empty places."""
    cells = {on: cell for on, cell in cells_of(rota.duties).items() if on >= today}
    return [one for one in judge_rota(facts.rest(today, rota.duties), cells) if one.code != "too_few"]


@dataclass
class _Publishing:
    """The changes of one publishing, carried out in one rebooking."""

    rota: Rota
    at: datetime
    today: date
    standing: dict[tuple[date, int], list[Duty]] = field(default_factory=lambda: defaultdict(list))
    changes: list[Change] = field(default_factory=list)
    added: list[Duty] = field(default_factory=list)
    removed: list[tuple[int, date]] = field(default_factory=list)

    def replace(self, standing: Rota) -> None:
        """Note the duties in force, which this version keeps or ends."""
        for duty in standing.duties:
            if duty.state == DutyState.PUBLISHED and duty.lawyer_id is not None:
                self.standing[duty.serves_on, duty.lawyer_id].append(duty)
            elif duty.state == DutyState.UNCOVERED:
                self._end(duty)

    def carry_out(self) -> None:
        """Keep, make and end; raises Collision with every clash."""
        for duty in self.rota.duties:
            kept = self.standing.get((duty.serves_on, duty.lawyer_id or 0))
            if kept and (duty.serves_on < self.today or self._same_hours(kept[0])):
                self._keep(kept.pop(), duty)
            else:
                self._make(duty)
        for ended in self.standing.values():
            for duty in ended:
                assert duty.lawyer is not None  # only such are noted
                self.removed.append((duty.lawyer.membership.person_id, duty.serves_on))
                self._end(duty)
        timeline.rebook(*self.changes)

    def _same_hours(self, old: Duty) -> bool:
        """Whether a duty in force has the hours that the station has now; lent hours count as the duty's own."""
        assert old.event is not None  # every duty in force has its event
        whole = [
            booking
            for booking in old.event.bookings
            if booking.role == BookingRole.DUTY_LAWYER
            and booking.piece_of_id is None
            and (booking.status == BookingStatus.ACCEPTED or booking.whole_starts_at is not None)
        ]
        booked = {(b.whole_starts_at or b.starts_at, b.whole_ends_at or b.ends_at) for b in whole}
        return booked == set(session_spans(self.rota.station, old.serves_on).values())

    def _keep(self, old: Duty, new: Duty) -> None:
        """The same lawyer on the same day: his event goes over, nothing changes for him."""
        event_id = old.event_id
        sessions = old.sessions
        DUTY.step("cancel", old, event_id=None)
        DUTY.step("publish", new, event_id=event_id, sessions=sessions, on_day_off=old.on_day_off)

    def _make(self, duty: Duty) -> None:
        station = self.rota.station
        spans = [span for name, span in session_spans(station, duty.serves_on).items() if name in duty.sessions]
        event = Event(
            office_id=self.rota.office_id,
            kind=KIND,
            title=station.name,
            starts_at=spans[0][0],
            ends_at=spans[-1][1],
            place=station.address or station.name,
            visibility=Visibility.OFFICE,
            changed_at=self.at,
        )
        db.session.add(event)
        db.session.flush()
        DUTY.step("publish" if duty.lawyer_id else "leave_open", duty, event_id=event.id)
        if duty.lawyer is not None:
            self.changes += takes(duty, duty.lawyer)
            self.added.append(duty)

    def _end(self, duty: Duty) -> None:
        assert duty.event is not None  # every duty in force has its event
        self.changes.append(Cancel(duty.event))
        DUTY.step("cancel", duty)

    def told(self) -> dict[str, Any]:
        """What changes for whom, by person: days that come, that go, and that have other hours, from today on."""
        come, gone = defaultdict(set), defaultdict(set)
        for duty in self.added:
            assert duty.lawyer is not None  # only such are noted
            come[str(duty.lawyer.membership.person_id)].add(duty.serves_on)
        for person_id, on in self.removed:
            gone[str(person_id)].add(on)
        found = {}
        for who in sorted(come.keys() | gone.keys()):
            both = come[who] & gone[who]
            kinds = {"added": come[who] - both, "removed": gone[who] - both, "changed": both}
            days = {kind: sorted(on.isoformat() for on in on_ if on >= self.today) for kind, on_ in kinds.items()}
            if any(days.values()):
                found[who] = days
        return found
