"""Paper sign-in sheets: each row an attendance *from paper*, waiting for the officer who signed (SETTLED 1).

Nothing is confirmed or credited here. Rows of one post, day and window share a shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from csv import writer
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Office, Person
from errors import Refusal
from exchange.actions.taking import take_seen
from exchange.judging import Finding, Judged, TakenRow, why
from exchange.looking import Seen
from exchange.models import Decision, Flag, ImportRun
from exchange.taking import Options, takers
from exchange.tidy import name as tidied
from extensions import db
from record.act import act, current_act
from scheduler.deadlines.calendar import calendar_in_force
from scheduler.timeline import timeline
from scheduler.timeline.models import BookingRole, Event, Quota
from volunteers.actions.postings import new_posting
from volunteers.actions.ticks import SERVED, outcome_at, outcome_of
from volunteers.models.assessment import Assessment
from volunteers.models.attendance import (
    ATTENDANCE,
    PAPER,
    Attendance,
    AttendanceState,
    Tick,
    TickKind,
    TickMethod,
)
from volunteers.models.posts import Post
from volunteers.models.shifts import KIND, Posting, Shift, ShiftState, Slot
from volunteers.rules.known import Known, KnownPerson, KnownPost, KnownSignIn
from volunteers.rules.sheet import SHEET, SheetContext, context_of

SIGN_INS = "signins"  # the kind of list that sheets are
OPEN_ROW = timedelta(minutes=1)  # somebody who never signed out is known only at the minute he signed in


@dataclass(frozen=True)
class TypedRow:
    """A line of a paper sheet as somebody typed it."""

    person: str
    came: str
    left: str = ""
    remark: str = ""


class RowsRefused(Refusal):
    """`findings` by the typed rows' numbers, which begin with 1."""

    code = "rows_refused"
    status = 422
    message = "Of these rows %(rows)s cannot be entered as they stand. Nothing was stored."
    help = "Mend them; the others need not be typed again."

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(rows=len({one.row for one in findings}))
        self.findings = findings

    def lines(self) -> Iterator[str]:
        """What is wrong, a sentence each."""
        for one in self.findings:
            yield gettext("Row %(n)s: %(why)s", n=one.row, why=why(SHEET, one, gettext))


def enter_sheet(  # noqa: PLR0917 - which sheet, signed by whom, its rows, and who enters it when
    post: Post, on: date, officer: str, rows: Sequence[TypedRow], by: Person, at: datetime
) -> tuple[ImportRun, Judged]:
    """Take rows typed from one paper sheet, all or none, by the rules and with the marks of a file.

    Raises: RowsRefused.
    """
    heads = {column.key: column.names[0] for column in SHEET.columns}
    written = StringIO()
    table = writer(written)
    keys = ("on", "post", "person", "came_at", "left_at", "officers", "remark")
    table.writerow([heads[key] for key in keys])
    for row in rows:
        table.writerow([on.isoformat(), post.name, row.person, row.came, row.left, officer, row.remark])
    found = next(one for one in takers() if one.kind == SIGN_INS)
    content, name = written.getvalue().encode(), f"{post.name} {on.isoformat()}"
    options = Options(on=at.astimezone(ZoneInfo(post.office.zone)).date())

    def check(seen: Seen) -> None:
        refused = [one for row in seen.judged.refused_rows for one in row.findings]
        wrong = [_typed(one) for one in refused]
        if wrong:
            raise RowsRefused(wrong)

    run, seen = take_seen(post.office, found, content, file_name=name, options=options, by=by, at=at, check=check)
    return run, seen.judged


def _typed(finding: Finding) -> Finding:
    """A finding by the number of the typed row: that of the file, whose first row is the heads, is one more."""
    other = finding.facts.get("row")
    facts = {**finding.facts, "row": other - 1} if isinstance(other, int) else finding.facts
    return replace(finding, row=finding.row - 1, facts=facts)


