"""The pool of hearing officers: who is in it, and who may sit today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from accounts.access import listed
from accounts.models import Office, Person
from accounts.searching import joined_pinyin
from accounts.settings import in_force
from accounts.web import here, needs, today, viewer
from extensions import db
from hearings.actions.pool import candidate_of
from hearings.models import PoolMember
from hearings.rights import READ_POOL
from hearings.rules.officers import judge_candidate
from hearings.rules.pool import term_ends_on
from law import Doubt, Rule

bp = Blueprint("pool", __name__, url_prefix="/pool")
EXPIRES_SOON_DAYS = 60  # DOMAIN H-37


@dataclass(frozen=True)
class Line:
    """A member of the pool as the page shows him; `doubts` are what keeps him from sitting today."""

    member: PoolMember
    term_ends_on: date
    doubts: list[Doubt]

    @property
    def eligible(self) -> bool:
        return not any(doubt.level == "refuse" for doubt in self.doubts)


@bp.get("")
@needs(READ_POOL)
def index() -> ResponseReturnValue:
    """Search by name, sound or work; filter by category and by who may sit today; sorted by name or term."""
    office, on = here(), today()
    rules = _rules(office, on)
    lines = [_line(member, on, *rules) for member in _members(office)]
    shown = [line for line in lines if request.args.get("may", "") in {"", "yes" if line.eligible else "no"}]
    if request.args.get("sort") == "term":
        shown.sort(key=lambda line: line.term_ends_on)
    if request.args.get("dir") == "desc":
        shown.reverse()
    return render_template(
        "hearings/pool.html",
        lines=shown,
        total=len(lines),
        may_today=sum(line.eligible for line in lines),
        ending=[line for line in lines if line.eligible and (line.term_ends_on - on).days <= EXPIRES_SOON_DAYS],
        standings=_standings(office),
        on=on,
    )


def _members(office: Office) -> list[PoolMember]:
    wanted = request.args.get("q", "").strip().casefold()
    rows = listed(viewer(), PoolMember, READ_POOL).join(Person).options(joinedload(PoolMember.person))
    rows = rows.where(PoolMember.office_id == office.id, PoolMember.left_on.is_(None))
    if wanted:
        words = (Person.name, Person.pinyin, joined_pinyin(), Person.initials, PoolMember.position, PoolMember.field)
        rows = rows.where(or_(*(func.lower(word).contains(wanted, autoescape=True) for word in words)))
    if request.args.get("standing"):
        rows = rows.where(PoolMember.standing == request.args["standing"])
    return list(db.session.scalars(rows.order_by(Person.pinyin, Person.name, PoolMember.id)))


def _standings(office: Office) -> list[tuple[str, str]]:
    named = select(PoolMember.standing).where(PoolMember.office_id == office.id, PoolMember.standing != "")
    return [(name, name) for name in db.session.scalars(named.distinct().order_by(PoolMember.standing))]


def _rules(office: Office, on: date) -> tuple[Rule, Rule]:
    keys = ("hearing_officer.min_age", "hearing_officer.pool.term")
    held = in_force(office, on, keys)
    return held[keys[0]].rule, held[keys[1]].rule


def _line(member: PoolMember, on: date, min_age: Rule, term: Rule) -> Line:
    doubts = judge_candidate(candidate_of(member), on, min_age, term)
    return Line(member, term_ends_on(member.joined_on, term.amount), doubts)
