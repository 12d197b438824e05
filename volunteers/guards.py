"""The guards of schemes, assessments, shifts, ticks, confirmations and credits, on both engines (TRUST section 3)."""

from __future__ import annotations

from record.guards import Exclusion, Guard, exclude, refuse_pg, register

LENGTH = "shift_is_as_long_as_its_event"
REPLACES = "tick_replaces_one_of_its_author"
SETTLED = "confirmation_is_settled"
STANDS = "credit_of_a_standing_confirmation"
HIS_OWN = "credit_of_its_assessments_person"
KEEPS = "assessment_keeps_its_person"
ONCE = "ex_credit_span_no_minute_twice"

_MINUTES = (
    "(SELECT (CAST(strftime('%s', e.ends_at) AS INTEGER) - CAST(strftime('%s', e.starts_at) AS INTEGER)) / 60 "
    "FROM event e WHERE e.id = NEW.event_id)"
)
_MINUTES_PG = (
    "(SELECT floor(extract(epoch FROM e.ends_at - e.starts_at) / 60)::int FROM event e WHERE e.id = NEW.event_id)"
)
_RETIMED = "(CAST(strftime('%s', NEW.ends_at) AS INTEGER) - CAST(strftime('%s', NEW.starts_at) AS INTEGER)) / 60"


def refusing(name: str, table: str, when: str, condition: str, condition_pg: str = "", *, given: str = "NEW") -> Guard:
    return Guard(
        f"{name}_{when.split()[1].lower()}",
        table,
        when,
        sqlite=f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{name}'); END",
        postgresql=refuse_pg(name, condition_pg or condition) + f" RETURN {given};",
    )


# I09: a shift carries its event's length, so that a confirmation can be compared with it
register(
    [
        refusing(LENGTH, "shift", f"BEFORE {verb}", f"NEW.minutes IS NOT {_MINUTES}", f"NEW.minutes <> {_MINUTES_PG}")
        for verb in ("INSERT", "UPDATE")
    ]
)
register(
    [
        Guard(
            "shift_follows_its_event",
            "event",
            "AFTER UPDATE OF starts_at, ends_at",
            sqlite=f"BEGIN UPDATE shift SET minutes = {_RETIMED} WHERE event_id = NEW.id; END",
            postgresql=(
                "UPDATE shift SET minutes = floor(extract(epoch FROM NEW.ends_at - NEW.starts_at) / 60)::int "
                "WHERE event_id = NEW.id; RETURN NULL;"
            ),
        )
    ]
)

# 8.3: nobody gets a place of a shift that does not take place; whoever would cancel it at this moment waits
TAKES_PLACE = "attendance_of_a_cancelled_shift"
_CALLED_OFF = "(SELECT s.state FROM shift s WHERE s.id = NEW.shift_id{lock}) = 'cancelled'"
register(
    [
        refusing(
            TAKES_PLACE,
            "attendance",
            "BEFORE INSERT",
            _CALLED_OFF.format(lock=""),
            _CALLED_OFF.format(lock=" FOR SHARE"),
        )
    ]
)

# I14: no day of a person holds more booked minutes than it may
DAY_FULL = "booked_day_is_full"
_OVER = (
    "NEW.most < NEW.minutes + (SELECT COALESCE(SUM(d.minutes), 0) FROM booked_day d WHERE d.person_id = NEW.person_id "
    "AND d.falls_on = NEW.falls_on AND d.attendance_id <> NEW.attendance_id)"
)
register([refusing(DAY_FULL, "booked_day", f"BEFORE {when}", _OVER) for when in ("INSERT", "UPDATE OF minutes, most")])

# Whoever comes first on a waiting list has lost a place to the service
FIRST = "first_in_line_after_a_loss"
_NOT_LOST = (
    "NEW.first_until IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attendance a JOIN resource r "
    "ON r.person_id = a.person_id WHERE r.id = NEW.resource_id AND a.office_id = NEW.office_id "
    "AND a.first_until = NEW.first_until)"
)
register([refusing(FIRST, "waiting", f"BEFORE {when}", _NOT_LOST) for when in ("INSERT", "UPDATE OF first_until")])