def context(office: Office, options: Options) -> SheetContext:
    """What a sheet is judged against: the office's posts, people and stored sign-ins."""
    calendar = calendar_in_force(office)
    known = Known.of(_posts(office), _people(office), _sign_ins(office))
    here = options.at.astimezone(ZoneInfo(office.zone)) if options.at else None
    return context_of(options.on, options.year_month, known, lambda on: calendar.kind(on) == "off", here)


def _posts(office: Office) -> Iterable[KnownPost]:
    for post in db.session.scalars(select(Post).where(Post.office_id == office.id)):
        yield KnownPost(
            key=post.id,
            name=tidied(post.name),
            officers=frozenset(tidied(person.name) for person in post.present_officers),
            windows=tuple(post.windows.values()),
            weekdays=frozenset(post.weekdays),
        )


def _people(office: Office) -> Iterable[KnownPerson]:
    query = select(Assessment).options(joinedload(Assessment.person)).where(Assessment.office_id == office.id)
    for one in db.session.scalars(query.order_by(Assessment.id)):
        yield KnownPerson(one.person_id, tidied(one.person.name), one.first_on, one.served_until)


def _sign_ins(office: Office) -> Iterable[KnownSignIn]:
    zone = ZoneInfo(office.zone)
    query = (
        select(Shift.starts_on, Shift.post_id, Attendance)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .where(Shift.office_id == office.id)
        .options(selectinload(Attendance.ticks))
    )
    for on, post_id, attendance in db.session.execute(query):
        for by_phone in (False, True):
            said = {t.kind: t.at.astimezone(zone).time() for t in attendance.ticks if (t.device != PAPER) is by_phone}
            if TickKind.IN in said:
                times = said[TickKind.IN], said.get(TickKind.OUT)
                yield KnownSignIn(on, post_id, attendance.person_id, *times, by_phone=by_phone)


def store(row: TakenRow, office: Office, by: Person | None, at: datetime) -> Attendance:
    """Store one sign-in: its shift, the booking, the ticks on paper and the posting of the officer who signed.

    Of somebody who stands on the shift already the paper's times are put beside what his phone or an officer's says.
    """
    values = row.values
    came_at, left_at = _times(values, office)
    beside = _booked(values, came_at, left_at)
    if beside is not None:
        return _beside(beside, row, (came_at, left_at), by, at)
    assessment = _assessment(office, values["person_key"], values["on"])
    shift = _shift(office, values, came_at, left_at, by, at)
    state = AttendanceState.LEFT if left_at else AttendanceState.ARRIVED
    attendance = Attendance(
        office_id=office.id,
        shift_id=shift.id,
        person_id=assessment.person_id,
        assessment_id=assessment.id,
        state=state,
        from_paper=True,
        remark=values["remark"] or "",
        **(outcome_at(shift, left_at) if left_at else {}),
    )
    with act("attendance.enter_from_paper", attendance, by=by, at=at, row=row.number):
        _make_room(shift)
        ends_at = min(left_at or came_at + OPEN_ROW, shift.event.ends_at)
        who = timeline.resource_of(assessment.person)
        take = timeline.Take(shift.event, who, BookingRole.VOLUNTEER, starts_at=came_at, ends_at=ends_at)
        attendance.booking_id = timeline.rebook(take)[0].id
        db.session.add(attendance)
        db.session.flush()
        officer = _signed(shift, values["officers"], by, at)
        _tick(attendance, TickKind.IN, came_at, officer, at)
        if left_at is not None:
            _tick(attendance, TickKind.OUT, left_at, officer, at)
    return attendance


def _booked(values: dict[str, Any], came_at: datetime, left_at: datetime | None) -> Attendance | None:
    """His attendance at a shift of this post at that time, that no paper made."""
    query = (
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            Shift.post_id == values["post_key"],
            Shift.starts_on == values["on"],
            Attendance.person_id == values["person_key"],
            Attendance.from_paper.is_(False),
            Attendance.state.not_in([AttendanceState.CANCELLED, AttendanceState.ABSENT]),
            Event.starts_at < (left_at or came_at + OPEN_ROW),
            Event.ends_at > came_at,
        )
    )
    return db.session.scalars(query.order_by(Attendance.id)).first()


