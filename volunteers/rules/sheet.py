"""Paper sign-in sheets: one row a person at a post, known by date, post, person and time of sign-in.

Nothing is confirmed or credited here: a row *called confirmed* carries the signature of an officer of the post and no
doubt, and is put before that officer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from errors import N_
from exchange import tidy, tidy_times
from exchange.judging import Column, Context, Fault, Importer, TakenRow, Values, alone
from exchange.reasons import STORED
from exchange.vocabulary import vocabulary_beside
from law import LONGEST_SHIFT_MINUTES
from volunteers.rules.known import Known, KnownPerson, KnownPost

_NAMES: dict[str, Any] = vocabulary_beside(__file__)["columns"]
Standing = Literal["open", "doubtful", "pending", "confirmed"]


@dataclass(frozen=True, kw_only=True)
class SheetContext(Context):
    """`year_month` is the month of the sheet, for dates without a year; `known` what it is judged against. Nothing
    was so after `until`, by the clock of the office in which a sheet is written."""

    year_month: tuple[int, int] | None
    known: Known
    until: datetime
    is_statutory_holiday: Callable[[date], bool]


def context_of(
    on: date,
    year_month: tuple[int, int] | None,
    known: Known,
    is_statutory_holiday: Callable[[date], bool],
    here: datetime | None = None,
) -> SheetContext:
    """The context in which the sign-ins of `known` count as stored. `here`: now, by the office's clock."""
    over = datetime.combine(on, time.max)
    return SheetContext(
        on=on,
        stored=known.identities,
        year_month=year_month,
        known=known,
        until=over if here is None else min(over, here.replace(tzinfo=None)),
        is_statutory_holiday=is_statutory_holiday,
    )


def _day(text: str, context: SheetContext) -> date:
    return tidy_times.day(text, context.year_month[0] if context.year_month else None)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def find_person(named: str, on: date, known: Known) -> KnownPerson | Fault:
    """Who is meant by a name on a day: of namesakes the one whose period it is, of one person the newest period."""
    people = known.people.get(named, ())
    if not people:
        return Fault("person", "unknown_person", "refuse")
    within = tuple(person for person in people if person.first_on <= on <= person.last_on)
    if len({person.key for person in people}) == 1:
        return (within or people)[-1]
    alone = len({person.key for person in within}) == 1
    return within[-1] if alone else Fault("person", "several_persons", "refuse")


def complete_sign_in(values: Values, context: SheetContext) -> list[Fault]:
    """Find the post and the person named, and count the minutes: out minus in, None while open."""
    faults = []
    if "post" in values:
        post = context.known.posts.get(values["post"])
        if post is None:
            faults.append(Fault("post", "unknown_post", "refuse"))
        else:
            values["post_key"] = post.key
    if "person" in values and "on" in values:
        person = find_person(values["person"], values["on"], context.known)
        if isinstance(person, Fault):
            faults.append(person)
        else:
            values["person_key"], values["period"] = person.key, (person.first_on, person.last_on)
    values["officers"] = values.get("officers") or ()
    if "came_at" in values and values.get("left_at") is not None:
        values["minutes"] = _minute(values["left_at"]) - _minute(values["came_at"])
    else:
        values["minutes"] = None
    return faults


