"""A hearing is never public with a minor in its case, whenever he comes into it and whenever it sits (H-11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from accounts.mail import written
from cases.actions.parties import correct_party, enter_party, remove_party
from cases.models import Case
from exchange.judging import TakenRow
from extensions import db
from hearings.actions.approval import approve_hearing
from hearings.actions.cancelling import cancel_hearing
from hearings.actions.move import move_sitting
from hearings.actions.notice import notify_hearing
from hearings.actions.parties import take_in_party
from hearings.actions.request import MinorStaysClosed, amend_hearing, request_hearing
from hearings.models import Hearing, Notice
from hearings.wording import openness_line, spoken_to
from record import invariants
from record.act import act, history
from record.models import Message
from tests.cases.made import a_case, a_party
from tests.hearings.made import DOCUMENT, a_requested_hearing, an_approved_hearing, asked
from tests.hearings.planned import approved, late, planned, the_case
from tests.racing import race
from tests.town import NOW, Town, local
from tests.volunteers.prepared import Prepared
from volunteers.actions.intake import store
from volunteers.actions.proposing import propose

EIGHTEEN_THAT_DAY, STILL_SEVENTEEN = date(2008, 12, 2), date(2008, 12, 3)  # the sitting is on 2 December 2026
CLOSED, PUBLIC = (False, "minor", ""), (True, "", "")


def stands(hearing: Hearing) -> tuple[bool, str, str]:
    return hearing.is_public, hearing.closed_reason, hearing.public_why


def told() -> list[tuple[str, str, str]]:
    """Every notice: who, what kind, how."""
    rows = db.session.scalars(select(Notice).order_by(Notice.id))
    return [(n.participant.name, n.kind, n.channel) for n in rows]


def told_to_prepare() -> list[int]:
    sent = select(Message.recipient_id).filter_by(template="hearings/not_public", channel="page")
    return list(db.session.scalars(sent.order_by(Message.recipient_id)))


def smuggled(case: Case, **facts: object) -> None:
    """A minor who came into the case past every action, as in data older than this rule."""
    party = case.parties[0]
    with act("party.smuggle", party, by=None, at=NOW):
        for name, value in (facts or {"is_minor": True}).items():
            setattr(party, name, value)


def test_a_minor_who_comes_into_the_case_closes_every_hearing_of_it_that_is_not_over(town: Town) -> None:
    """One asked for, one approved, one planned; the one that is over and the other case's stay as they were."""
    case, other = the_case(town), the_case(town, "枫检刑诉〔2026〕32号")
    over = a_requested_hearing(town, case)
    cancel_hearing(over, town.prosecutor, NOW, "撤回申请")
    mine = [
        a_requested_hearing(town, case, kind="criminal_petition"),
        an_approved_hearing(town, case, kind="civil_supervision"),
        planned(town, hearing=approved(town, case)).hearing,
    ]
    theirs = a_requested_hearing(town, other)
    before = [history(hearing) for hearing in mine]
    a_party(town, case, "小张", "victim", is_minor=True)
    assert [stands(hearing) for hearing in (*mine, over, theirs)] == [CLOSED, CLOSED, CLOSED, PUBLIC, PUBLIC]
    assert [history(hearing) for hearing in mine] == [[*was, "hearing.exclude_public"] for was in before]
    assert (history(over)[-1], history(theirs)[-1]) == ("hearing.cancel", "hearing.request")
    assert (told(), invariants.broken()) == ([], [])


def test_who_is_found_to_be_a_minor_closes_it_as_well_and_it_stays_closed(town: Town) -> None:
    """Corrected back, or no longer in the case: what was decided stands until somebody amends the request."""
    case = a_case(town)
    victim = a_party(town, case, "小张", "victim")
    hearing = a_requested_hearing(town, case)
    correct_party(victim, {"is_minor": True}, town.coordinator, NOW, "查明")
    assert stands(hearing) == CLOSED
    with pytest.raises(MinorStaysClosed):
        amend_hearing(hearing, asked(openness="public", public_why="各方同意"), town.prosecutor, NOW)
    correct_party(victim, {"is_minor": False}, town.coordinator, NOW, "录错")
    remove_party(victim, NOW.date(), town.coordinator, NOW, "录错")
    assert (stands(hearing), history(hearing)) == (CLOSED, ["hearing.request", "hearing.exclude_public"])
    amend_hearing(hearing, asked(), town.prosecutor, NOW)
    assert stands(hearing) == PUBLIC


