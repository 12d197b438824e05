"""The lists of the demonstration office, moved by whole weeks so that today lies where 2026-11-24 lies in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from exchange import tidy_times
from exchange.reading import read_table
from exchange.tidy import Untidy
from exchange.writing import Kind, write

FOLDER = Path(__file__).with_name("files")
WRITTEN_FOR = date(2026, 11, 24)
LISTS = {
    "lawyers": "lawyers.xlsx",
    "posts": "posts.csv",
    "volunteers": "volunteers.xlsx",
    "hearing-officers": "hearing_officers.xlsx",
    "signins": "signin_2026_10.csv",
}
MOVED = {
    "volunteers": ("received_on", "first_on", "last_on"),
    "signins": ("on",),
}


def weeks_later(today: date) -> timedelta:
    """By how much the lists are moved: whole weeks, so that a Tuesday stays one."""
    return timedelta(weeks=(today - WRITTEN_FOR).days // 7)


def month_of_sheets(today: date) -> tuple[int, int]:
    """The month in which the paper sheets begin, after the move."""
    first = date(2026, 10, 1) + weeks_later(today)
    return first.year, first.month


def list_for(kind: str, importer: object, today: date) -> tuple[bytes, str]:
    """The content and name of one list, its dates moved; what cannot be read as a date stays as it was written."""
    path = FOLDER / LISTS[kind]
    content = path.read_bytes()
    later = weeks_later(today)
    if not later or kind not in MOVED:
        return content, path.name
    table = read_table(content, importer.columns)  # type: ignore[attr-defined]
    places = [table.places[key] for key in MOVED[kind] if key in table.places]
    rows = [[_moved(cell, later) if n in places else cell for n, cell in enumerate(row.cells)] for row in table.rows]
    form: Kind = "csv" if path.suffix == ".csv" else "xlsx"
    return write(form, list(table.headers), rows), path.name


def _moved(cell: str, later: timedelta) -> str:
    try:
        return (tidy_times.day(cell, WRITTEN_FOR.year) + later).isoformat()
    except Untidy:
        return cell
