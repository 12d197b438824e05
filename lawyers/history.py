"""What the acts of stations, rotas and duties are called in the trail."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from accounts.presenting import dated, month_name
from accounts.trail import call, hide_columns, name_columns, name_values, say
from lawyers.models import Duty, LawyerEntry, Rota, Station, StationClosure


def _month(row: Any) -> str:
    return gettext("%(month)s, version %(n)s", month=month_name(row.first_on), n=row.version)


def _day(row: Any) -> str:
    return dated(row.serves_on)


call(LawyerEntry, _l("lawyer of the register"), lambda row: row.name)
call(Station, _l("station"))
call(StationClosure, _l("closed day"), lambda row: dated(row.closed_on))
call(Rota, _l("rota"), _month, lambda row: url_for("rota.show", public_id=row.public_id))
call(Duty, _l("duty"), _day)
say(
    {
        "lawyer.register": _l("took a lawyer into the register"),
        "lawyer.keep": _l("said how a lawyer serves"),
        "lawyer.leave": _l("entered leave of a lawyer"),
        "station.open": _l("opened a station"),
        "station.change": _l("changed a station"),
        "station.close_day": _l("closed a station for a day"),
        "station.reopen_day": _l("opened a station again on a day"),
        "rota.draft": _l("began a rota"),
        "rota.generate": _l("generated a rota"),
        "rota.demand": _l("changed what a rota asks"),
        "rota.undo": _l("took an edit of a rota back"),
        "rota.publish": _l("published a rota"),
        "rota.supersede": _l("replaced a rota by a newer version"),
        "rota.discard": _l("discarded a draft"),
        "duty.assign": _l("set the lawyer of a duty"),
        "duty.swap": _l("let two lawyers change places"),
        "duty.lock": _l("fixed a duty"),
        "duty.unlock": _l("freed a duty for generating"),
        "duty.substitute": _l("put a stand-in on duty"),
        "duty.release": _l("took a lawyer off a duty"),
        "duty.cancel": _l("cancelled a duty"),
        "duty.mark_day_off": _l("marked a duty whose day is off now"),
        "duty.unmark_day_off": _l("took the mark of a day off from a duty"),
        "duty.call": _l("looked up the number of the lawyer on duty"),
    }
)
name_columns(
    {
        "lawyer_id": _l("lawyer"),
        "locked": _l("fixed"),
        "serves_on": _l("day of duty"),
        "min_distance": _l("days between two duties"),
        "may_stay_uncovered": _l("days that may stay empty"),
        "share_percent": _l("share in per cent"),
        "weekly_blocks": _l("blocked half-days"),
        "preset": _l("opening days"),
        "am_starts": _l("morning from"),
        "am_ends": _l("morning till"),
        "pm_starts": _l("afternoon from"),
        "pm_ends": _l("afternoon till"),
        "weekday": _l("day of the week"),
        "lawyers_a_session": _l("lawyers a half-day"),
        "closed_on": _l("closed on"),
        "station_id": _l("station"),
        "sessions": _l("half-days"),
        "on_day_off": _l("its day is off"),
        "rota_id": _l("rota"),
        "rota.first_on": _l("first day"),
        "rota.last_on": _l("last day"),
        "rota.version": _l("version"),
        "drafted_by_id": _l("drafted by"),
        "published_at": _l("published"),
        "field": _l("field"),
        "licence": _l("licence number"),
        "practice_since": _l("practises since"),
        "cap_per_month": _l("most duties a month"),
        "remark_dealt_with": _l("remark dealt with"),
    }
)
hide_columns("rota.within", "rota.basis", "rota.edits")
name_values(
    {
        "duty.sessions": {"am": _l("morning"), "pm": _l("afternoon"), "am+pm": _l("all day")},
        "station.preset": {"one_weekday": _l("one weekday a week"), "every_working_day": _l("every working day")},
        "station.mode": {"on_site": _l("on site"), "phone": _l("by phone"), "online": _l("online")},
    }
)