def test_why_it_departed_from_the_rule_goes_with_it(town: Town) -> None:
    case = a_case(town)
    facts = {"kind": "arrest_review", "grounds": ["social_danger"], "openness": "public", "public_why": "社会关注"}
    hearing = a_requested_hearing(town, case, **facts)
    assert stands(hearing) == (True, "", "社会关注")
    a_party(town, case, "小张", is_minor=True)
    assert stands(hearing) == CLOSED


def test_what_is_closed_for_another_reason_keeps_it_and_a_minor_witness_changes_nothing(town: Town) -> None:
    case = a_case(town)
    secret = {"openness": "closed", "closed_reason": "privacy", "public_why": "涉及隐私"}
    closed = a_requested_hearing(town, case, kind="civil_supervision", **secret)
    public = a_requested_hearing(town, case)
    a_party(town, case, "小张", "witness", is_minor=True)
    assert (stands(closed), stands(public)) == ((False, "privacy", "涉及隐私"), PUBLIC)
    a_party(town, case, "小李", "victim", is_minor=True)
    assert (stands(closed), stands(public)) == ((False, "privacy", "涉及隐私"), CLOSED)


@pytest.mark.parametrize(
    ("born_on", "found"), [(EIGHTEEN_THAT_DAY, (PUBLIC, CLOSED)), (STILL_SEVENTEEN, (CLOSED, CLOSED))]
)
def test_the_day_of_the_sitting_decides_and_without_one_today(town: Town, born_on: date, found: object) -> None:
    case = the_case(town)
    sits, waits = (
        planned(town, hearing=approved(town, case)).hearing,
        an_approved_hearing(town, case, kind="civil_supervision"),
    )
    assert stands(waits) == PUBLIC
    a_party(town, case, "小张", "victim", birth_on=born_on)
    assert (stands(sits), stands(waits)) == found
    assert invariants.broken() == []


def test_whoever_was_told_hears_that_it_is_not_public_and_who_has_the_case_too(town: Town) -> None:
    """H-42: in words that are settled then; nobody is told why, and the message names nothing of the case (LOOK)."""
    case = the_case(town)
    a_party(town, case, "李受害", "victim")
    hearing = planned(town, hearing=an_approved_hearing(town, case)).hearing
    notify_hearing(hearing, {}, town.coordinator, NOW)
    first = told()
    a_party(town, case, "小张", "third_party", is_minor=True)
    assert told()[len(first) :] == [(name, "change", how) for name, _, how in first]
    frozen = db.session.scalars(select(Message).filter_by(template="hearings/notice").order_by(Message.id)).all()
    notices = [n for n in hearing.notices if n.kind == "change" and n.channel == "message"]
    assert [m.frozen_text for m in frozen][-len(notices) :] == [n.text for n in notices]
    assert [("minor" in n.text or "未成年" in n.text or "小张" in n.text) for n in notices] == [False] * len(notices)
    before, after = (next(n.text for n in hearing.notices if n.kind == kind) for kind in ("time", "change"))
    assert [line for line in after.splitlines() if line not in before.splitlines()][2:] == [closed_line(town)]
    assert told_to_prepare() == sorted(p.id for p in (town.chief, town.clerk, town.coordinator))  # the others have it
    sent = db.session.scalars(select(Message).filter_by(template="hearings/not_public")).all()
    said = [written(message) for message in sent]
    assert [s for s in said for word in ("小张", "枫检刑诉", "危险驾驶", "未成年") if word in s.subject + s.body] == []
    assert invariants.broken() == []


def closed_line(town: Town) -> str:
    with spoken_to(town.prosecutor):
        return openness_line(is_public=False)