def _beside(
    attendance: Attendance, row: TakenRow, times: tuple[datetime, datetime | None], by: Person | None, at: datetime
) -> Attendance:
    """What is settled stays: then the paper is a fact on which a correction can rest."""
    came_at, left_at = times
    with act("attendance.enter_from_paper", attendance, by=by, at=at, row=row.number):
        if attendance.state == AttendanceState.BOOKED and left_at is None:
            ATTENDANCE.step("arrive", attendance)
        elif attendance.state in SERVED and left_at is not None:
            ATTENDANCE.step("enter_from_paper", attendance, **outcome_of(attendance, left_at))
        officer = _signed(attendance.shift, row.values["officers"], by, at)
        _tick(attendance, TickKind.IN, came_at, officer, at)
        if left_at is not None:
            _tick(attendance, TickKind.OUT, left_at, officer, at)
    return attendance


def current(row: TakenRow, office: Office) -> dict[str, Any] | None:
    """The stored sign-in of this date, post, person and time, by the keys of the sheet."""
    values, zone = row.values, ZoneInfo(office.zone)
    came_at = datetime.combine(values["on"], values["came_at"], zone)
    found = db.session.scalar(
        select(Attendance)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Tick, Tick.attendance_id == Attendance.id)
        .where(
            Shift.office_id == office.id,
            Shift.post_id == values["post_key"],
            Attendance.person_id == values["person_key"],
            Tick.kind == TickKind.IN,
            Tick.device == PAPER,
            Tick.at == came_at,
        )
        .limit(1)
    )
    if found is None:
        return None
    on_paper = [tick for tick in found.ticks if tick.device == PAPER]
    outs = [tick.at.astimezone(zone).time() for tick in on_paper if tick.kind == TickKind.OUT]
    return {
        "on": values["on"],
        "post": found.shift.post.name,
        "person": found.person.name,
        "came_at": values["came_at"],
        "left_at": outs[-1] if outs else None,
        "remark": found.remark or None,
    }


def settled(flag: Flag, attendance: Attendance, by: Person, at: datetime) -> None:
    """A doubt about a sign-in was settled, or taken up again: one that does not count, for one doubt of several, is
    never confirmed.

    Where the paper stands beside a phone the phone's word is not struck out with it: the officer chooses.
    """
    about = Flag.subject_table == flag.subject_table, Flag.subject_id == flag.subject_id
    query = select(Flag.id).where(*about, Flag.decision == Decision.STRUCK_OUT)
    struck = db.session.scalar(query.limit(1)) is not None
    if attendance.from_paper and attendance.struck_out != struck:
        with act("attendance.strike_out" if struck else "attendance.restore", attendance, by=by, at=at):
            attendance.struck_out = struck


def _times(values: dict[str, Any], office: Office) -> tuple[datetime, datetime | None]:
    zone = ZoneInfo(office.zone)

    def instant(clock: time) -> datetime:
        return datetime.combine(values["on"], clock, zone)

    return instant(values["came_at"]), instant(values["left_at"]) if values["left_at"] else None


def _assessment(office: Office, person_id: int, on: date) -> Assessment:
    """Which of a person's assessments a day belongs to: that in whose days it lies, else the newest."""
    query = select(Assessment).where(Assessment.office_id == office.id, Assessment.person_id == person_id)
    mine = db.session.scalars(query.order_by(Assessment.id.desc())).all()
    return next((one for one in mine if one.first_on <= on <= one.served_until), mine[0])