# SETTLED 21: a place that was added for a walk-in is nobody else's, whoever waits for one
ADDED_PLACE = "place_added_for_a_walk_in"
_NOT_FOR_HIM = (
    "NOT NEW.extra AND NEW.state = 'booked' AND (SELECT q.capacity - q.extra FROM quota q "
    "JOIN shift s ON s.event_id = q.event_id WHERE s.id = NEW.shift_id AND q.role = 'volunteer') <= "
    "(SELECT COUNT(*) FROM attendance a JOIN booking b ON b.id = a.booking_id WHERE a.shift_id = NEW.shift_id "
    "AND NOT a.extra AND b.binds AND a.booking_id <> NEW.booking_id)"
)
register([refusing(ADDED_PLACE, "attendance", "BEFORE INSERT", _NOT_FOR_HIM)])

# DOMAIN 3.3: a scheme's terms stand once it is in force; a proof counts once and stays what it was
TERMS_STAND = "scheme_in_force_is_not_rewritten"
_REWRITTEN = (
    "OLD.state <> 'draft' AND (CAST(NEW.held AS TEXT) <> CAST(OLD.held AS TEXT) OR NEW.title <> OLD.title "
    "OR NEW.number <> OLD.number OR NEW.preset <> OLD.preset)"
)
PROOF_STANDS = "service_proof_stands"
_ALTERED = (
    "NEW.minutes <> OLD.minutes OR CAST(NEW.lines AS TEXT) <> CAST(OLD.lines AS TEXT) "
    "OR NEW.assessment_id <> OLD.assessment_id OR NEW.to_office_id <> OLD.to_office_id "
    "OR (OLD.counts_for_id IS NOT NULL AND (NEW.counts_for_id IS NULL OR NEW.counts_for_id <> OLD.counts_for_id))"
)
SIGNED_HOURS = "hours_change_by_a_signed_supplement"
_UNSIGNED = (
    "NEW.required_minutes <> OLD.required_minutes AND OLD.state NOT IN ('proposed', 'told') AND NOT EXISTS "
    "(SELECT 1 FROM supplement s WHERE s.assessment_id = NEW.id AND s.minutes_before = OLD.required_minutes "
    "AND s.minutes_after = NEW.required_minutes)"
)
register(
    [
        refusing(TERMS_STAND, "scheme", "BEFORE UPDATE", _REWRITTEN),
        refusing(PROOF_STANDS, "service_proof", "BEFORE UPDATE", _ALTERED),
        refusing(PROOF_STANDS, "service_proof", "BEFORE DELETE", "1 = 1", given="OLD"),
        refusing(SIGNED_HOURS, "assessment", "BEFORE UPDATE", _UNSIGNED),
    ]
)


def _merged(old: str, new: str) -> str:
    """Whether one row was merged into the other: then both are one person (SETTLED 16)."""
    return f"EXISTS (SELECT 1 FROM person m WHERE m.id = {old} AND m.merged_into_id = {new})"


def another(column: str) -> str:
    return f"(NEW.{column} <> OLD.{column} AND NOT {_merged(f'OLD.{column}', f'NEW.{column}')})"


# SETTLED 15: a tick is corrected by its author; one of a sheet without an officer, by whoever stands there
_NOT_HIS = (
    "NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tick t WHERE t.id = NEW.replaces_id "
    "AND t.attendance_id = NEW.attendance_id AND t.kind = NEW.kind "
    f"AND (t.by_id = NEW.by_id OR t.by_id IS NULL OR {_merged('t.by_id', 'NEW.by_id')}))"
)
register([refusing(REPLACES, "tick", "BEFORE INSERT", _NOT_HIS)])

# Whoever stops a shift from elsewhere, or admits somebody without being posted, says nothing as an officer who stands
# there (I11, I15)
SAID_THERE = "tick_says_whether_its_author_stands_there"
_POSTED = (
    "EXISTS (SELECT 1 FROM posting p JOIN attendance a ON a.shift_id = p.shift_id "
    "WHERE a.id = NEW.attendance_id AND p.person_id = NEW.by_id AND p.ended_at IS NULL)"
)
_AFAR = f"(NEW.method IN ('hand', 'stop') AND NOT {_POSTED}) OR (NEW.method IN ('stop_afar', 'admitted') AND {_POSTED})"
register([refusing(SAID_THERE, "tick", "BEFORE INSERT", _AFAR)])

