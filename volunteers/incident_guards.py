"""The guards of incident notes, on both engines: of whom they can be, and that nothing counts while it is not
established who stood there."""

from __future__ import annotations

from record.guards import register
from volunteers.guards import refusing

ITS_SHIFT = "incident_of_its_shift_and_of_somebody_else"
IMPOSTOR = "decision_about_an_impostor"
UNCLEAR = "not_counted_while_unclear_who_stood_there"

_STRANGE = (
    "NEW.attendance_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attendance a WHERE a.id = NEW.attendance_id "
    "AND a.shift_id = NEW.shift_id AND a.person_id <> NEW.by_id)"
)
_NO_IMPOSTOR = "NOT EXISTS (SELECT 1 FROM incident i WHERE i.id = NEW.incident_id AND i.kind = 'impostor')"
_LATER = "SELECT 1 FROM incident_decision l WHERE l.incident_id = d.incident_id AND l.id > d.id"
_WAS_HE = f"SELECT 1 FROM incident_decision d WHERE d.incident_id = i.id AND d.was_he AND NOT EXISTS ({_LATER})"
_UNCLEAR = (
    "EXISTS (SELECT 1 FROM incident i WHERE i.attendance_id = NEW.attendance_id AND i.kind = 'impostor' "
    f"AND NOT EXISTS ({_WAS_HE}))"
)
register(
    [
        refusing(ITS_SHIFT, "incident", "BEFORE INSERT", _STRANGE),
        refusing(IMPOSTOR, "incident_decision", "BEFORE INSERT", _NO_IMPOSTOR),
        refusing(f"{UNCLEAR}_confirmed", "confirmation", "BEFORE INSERT", _UNCLEAR),
        refusing(f"{UNCLEAR}_credited", "credit_entry", "BEFORE INSERT", f"NEW.kind = 'credit' AND {_UNCLEAR}"),
    ]
)
