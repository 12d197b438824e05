"""How doubts, decisions and differences read, in the language of whoever looks."""

from __future__ import annotations

import json
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from exchange.differing import Difference, Origin
from exchange.judging import Finding, why
from exchange.models import Decision, Flag, ImportedRow
from exchange.taking import taker
from exchange.values import shown

DECIDED = {
    Decision.ACCEPTED: _l("Accepted as it is"),
    Decision.CORRECTED: _l("Corrected"),
    Decision.STRUCK_OUT: _l("Struck out"),
}


def about_of(row: ImportedRow) -> str:
    """By what a person knows a row that was stored."""
    one = taker(row.kind)
    values = json.loads(row.values)
    return " · ".join(shown(values[key]) for key in one.naming if values.get(key)) if one else ""


def page_of(kind: str, subject: Any) -> str:
    """The address of the page on which a stored row is seen; "" where it has none."""
    one = taker(kind)
    return url_for(one.page, public_id=subject.public_id) if one and one.page and subject is not None else ""


def why_of(flag: Flag) -> str:
    """The sentence behind a stored doubt; its code where no taker knows it any more."""
    one = taker(flag.kind)
    if one is None:
        return flag.code
    finding = Finding(flag.row, flag.column, flag.value, flag.code, flag.facts)
    return why(one.importer, finding, gettext)


def said_origin(difference: Difference) -> str:
    """Why a stored row says something else than the file: a person changed it, or the file is newer, or both."""
    by = difference.by
    if difference.origin == Origin.GONE:
        return gettext("no longer found here; changed by %(by)s", by=by) if by else gettext("no longer found here")
    if difference.origin == Origin.ENTERED_HERE:
        return gettext("entered here, not imported")
    if difference.origin == Origin.FILE_NEWER:
        return gettext("the file is newer")
    changed = gettext("changed here by %(by)s since", by=by) if by else gettext("changed here since")
    return changed + ", " + gettext("and the file is newer") if difference.origin == Origin.BOTH else changed
