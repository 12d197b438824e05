"""The timeline's guards, on both engines (TRUST section 3)."""

from __future__ import annotations

from record.guards import Exclusion, Guard, exclude, refuse_pg, register
from scheduler.timeline.models import SHOULD_BIND

ONE_PLACE = "ex_booking_one_place_at_a_time"
WITHIN = "booking_lies_within_its_event"
AROUND = "event_stays_around_its_bookings"
KNOWN = "booking_of_one_who_works_there"
FIXED = "booking_keeps_its_event_and_role"
BOUND = "booking_binds_when_it_should"
SPELLING = "time_in_another_spelling"
IN_ORDER = "waiting_list_keeps_its_order"

_OVERLAP = (
    f"WHEN NEW.binds BEGIN SELECT RAISE(ABORT, '{ONE_PLACE}') WHERE EXISTS (SELECT 1 FROM booking "
    "WHERE resource_id = NEW.resource_id AND binds AND id IS NOT NEW.id "
    "AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at); END"
)


def _shifted(column: str, minutes: str, sign: str) -> str:
    """A time of SQLite moved by minutes, in the one spelling that times have there."""
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '{sign}' || {minutes} || ' minutes') || '000'"


def _within(booking: str, event: str) -> str:
    before = _shifted(f"{event}.starts_at", f"{booking}.buffer_before", "-")
    after = _shifted(f"{event}.ends_at", f"{booking}.buffer_after", "+")
    return f"({booking}.starts_at >= {before} AND {booking}.ends_at <= {after})"


def _within_pg(booking: str, event: str) -> str:
    before = f"{event}.starts_at - make_interval(mins => {booking}.buffer_before)"
    after = f"{event}.ends_at + make_interval(mins => {booking}.buffer_after)"
    return f"({booking}.starts_at >= {before} AND {booking}.ends_at <= {after})"


exclude(
    Exclusion(
        ONE_PLACE,
        "booking",
        "EXCLUDE USING gist (int8range(resource_id, resource_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
        "WHERE (binds) DEFERRABLE INITIALLY IMMEDIATE",
    )
)

_NOT_WITHIN = f"NEW.binds AND NOT EXISTS (SELECT 1 FROM event e WHERE e.id = NEW.event_id AND {_within('NEW', 'e')})"
_NOT_WITHIN_PG = (
    f"NEW.binds AND NOT EXISTS (SELECT 1 FROM event e WHERE e.id = NEW.event_id AND {_within_pg('NEW', 'e')})"
)
_LEFT_OUT = f"EXISTS (SELECT 1 FROM booking b WHERE b.event_id = NEW.id AND b.binds AND NOT {_within('b', 'NEW')})"
_LEFT_OUT_PG = (
    f"EXISTS (SELECT 1 FROM booking b WHERE b.event_id = NEW.id AND b.binds AND NOT {_within_pg('b', 'NEW')})"
)
_STRANGER = (
    "NEW.binds AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.id = NEW.resource_id AND (r.office_id = NEW.office_id "
    "OR EXISTS (SELECT 1 FROM membership m WHERE m.person_id = r.person_id AND m.office_id = NEW.office_id)))"
)
_MERGED = (
    "EXISTS (SELECT 1 FROM resource o JOIN person p ON p.id = o.person_id JOIN resource n "
    "ON n.person_id = p.merged_into_id WHERE o.id = OLD.resource_id AND n.id = NEW.resource_id)"
)
_MOVED = (
    f"NEW.event_id <> OLD.event_id OR NEW.role <> OLD.role OR (NEW.resource_id <> OLD.resource_id AND NOT {_MERGED})"
)

for _verb in ("INSERT", "UPDATE"):
    _suffix = _verb.lower()
    register(
        [
            Guard(f"{ONE_PLACE}_{_suffix}", "booking", f"BEFORE {_verb}", sqlite=_OVERLAP),
            Guard(
                f"{WITHIN}_{_suffix}",
                "booking",
                f"BEFORE {_verb}",
                sqlite=f"WHEN {_NOT_WITHIN} BEGIN SELECT RAISE(ABORT, '{WITHIN}'); END",
                postgresql=refuse_pg(WITHIN, _NOT_WITHIN_PG) + " RETURN NEW;",
            ),
            Guard(
                f"{KNOWN}_{_suffix}",
                "booking",
                f"BEFORE {_verb}",
                sqlite=f"WHEN {_STRANGER} BEGIN SELECT RAISE(ABORT, '{KNOWN}'); END",
                postgresql=refuse_pg(KNOWN, _STRANGER) + " RETURN NEW;",
            ),
        ]
    )

