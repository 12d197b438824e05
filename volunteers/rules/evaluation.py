"""The grade an evaluation proposes, line by line (DOMAIN 3.3, 8.5, D-26). A person decides; the program never does."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from errors import Refusal
from law import Minutes
from volunteers.rules.schemes import Terms


class Grade(enum.StrEnum):
    """From best to worst; the last one says that the service was not passed."""

    EXCELLENT = "excellent"
    PASSED = "passed"
    NOT_PASSED = "not_passed"


class Opinion(enum.StrEnum):
    """How a squad found somebody's service."""

    COMMENDED = "commended"
    AS_USUAL = "as_usual"
    LACKING = "lacking"


class ReasonsNeeded(Refusal):
    code = "reasons_needed"
    status = 422
    message = "The grade differs from the one proposed, or no squad has given its remark: say why."
    help = "The reasons stand in the report."
    source = "DOMAIN D-26"


class HoursMissing(Refusal):
    code = "hours_missing"
    status = 422
    message = "Excellent asks for all the hours of the scheme: %(missing)s are missing."
    help = "Choose another grade. Other hours, or a longer service, are agreed before the evaluation."
    source = "DOMAIN 3.3, V-06"
    field = "grade"


class PassedShort(Refusal):
    code = "passed_short"
    status = 422
    message = "%(missing)s of service are missing: say why the service is passed all the same."
    help = "The reasons stand in the report, beside the hours."
    source = "DOMAIN 3.3, D-26"
    field = "reasons"


class PeriodRuns(Refusal):
    code = "period_runs"
    message = "Hours are missing, and the service runs until %(last_on)s."
    help = "It can be evaluated once the hours are complete or the period is over."
    source = "DOMAIN 8.5"


@dataclass(frozen=True)
class Facts:
    """What is known of somebody's service. Minutes are exact; the counts are of shifts, but `checks`, unannounced ones.

    `no_shows` and `absent_late` are those not excused, `left_early` those he answers for himself; `by_service` were
    cancelled by the service.
    """

    required: int
    done: int
    no_shows: int = 0
    absent_late: int = 0
    left_early: int = 0
    by_service: int = 0
    opinions: tuple[str, ...] = ()
    checks: int = 0
    not_found: int = 0


@dataclass(frozen=True)
class Line:
    """One step of the arithmetic: what, how often (minutes for the hours), how many points it gives or takes."""

    what: str
    count: int
    points: int


@dataclass(frozen=True)
class Proposal:
    lines: tuple[Line, ...]
    score: int
    grade: Grade


@dataclass(frozen=True)
class Points:
    """What one of each takes from the full score, or gives: `commended` alone (`service.points.*`)."""

    no_shows: int
    absent_late: int
    left_early: int
    not_found: int
    commended: int
    lacking: int

    def each(self, what: str) -> int:
        """With its sign; nothing for what costs nothing."""
        amount = int(getattr(self, what, 0))
        return amount if what == Opinion.COMMENDED else -amount


FULL = 100


def propose_grade(facts: Facts, terms: Terms, points: Points) -> Proposal:
    """The score from 0 to 100, by the office's points, and the grade that follows from it by the scheme's lines.

    Hours count in proportion, rounded down once; what is missing costs nothing twice. Whoever has not served all hours
    is not proposed as passed, whatever the score. What the service cancelled and what a scheme's checks lack is said,
    and costs nothing: neither is his doing.
    """
    lines = [Line("hours", facts.done, FULL * min(facts.done, facts.required) // facts.required)]
    counted = {
        "no_shows": facts.no_shows,
        "absent_late": facts.absent_late,
        "left_early": facts.left_early,
        "not_found": facts.not_found,
        **{str(one): facts.opinions.count(one) for one in Opinion},
        "checks": facts.checks,
        "by_service": facts.by_service,
    }
    named = [(what, count) for what, count in counted.items() if count or what == "checks"]
    lines += [Line(what, count, count * points.each(what)) for what, count in named]
    score = max(0, min(FULL, sum(line.points for line in lines)))
    return Proposal(tuple(lines), score, _grade(facts, score, terms))


def _grade(facts: Facts, score: int, terms: Terms) -> Grade:
    if facts.done < facts.required or score < terms.pass_score:
        return Grade.NOT_PASSED
    return Grade.EXCELLENT if score >= terms.excellent_score else Grade.PASSED


def check_decision(grade: str, proposal: Proposal, facts: Facts, reasons: str) -> None:
    """A person decides, but no grade whose hours the scheme asks for and nobody has served is chosen in passing.

    Excellent is refused while hours are missing; passed asks for reasons that say so. Whoever else departs from the
    proposal, or decides without a squad's remark, says why. Raises: HoursMissing, PassedShort, ReasonsNeeded.
    """
    missing, said = Minutes(max(0, facts.required - facts.done)), bool(reasons.strip())
    if missing and grade == Grade.EXCELLENT:
        raise HoursMissing(missing=missing)
    if missing and grade == Grade.PASSED and not said:
        raise PassedShort(missing=missing)
    if (grade != proposal.grade or not facts.opinions) and not said:
        raise ReasonsNeeded()
