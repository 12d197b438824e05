"""The guards of declared interests, on both engines: who is too near to somebody neither speaks for his hours
(I15) nor judges him."""

from __future__ import annotations

from record.guards import register
from volunteers.guards import another, refusing

NEAR = "not_with_a_declared_interest"
KEPT = "interest_is_kept"


def near(column: str) -> str:
    """Whether the person in a column of the new row has an interest in the new row's person."""
    return (
        "EXISTS (SELECT 1 FROM interest i WHERE i.person_id = NEW.person_id "
        f"AND i.officer_id = NEW.{column} AND i.ended_at IS NULL)"
    )


_TICKED = (
    "NEW.device <> 'paper' AND EXISTS (SELECT 1 FROM interest i JOIN attendance a ON a.person_id = i.person_id "
    "WHERE a.id = NEW.attendance_id AND i.officer_id = NEW.by_id AND i.ended_at IS NULL)"
)
_DECIDED = " OR ".join(
    f"(OLD.{column} IS NULL AND NEW.{column} IS NOT NULL AND {near(column)})"
    for column in ("proposed_by_id", "decided_by_id")
)
_ASSESSED = (
    "EXISTS (SELECT 1 FROM interest i JOIN assessment a ON a.person_id = i.person_id "
    "WHERE a.id = NEW.assessment_id AND i.officer_id = NEW.{by} AND i.ended_at IS NULL)"
)
_REMARKED = f"OLD.given_by_id IS NULL AND NEW.given_by_id IS NOT NULL AND {_ASSESSED.format(by='given_by_id')}"
_ALTERED = (
    f"NEW.kind <> OLD.kind OR NEW.declared_at <> OLD.declared_at OR {another('officer_id')} OR {another('person_id')} "
    "OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NULL OR NEW.ended_at <> OLD.ended_at))"
)
register(
    [
        refusing(f"{NEAR}_confirms", "confirmation", "BEFORE INSERT", near("by_id")),
        refusing(
            f"{NEAR}_countersigns",
            "confirmation",
            "BEFORE UPDATE",
            f"OLD.countersigned_at IS NULL AND NEW.countersigned_at IS NOT NULL AND {near('countersigned_by_id')}",
        ),
        refusing(f"{NEAR}_ticks", "tick", "BEFORE INSERT", _TICKED),
        refusing(f"{NEAR}_proposes", "correction", "BEFORE INSERT", near("proposed_by_id")),
        refusing(f"{NEAR}_decides", "correction", "BEFORE UPDATE", _DECIDED),
        refusing(f"{NEAR}_evaluates", "evaluation", "BEFORE INSERT", _ASSESSED.format(by="decided_by_id")),
        refusing(f"{NEAR}_remarks", "remark", "BEFORE UPDATE", _REMARKED),
        refusing(KEPT, "interest", "BEFORE UPDATE", _ALTERED),
        refusing(KEPT, "interest", "BEFORE DELETE", "1 = 1", given="OLD"),
    ]
)