def test_before_the_notice_those_who_prepare_it_hear_of_it_and_no_party(town: Town) -> None:
    case = the_case(town)
    hearing = planned(town, hearing=an_approved_hearing(town, case)).hearing
    enter_party(case, {"name": "小张", "role": "victim", "is_minor": True}, by=town.clerk, at=NOW)
    assert (stands(hearing), told()) == (CLOSED, [])
    wanted = (
        town.prosecutor,
        town.chief,
        town.coordinator,
        town.clerk,
    )  # handles it and asked, approved, plans, did it
    assert told_to_prepare() == sorted(person.id for person in wanted)


def test_a_sitting_moved_before_somebodys_birthday_is_closed_and_said_so_once(town: Town) -> None:
    """He is eighteen on the day it was planned for."""
    case = the_case(town)
    hearing = planned(town, hearing=approved(town, case)).hearing
    party = late(town, hearing, "小张", role="victim", birth_on=EIGHTEEN_THAT_DAY)
    take_in_party(hearing, party, town.coordinator, NOW)
    notify_hearing(hearing, {}, town.coordinator, NOW)
    assert stands(hearing) == PUBLIC
    first, sitting = told(), hearing.sitting
    move_sitting(sitting, local("2026-12-01 09:00"), 90, town.coordinator, NOW, "主持人开会", room=town.room())
    assert (stands(hearing), history(hearing)[-2:]) == (CLOSED, ["hearing.exclude_public", "hearing.replan"])
    assert told()[len(first) :] == [(name, "change", how) for name, _, how in first]
    assert closed_line(town) in hearing.notices[-1].text
    move_sitting(sitting, local("2026-12-02 09:00"), 90, town.coordinator, NOW, "改回", room=town.room())
    assert (stands(hearing), history(hearing)[-1], invariants.broken()) == (CLOSED, "hearing.replan", [])


def test_each_step_to_the_sitting_looks_again(town: Town) -> None:
    """Whatever way a minor came into the case; each step ends with a hearing that is not public."""

    days = {3: "2026-12-03 09:00", 4: "2026-12-04 09:00", 5: "2026-12-09 09:00"}

    def a_hearing(n: int, through: str) -> Hearing:
        case = the_case(town, f"枫检刑诉〔2026〕{40 + n}号")
        a_party(town, case, "李受害", "victim")
        if through == "approve":
            return a_requested_hearing(town, case)
        hearing = approved(town, case)
        return hearing if through == "plan" else planned(town, days[n], hearing=hearing).hearing

    def take_in(hearing: Hearing) -> None:
        party = late(town, hearing)
        with act("hearing.open_again", hearing, by=None, at=NOW):
            hearing.is_public, hearing.closed_reason = True, ""
        take_in_party(hearing, party, town.coordinator, NOW)

    steps = {
        "approve": lambda hearing: approve_hearing(hearing, town.chief, NOW, DOCUMENT),
        "plan": lambda hearing: planned(town, "2026-12-07 09:00", hearing=hearing),
        "notify": lambda hearing: notify_hearing(hearing, {}, town.coordinator, NOW),
        "replan": lambda hearing: move_sitting(
            hearing.sitting, local("2026-12-08 09:00"), 90, town.coordinator, NOW, "开会", room=town.room()
        ),
        "take_in_party": take_in,
    }
    found = {}
    for n, (name, step) in enumerate(steps.items(), 1):
        hearing = a_hearing(n, name)
        smuggled(hearing.case)
        assert len(invariants.broken()) == 1
        step(hearing)
        found[name] = (stands(hearing), [h for h in history(hearing) if h == "hearing.exclude_public"])
    assert found == {name: (CLOSED, ["hearing.exclude_public"] * (1 + (name == "take_in_party"))) for name in steps}
    assert invariants.broken() == []