# I45: ticks that differ keep back whoever confirms until a person has chosen
CONFLICT = "confirmation_of_ticks_that_agree"


def _live(tick: str) -> str:
    """Whether a tick is neither replaced, nor set aside by the last choice of its kind (of none: taken back), nor of a
    stop taken back."""
    later = "SELECT 1 FROM tick_choice d WHERE d.attendance_id = c.attendance_id AND d.kind = c.kind AND d.id > c.id"
    stopped = f"SELECT 1 FROM attendance x JOIN shift s ON s.id = x.shift_id WHERE x.id = {tick}.attendance_id"
    return (
        f"({tick}.method NOT IN ('stop', 'stop_afar') OR EXISTS ({stopped} AND s.stopped_at = {tick}.at)) AND "
        f"NOT EXISTS (SELECT 1 FROM tick r WHERE r.replaces_id = {tick}.id) AND NOT EXISTS "
        f"(SELECT 1 FROM tick_choice c WHERE c.attendance_id = {tick}.attendance_id AND c.kind = {tick}.kind "
        f"AND {tick}.id <= c.up_to_id AND (c.tick_id IS NULL OR {tick}.id <> c.tick_id) AND NOT EXISTS ({later}))"
    )


def _apart(seconds: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM tick a JOIN tick b ON b.attendance_id = a.attendance_id AND b.kind = a.kind "
        f"WHERE a.attendance_id = NEW.attendance_id AND {seconds} > 60 * NEW.apart_minutes "
        f"AND {_live('a')} AND {_live('b')})"
    )


_SECONDS = "CAST(strftime('%s', b.at) AS INTEGER) - CAST(strftime('%s', a.at) AS INTEGER)"
_SECONDS_PG = "extract(epoch FROM b.at - a.at)"
register([refusing(CONFLICT, "confirmation", "BEFORE INSERT", _apart(_SECONDS), _apart(_SECONDS_PG))])

# I11, I44: what was confirmed stays as it was said; once credited nothing of it moves
_RESAID = " OR ".join(
    [
        *(
            f"NEW.{column} <> OLD.{column}"
            for column in (
                "attendance_id",
                "shift_id",
                "minutes",
                "starts_at",
                "ends_at",
                "confirmed_at",
                "to_countersign",
                "countersigned_at",
            )
        ),
        another("person_id"),
        another("by_id"),
        another("countersigned_by_id"),
        another("sent_back_by_id"),
    ]
)
_CREDITED = "EXISTS (SELECT 1 FROM credit_entry c WHERE c.confirmation_id = OLD.id)"
_REOPENED = "(OLD.undone_at IS NOT NULL AND NEW.undone_at IS NULL)"
_UNDONE_LATE = f"(OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL AND {_CREDITED})"
register(
    [
        refusing(SETTLED, "confirmation", "BEFORE UPDATE", f"{_RESAID} OR {_REOPENED} OR {_UNDONE_LATE}"),
        refusing(SETTLED, "confirmation", "BEFORE DELETE", "1 = 1", given="OLD"),
        refusing(
            STANDS,
            "credit_entry",
            "BEFORE INSERT",
            "NEW.confirmation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM confirmation c "
            "WHERE c.id = NEW.confirmation_id AND c.undone_at IS NULL AND c.person_id = NEW.person_id "
            "AND (c.countersigned_at IS NOT NULL OR NOT c.to_countersign))",
        ),
    ]
)

# I11, SETTLED 16: a credit names its assessment's person when it is written. Later the assessment may go with him to
# another row of his, never to anybody else; no key could say this, as it would bind for ever what is append-only
register(
    [
        refusing(
            HIS_OWN,
            "credit_entry",
            "BEFORE INSERT",
            "NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND a.person_id = NEW.person_id)",
        ),
        refusing(KEEPS, "assessment", "BEFORE UPDATE", another("person_id")),
    ]
)

