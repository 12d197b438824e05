"""Whom the demonstration shows among the hearing officers."""

from __future__ import annotations

from datetime import date

from demo.office import somebody
from hearings.actions.invitations import answer_invitation
from tests.hearings.planned import participant, planned
from tests.town import NOW, Town


def test_the_hearing_officer_who_is_shown_has_an_invitation_to_answer(town: Town) -> None:
    hearing = planned(town).hearing
    on = date(2026, 11, 24)
    first = participant(hearing, "甲听证")
    shown = [somebody(town.office, "hearing_officer", on).name]
    answer_invitation(first, True, first.person, NOW, how="link")
    assert [*shown, somebody(town.office, "hearing_officer", on).name] == ["甲听证", "乙听证"]
