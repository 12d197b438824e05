"""What the page of a hearing keeps from a defender: what others answered, were told, and said to it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts.models import Person
from extensions import db
from hearings.actions.invitations import answer_invitation
from hearings.actions.notice import note_telling, notify_hearing, pending
from hearings.models import Hearing
from record.act import act
from tests.cases.made import a_party
from tests.hearings.planned import approved, officers, participant, planned, the_case
from tests.town import NOW, Town

DECLINED, ANSWERED = "近日做手术住院", "李受害不愿与另一辩护人见面"
LEAKS = (DECLINED, ANSWERED, "丁听证", "declined", "Declined", "have said yes", "told by hand", "Give notice")


@pytest.fixture
def hearing(town: Town) -> Hearing:
    case = the_case(town)
    a_party(town, case, "何志愿", person_id=town.volunteer.id)
    a_party(town, case, "李受害", "victim")
    a_party(town, case, "另辩护", "defender")
    a_party(town, case, town.lawyer.name, "defender", person_id=town.lawyer.id)
    hearing = planned(town, hearing=approved(town, case), people=officers(town, 4)).hearing
    gone = participant(hearing, "丁听证")
    answer_invitation(gone, False, gone.person, NOW, how="link", reason=DECLINED)
    notify_hearing(hearing, {}, town.coordinator, NOW)
    first = next(n for n in pending(hearing) if n.participant.name == "另辩护")
    note_telling(first, "phone", NOW, ANSWERED, town.clerk, NOW)
    return hearing


def page(town: Town, person: Person, hearing: Hearing) -> str:
    path = f"/hearings/{hearing.public_id}"
    return town.browser(person).get(path).get_data(as_text=True)


@pytest.mark.parametrize("asked_himself", [False, True], ids=["asked by the prosecutor", "asked by himself"])
def test_a_defender_reads_his_own_row_and_nobody_elses_answer(
    town: Town, hearing: Hearing, asked_himself: bool
) -> None:
    if asked_himself:
        with act("hearing.amend", hearing, by=town.coordinator, at=NOW):
            hearing.requested_by_id = town.lawyer.id
    seen = page(town, town.lawyer, hearing)
    assert [word for word in LEAKS if word in seen] == []
    told = seen.partition('id="notice"')[2].partition("</section>")[0]
    assert (told.count(town.lawyer.name), "李受害" in told, "另辩护" in told) == (1, False, False)
    assert "甲听证" in seen


def test_the_office_reads_answers_and_results(town: Town, hearing: Hearing) -> None:
    seen = page(town, town.coordinator, hearing)
    assert [word for word in (DECLINED, ANSWERED, "丁听证") if word not in seen] == []


def test_people_of_the_case_are_called_by_their_part_in_it(town: Town, hearing: Hearing) -> None:
    seen = page(town, town.coordinator, hearing)
    labels = [label for label in ("Suspect", "Victim", "Defender") if f"<dt>{label}</dt>" in seen]
    assert (labels, "<dt>Party</dt>" in seen) == (["Suspect", "Victim", "Defender"], False)
    assert db.session.scalars(select(Hearing)).one().state == "noticed"
