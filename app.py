"""The application factory: configuration, extensions, rooms. Wiring only."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

import cases.wiring
import config
import exchange.wiring
import hearings.wiring
import lawyers.wiring
import record.wiring
import scheduler.wiring
import volunteers.wiring
from accounts import entrance, refusals, web
from accounts import wiring as accounts_wiring
from accounts.language import pick_locale
from demo import commands as demo
from extensions import babel, csrf, limiter, open_database
from record.edge import Fengli

ROOMS = (
    record.wiring,
    accounts_wiring,
    exchange.wiring,
    scheduler.wiring,
    cases.wiring,
    hearings.wiring,
    lawyers.wiring,
    volunteers.wiring,
    demo,
)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Make one application. `settings` as `config.settings` returns them; by default from the environment."""
    app = Fengli("fengli", root_path=str(config.ROOT), template_folder="templates", static_folder="static")
    app.config.update(settings if settings is not None else config.from_environment())
    app.extensions["fengli_keys"] = app.config["FENGLI_KEYS"]
    open_database(app)
    babel.init_app(app, locale_selector=pick_locale)
    csrf.init_app(app)
    limiter.init_app(app)
    app.url_map.converters["day"] = web.DayConverter
    app.before_request(entrance.check)
    for room in ROOMS:
        room.init_app(app)
    refusals.init_app(app)
    app.after_request(_headers)
    if app.config["FENGLI_TLS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]  # one hop in front says who asks, and how
    refuse_undeclared_routes(app)
    return app


def refuse_undeclared_routes(app: Flask) -> None:
    """A route without a declared permission stops the start (T13)."""
    bare = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if entrance.declared(app, rule.endpoint) is None
    ]
    if bare:
        raise RuntimeError("routes without a permission: " + ", ".join(sorted(bare)))


def _headers(response: Response) -> Response:
    for name, value in config.HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
