"""A file that leaves the program by the browser."""

from __future__ import annotations

import io

from flask import Response, send_file

from exchange import word

MIME = {
    "csv": "text/csv",
    "docx": word.MIME,
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def saved(content: bytes, name: str) -> Response:
    """A file to be saved, never shown by the browser; what it is says the end of its name."""
    kind = MIME[name.rpartition(".")[2]]
    return send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name, max_age=0)
