"""What every template may use: dates and times as LOOK writes them, masked facts, who is asking."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno
from flask import Flask, current_app, g, url_for
from flask_babel import format_date, get_locale, gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from markupsafe import Markup

from accounts import navigation
from accounts.web import here, today

ZONE = ZoneInfo("Asia/Shanghai")
ZONES = {"Asia/Shanghai": _l("Beijing time"), "Asia/Urumqi": _l("Xinjiang time")}
_ISO_DAY = re.compile(r"(?<![\w.-])[12][0-9]{3}-[01][0-9]-[0-3][0-9](?![\w.-])")
ARTICLE = re.compile(r"arts?\. ([0-9]+(?:, [0-9]+)*)(?:\(([0-9]+)\))?")


def zone() -> ZoneInfo:
    """The zone of the office at work."""
    office = g.get("office")
    return ZoneInfo(office.zone) if office is not None else ZONE


def month_name(on: date) -> str:
    """`2026年12月`, by any day of it."""
    chinese = str(get_locale()).startswith("zh")
    return str(format_date(on, "y年M月" if chinese else "MMMM y"))  # citation: the order of a Chinese date


def local(at: datetime) -> datetime:
    """The moment in the office's zone; at either end of the calendar, where that is no date any more, as it stands."""
    try:
        return at.astimezone(zone())
    except (OverflowError, ValueError):
        return at


def dated(on: date | datetime) -> str:
    """`11月24日 周二`; the year only when it is not this one. For paper and whatever else is read on another day."""
    if isinstance(on, datetime):
        on = local(on).date()
    chinese = str(get_locale()).startswith("zh")
    if on.year != today().year:
        return format_date(on, "y年M月d日 EEE" if chinese else "EEE d MMM y")  # citation: the order of a Chinese date
    return format_date(on, "M月d日 EEE" if chinese else "EEE d MMM")  # citation: the order of a Chinese date


def day(on: date | datetime) -> str:
    """As `dated`; today, tomorrow and yesterday also in words."""
    if isinstance(on, datetime):
        on = local(on).date()
    now, text = today(), dated(on)
    if g.get("read_later"):  # in a message "today" would be another day when it is read
        return text
    words = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    word = words.get((on - now).days)
    return f"{word} {text}" if word else text


def as_day(text: str) -> str:
    """A day that facts of an act keep as ISO text, as `dated` writes it."""
    return dated(date.fromisoformat(text))


def with_days(text: str) -> str:
    """A text of a file or of ours in which a day stands as ISO writes it: with the day as `dated` writes it."""
    return _ISO_DAY.sub(_as_dated, text)


def _as_dated(found: re.Match[str]) -> str:
    try:
        return as_day(found[0])
    except ValueError:
        return found[0]


def clock(at: datetime) -> str:
    """`17:00`."""
    return local(at).strftime("%H:%M")


def moment(at: datetime) -> str:
    """`11月24日 周二 17:00`, for paper and whatever else is read on another day."""
    return f"{dated(at)} {clock(at)}"


def zone_word(name: str) -> str:
    """`北京时间`; another zone by its own name."""
    return str(ZONES.get(name, name))


def span(starts_at: datetime, ends_at: datetime | None = None) -> str:
    """`11月24日 周二 17:00–18:30`; the second day only when it is another."""
    if ends_at is None:
        return f"{day(starts_at)} {clock(starts_at)}"
    same = local(starts_at).date() == local(ends_at).date()
    end = clock(ends_at) if same else f"{day(ends_at)} {clock(ends_at)}"
    return f"{day(starts_at)} {clock(starts_at)}–{end}"


def hours(starts_at: datetime, ends_at: datetime) -> str:
    """`17:00–18:30`, `23:21–next day 00:40`, where the day is said above; over more days as `span`."""
    days = (local(ends_at).date() - local(starts_at).date()).days
    if days > 1:
        return span(starts_at, ends_at)
    return f"{clock(starts_at)}–{gettext('next day') + ' ' if days else ''}{clock(ends_at)}"


def duration(minutes: int) -> str:
    """`1 小时 30 分`."""
    hours, rest = divmod(minutes, 60)
    parts = [ngettext("%(num)d hour", "%(num)d hours", hours)] if hours else []
    if rest or not hours:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", rest))
    return " ".join(parts)


def cited(source: str) -> str:
    """A source as a reader knows it: the books by their names, articles as his language counts them."""
    text = str(gettext(source)) if source else ""
    for book, name in (("DOMAIN", _l("Rule book")), ("TRUST", _l("Safety book")), ("SETTLED", _l("Book of decisions"))):
        text = text.replace(book, str(name))
    return ARTICLE.sub(_article, text)


def _article(found: re.Match[str]) -> str:
    numbers, paragraph = found.groups()
    if paragraph:
        return gettext("art. %(n)s(%(m)s)", n=numbers, m=paragraph)
    return gettext("art. %(n)s", n=numbers)


def masked_phone(phone: str | None) -> str:
    """`174****0123`."""
    return "" if not phone else phone[:3] + "*" * max(len(phone) - 7, 1) + phone[-4:]


def masked_id(number: str | None) -> str:
    """`9999**********676X`: the division and the last four."""
    return "" if not number else number[:4] + "*" * max(len(number) - 8, 1) + number[-4:]


@lru_cache(maxsize=256)
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""


def qr(text: str) -> Markup:
    """A QR code as an inline drawing, with the quiet zone that a reader needs."""
    return Markup(segno.make(text, error="m").svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=4))  # noqa: S704


def static_url(filename: str) -> str:
    """The address of a static file, with a fingerprint so that browsers may keep it. Read once in a process."""
    known: dict[str, str] = g.setdefault("static_urls", {})
    if filename not in known:
        mark = _fingerprint(Path(current_app.static_folder or "") / filename)
        known[filename] = url_for("static", filename=filename, v=mark)
    return known[filename]


def context() -> dict[str, Any]:
    """What layouts expect of every page."""
    signed_in = bool(current_user) and current_user.is_authenticated
    known = signed_in and not g.get("locked")
    office = _office() if known else None
    return {
        "person": current_user.person if signed_in else None,
        "office": office,
        "navigation": navigation.entries() if known else [],
        "links": _links(),
        "second_factor_off": office is not None and office.is_demo,
    }


def _office() -> Any:
    from accounts.access import Forbidden

    try:
        return here()
    except Forbidden:
        return None


def _links() -> dict[str, str | None]:
    wanted = {
        "home": "day.begin",
        "sessions": "profile.mine",
        "sign_out": "sign_in.leave",
        "language": "language.choose",
    }
    return {
        name: url_for(endpoint) if endpoint in current_app.view_functions else None for name, endpoint in wanted.items()
    }


def init_app(app: Flask) -> None:
    days = (day, dated, as_day, with_days)
    for filter_ in (*days, clock, moment, span, hours, duration, cited, masked_phone, masked_id, zone_word):
        app.add_template_filter(filter_)
    app.add_template_global(static_url)
    app.add_template_global(qr)
    app.add_template_global(get_locale)
    app.add_template_global(lambda: str(uuid.uuid4()), "form_id")
    app.context_processor(context)
