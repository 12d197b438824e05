"""Calendar feeds: the page on which one makes and ends one's own, and the address itself."""

from __future__ import annotations

import hashlib
import uuid

from flask import Blueprint, Response, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale, gettext

from accounts import access
from accounts.access import NotFound
from accounts.settings import rule_for
from accounts.web import here, needs, now, person, public, see_other, today, viewer
from extensions import limiter
from record import traces
from record.edge import network
from scheduler.calendar import feeds, ical
from scheduler.calendar.models import Feed, FeedKind, FeedUse
from scheduler.forms.feeds import FeedForm
from scheduler.rights import MANAGE_OWN_FEED, SEE_CALENDAR

bp = Blueprint("feeds", __name__)
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Content-Disposition": 'inline; filename="calendar.ics"',
}


@bp.get("/me/feeds")
@needs(MANAGE_OWN_FEED)
def mine() -> ResponseReturnValue:
    return _page(FeedForm())


def _page(form: FeedForm, token: str | None = None, made: Feed | None = None) -> str:
    if not _sees_office():
        form.kind.choices = form.kind.choices[:1]
    address = url_for(".read", token=token, _external=True) if token else None
    return render_template(
        "scheduler/feeds.html",
        feeds=feeds.feeds_of(person()),
        form=form,
        address=address,
        made=made,
        idle_days=rule_for("feed.idle_revoke", here(), today()).amount,
    )


def _sees_office() -> bool:
    return any(m.office_id == here().id and grant.scope == "f" for m, grant in access.grants_of(viewer(), SEE_CALENDAR))


@bp.post("/me/feeds")
@needs(MANAGE_OWN_FEED)
def make() -> ResponseReturnValue:
    """Make an address; this answer is the only page that ever shows it."""
    form = FeedForm.of(_page)
    kind = form.kind.data if _sees_office() else FeedKind.OWN.value
    feed, token = feeds.make_feed(person(), here(), now(), name=form.name.data, kind=kind, language=str(get_locale()))
    return _page(FeedForm(formdata=None), token, feed)


@bp.post("/me/feeds/<uuid:public_id>/revocation")
@needs(MANAGE_OWN_FEED)
def revoke(public_id: uuid.UUID) -> ResponseReturnValue:
    feed = next((f for f in feeds.feeds_of(person()) if f.public_id == public_id), None)
    if feed is None:
        raise NotFound()
    feeds.end_feed(feed, person(), now())
    flash(
        gettext("The address “%(name)s” is ended. Calendars that use it get nothing any more.", name=feed.name), "good"
    )
    return see_other(".mine")


def _token() -> str:
    """The token of the request: in the path, or as the password of HTTP Basic with the user name `feed`."""
    given = (request.view_args or {}).get("token")
    basic = request.authorization
    if given is None and basic is not None and basic.type == "basic" and basic.username == "feed":
        given = basic.password
    return given or ""


def _known() -> bool:
    if "feed" not in g:
        g.feed = feeds.live_feed(_token())
    return g.feed is not None


@bp.get("/feeds/<token>.ics")
@bp.get("/feeds/mine.ics", endpoint="read_basic")
@public
@limiter.limit("60/hour", key_func=lambda: _token()[:12], exempt_when=lambda: not _known())
@limiter.limit("20/hour", key_func=lambda: network(request.remote_addr), exempt_when=_known)
def read(token: str = "") -> ResponseReturnValue:
    """The feed of a token. Unknown, revoked and malformed tokens answer alike; parameters are not read."""
    if not _known():
        return Response("", status=404, headers=HEADERS, mimetype="text/plain")
    feed: Feed = g.feed
    at = now()
    past = rule_for("feed.range_past", feed.office, at.date()).amount
    kept = rule_for("feed.cancelled_kept", feed.office, at.date()).amount
    with force_locale(feed.language):
        body = ical.text_of(gettext("Fengli"), feeds.entries(feed, at, int(past), int(kept)))
    response = Response(body, headers=HEADERS, content_type="text/calendar; charset=utf-8")
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.make_conditional(request)
    agent = (request.user_agent.string or "").split("/")[0][:40]
    if traces.is_due(feed.use.last_used_at, at):
        traces.leave(
            response, FeedUse, feed.use.id, "last_used_at", at, network=network(request.remote_addr), agent=agent
        )
    return response
