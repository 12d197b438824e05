"""Sessions: both sides of each limit, revoking, what a change of roles does (TRUST T23; DOMAIN 9.2 login.*)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Flask
from pytest import mark, raises

from accounts.access import Forbidden
from accounts.actions.people import give_membership
from accounts.actions.sessions import live_sessions, revoke_sessions
from accounts.models import Membership
from accounts.rules.limits import LIMITS, is_fresh, judge_session
from extensions import db
from record.act import act, history
from tests.accounts.visitor import (
    PASSWORD,
    Visitor,
    age,
    give_password,
    in_english,
    sessions_of,
    text_of,
    without_second_factor,
)
from tests.town import NOW, Town

SECOND = timedelta(seconds=1)


@mark.parametrize(
    ("kind", "idle", "left", "state"),
    [
        ("staff", timedelta(minutes=30) - SECOND, SECOND, "open"),
        ("staff", timedelta(minutes=30), SECOND, "over"),
        ("staff", timedelta(0), timedelta(0), "over"),
        ("field", timedelta(minutes=15) - SECOND, SECOND, "open"),
        ("field", timedelta(minutes=15), SECOND, "locked"),
        ("field", timedelta(days=29), SECOND, "locked"),
        ("field", timedelta(0), timedelta(0), "over"),
    ],
)
def test_a_session_ends_or_waits_for_its_pin_at_its_limit(
    kind: str, idle: timedelta, left: timedelta, state: str
) -> None:
    assert judge_session(kind, NOW - idle, NOW + left, NOW, LIMITS) == state


def test_the_proof_of_who_is_here_is_fresh_for_five_minutes() -> None:
    assert is_fresh(NOW - timedelta(minutes=5) + SECOND, NOW, LIMITS)
    assert not is_fresh(NOW - timedelta(minutes=5), NOW, LIMITS)


def signed_in(app: Flask, town: Town) -> Visitor:
    without_second_factor(town.coordinator)
    give_password(town.coordinator)
    visitor = Visitor(app)
    visitor.sign_in("周协调")
    return visitor


@mark.parametrize(
    ("column", "ago", "status"),
    [
        ("last_seen_at", timedelta(minutes=29, seconds=50), 200),
        ("last_seen_at", timedelta(minutes=30), 302),
        ("expires_at", timedelta(seconds=-20), 200),
        ("expires_at", timedelta(0), 302),
    ],
)
def test_a_staff_session_on_both_sides_of_its_limits(
    app: Flask, town: Town, column: str, ago: timedelta, status: int
) -> None:
    visitor = signed_in(app, town)
    age(town.coordinator, **{column: datetime.now(UTC) - ago})
    assert visitor.get("/me").status_code == status


def test_a_staff_session_lasts_twelve_hours_however_busy(app: Flask, town: Town) -> None:
    signed_in(app, town)
    (opened,) = sessions_of(town.coordinator)
    assert opened.expires_at - opened.opened_at == timedelta(hours=12)


def test_a_request_is_noted_at_most_once_a_minute(app: Flask, town: Town) -> None:
    visitor = signed_in(app, town)
    before = datetime.now(UTC) - timedelta(minutes=3)
    age(town.coordinator, last_seen_at=before)
    visitor.get("/me")
    seen = sessions_of(town.coordinator)[0].last_seen_at
    assert seen > before + timedelta(minutes=2)
    db.session.remove()
    visitor.get("/me")
    assert sessions_of(town.coordinator)[0].last_seen_at == seen


def test_a_revoked_session_is_over_on_the_next_request(app: Flask, town: Town) -> None:
    visitor = signed_in(app, town)
    ended = revoke_sessions(town.coordinator, town.security_admin, datetime.now(UTC), "left the office")
    assert (ended, live_sessions(town.coordinator, datetime.now(UTC))) == (1, [])
    db.session.remove()
    assert visitor.get("/me").location == "/account/login?next=/me"
    posted = visitor.post("/me/sessions/revocation")
    assert (posted.status_code, "Please sign in first" in text_of(posted)) == (401, True)
    asked = visitor.get("/me", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json["type"]) == (401, "/problems/not_signed_in")
    fragment = visitor.get("/me", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/me?x=1"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/account/login?next=/me?x%3D1")
    assert history(town.coordinator)[-1:] == ["session.revoke"]


def test_a_cookie_that_names_somebody_opens_nothing_without_a_session(app: Flask, town: Town) -> None:
    """Who is signed in is a row of ours; Flask-Login's cookie alone is nobody."""
    visitor = Visitor(app)
    with visitor.client.session_transaction() as cookie:
        cookie.update({"_user_id": town.coordinator.account.fs_uniquifier, "_fresh": True})
    assert visitor.get("/me").status_code == 302
    mine = signed_in(app, town)
    with mine.client.session_transaction() as cookie:
        cookie["_user_id"] = town.chief.account.fs_uniquifier
    assert mine.get("/me").status_code == 302


def test_a_new_staff_role_or_the_end_of_one_ends_the_session(app: Flask, town: Town) -> None:
    visitor = signed_in(app, town)
    assert visitor.get("/me").status_code == 200
    give_membership(town.coordinator, town.office, "clerk", starts_on=date(2026, 1, 1), by=town.security_admin, at=NOW)
    db.session.remove()
    assert visitor.get("/me").status_code == 302
    visitor.sign_in("周协调")
    assert visitor.get("/me").status_code == 200
    membership = db.session.scalars(db.select(Membership).filter_by(person_id=town.coordinator.id, role="clerk")).one()
    with act("membership.end", membership, by=town.security_admin, at=NOW):
        membership.ends_on = date(2026, 1, 2)
    db.session.remove()
    assert visitor.get("/me").status_code == 302


