"""Who may import (TRUST section 2). A kind of list narrows it to its own roles (`Taker.roles`)."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from sqlalchemy import ColumnElement

from accounts.access import NotFound, Viewer, declare, grants_of, listed, scope
from accounts.models import Membership, Office
from exchange.models import Flag, ImportDraft, ImportRun
from exchange.taking import Taker, taker, takers
from extensions import db

M = TypeVar("M", bound=Any)

IMPORT_FILES = declare("import_files", Office, "coordinator:f, prosecutor:a, case_management:f, squad_leader:a")


@scope(Office, "a")
def _my_office(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """What somebody brings into his office for his own cases or his own squad."""
    return Office.id == mine.office_id


def _kinds(role: str) -> list[str]:
    return [one.kind for one in takers() if role in one.roles]


@scope(ImportRun, "f")
@scope(ImportRun, "a")
def _runs(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (ImportRun.office_id == mine.office_id) & ImportRun.kind.in_(_kinds(mine.role))


@scope(Flag, "f")
@scope(Flag, "a")
def _flags(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    return (Flag.office_id == mine.office_id) & Flag.kind.in_(_kinds(mine.role))


@scope(ImportDraft, "f")
@scope(ImportDraft, "a")
def _my_drafts(viewer: Viewer, mine: Membership) -> ColumnElement[bool]:
    """A file that waits is seen by who brought it, at the office he brought it to, while he may still import it."""
    his = (ImportDraft.office_id == mine.office_id) & (ImportDraft.by_id == viewer.person.id)
    return his & ImportDraft.kind.in_(_kinds(mine.role))


def kinds_for(viewer: Viewer, office: Office) -> list[Taker]:
    """The kinds of lists that somebody may import at an office."""
    return [one for one in takers() if _may(viewer, office, one)]


def _may(viewer: Viewer, office: Office, one: Taker) -> bool:
    held = grants_of(viewer, one.permission)
    return any(membership.office_id == office.id and membership.role in one.roles for membership, _ in held)


def kind_for(viewer: Viewer, office: Office, kind: str) -> Taker:
    """The kind of list by its word. Raises: NotFound where there is none, or none that he may import here."""
    found = taker(kind)
    if found is None or not _may(viewer, office, found):
        raise NotFound()
    return found


def found(viewer: Viewer, model: type[M], public_id: uuid.UUID) -> M:
    """A run, flag or draft among those that somebody may see. Raises: NotFound."""
    row = db.session.scalar(listed(viewer, model, IMPORT_FILES).where(model.public_id == public_id))
    if row is None:
        raise NotFound()
    return row
