"""What a scheme asks where an office says nothing, and how its terms are kept (DOMAIN 3.3, 9.2)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import time

from volunteers.rules.proposing import aggravating_text
from volunteers.rules.schemes import Terms, from_plain, plain

DEFAULTS = {
    "required_minutes": 20 * 60,
    "tiers": (),
    "aggravator_extra_minutes": 0,
    "min_shift_minutes": 60,
    "max_day_minutes": 3 * 60,
    "windows": ((time(7, 30), time(9)), (time(17), time(18, 30))),
    "allow_weekends": True,
    "allow_holidays": False,
    "period_days": 15,
    "extension_days": 15,
    "intake_working_days": 4,
    "evaluation_working_days": 2,
    "window_from": None,
    "limit_basis": "review_limit",
    "report_days": 3,
    "training_required": True,
    "training_minutes": 60,
    "insurance_required": True,
    "equipment": ("vest", "flag", "whistle"),
    "countersign": "none",
    "confirm_undo_minutes": 10,
    "shift_photos": False,
    "late_grace_minutes": 10,
    "cancel_before_hours": 12,
    "round_minutes": 30,
    "no_show_limit": 2,
    "pass_score": 60,
    "random_checks": 1,
    "exempt_age": 65,
    "alternatives": ("community_service", "legal_publicity", "indoor_duty"),
    "exemptions": ("age", "pregnancy", "illness", "disability", "carer"),
    "stops": ("new_offence", "breach_of_bail", "impostor", "fraud", "plea_withdrawn"),
}
NOT_OF_THE_PAPER = {"excellent_score": 90}  # the paper names the grade and gives no line for it


def test_where_an_office_says_nothing_the_defaults_are_those_of_the_paper() -> None:
    """3.3, each field."""
    assert asdict(Terms()) == {**DEFAULTS, **NOT_OF_THE_PAPER}


def test_terms_are_kept_as_plain_data_and_a_field_that_is_no_more_is_passed_over() -> None:
    held = plain(Terms())
    assert json.loads(json.dumps(held)) == held
    assert from_plain({**held, "of_an_older_version": 1}) == Terms()


def test_words_of_ones_own_stand_with_the_last_circumstance_alone() -> None:
    """D-02."""
    last = aggravating_text(["other"], "")
    assert last != ""
    assert aggravating_text(["other"], "载有儿童") == f"{last}：载有儿童"
    drugs = aggravating_text(["drugs"], "")
    assert (aggravating_text(["drugs"], "载有儿童"), ":" in drugs) == (drugs, False)
