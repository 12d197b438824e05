"""The guard of equipment, on both engines: nobody is given again what he has, and a giving is settled, nothing else."""

from __future__ import annotations

from record.guards import register
from volunteers.guards import refusing

ONCE = "handed_out_once_and_settled_once"

_OPEN = (
    "SELECT 1 FROM handing h WHERE h.attendance_id = NEW.attendance_id AND h.kind = 'out' "
    "AND NOT EXISTS (SELECT 1 FROM handing s WHERE s.settles_id = h.id)"
)
_WRONG = (
    f"(NEW.kind = 'out' AND EXISTS ({_OPEN})) OR (NEW.kind <> 'out' AND NOT EXISTS ({_OPEN} AND h.id = NEW.settles_id))"
)
register([refusing(ONCE, "handing", "BEFORE INSERT", _WRONG)])
