"""The guards of corrections, on both engines: two people, nothing edited, nothing credited that was not approved
(TRUST I16, I17; DOMAIN V-14)."""

from __future__ import annotations

from record.guards import register
from volunteers.guards import another, refusing

FITS = "correction_lies_within_its_shift"
KEPT = "correction_is_kept_as_it_was_said"
APPROVED = "entry_of_an_approved_correction"
REVERSES = "reversal_of_its_own_credit"

# I09: the minutes are those of the span, the span is the shift's; the credit to be replaced is this attendance's
_NOT_WITHIN = (
    "NOT EXISTS (SELECT 1 FROM shift s JOIN event e ON e.id = s.event_id WHERE s.id = NEW.shift_id "
    "AND NEW.starts_at >= e.starts_at AND NEW.ends_at <= e.ends_at)"
)
_NOT_THE_CREDIT = (
    "(NEW.old_credit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_entry c WHERE c.id = NEW.old_credit_id "
    "AND c.kind = 'credit' AND c.attendance_id = NEW.attendance_id AND c.minutes = NEW.old_minutes))"
)
_LENGTH = "(CAST(strftime('%s', NEW.ends_at) AS INTEGER) - CAST(strftime('%s', NEW.starts_at) AS INTEGER)) / 60"
_LENGTH_PG = "floor(extract(epoch FROM NEW.ends_at - NEW.starts_at) / 60)::int"


def _misfit(length: str) -> str:
    return f"{_NOT_THE_CREDIT} OR (NEW.starts_at IS NOT NULL AND (NEW.minutes <> {length} OR {_NOT_WITHIN}))"


_SAID = ("office_id", "attendance_id", "shift_id")
_ASKED = ("asked_at", "asked_minutes", "asked_from", "asked_until", "asked_reason")
_PROPOSED = ("old_minutes", "old_credit_id", "minutes", "starts_at", "ends_at", "rests_on", "evidence", "reason")


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns) + ")"


_RESAID = (
    f"{_changed(*_SAID, *_ASKED)} "
    f"OR (OLD.state <> 'asked' AND ({_changed(*_PROPOSED, 'proposed_at')} OR {another('proposed_by_id')})) "
    f"OR (OLD.decided_at IS NOT NULL AND ({_changed('decided_at', 'decision')} OR {another('decided_by_id')}))"
)
_NOT_APPROVED = (
    "NEW.correction_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.id = NEW.correction_id "
    "AND c.attendance_id = NEW.attendance_id AND c.state = 'approved' AND ("
    "(NEW.kind = 'reversal' AND c.old_credit_id = NEW.reverses_id) OR "
    "(NEW.kind = 'credit' AND c.minutes = NEW.minutes AND c.starts_at = NEW.starts_at AND c.ends_at = NEW.ends_at "
    "AND (c.rests_on = 'paper' OR (c.rests_on = 'ticks' AND EXISTS "
    "(SELECT 1 FROM tick t WHERE t.attendance_id = c.attendance_id AND t.method <> 'stop_afar')) OR EXISTS "
    "(SELECT 1 FROM confirmation f WHERE f.attendance_id = c.attendance_id AND f.undone_at IS NULL)))))"
)
_NOT_ITS_OWN = (
    "NEW.kind = 'reversal' AND NOT EXISTS (SELECT 1 FROM credit_entry c WHERE c.id = NEW.reverses_id "
    "AND c.kind = 'credit' AND c.attendance_id = NEW.attendance_id AND c.minutes = NEW.minutes "
    "AND c.assessment_id = NEW.assessment_id)"
)
register(
    [
        *(
            refusing(FITS, "correction", f"BEFORE {verb}", _misfit(_LENGTH), _misfit(_LENGTH_PG))
            for verb in ("INSERT", "UPDATE")
        ),
        refusing(KEPT, "correction", "BEFORE UPDATE", _RESAID),
        refusing(KEPT, "correction", "BEFORE DELETE", "1 = 1", given="OLD"),
        refusing(APPROVED, "credit_entry", "BEFORE INSERT", _NOT_APPROVED),
        refusing(REVERSES, "credit_entry", "BEFORE INSERT", _NOT_ITS_OWN),
    ]
)
