"""Lets somebody's time of service be over in the office being looked at, and gives his squad a leader with a phone.

Prints the address of the assessment and the leader's enrolment link.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from accounts.actions.devices import issue_enrolment
from accounts.actions.people import enter_person, give_membership
from accounts.models import Membership, Office, Person, Role
from app import create_app
from extensions import db
from record.act import act, transaction
from volunteers.actions.evaluation import squads_of
from volunteers.models.assessment import Assessment, AssessmentState

NOW = datetime.now(UTC)


def main(prosecutor: str) -> None:
    with create_app().app_context(), transaction():
        office = db.session.scalars(select(Office).where(Office.is_demo, Office.parent_id.is_not(None))).one()
        serving = select(Assessment).filter_by(office_id=office.id, state=AssessmentState.SERVING)
        mine = serving.join(Person, Person.id == Assessment.prosecutor_id).where(Person.name == prosecutor)
        one = next(a for a in db.session.scalars(mine.order_by(Assessment.id)) if squads_of(a))
        held = select(Person).join(Membership).where(Membership.office_id == office.id)
        coordinator = db.session.scalars(held.where(Membership.role == Role.COORDINATOR).order_by(Person.id)).first()
        with act("assessment.extend", one, by=coordinator, at=NOW, reason="提前结束"):
            one.last_on = max(one.first_on, NOW.date() - timedelta(days=3))
        leader = enter_person({"name": "秦队长"}, office, by=coordinator, at=NOW)
        about = {"by": coordinator, "at": NOW, "organisation": squads_of(one)[0]}
        give_membership(leader, office, Role.SQUAD_LEADER, starts_on=date(2026, 1, 1), **about)
        token = issue_enrolment(leader, Role.SQUAD_LEADER, office, coordinator, NOW)
        print(json.dumps({"assessment": str(one.public_id), "token": token}))


if __name__ == "__main__":
    main(sys.argv[1])