# I12, I13: the span of a live credit, written here alone
_SPAN = (
    "INSERT INTO credit_span (attendance_id, person_id, starts_at, ends_at) "
    "VALUES (NEW.attendance_id, NEW.person_id, NEW.starts_at, NEW.ends_at);"
)
_UNSPAN = "DELETE FROM credit_span WHERE attendance_id = NEW.attendance_id;"
register(
    [
        Guard(
            f"credit_span_follows_{kind}",
            "credit_entry",
            "AFTER INSERT",
            sqlite=f"WHEN NEW.kind = '{kind}' BEGIN {write} END",
            postgresql=f"IF NEW.kind = '{kind}' THEN {write} END IF; RETURN NULL;",
        )
        for kind, write in (("credit", _SPAN), ("reversal", _UNSPAN))
    ]
)
exclude(
    Exclusion(
        ONCE,
        "credit_span",
        "EXCLUDE USING gist (int8range(person_id, person_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)",
    )
)
register(
    [
        Guard(
            f"{ONCE}_{verb.lower()}",
            "credit_span",
            f"BEFORE {verb}",
            sqlite=(
                f"BEGIN SELECT RAISE(ABORT, '{ONCE}') WHERE EXISTS (SELECT 1 FROM credit_span "
                "WHERE person_id = NEW.person_id AND attendance_id IS NOT NEW.attendance_id "
                "AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at); END"
            ),
        )
        for verb in ("INSERT", "UPDATE")
    ]
)

# D-26, V-10: what was judged stays as it was judged; reports are numbered one after the other, and keep their number
EVALUATION_STANDS = "evaluation_stands"
NO_GAP = "report_follows_the_last_one"
_JUDGED = ("assessment_id", "office_id", "proposed", "grade", "score", "required_minutes", "done_minutes", "reasons")
_KEPT = ("report_year", "report_number", "reported_at", "decision", "decision_on", "hearing_closed_on")
_REJUDGED = " OR ".join(
    [
        *(f"NEW.{column} <> OLD.{column}" for column in (*_JUDGED, "decided_at")),
        another("decided_by_id"),
        "CAST(NEW.lines AS TEXT) <> CAST(OLD.lines AS TEXT)",
        *(f"(OLD.{one} IS NOT NULL AND (NEW.{one} IS NULL OR NEW.{one} <> OLD.{one}))" for one in _KEPT),
    ]
)
_SKIPS = (
    "NEW.report_number IS NOT NULL AND NEW.report_number <> 1 + (SELECT COALESCE(MAX(e.report_number), 0) "
    "FROM evaluation e WHERE e.office_id = NEW.office_id AND e.report_year = NEW.report_year AND e.id <> NEW.id)"
)
_NUMBERED = f"(OLD.report_number IS NULL AND {_SKIPS})"
REMARK_STANDS = "remark_stands"
_REMARKED = (
    "(OLD.given_at IS NOT NULL AND (NEW.given_at IS NULL OR NEW.opinion <> OLD.opinion OR NEW.text <> OLD.text)) "
    "OR NEW.assessment_id <> OLD.assessment_id OR NEW.squad_id <> OLD.squad_id"
)
register(
    [
        refusing(EVALUATION_STANDS, "evaluation", "BEFORE UPDATE", _REJUDGED),
        refusing(EVALUATION_STANDS, "evaluation", "BEFORE DELETE", "1 = 1", given="OLD"),
        refusing(NO_GAP, "evaluation", "BEFORE INSERT", _SKIPS),
        refusing(NO_GAP, "evaluation", "BEFORE UPDATE", _NUMBERED),
        refusing(REMARK_STANDS, "remark", "BEFORE UPDATE", _REMARKED),
        refusing(REMARK_STANDS, "remark", "BEFORE DELETE", "1 = 1", given="OLD"),
    ]
)

# A template of a paper stays as it was sent
register(
    [
        refusing(
            "paper_template_stands",
            "paper_template",
            "BEFORE UPDATE",
            "NEW.sha256 <> OLD.sha256 OR NEW.content <> OLD.content OR NEW.kind <> OLD.kind "
            "OR NEW.number <> OLD.number OR NEW.office_id <> OLD.office_id",
        )
    ]
)

# V-12: what was found stays as it was found, and what was said of it as it was said
register(
    [
        refusing(
            "anomaly_stands",
            "anomaly",
            "BEFORE UPDATE",
            "NEW.kind <> OLD.kind OR NEW.about <> OLD.about OR CAST(NEW.facts AS TEXT) <> CAST(OLD.facts AS TEXT) "
            "OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR NEW.why <> OLD.why))",
        ),
        refusing("anomaly_stands", "anomaly", "BEFORE DELETE", "1 = 1", given="OLD"),
    ]
)
