"""Importing in the browser: choose a list, look at what would become of its rows, take it."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from accounts.access import NotFound, listed
from accounts.models import Office
from accounts.web import needs, now, office_for, person, see_other, today, viewer
from exchange.actions import drafts
from exchange.actions.worklist import subjects_of
from exchange.cells import file_name_of
from exchange.differing import Difference, differences
from exchange.forms.taking import FileForm, OptionsForm, TakingForm
from exchange.looking import Seen, look
from exchange.models import Flag, FlagState, ImportDraft, ImportedRow, ImportRun, RefusedRows
from exchange.presenting import about_of, page_of, said_origin
from exchange.previewing import Standing, cells, lines, standings
from exchange.refused import kind_of, unpacked
from exchange.rights import IMPORT_FILES, found, kind_for, kinds_for
from exchange.sending import saved
from exchange.taking import Taker, taker
from exchange.writing import Kind, refused_file, write_xlsx
from extensions import db
from record.sealed import keys

bp = Blueprint("imports", __name__, url_prefix="/imports")
ON_A_PAGE = 50
COMPARED_AT_ONCE = 200  # rows that a preview compares with what is stored; more are compared on a page of their own
SECONDS_A_ROW = 0.01  # measured with the longest of the lists


@bp.get("")
@needs(IMPORT_FILES)
def index() -> ResponseReturnValue:
    """The lists that can be brought, files that wait, and what was taken before."""
    office = office_for(IMPORT_FILES)
    mine = listed(viewer(), ImportRun, IMPORT_FILES).where(ImportRun.office_id == office.id)
    total = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    page = _page()
    newest = mine.options(joinedload(ImportRun.by)).order_by(ImportRun.id.desc())
    runs = list(db.session.scalars(newest.limit(ON_A_PAGE).offset((page - 1) * ON_A_PAGE)))
    kinds = kinds_for(viewer(), office)
    return render_template(
        "exchange/imports.html",
        kinds=kinds,
        last=_last_taken(office),
        titles={one.kind: one.title for one in kinds},
        waiting=_waiting(office),
        runs=runs,
        page=page,
        pages=_pages(total),
        total=total,
        doubts=_doubts(office),
    )


def _waiting(office: Office) -> list[ImportDraft]:
    """Files somebody looked at and has not taken; without their content."""
    mine = listed(viewer(), ImportDraft, IMPORT_FILES).where(ImportDraft.office_id == office.id)
    fresh = mine.where(ImportDraft.made_at > now() - drafts.WAITS).order_by(ImportDraft.id.desc())
    columns = (ImportDraft.public_id, ImportDraft.kind, ImportDraft.file_name, ImportDraft.made_at)
    return list(db.session.execute(fresh.with_only_columns(*columns)))  # type: ignore[arg-type]


def _last_taken(office: Office) -> dict[str, Any]:
    """When each kind was taken last."""
    query = select(ImportRun.kind, func.max(ImportRun.at)).where(ImportRun.office_id == office.id)
    return dict(db.session.execute(query.group_by(ImportRun.kind)).all())


def _doubts(office: Office) -> int:
    mine = listed(viewer(), Flag, IMPORT_FILES).where(Flag.office_id == office.id, Flag.state == FlagState.OPEN)
    return db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def _page() -> int:
    asked = request.args.get("page", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def _pages(total: int) -> int:
    return max((total + ON_A_PAGE - 1) // ON_A_PAGE, 1)


@bp.get("/kinds/<kind>")
@needs(IMPORT_FILES)
def new(kind: str) -> ResponseReturnValue:
    one = kind_for(viewer(), office_for(IMPORT_FILES), kind)
    return _kind_page(one, FileForm.for_kind(one)(taker=one, on=today()))


@bp.get("/kinds/<kind>/template")
@needs(IMPORT_FILES)
def template(kind: str) -> ResponseReturnValue:
    """An empty list with its header."""
    one = kind_for(viewer(), office_for(IMPORT_FILES), kind)
    headers = [column.names[0] for column in one.importer.columns]
    return saved(write_xlsx(headers, []), f"{one.kind}.xlsx")


def _kind_page(one: Taker, form: Any) -> str:
    return render_template("exchange/kind.html", taker=one, form=form)


@bp.post("/kinds/<kind>/drafts")
@needs(IMPORT_FILES)
def send(kind: str) -> ResponseReturnValue:
    """A file to be looked at: it is kept, encrypted, and nothing of it is stored."""
    office = office_for(IMPORT_FILES)
    one = kind_for(viewer(), office, kind)
    form = FileForm.for_kind(one).of(lambda form: _kind_page(one, form), taker=one)
    name = file_name_of(form.file.data.filename or "")
    options = form.options(otherwise=drafts.month_in(name) or _last_month())
    draft = drafts.keep_draft(office, one, form.content, file_name=name, options=options, by=person(), at=now())
    return see_other("imports.preview", public_id=draft.public_id)


def _last_month() -> tuple[int, int]:
    before = today().replace(day=1) - timedelta(days=1)
    return before.year, before.month


def _draft(public_id: uuid.UUID) -> tuple[ImportDraft, Taker]:
    """A file that waits, and its kind. Raises: NotFound, also where its day is over."""
    draft = found(viewer(), ImportDraft, public_id)
    if draft.made_at <= now() - drafts.WAITS:
        raise NotFound()
    return draft, kind_for(viewer(), draft.office, draft.kind)


def _see(draft: ImportDraft, one: Taker) -> Seen:
    options = replace(drafts.options_of(draft), at=now())
    return look(draft.office, one, drafts.content_of(draft), options)


@bp.get("/drafts/<uuid:public_id>")
@needs(IMPORT_FILES)
def preview(public_id: uuid.UUID) -> ResponseReturnValue:
    """What would become of every row, judged against what is stored at this moment."""
    draft, one = _draft(public_id)
    return _preview_page(draft, one, _options_form(draft, one))


def _options_form(draft: ImportDraft, one: Taker) -> Any:
    options = drafts.options_of(draft)
    month = options.on.replace(*options.year_month, 1) if options.year_month else None
    return OptionsForm.for_kind(one)(formdata=None, on=options.on, month=month)


def _preview_page(draft: ImportDraft, one: Taker, form: Any) -> str:
    began = time.monotonic()
    seen = _see(draft, one)
    standing = standings(seen)
    show = request.args.get("show", "")
    numbers = [number for number, its in standing.items() if show in {"", its}]
    page = min(_page(), _pages(len(numbers)))
    return render_template(
        "exchange/preview.html",
        draft=draft,
        taker=one,
        form=form,
        judged=seen.judged,
        naming=" · ".join(seen.headers[key] for key in one.naming),
        counts={its: list(standing.values()).count(its) for its in Standing},
        show=show,
        lines=lines(seen, numbers[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]),
        page=page,
        pages=_pages(len(numbers)),
        total=len(numbers),
        compared=_compared(seen) if len(seen.again) <= COMPARED_AT_ONCE else None,
        seconds=round(time.monotonic() - began + seen.judged.taken * SECONDS_A_ROW),
    )


def _compared(seen: Seen) -> list[tuple[Difference, str]]:
    return [(one, said_origin(one)) for one in differences(seen)]


@bp.get("/drafts/<uuid:public_id>/differences")
@needs(IMPORT_FILES)
def compare(public_id: uuid.UUID) -> ResponseReturnValue:
    """Where what is stored differs from the file."""
    draft, one = _draft(public_id)
    compared = _compared(_see(draft, one))
    return render_template("exchange/compare.html", draft=draft, taker=one, compared=compared)


@bp.get("/drafts/<uuid:public_id>/rows/<int:number>")
@needs(IMPORT_FILES)
def row(public_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """One row as it stands in the file, whole."""
    draft, one = _draft(public_id)
    seen = _see(draft, one)
    if number not in seen.rows:
        raise NotFound()
    [line] = lines(seen, [number])
    return render_template("exchange/row.html", draft=draft, taker=one, line=line, cells=cells(seen, number))


@bp.get("/drafts/<uuid:public_id>/refused")
@needs(IMPORT_FILES)
def refused(public_id: uuid.UUID) -> ResponseReturnValue:
    """The refused rows of a file that waits, with why."""
    draft, one = _draft(public_id)
    seen = _see(draft, one)
    kind = kind_of(drafts.content_of(draft))
    return saved(refused_file(seen.judged, kind, gettext), _name_of_refused(draft.file_name, kind))


@bp.post("/drafts/<uuid:public_id>/options")
@needs(IMPORT_FILES)
def options(public_id: uuid.UUID) -> ResponseReturnValue:
    """Judge the same file as of another day, or as a sheet of another month."""
    draft, one = _draft(public_id)
    form = OptionsForm.for_kind(one).of(lambda form: _preview_page(draft, one, form))
    drafts.choose_options(draft, form.options(otherwise=drafts.month_in(draft.file_name) or _last_month()))
    return see_other("imports.preview", public_id=public_id)


@bp.post("/drafts/<uuid:public_id>/taking")
@needs(IMPORT_FILES)
def take(public_id: uuid.UUID) -> ResponseReturnValue:
    """Take just what the preview said."""
    draft, one = _draft(public_id)
    form = TakingForm.of(lambda _form: _preview_again(public_id))
    run = drafts.take_draft(draft, one, person(), now(), sha256=form.sha256.data, shown=form.shown.data)
    taken = run.counts["taken"]
    flash(ngettext("%(num)d row is stored.", "%(num)d rows are stored.", taken), "good")
    return see_other("imports.run", public_id=run.public_id)


def _preview_again(public_id: uuid.UUID) -> str:
    """The preview as it is now, after a refusal that rolled everything back."""
    draft, one = _draft(public_id)
    return _preview_page(draft, one, _options_form(draft, one))


@bp.post("/drafts/<uuid:public_id>/discarding")
@needs(IMPORT_FILES)
def discard(public_id: uuid.UUID) -> ResponseReturnValue:
    draft, _ = _draft(public_id)
    drafts.discard_draft(draft)
    flash(gettext("The file is gone. Nothing of it was stored."), "good")
    return see_other("imports.index")


@bp.get("/runs/<uuid:public_id>")
@needs(IMPORT_FILES)
def run(public_id: uuid.UUID) -> ResponseReturnValue:
    """What a file brought: counts, what to do next, the rows with where they are seen."""
    taken = found(viewer(), ImportRun, public_id)
    page = _page()
    mine = select(ImportedRow).where(ImportedRow.run_id == taken.id).order_by(ImportedRow.row)
    rows = list(db.session.scalars(mine.limit(ON_A_PAGE).offset((page - 1) * ON_A_PAGE)))
    subjects = subjects_of(rows)
    doubts = select(func.count()).where(Flag.run_id == taken.id, Flag.state == FlagState.OPEN)
    return render_template(
        "exchange/run.html",
        run=taken,
        taker=taker(taken.kind),
        options=drafts.options_of(taken),
        stored=[
            (row, about_of(row), page_of(row.kind, subjects.get((row.subject_table, row.subject_id)))) for row in rows
        ],
        page=page,
        pages=_pages(taken.counts["taken"]),
        total=taken.counts["taken"],
        doubts=db.session.scalar(doubts),
        refused=db.session.scalar(select(RefusedRows.id).where(RefusedRows.run_id == taken.id)),
    )


@bp.get("/runs/<uuid:public_id>/refused")
@needs(IMPORT_FILES)
def run_refused(public_id: uuid.UUID) -> ResponseReturnValue:
    """The refused rows of a file that was taken, to be mended and sent again. Kept thirty days."""
    taken = found(viewer(), ImportRun, public_id)
    kept = db.session.scalar(select(RefusedRows).where(RefusedRows.run_id == taken.id))
    one = taker(taken.kind)
    if kept is None or one is None:
        raise NotFound()
    judged, kind = unpacked(keys().cipher.decrypt(kept.content), one.importer)
    return saved(refused_file(judged, kind, gettext), _name_of_refused(taken.file_name, kind))


def _name_of_refused(file_name: str, kind: Kind) -> str:
    return gettext("%(name)s, to be mended.%(kind)s", name=file_name.rpartition(".")[0] or file_name, kind=kind)