def test_one_ends_one_session_or_all_others_and_nobody_elses(app: Flask, town: Town) -> None:
    here = signed_in(app, town)
    there, third = Visitor(app), Visitor(app)
    there.sign_in("周协调")
    third.sign_in("周协调")
    stranger = town.browser(town.chief)
    others = [str(s.public_id) for s in sessions_of(town.coordinator)]
    assert stranger.post(f"/me/sessions/{others[1]}/revocation").status_code == 404
    assert there.get("/me").status_code == 200
    assert here.post(f"/me/sessions/{others[1]}/revocation").status_code == 303
    assert here.post(f"/me/sessions/{others[1]}/revocation").status_code == 404
    assert (there.get("/me").status_code, third.get("/me").status_code) == (302, 200)
    assert here.post("/me/sessions/revocation").status_code == 303
    assert (third.get("/me").status_code, here.get("/me").status_code) == (302, 200)
    assert stranger.get("/me").status_code == 200


def test_a_coordinator_ends_the_access_of_field_people_only(app: Flask, town: Town) -> None:
    whom = ("traffic_officer", "chief")
    people = [getattr(town, role) for role in whom] + [town.neighbour("traffic_officer")]
    paths = [f"/people/{person.public_id}/revocation" for person in people]
    browsers = [town.browser(getattr(town, role)) for role in whom] + [town.browser(town.neighbour("traffic_officer"))]
    desk = town.browser(town.coordinator)
    answers = [desk.post(path, {"reason": "phone lost"}).status_code for path in paths]
    assert answers == [303, 403, 404]
    assert [browser.get("/me").status_code for browser in browsers] == [302, 200, 200]
    assert history(town.traffic_officer)[-1:] == ["session.revoke"]


def test_a_squad_leader_and_a_chief_end_access_where_they_may(town: Town) -> None:
    leader, chief = town.browser(town.squad_leader), town.browser(town.chief)
    assert leader.post(f"/people/{town.traffic_officer.public_id}/revocation").status_code == 303
    assert leader.post(f"/people/{town.volunteer.public_id}/revocation").status_code == 404
    assert chief.post(f"/people/{town.clerk.public_id}/revocation").status_code == 303


def test_a_step_marked_a_asks_for_a_fresh_sign_in_and_keeps_what_was_sent(app: Flask, town: Town) -> None:
    give_password(town.security_admin)
    path = f"/people/{town.clerk.public_id}/revocation"
    clerk = town.browser(town.clerk)
    stale = town.browser(town.security_admin, at=datetime.now(UTC) - timedelta(minutes=6))
    in_english(stale)
    asked = stale.post(path, {"reason": "gone"})
    assert (asked.status_code, "Your password, please" in text_of(asked)) == (401, True)
    assert clerk.get("/me").status_code == 200
    problem = stale.post(path, headers={"Accept": "application/json"})
    assert (problem.status_code, problem.json["type"]) == (401, "/problems/reauth")
    again = {"again_target": path, "again_kept": "1", "reason": "gone", "form_id": "kept"}
    wrong = stale.post("/account/verify", {**again, "again_secret": "wrong"})
    assert (wrong.status_code, 'name="reason" value="gone"' in wrong.text) == (422, True)
    right = stale.client.post("/account/verify", data={**again, "again_secret": PASSWORD})
    assert (right.status_code, right.location) == (307, path)
    assert stale.post(path, {"reason": "gone"}).status_code == 303
    assert clerk.get("/me").status_code == 302
    assert town.browser(town.security_admin).post(path).status_code == 303


def test_five_wrong_passwords_at_the_question_end_the_session(app: Flask, town: Town) -> None:
    visitor = signed_in(app, town)
    answers = [visitor.post("/account/verify", {"again_secret": "wrong", "again_target": "/me"}) for _ in range(5)]
    assert [a.status_code for a in answers] == [422, 422, 422, 422, 303]
    assert visitor.get("/me").status_code == 302
    assert Visitor(app).sign_in("周协调").status_code == 422


def test_answers_are_kept_by_person(app: Flask, town: Town) -> None:
    """Two people who happen to send the same form identity each get their own answer (I07)."""
    one, two = town.browser(town.coordinator), town.browser(town.chief)
    path = f"/people/{town.traffic_officer.public_id}/revocation"
    assert one.post(path, {"form_id": "the same"}).status_code == 303
    kept = one.post(path, {"form_id": "the same"})
    other = two.post(path, {"form_id": "the same"})
    assert (kept.headers.get("Idempotent-Replay"), other.headers.get("Idempotent-Replay")) == ("true", None)


def test_the_language_is_chosen_signed_out_and_signed_in(app: Flask, town: Town) -> None:
    visitor = Visitor(app)
    assert visitor.post("/language", {"language": "en", "next": "/account/login"}).location == "/account/login"
    assert '<html lang="en">' in visitor.get("/account/login").text
    assert visitor.post("/language", {"language": "xx"}).status_code == 303
    assert '<html lang="en">' in visitor.get("/account/login").text
    browser = town.browser(town.coordinator)
    browser.post("/language", {"language": "en"})
    assert (town.coordinator.language, history(town.coordinator)[-1:]) == ("en", ["person.correct"])


def test_forbidden_stays_forbidden(town: Town) -> None:
    from accounts.access import Viewer, find_for
    from accounts.models import Person
    from accounts.rights import CREATE_ACCOUNT

    with raises(Forbidden):
        find_for(Viewer(town.coordinator, date(2026, 11, 24)), Person, town.clerk.public_id, CREATE_ACCOUNT)
