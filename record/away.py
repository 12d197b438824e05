"""While the database is away: one line a second in the log, however many ask (TRUST F04)."""

from __future__ import annotations

from logging import Logger
from multiprocessing.sharedctypes import RawValue
from time import monotonic

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

EVERY = 1.0  # second
NO_CONNECTION = ("08", "57P")  # SQLSTATE: connection exceptions; the server shuts down, crashed or starts

# Shared by the processes that are forked after this is loaded. Without a lock, which a killed one would keep: two lines
# at one moment harm nobody.
_told = RawValue("d", 0.0)


def is_away(trouble: BaseException | None) -> bool:
    """Whether a fault, or what led to it, is that nobody answers: no connection could be made, or it was lost."""
    while trouble is not None:
        if isinstance(trouble, DBAPIError) and _lost(trouble):
            return True
        trouble = trouble.__cause__ or (None if trouble.__suppress_context__ else trouble.__context__)
    return False


def _lost(trouble: DBAPIError) -> bool:
    if trouble.connection_invalidated:
        return True
    state = getattr(trouble.orig, "sqlstate", None) or ""
    at_connecting = trouble.statement is None and isinstance(trouble, OperationalError | InterfaceError)
    return at_connecting or state.startswith(NO_CONNECTION)


def tell(logger: Logger, trouble: BaseException) -> None:
    """Say so, unless that was said within this second. The line names no address and nothing that was sent."""
    at = monotonic()
    if at - _told.value >= EVERY:
        _told.value = at
        logger.error("the database is away: %s", type(trouble).__name__)
