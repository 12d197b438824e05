"""The people in a case: entered, corrected, under which measure, no longer in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from cases.actions.limits import follow_limit
from cases.models import Case, Measure, Party, PartyRole
from errors import Refusal
from extensions import db
from record.act import act
from record.following import Following


class MeasureOfASuspect(Refusal):
    code = "measure_of_a_suspect"
    status = 422
    message = "Only a suspect is under a measure."
    help = "Leave the measure empty, or say that the person is a suspect."


class MeasureSince(Refusal):
    code = "measure_since"
    status = 422
    message = "Say since when the measure holds."
    help = "Bail of twelve months counts from that day."
    source = "DOMAIN D-11"


class PartyAlreadyThere(Refusal):
    code = "party_already_there"
    status = 409
    message = "%(who)s is in this case already, in the same role."
    help = (
        "If it is somebody else of this name, enter his date of birth or his phone; the other's must be known as well."
    )


PLAIN = (
    "person_id",
    "name",
    "role",
    "phone",
    "birth_on",
    "is_minor",
    "employer",
    "address",
    "represents_id",
    "measure",
    "measure_from",
    "bail_area",
)


# what of a higher room follows who is in a case: `(case, by, at, reason)`, when somebody is entered or corrected
follows_people: Following[[Case, Any, datetime, str]] = Following()


def hold_people(case: Case) -> None:
    """Nobody else is entered in a case or corrected meanwhile, and who is read in it is who is in it now. To be asked
    before what rests on them is locked."""
    db.session.refresh(case, with_for_update={"key_share": True})
    db.session.expire(case, ["parties"])


def enter_party(case: Case, facts: dict[str, Any], by: Any, at: datetime) -> Party:
    """Enter somebody into a case; `facts` by the names of the columns.

    Raises: MeasureOfASuspect, MeasureSince, PartyAlreadyThere.
    """
    party = Party(case_id=case.id, office_id=case.office_id)
    hold_people(case)
    _refuse_a_second(case, facts)
    with act("party.enter", party, by=by, at=at):
        _write(party, facts)
        db.session.add(party)
        db.session.flush()
        db.session.expire(case, ["parties"])
        follow_limit(case, by, at, "")
        follows_people.tell(case, by, at, "")
    return party


def _refuse_a_second(case: Case, facts: dict[str, Any]) -> None:
    for other in case.present_parties:
        if (other.name, other.role) == (facts["name"], facts["role"]) and not _is_another(other, facts):
            raise PartyAlreadyThere(who=other.name)


def _is_another(party: Party, facts: dict[str, Any]) -> bool:
    """Whether what is known of both tells two people of one name apart, or one who stands beside two others. Whose row
    it is says more than birth and phone."""
    if party.represents_id != facts.get("represents_id"):
        return True
    if party.person_id and facts.get("person_id"):
        return bool(party.person_id != facts["person_id"])
    known = ((getattr(party, name), facts.get(name)) for name in ("birth_on", "phone"))
    return any(one and other and one != other for one, other in known)


def correct_party(party: Party, facts: dict[str, Any], by: Any, at: datetime, reason: str = "") -> None:
    """Correct what is entered; custody that begins or ends counts the limit anew (C-02).

    Raises: MeasureOfASuspect, MeasureSince.
    """
    hold_people(party.case)
    with act("party.correct", party, by=by, at=at, reason=reason):
        _write(party, facts)
        db.session.flush()
        follow_limit(party.case, by, at, reason)
        follows_people.tell(party.case, by, at, reason)


Keeper = Callable[[Party], None]
_keepers: list[Keeper] = []


def keeps_party(keeper: Keeper) -> Keeper:
    """Register what of a higher room rests on somebody in a case: it refuses that he is taken out (a Refusal)."""
    _keepers.append(keeper)
    return keeper


def remove_party(party: Party, on: date, by: Any, at: datetime, reason: str) -> None:
    """Say that somebody is no longer in the case, or never was; the row stays. Raises: what a higher room refuses."""
    for keeper in _keepers:
        keeper(party)
    with act("party.remove", party, by=by, at=at, reason=reason):
        party.left_on = on
        db.session.flush()
        follow_limit(party.case, by, at, reason)


def _write(party: Party, facts: dict[str, Any]) -> None:
    role, measure = facts.get("role", party.role), facts.get("measure", party.measure) or Measure.NONE
    if measure != Measure.NONE and role != PartyRole.SUSPECT:
        raise MeasureOfASuspect()
    if measure != Measure.NONE and not facts.get("measure_from", party.measure_from):
        raise MeasureSince()
    for name in PLAIN:
        if name in facts:
            setattr(party, name, facts[name])
    if measure == Measure.NONE:
        party.measure_from, party.bail_area = None, ""