def test_a_list_of_people_under_assessment_brings_a_minor_into_a_case_as_well(town: Town) -> None:
    """Whoever is seventeen answers for his driving."""
    case = the_case(town)
    a_party(town, case, "孙小明")
    hearing = a_requested_hearing(town, case)
    days = {"first_on": date(2026, 11, 10), "last_on": date(2026, 12, 10), "received_on": None}
    plain = {"id_number": "110101200901017857", "phone": None, "prosecutor": None, "required_minutes": 1200}
    facts = {"blood_alcohol": Decimal("90.5"), "aggravating": "", "measure": None, "remark": None}
    row = {**days, **plain, **facts, "name": "小张", "born_on": date(2009, 1, 1), "case_number": case.number}
    store(TakenRow(2, None, row), town.office, town.coordinator, NOW)
    assert ([p.name for p in case.present_parties], stands(hearing)) == (["孙小明", "小张"], CLOSED)
    assert (history(hearing)[-1], invariants.broken()) == ("hearing.exclude_public", [])


def test_a_proposal_that_says_how_young_he_is_closes_the_hearing_as_well(town: Town) -> None:
    """His date of birth comes with the ID number."""
    prepared = Prepared(town)
    suspect = prepared.suspect(birth_on=None)
    hearing = a_requested_hearing(town, suspect.case)
    propose(suspect, prepared.asked(), "110101200901017857", town.prosecutor, NOW, "he drove")
    assert (suspect.birth_on, stands(hearing)) == (date(2009, 1, 1), CLOSED)
    assert (history(hearing)[-1], invariants.broken()) == ("hearing.exclude_public", [])


def test_who_is_of_age_by_the_day_of_the_sitting_does_not_open_what_is_closed(town: Town) -> None:
    case = the_case(town)
    a_party(town, case, "小张", "victim", birth_on=date(2008, 11, 25))
    hearing = an_approved_hearing(town, case)
    planned(town, hearing=hearing)
    notify_hearing(hearing, {}, town.coordinator, NOW)
    assert (stands(hearing), history(hearing)) == (
        CLOSED,
        ["hearing.request", "hearing.approve", "hearing.plan", "hearing.notify"],
    )


@pytest.mark.parametrize("is_over", [False, True])
def test_verify_db_names_a_public_hearing_with_a_minor(town: Town, is_over: bool) -> None:
    case = the_case(town)
    victim = a_party(town, case, "小张", "victim", birth_on=STILL_SEVENTEEN)
    hearing = planned(town, hearing=an_approved_hearing(town, case)).hearing
    if is_over:
        cancel_hearing(hearing, town.coordinator, NOW, "撤回申请")
    assert invariants.broken() == []

    def write(sql: str, key: int) -> None:
        with act("hearing.spoil", hearing, by=None, at=NOW):
            db.session.execute(text(sql), {"key": key})
        db.session.expire_all()

    write("UPDATE hearing SET is_public = true, closed_reason = '' WHERE id = :key", hearing.id)
    name = "a hearing that is not over is not public with a minor in its case (H-11)"
    broken = [] if is_over else [(name, f"hearing {hearing.id}")]
    assert [(b.invariant, b.what) for b in invariants.broken()] == broken
    write("UPDATE party SET birth_on = '2008-12-02' WHERE id = :key", victim.id)  # eighteen on that day
    assert invariants.broken() == []
    write("UPDATE party SET is_minor = true WHERE id = :key", victim.id)
    assert [(b.invariant, b.what) for b in invariants.broken()] == broken
    write("UPDATE party SET role = 'witness' WHERE id = :key", victim.id)
    assert invariants.broken() == []


def test_of_a_minor_and_a_public_hearing_that_race_the_minor_wins(app: Flask, town: Town) -> None:
    """On both engines, with connections of their own: whichever comes first."""
    keys = [the_case(town, f"枫检刑诉〔2026〕{n}号").id for n in range(41, 45)]

    def enter(key: int) -> str:
        return a_party(town, db.session.get_one(Case, key), "小张", "victim", is_minor=True).name

    def ask(key: int) -> str:
        return str(request_hearing(db.session.get_one(Case, key), asked(), town.prosecutor, NOW).kind)

    for key in keys:
        assert race(app, [partial(enter, key), partial(ask, key)]) == ["小张", "non_prosecution"]
    assert [stands(h) for h in db.session.scalars(select(Hearing).order_by(Hearing.id))] == [CLOSED] * len(keys)
    assert invariants.broken() == []