register(
    [
        Guard(
            FIXED,
            "booking",
            "BEFORE UPDATE OF event_id, role, resource_id",
            sqlite=f"WHEN {_MOVED} BEGIN SELECT RAISE(ABORT, '{FIXED}'); END",
            postgresql=refuse_pg(FIXED, _MOVED) + " RETURN NEW;",
        ),
        Guard(
            AROUND,
            "event",
            "BEFORE UPDATE OF starts_at, ends_at",
            sqlite=f"WHEN {_LEFT_OUT} BEGIN SELECT RAISE(ABORT, '{AROUND}'); END",
            postgresql=refuse_pg(AROUND, _LEFT_OUT_PG) + " RETURN NEW;",
        ),
        Guard(
            BOUND,
            "booking",
            "AFTER INSERT OR UPDATE",
            postgresql=refuse_pg(BOUND, f"EXISTS (SELECT 1 FROM booking WHERE id = NEW.id AND binds <> {SHOULD_BIND})")
            + " RETURN NULL;",
            deferred=True,
        ),
    ]
)


# I04: a place goes to nobody while somebody waits who comes before him, at the time at which it is given
_RANK = "CASE WHEN {0}.first_until > NEW.promoted_at THEN 0 ELSE 1 END"
_LEAPT = (
    "NEW.state = 'promoted' AND OLD.state = 'waiting' AND EXISTS (SELECT 1 FROM waiting w "
    "WHERE w.quota_id = NEW.quota_id AND w.state = 'waiting' AND w.id <> NEW.id "
    f"AND ({_RANK.format('w')} < {_RANK.format('NEW')} "
    f"OR ({_RANK.format('w')} = {_RANK.format('NEW')} AND w.number < NEW.number)))"
)
register(
    [
        Guard(
            IN_ORDER,
            "waiting",
            "BEFORE UPDATE OF state",
            sqlite=f"WHEN {_LEAPT} BEGIN SELECT RAISE(ABORT, '{IN_ORDER}'); END",
            postgresql=refuse_pg(IN_ORDER, _LEAPT) + " RETURN NEW;",
        )
    ]
)


def _count(name: str, when: str, delta: str, row: str, condition: str = "") -> Guard:
    """A trigger that moves `quota.taken` by what a booking's change weighs."""
    where = f"WHERE event_id = {row}.event_id AND role = {row}.role"
    weight = delta.replace("NEW.binds", "NEW.binds::int").replace("OLD.binds", "OLD.binds::int")
    return Guard(
        name,
        "booking",
        when,
        sqlite=f"{condition} BEGIN UPDATE quota SET taken = taken + ({delta}) {where}; END",
        postgresql=(
            f"IF {condition.removeprefix('WHEN ')} THEN UPDATE quota SET taken = taken + ({weight}) {where}; END IF; "
            "RETURN NULL;"
        ),
    )


register(
    [
        _count("quota_counts_insert", "AFTER INSERT", "NEW.binds", "NEW", "WHEN NEW.binds"),
        _count(
            "quota_counts_update",
            "AFTER UPDATE OF binds",
            "NEW.binds - OLD.binds",
            "NEW",
            "WHEN NEW.binds <> OLD.binds",
        ),
        _count("quota_counts_delete", "AFTER DELETE", "-OLD.binds", "OLD", "WHEN OLD.binds"),
    ]
)
register(
    [
        Guard(
            f"{SPELLING}_{table}_{verb.lower()}",
            table,
            f"BEFORE {verb}",
            sqlite=(
                "WHEN NEW.starts_at NOT GLOB '????-??-?? ??:??:??.??????' "
                "OR NEW.ends_at NOT GLOB '????-??-?? ??:??:??.??????' "
                f"BEGIN SELECT RAISE(ABORT, '{SPELLING}'); END"
            ),
        )
        for table in ("event", "booking")
        for verb in ("INSERT", "UPDATE")
    ]
)
