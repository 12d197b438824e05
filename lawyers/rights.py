"""The permissions of the lawyers' duty (TRUST section 2), and whose stations and rotas they open."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select

from accounts.access import Viewer, covers, declare, scope
from accounts.models import Membership, Role
from accounts.rights import CHANGE_SETTINGS
from lawyers.models import Duty, LawyerEntry, Rota, RotaState, Station

SEE_ROTA = declare(
    "see_rota",
    Rota,
    "lawyer:a, legal_aid_contact:a, coordinator:f, prosecutor:f, chief:f, deputy_chief:f, clerk:f, receptionist:f",
)
DRAFT_ROTA = declare("draft_rota", Rota, "coordinator:f, legal_aid_contact:a")
PUBLISH_ROTA = declare("publish_rota", Rota, "coordinator:f, legal_aid_contact:a")
CALL_LAWYER = declare("call_lawyer", Duty, "coordinator:f, receptionist:f, legal_aid_contact:a")
covers(SEE_ROTA, Station, Duty)
covers(DRAFT_ROTA, Station, Duty, LawyerEntry)
covers(CHANGE_SETTINGS, Station)

IN_FORCE = (RotaState.PUBLISHED, RotaState.SUPERSEDED)


@scope(Station, "a")
def _my_stations(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A legal-aid contact's: those of his body. A lawyer's: those of the office that has him on its register."""
    here = Station.office_id == mine.office_id
    if mine.role == Role.LAWYER:
        return here
    if mine.role == Role.LEGAL_AID_CONTACT and mine.organisation_id is not None:
        return here & (Station.organisation_id == mine.organisation_id)
    return false()


@scope(Rota, "f")
def _rotas_of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """Drafts are the coordinator's; everybody else sees what was published."""
    here = Rota.office_id == mine.office_id
    return here if mine.role == Role.COORDINATOR else here & Rota.state.in_(IN_FORCE)


@scope(Rota, "a")
def _rotas_of_my_stations(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    stations = Rota.station_id.in_(select(Station.id).where(_my_stations(viewer, mine)))
    return stations if mine.role == Role.LEGAL_AID_CONTACT else stations & Rota.state.in_(IN_FORCE)


@scope(Duty, "f")
def _duties_of_my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Duty.rota_id.in_(select(Rota.id).where(_rotas_of_my_office(viewer, mine)))


@scope(Duty, "a")
def _duties_of_my_stations(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return Duty.rota_id.in_(select(Rota.id).where(_rotas_of_my_stations(viewer, mine)))


@scope(LawyerEntry, "a")
def _my_lawyers(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A legal-aid contact's lawyers belong to firms: the office joins them, as among people."""
    here = LawyerEntry.office_id == mine.office_id
    return here if mine.role == Role.LEGAL_AID_CONTACT else false()