def judge_sign_in(values: Values, context: SheetContext, others: Sequence[TakenRow]) -> list[Fault]:
    """Refuse what cannot be true; flag what needs a person. `others` are this person's rows of that day.

    Source: data/README.md; DOMAIN D-24 to D-29 for what a signature means.
    """
    minutes: int | None = values["minutes"]
    if minutes is not None and minutes <= 0:
        return [Fault("left_at", "out_before_in", "refuse")]
    if minutes is not None and minutes > LONGEST_SHIFT_MINUTES:
        return [Fault("left_at", "too_long", "refuse", {"hours": LONGEST_SHIFT_MINUTES // 60})]
    if minutes is not None and values["minutes_stated"] not in (None, minutes):
        return [Fault("minutes_stated", "minutes_contradict", "refuse", {"minutes": minutes})]
    ahead = _not_yet(values, context.until)
    if ahead:
        return ahead
    clash = _elsewhere(values, context.known, others)
    return clash or _doubts(values, context)


def _not_yet(values: Values, until: datetime) -> list[Fault]:
    """Refuse what is written down before it was so."""
    if values["on"] > until.date():
        return [Fault("on", "not_yet", "refuse")]
    key = "came_at" if values["left_at"] is None else "left_at"
    return [Fault(key, "not_yet", "refuse")] if datetime.combine(values["on"], values[key]) > until else []


def _elsewhere(values: Values, known: Known, others: Sequence[TakenRow]) -> list[Fault]:
    """Nobody is in two places: refuse a row that overlaps one taken before, or one stored (then `row` is None).

    What was ticked at the same post is no other place: the paper is put beside it, and a person chooses (D-28).
    """
    spans: list[tuple[int | None, time, time | None]] = [
        (row.number, row.values["came_at"], row.values["left_at"]) for row in others
    ]
    stored = known.sign_ins.get((values["person_key"], values["on"]), ())
    beside = [one for one in stored if one.by_phone and one.post_key == values["post_key"]]
    spans += [(None, one.came_at, one.left_at) for one in stored if one not in beside]
    mine = _span(values["came_at"], values["left_at"])
    for number, came_at, left_at in spans:
        theirs = _span(came_at, left_at)
        if mine[0] < theirs[1] and theirs[0] < mine[1]:
            return [Fault("post", "two_places", "refuse", {"row": number})]
    return []


def _span(came_at: time, left_at: time | None) -> tuple[int, int]:
    """Minutes of the day, half-open; an open row is known only at the minute of its sign-in."""
    return _minute(came_at), _minute(came_at) + 1 if left_at is None else _minute(left_at)


def _doubts(values: Values, context: SheetContext) -> list[Fault]:
    """Flags against the post and the person's own period; late or early within a window is no doubt."""
    post: KnownPost = context.known.posts[values["post"]]
    first_on, last_on = values["period"]
    on: date = values["on"]
    doubts = []
    if not first_on <= on <= last_on:
        doubts.append(Fault("on", "outside_period", "flag"))
    if context.is_statutory_holiday(on):
        doubts.append(Fault("on", "statutory_holiday", "flag"))
    elif on.isoweekday() not in post.weekdays:
        doubts.append(Fault("on", "post_closed", "flag"))
    window = next((w for w in post.windows if w[0] <= values["came_at"] < w[1]), None)
    if window is None:
        doubts.append(Fault("came_at", "outside_window", "flag"))
    elif values["left_at"] is not None and values["left_at"] > window[1]:
        doubts.append(Fault("left_at", "outside_window", "flag"))
    if values["officers"] and not post.officers.intersection(values["officers"]):
        doubts.append(Fault("officers", "officer_not_of_post", "flag"))
    return doubts


def standing(row: TakenRow) -> Standing:
    """What the paper says of a taken row: open (no sign-out), doubtful (flagged), pending (no officer), confirmed."""
    if row.values["left_at"] is None:
        return "open"
    if row.flags:
        return "doubtful"
    return "confirmed" if row.values["officers"] else "pending"


def summary(rows: Sequence[TakenRow]) -> dict[str, Any]:
    """Open and pending row numbers, and the minutes of rows the paper calls confirmed and of pending ones."""
    by = {kind: [row for row in rows if standing(row) == kind] for kind in ("open", "pending", "confirmed")}
    return {
        "open": [row.number for row in by["open"]],
        "pending": [row.number for row in by["pending"]],
        "minutes": {kind: sum(row.values["minutes"] for row in by[kind]) for kind in ("confirmed", "pending")},
    }


SHEET: Importer[SheetContext] = Importer(
    name="signin",
    columns=(
        Column("on", _NAMES["on"], _day, mandatory=True),
        Column("post", _NAMES["post"], alone(tidy.name), mandatory=True),
        Column("person", _NAMES["person"], alone(tidy.name), mandatory=True),
        Column("came_at", _NAMES["came_at"], alone(tidy_times.clock), mandatory=True),
        Column("left_at", _NAMES["left_at"], alone(tidy_times.clock), mandatory=True, optional=True),
        Column("officers", _NAMES["officers"], alone(tidy.names), optional=True),
        Column(
            "minutes_stated",
            _NAMES["minutes_stated"],
            alone(lambda text: tidy.duration(text, "minutes")),
            optional=True,
        ),
        Column("remark", _NAMES["remark"], alone(tidy.remark), optional=True, verbatim=True),
    ),
    identity=("on", "post_key", "person_key", "came_at"),
    named_by="on",
    complete=complete_sign_in,
    together=lambda values: (values["person_key"], values["on"]),
    judge_row=judge_sign_in,
    summary=summary,
    reasons={
        "unknown_person": N_("Nobody of this name is under assessment"),
        "several_persons": N_("Several people under assessment have this name, and the date does not tell which"),
        "unknown_post": N_("No such post"),
        "out_before_in": N_("Signed out before signing in"),
        "too_long": N_("Longer than %(hours)s hours: a slip of the pen"),
        "not_yet": N_("This time has not come yet"),
        "minutes_contradict": N_("Minutes contradict in and out (which give %(minutes)s)"),
        "two_places": N_("In two places at once, see row %(row)s"),
        "two_places" + STORED: N_("In two places at once: a sign-in that is already stored overlaps"),
        "outside_period": N_("Outside this person's own period"),
        "statutory_holiday": N_("A statutory holiday"),
        "post_closed": N_("The post is not staffed on this day"),
        "outside_window": N_("Outside this post's windows"),
        "officer_not_of_post": N_("The officer who signed does not belong to this post"),
    },
)
