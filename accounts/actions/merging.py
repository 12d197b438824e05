"""Merging: two rows of one person become one (SETTLED 16).

Everything that may change moves to the row that stays; append-only rows keep their id and are read through the other
row, which is marked `merged_into` and can never be booked nor signed in again. What collides is listed, and refused.
What moves is read from the tables' foreign keys, so that no package can be forgotten; a package with rules of its own
for its rows says what collides by `foresees` and moves them by `moves_with_person`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.access import Viewer
from accounts.actions.devices import cancel_enrolment, open_links
from accounts.actions.following import (
    MergeRefused,
    Obstacle,
    count_moving,
    end_doubles,
    flush,
    move,
    obstacles,
)
from accounts.actions.memberships import local_day
from accounts.actions.people import GUARDED, known_facts, memberships_from
from accounts.actions.revocation import end_further_ways
from accounts.actions.sessions import live_sessions, revoke_sessions
from accounts.models import Office, Person
from accounts.rights import keeps
from errors import N_, Refusal
from extensions import db
from record import guards
from record.act import act
from record.guards import Guard, refuse_pg


class SamePerson(Refusal):
    code = "same_person"
    status = 422
    message = "A row cannot be merged with itself, nor with one that is merged already."
    help = "Choose the other row of the same person."


class NotKeptHere(Refusal):
    """Merging hands on what somebody may do: only what the merging person could give himself (T1, T35)."""

    code = "not_kept_here"
    status = 403
    message = "The row that goes holds roles that are not yours to give."
    help = "Keep that row and merge the other one into it, or have those roles ended first."


@dataclass
class Plan:
    """What a merge would do: how many rows of what move, and what stands in the way."""

    moves: list[tuple[str, int]] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)


Planner = Callable[[Person, Person, set[int]], Plan]
Mover = Callable[[Person, Person, datetime], None]

_planners: list[Planner] = []
_movers: list[Mover] = []


def foresees(planner: Planner) -> Planner:
    """Register what else would move and what else collides, said without writing: `planner(kept, other, office_ids)`.

    What belongs to an office not among the ids is told without its name.
    """
    if planner not in _planners:
        _planners.append(planner)
    return planner


def moves_with_person(mover: Mover) -> Mover:
    """Register how a package's rows move besides those with a foreign key to the person: `mover(kept, other, at)`.

    It moves them inside the act, after `other` is marked; it may raise a Refusal.
    """
    if mover not in _movers:
        _movers.append(mover)
    return mover


def plan_merge(kept: Person, other: Person, viewer: Viewer) -> Plan:
    """What merging would do, without doing it. Counts name only what is of offices the viewer keeps people for."""
    offices = {m.office_id for m in viewer.memberships}
    plan = Plan(obstacles=_facts_that_differ(kept, other) + obstacles(Person, kept.id, other.id, offices))
    plan.moves = count_moving(Person, other.id, offices)
    for planner in _planners:
        more = planner(kept, other, offices)
        plan.moves += more.moves
        plan.obstacles += more.obstacles
    return plan


def check_may_merge(kept: Person, other: Person, viewer: Viewer) -> None:
    """Raises: SamePerson, NotKeptHere."""
    if kept.id == other.id or kept.merged_into_id or other.merged_into_id:
        raise SamePerson()
    if not keeps_all(other, viewer):
        raise NotKeptHere()


def keeps_all(person: Person, viewer: Viewer) -> bool:
    """Whether every membership in force of a person is one the viewer may give and end himself."""
    return all(keeps(viewer, m.role, m.office_id, m.organisation_id) for m in memberships_from(person, viewer.on))


def merge_people(kept: Person, other: Person, office: Office, *, by: Person, at: datetime, reason: str) -> None:
    """Make two rows of one person one; `kept` stays. All or nothing.

    Raises: SamePerson, NotKeptHere, MergeRefused; Collision where bookings overlap.
    """
    both = select(Person).where(Person.id.in_([kept.id, other.id])).order_by(Person.id).with_for_update()
    db.session.scalars(both.execution_options(populate_existing=True)).all()
    viewer = Viewer(by, local_day(office, at))
    check_may_merge(kept, other, viewer)
    plan = plan_merge(kept, other, viewer)
    if plan.obstacles:
        raise MergeRefused(n=len(plan.obstacles), obstacles=plan.obstacles)
    filled = _blanks(kept, other) if keeps_all(kept, viewer) else {}
    typed = sorted(known_facts([other.id], office.id).get(other.id, set()) & set(filled))
    merged = str(other.public_id)
    with act("person.merge", kept, by=by, at=at, reason=reason, at_office=office.id, merged=merged, typed=typed):
        _close(other, kept, office, by=by, at=at, reason=reason)
        _fill(kept, other, filled)
        double = end_double_memberships(kept, other, viewer.on)
        move(Person, kept.id, other.id, but={"membership": double, **end_doubles(kept.id, other.id, at)})
        for mover in _movers:
            mover(kept, other, at)
        flush()
        db.session.expire_all()


def _close(other: Person, kept: Person, office: Office, *, by: Person, at: datetime, reason: str) -> None:
    """Mark the row that goes, and shut every way in by it."""
    with act("person.yield", other, by=by, at=at, reason=reason, at_office=office.id, into=str(kept.public_id)):
        for link in open_links(other, at):
            cancel_enrolment(link, by, at)
        if live_sessions(other, at):
            revoke_sessions(other, by, at, reason)
        end_further_ways(other, by, at, reason)
        if other.account is not None:
            other.account.active = False
        other.merged_into_id = kept.id


def _facts_that_differ(kept: Person, other: Person) -> list[Obstacle]:
    """Two ID numbers are two people."""
    if kept.id_number and other.id_number and kept.id_number != other.id_number:
        return [Obstacle(N_("The two rows have different ID numbers: they are two people, or one number is wrong."))]
    return []


def _blanks(kept: Person, other: Person) -> dict[str, Any]:
    """What the row that stays lacks and the other one has."""
    return {name: getattr(other, name) for name in GUARDED if not getattr(kept, name) and getattr(other, name)}


HASHES = {"phone": ("phone_hash", "phone_tail_hash"), "id_number": ("id_hash",)}


def _fill(kept: Person, other: Person, filled: dict[str, Any]) -> None:
    if "id_number" in filled:
        id_hash, other.id_hash, other.id_number = other.id_hash, None, None
        db.session.flush()  # the hash is unique: it leaves one row before it stands on the other
        kept.id_hash = id_hash
    for name, value in filled.items():
        setattr(kept, name, value)
    if "phone" in filled:
        kept.phone_hash, kept.phone_tail_hash = other.phone_hash, other.phone_tail_hash


def end_double_memberships(kept: Person, other: Person, on: date) -> set[int]:
    """Of two standing memberships of one role in one office the earlier beginning stays with the row that stays; the
    other one ends where it is. Returns the ids of those that end."""
    mine = {(m.office_id, m.role): m for m in kept.memberships if m.ends_on is None}
    ended: set[int] = set()
    for membership in other.memberships:
        double = mine.get((membership.office_id, membership.role))
        if double is not None and membership.ends_on is None:
            membership.ends_on = max(membership.starts_on, on)
            double.starts_on = min(membership.starts_on, double.starts_on)
            ended.add(membership.id)
    db.session.flush()
    return ended


def _no_more(name: str, table: str, verb: str, condition: str) -> Guard:
    return Guard(
        f"{name}_{verb.lower()}",
        table,
        f"BEFORE {verb}",
        sqlite=f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{name}'); END",
        postgresql=refuse_pg(name, condition) + " RETURN NEW;",
    )


_MERGED = "EXISTS (SELECT 1 FROM person p WHERE p.id = {person} AND p.merged_into_id IS NOT NULL)"
_STANDS = "NEW.ends_on IS NULL AND " + _MERGED.format(person="NEW.person_id")
_SIGNED_IN = (
    "EXISTS (SELECT 1 FROM account a JOIN person p ON p.id = a.person_id "
    "WHERE a.id = NEW.account_id AND p.merged_into_id IS NOT NULL)"
)
guards.register(
    [
        _no_more("membership_of_nobody_merged", "membership", "INSERT", _STANDS),
        _no_more("membership_of_nobody_merged", "membership", "UPDATE", _STANDS),
        _no_more("session_of_nobody_merged", "person_session", "INSERT", _SIGNED_IN),
    ]
)
