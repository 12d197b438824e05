"""Papers of the service as Word and PDF: their facts, who made which, an office's own templates (DOMAIN 3.3, D-25)."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import force_locale
from sqlalchemy import func, select

from accounts.actions.memberships import local_day
from accounts.models import Office, Person, Role
from accounts.presenting import local, masked_id
from accounts.rights import members
from errors import Refusal
from exchange import papers, word
from extensions import db
from record.act import act
from volunteers.actions.evaluation import evaluation_of, remarks_of
from volunteers.figures import figures_of, lines_of, officers_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import Attendance, AttendanceState
from volunteers.models.ledger import CreditKind
from volunteers.models.papers import PAPER_TEMPLATE, PaperKind, PaperTemplate, TemplateState
from volunteers.models.shifts import Shift
from volunteers.rules.pace import asked, served
from volunteers.terms import terms_of
from volunteers.words import COUNTED, GRADED, OPINIONS, PAPERS

SOURCES = Path(__file__).resolve().parent.parent.parent / "templates" / "papers"
CHINESE = "zh_Hans_CN"
WORD, PDF = "docx", "pdf"
COMING = (AttendanceState.BOOKED, AttendanceState.ARRIVED, AttendanceState.LEFT, AttendanceState.CONFIRMED)


class NotYet(Refusal):
    code = "paper_not_yet"
    message = "This paper cannot be made yet: something that stands in it is missing."
    help = "The report needs its number, the liaison letter a squad."
    source = "DOMAIN 8.5"


class OnlyWord(Refusal):
    code = "only_word"
    message = "Your office uses its own template for this paper: it is made in Word alone."
    help = "Make it in Word and save it as PDF there."


@dataclass(frozen=True)
class Made:
    """A paper: its bytes and a name that says nothing of anybody."""

    content: bytes
    file_name: str


@cache
def examples() -> dict[str, Any]:
    """An invented person for each kind of paper; what it has are the fields that a template may use."""
    return tomllib.loads((SOURCES / "examples.toml").read_text(encoding="utf-8"))


@cache
def source_of(kind: str) -> str:
    return (SOURCES / f"{kind}.txt").read_text(encoding="utf-8")


def make(  # noqa: PLR0917 - which paper, how, of whom, who makes it and why
    kind: str, form: str, of: Assessment | Shift, by: Person, at: datetime, reason: str
) -> Made:
    """Make a paper for somebody or for a shift; the act says which, from which template, and what its bytes were.

    Raises: NotYet, OnlyWord.
    """
    office = of.office
    own = template_in_force(office, kind)
    if own is not None and form == PDF:
        raise OnlyWord()
    on = local_day(office, at)
    with force_locale(CHINESE):
        values, title = facts_of(kind, of, on), str(PAPERS[kind])
        content = _made(kind, form, own, values, title, at)
    with act(
        "assessment.make_paper" if isinstance(of, Assessment) else "shift.make_paper",
        of,
        by=by,
        at=at,
        reason=reason,
        paper=kind,
        form=form,
        template=own.number if own else 0,
        sha256=_digest(content),
    ):
        pass
    return Made(content, f"{title}-{on.isoformat()}.{form}")


def _made(  # noqa: PLR0917 - which paper, how, from which template, with what
    kind: str, form: str, own: PaperTemplate | None, values: dict[str, Any], title: str, at: datetime
) -> bytes:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if form == PDF:
        return papers.pdf(source_of(kind), values, title, day)
    template = own.content if own is not None else word.shipped(source_of(kind))
    return word.fill(template, values, title, day)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# The facts. Names and minutes, the ID number masked; where a squad reads, nothing of a case (D-24, D-25).


def facts_of(kind: str, of: Assessment | Shift, on: date) -> dict[str, Any]:
    """What stands in a paper on a day, as text. Raises: NotYet."""
    if isinstance(of, Shift):
        return _sign_in_sheet(of)
    if kind == PaperKind.EVALUATION_REPORT:
        return _report(of)
    found = _common(of, on)
    if kind == PaperKind.SERVICE_RECORD:
        found |= _record(of, on)
    elif kind == PaperKind.LIAISON_LETTER:
        if of.squad is None:
            raise NotYet()
        found |= {"squad": of.squad.name, "trained_on": _day(of.trained_on), "insured_until": _day(of.insured_until)}
    return {key: found[key] for key in examples()[kind]}


def _common(of: Assessment, on: date) -> dict[str, Any]:
    terms = terms_of(of, on)
    coordinators = select(Person.name).where(Person.id.in_(members(of.office_id, Role.COORDINATOR, on)))
    return {
        "office": of.office.name,
        "name": of.person.name,
        "id_number": masked_id(of.person.id_number),
        "first_on": _day(of.first_on),
        "last_on": _day(of.last_on),
        "hours": str(asked(of.required_minutes)),
        "day_hours": str(asked(terms.max_day_minutes)),
        "training_hours": str(asked(terms.training_minutes)) if terms.training_required else "",
        "scheme": f"{of.scheme.title} v{of.scheme.number}" if of.scheme else "",
        "contact": " ".join(db.session.scalars(coordinators.order_by(Person.id))),
        "made_on": _day(on),
    }


def _record(of: Assessment, on: date) -> dict[str, Any]:
    """Every line that counts, oldest first; a reversal takes its minutes off."""
    at = _noon(of.office, on)
    entries = sorted(lines_of(of, at).credits, key=lambda one: (one.starts_at, one.id))
    done = figures_of([of], at)[of.id].done
    lines = [
        {
            "day": _day(local(one.starts_at).date()),
            "span": f"{local(one.starts_at):%H:%M}–{local(one.ends_at):%H:%M}",
            "place": one.attendance.shift.event.place,
            "minutes": str(-one.minutes if one.kind == CreditKind.REVERSAL else one.minutes),
            "by": one.vouched_by.name if one.vouched_by else "",
        }
        for one in entries
    ]
    return {"lines": lines, "minutes": str(done), "done_hours": _rounded(of, done, on)}


def _report(of: Assessment) -> dict[str, Any]:
    found = evaluation_of(of)
    if found is None or found.reported_at is None:
        raise NotYet()
    on = local_day(of.office, found.reported_at)
    return {
        **{key: _common(of, on)[key] for key in ("office", "name", "id_number", "first_on", "last_on", "hours")},
        "year": str(found.report_year),
        "number": str(found.report_number),
        "case_number": of.case.number,
        "done_hours": _rounded(of, found.done_minutes, on),
        "score": str(found.score),
        "proposed": str(GRADED[found.proposed]),
        "grade": str(GRADED[found.grade]),
        "reasons": found.reasons,
        "decided_by": found.decided_by.name,
        "made_on": _day(on),
        "lines": [
            {
                "what": str(COUNTED[what]),
                "count": _rounded(of, count, on) if what == "hours" else str(count),
                "points": str(points),
            }
            for what, count, points in found.lines
        ],
        "remarks": [
            {
                "squad": one.squad.name,
                "opinion": str(OPINIONS[one.opinion]),
                "text": one.text,
                "by": one.given_by.name if one.given_by else "",
            }
            for one in remarks_of(of)
            if one.opinion is not None
        ],
    }


def _sign_in_sheet(shift: Shift) -> dict[str, Any]:
    people = select(Person.name).join(Attendance, Attendance.person_id == Person.id)
    people = people.where(Attendance.shift_id == shift.id, Attendance.state.in_(COMING)).order_by(
        Person.pinyin, Person.id
    )
    event = shift.event
    return {
        "place": shift.post.name,
        "day": _day(shift.starts_on),
        "span": f"{local(event.starts_at):%H:%M}–{local(event.ends_at):%H:%M}",
        "officers": " ".join(one.person.name for one in officers_of([shift]).get(shift.id, [])),
        "lines": [
            {"number": str(number), "name": name} for number, name in enumerate(db.session.scalars(people), start=1)
        ],
    }


def _noon(office: Office, on: date) -> datetime:
    """An instant of a day, where only the day matters."""
    return datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(office.zone))


def _day(on: date | None) -> str:
    return format_date(on, "long", locale=CHINESE) if on else ""


def _rounded(of: Assessment, minutes: int, on: date) -> str:
    return str(served(minutes, terms_of(of, on).round_minutes))


# An office's own templates.


def template_in_force(office: Office, kind: str) -> PaperTemplate | None:
    rows = select(PaperTemplate).filter_by(office_id=office.id, kind=kind, state=TemplateState.IN_FORCE)
    return db.session.scalar(rows)


def templates_of(office: Office, kind: str) -> list[PaperTemplate]:
    rows = select(PaperTemplate).filter_by(office_id=office.id, kind=kind)
    return list(db.session.scalars(rows.order_by(PaperTemplate.number.desc())))


def send(  # noqa: PLR0917 - for which paper, which file, who sends it and why
    office: Office, kind: str, content: bytes, file_name: str, by: Person, at: datetime, reason: str
) -> PaperTemplate:
    """Keep a template that somebody sent, once it is harmless and says only fields that are known. Not yet in force.

    Raises: subclasses of exchange.word.TemplateRefused.
    """
    word.check_template(content, examples()[kind])
    last = select(func.max(PaperTemplate.number)).filter_by(office_id=office.id, kind=kind)
    row = PaperTemplate(
        office_id=office.id,
        kind=kind,
        number=(db.session.scalar(last) or 0) + 1,
        file_name=file_name[-120:],
        sha256=_digest(content),
        content=content,
        sent_by_id=by.id,
        sent_at=at,
    )
    with act("paper_template.send", row, by=by, at=at, reason=reason):
        db.session.add(row)
        db.session.flush()
    return row


def use(template: PaperTemplate, by: Person, at: datetime, reason: str) -> None:
    """From now on papers of its kind are made from it; the one before is kept. Raises: OffCourse."""
    with act("paper_template.use", template, by=by, at=at, reason=reason):
        retire(template.office, template.kind, by, at, reason)
        PAPER_TEMPLATE.step("use", template)


def retire(office: Office, kind: str, by: Person, at: datetime, reason: str) -> None:
    """Back to the shipped template."""
    standing = template_in_force(office, kind)
    if standing is not None:
        with act("paper_template.retire", standing, by=by, at=at, reason=reason):
            PAPER_TEMPLATE.step("retire", standing)


def preview(template: PaperTemplate) -> bytes:
    """The template filled in with an invented person."""
    values = examples()[template.kind]
    with force_locale(CHINESE):
        return word.fill(template.content, values, str(PAPERS[template.kind]), template.sent_at)
