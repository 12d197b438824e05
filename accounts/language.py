"""Which language a page speaks: the one chosen in this browser, else the person's, else Chinese."""

from __future__ import annotations

from flask import has_request_context, session
from flask_security import current_user

LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}  # citation: each named in itself


def pick_locale() -> str:
    """The locale of the request at hand; Chinese where there is none (jobs, commands)."""
    if not has_request_context():
        return "zh_Hans_CN"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if current_user and current_user.is_authenticated:
        return str(current_user.person.language)
    return "zh_Hans_CN"
