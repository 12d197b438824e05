"""The matrix of rights: every route by every role, on things of one's own office and of another (TRUST section 2)."""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from accounts import access, entrance
from accounts.access import Declared
from accounts.models import Role
from app import create_app, refuse_undeclared_routes
from extensions import db
from tests.engines import A_SHARE
from tests.examples import EXAMPLES
from tests.town import Town

MATRIX = Path(__file__).with_name("data") / "rights.tsv"
DECISION = Path(__file__).parent.parent / "docs" / "decisions" / "0005-permissions-beside-the-matrix.md"
# Permissions the matrix has no row for, and why they are needed.
OURS = {
    "see_people": "the list of people, for the holders of keep_people, create_account, grant_role, revoke_access",
    "keep_memberships": "keep_people, where it is asked of a membership",
    "approve_role": "the second person that grant_role asks for; the chief, where there is no other of them",
    "call_lawyer": "the number of today's duty lawyer for whoever has to fetch him, each look recorded",
    "amend_hearing": "request_hearing, where it is asked of a request that stands already",
    "see_correction": "the page of a correction: propose_correction and approve_correction, without a fresh sign-in",
    "see_scheme": "the terms of a scheme: draft_scheme, approve_scheme, and whoever proposes or follows assessments",
    "see_incident": "what note_incident wrote is read by its author, the prosecutor of the case and the coordinator",
    "answer_incident": "reading such a note, and deciding whether it was he who stood there",
    "give_remark": "8.5 asks for the squad's remark, entered by its leader; of the people, of nothing else",
    "see_hearing": "the page of a hearing: see_participants, and the receptionist for what he asked for himself",
    "read_pool": "the pool of hearing officers, for whoever chooses from it; keep_pool changes it",
    "keep_messages": "sending a message of the office again, and noting that it was told by phone",
    "read_messages": "the page where every message of the office can be read (the issue asks for it)",
}
READ = {"GET"}


def matrix() -> dict[str, dict[str, str]]:
    with MATRIX.open(encoding="utf-8") as file:
        return {row["permission"]: row for row in csv.DictReader(file, delimiter="\t")}


def spelled(declared: Declared) -> set[str]:
    return {f"{g.role}:{g.scope}{''.join(sorted(g.marks))}" for g in declared.grants.values()}


def rows_of(who: str) -> set[str]:
    if who.startswith("everyone:"):
        return {f"{role}:{who.split(':')[1]}" for role in Role}
    found = set()
    for part in who.split(", "):
        role, _, rest = part.partition(":")
        found.add(f"{role}:{rest[0]}{''.join(sorted(rest[1:]))}")
    return found


def test_every_permission_is_held_by_exactly_those_the_matrix_names(app: Flask) -> None:
    wanted = matrix()
    wrong = {
        name: sorted(spelled(declared) ^ rows_of(wanted[name]["who"]))
        for name, declared in access.permissions().items()
        if name in wanted and spelled(declared) != rows_of(wanted[name]["who"])
    }
    assert wrong == {}


def test_a_permission_beside_the_matrix_is_told_with_its_reason(app: Flask) -> None:
    """In the decision as well, each in one line."""
    beside = sorted(set(access.permissions()) - set(matrix()))
    told = re.findall(r"^\| `(\w+)` \| \S", DECISION.read_text(encoding="utf-8"), re.MULTILINE)
    assert (sorted(OURS), sorted(told)) == (beside, beside)


def test_a_route_without_a_permission_stops_the_start(engine: Any) -> None:
    """T13."""
    url, owner_url = engine.make()
    app = create_app(engine.settings(url, owner_url))
    app.add_url_rule("/bare", "bare", lambda: "x")
    with pytest.raises(RuntimeError, match=r"/bare \(bare\)"):
        refuse_undeclared_routes(app)
    engine.drop(url)


def judged(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every route that a permission guards, with its method."""
    for rule in app.url_map.iter_rules():
        permission = entrance.declared(app, rule.endpoint)
        if permission in access.permissions():
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method, str(permission)


def address(rule: Rule, row: Any) -> str | None:
    """The route's address for a row; None where it needs more than the row's public id."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = type(rule._converters[name]).__name__
        if converter != "UUIDConverter" or len(rule.arguments) > 1:
            return None
        values[name] = row.public_id if row is not None else uuid.uuid4()
    built = rule.build(values)
    return built[1] if built else None


def call(browser: Any, method: str, path: str) -> int:
    """Refusals come as problem+json: most of the answers, and their page is looked at elsewhere."""
    ask = browser.get if method == "GET" else browser.post
    return int(ask(path, headers={"Accept": "application/json"}).status_code)


@A_SHARE
def test_nobody_reaches_a_thing_of_another_office_and_no_role_a_step_that_is_not_its_own(
    app: Flask, town: Town, share: int
) -> None:
    """T12, T13: another office's thing is 404; a step that a role does not hold is 403 or 404."""
    holes: list[str] = []
    models = {p.name: p.on for p in access.permissions().values()}
    lacking = sorted(
        {models[p].__name__ for r, _, p in judged(app) if r.arguments and models[p] is not None} - set(EXAMPLES)
    )
    assert lacking == [], "add an example of these to tests/examples.py"
    # whoever begins counter mode opens nothing but its pages in that browser: last
    confining = ("counter.", "counter_desk.begin")
    routes = sorted(judged(app), key=lambda one: one[0].endpoint.startswith(confining))
    made: dict[tuple[str, bool], Any] = {}
    for rule, _, permission in routes:
        model = models[permission]
        if rule.arguments and model is not None and (model.__name__, True) not in made:
            for own in (True, False):
                row = EXAMPLES[model.__name__](town, town.office if own else town.other_office)
                made[model.__name__, own] = row.public_id
    db.session.remove()
    for turn, role in enumerate(Role):
        browser = town.browser(getattr(town, role))
        for rule, method, permission in (one for place, one in enumerate(routes) if (place + turn) % share == 0):
            holes += _holes(browser, role, rule, method, permission, models[permission], made)
    assert holes == []


class _Id:
    def __init__(self, public_id: Any) -> None:
        self.public_id = public_id


def _holes(
    browser: Any, role: str, rule: Rule, method: str, permission: str, model: Any, made: dict[tuple[str, bool], Any]
) -> Iterator[str]:
    declared = access.permissions()[permission]
    grant = declared.grants.get(role)
    if not rule.arguments:
        path = address(rule, None)
        status = call(browser, method, path or "")
        if grant is None and status != 403:
            yield f"{role} {method} {rule.rule}: {status} without {permission}"
        if status >= 500:
            yield f"{role} {method} {rule.rule}: {status}"
        return
    if model is None:
        return
    for own in (True, False):
        path = address(rule, _Id(made[model.__name__, own]))
        if path is None:
            return
        status = call(browser, method, path)
        if status >= 500:
            yield f"{role} {method} {rule.rule}: {status}"
        if grant is None and status not in {403, 404}:
            yield f"{role} {method} {rule.rule} ({'own' if own else 'other'} office): {status} without {permission}"
        if not own and grant is not None and grant.scope != "p" and status != 404:
            yield f"{role} {method} {rule.rule} of another office: {status}"


Example = Callable[[Town, Any], Any]
