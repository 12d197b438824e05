"""Shifts drawn by lot, for a squad leader to look at unannounced (TRUST T01)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.models import Office
from accounts.settings import rule_for
from record.sealed import keyed_hash
from volunteers.models.shifts import Shift


def drawn_by_lot(shifts: Iterable[Shift], office: Office) -> Iterator[Shift]:
    """Of some shifts of an office one in `service.look_at_one_of`, in their order.

    The lot hangs on the installation's pepper: nobody can tell beforehand, and it falls the same whenever one looks.
    """
    for shift in shifts:
        one_of = int(rule_for("service.look_at_one_of", office, shift.starts_on).amount)
        if one_of and int(keyed_hash("lot", str(shift.public_id)), 16) % one_of == 0:
            yield shift