def _shift(  # noqa: PLR0917 - what the row says, and who enters it when
    office: Office,
    values: dict[str, Any],
    came_at: datetime,
    left_at: datetime | None,
    by: Person | None,
    at: datetime,
) -> Shift:
    """The shift of a row: its post's window of that day, made on first use; outside every window one of its own."""
    post = db.session.get_one(Post, values["post_key"])
    zone, on = ZoneInfo(office.zone), values["on"]
    for slot, (begins, ends) in post.windows.items():
        if begins <= values["came_at"] < ends:
            standing = select(Shift).filter_by(post_id=post.id, starts_on=on, slot=slot)
            shift = db.session.scalar(standing.where(Shift.state != ShiftState.CANCELLED))
            span = datetime.combine(on, begins, zone), datetime.combine(on, ends, zone)
            if shift is None:
                return _made(post, slot, on, span, by=by, at=at)
            if not _is_there(shift, values["person_key"]):
                return shift
    return _made(post, Slot.OTHER, on, (came_at, left_at or came_at + timedelta(hours=1)), by=by, at=at)


def _is_there(shift: Shift, person_id: int) -> bool:
    where = Attendance.shift_id == shift.id, Attendance.person_id == person_id
    return db.session.scalar(select(Attendance.id).where(*where).limit(1)) is not None


def _made(
    post: Post, slot: str, on: date, span: tuple[datetime, datetime], *, by: Person | None, at: datetime
) -> Shift:
    """A shift for a sheet. It is open, as one that is over and not yet closed."""
    starts_at, ends_at = span
    event = Event(
        office_id=post.office_id,
        kind=KIND,
        title=KIND,
        starts_at=starts_at,
        ends_at=ends_at,
        place=post.name,
        changed_at=at,
    )
    shift = Shift(
        office_id=post.office_id,
        event=event,
        post_id=post.id,
        squad_id=post.squad_id,
        starts_on=on,
        slot=slot,
        minutes=(ends_at - starts_at) // timedelta(minutes=1),
        from_paper=True,
        state=ShiftState.OPEN,
    )
    with act("shift.enter_from_paper", shift, by=by, at=at, reason=gettext("from paper")):
        db.session.add_all([event, shift])
        db.session.flush()
        quota = Quota(event_id=event.id, office_id=post.office_id, role=BookingRole.VOLUNTEER, capacity=post.capacity)
        db.session.add(quota)
    return shift


def _make_room(shift: Shift) -> None:
    """Who stands on a sheet was there: where more came than there are places, the shift had more."""
    quota = db.session.scalars(select(Quota).filter_by(event_id=shift.event_id, role=BookingRole.VOLUNTEER)).one()
    db.session.refresh(quota, ["taken"])
    if quota.taken >= quota.capacity:
        quota.capacity = quota.taken + 1


def _signed(shift: Shift, names: Iterable[str], by: Person | None, at: datetime) -> Person | None:
    """The officer of the post who signed, posted to the shift; None where none did or he is not of this post."""
    wanted = set(names)
    for officer in shift.post.present_officers:
        if tidied(officer.name) in wanted:
            posted = db.session.scalar(select(Posting.id).filter_by(shift_id=shift.id, person_id=officer.id))
            if posted is None:
                _post(shift, officer, by, at)
            return officer
    return None


def _post(shift: Shift, officer: Person, by: Person | None, at: datetime) -> None:
    db.session.add(new_posting(shift, officer, by, at, gettext("from paper")))
    timeline.rebook(timeline.Take(shift.event, timeline.resource_of(officer), BookingRole.TRAFFIC_OFFICER))


def _tick(attendance: Attendance, kind: str, stated: datetime, officer: Person | None, at: datetime) -> None:
    db.session.add(
        Tick(
            attendance_id=attendance.id,
            office_id=attendance.office_id,
            kind=kind,
            at=stated,
            server_at=at,
            device=PAPER,
            method=TickMethod.PAPER,
            by_id=officer.id if officer else None,
            act_uid=current_act().uid,
        )
    )
