"""What is done with files that were taken in, in the words of the trail."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.trail import call, hide_columns, name_columns, name_values, say
from exchange.models import Flag, ImportRun


def _row(flag: Any) -> str:
    return str(_l("%(file)s, row %(row)s", file=flag.run.file_name, row=flag.row))


call(ImportRun, _l("imported file"), lambda row: row.file_name)
call(Flag, _l("doubtful row of a file"), _row)
say(
    {
        "import.take": _l("took in a file"),
        "flag.raise": _l("marked a row as doubtful"),
        "flag.settle": _l("settled a doubt"),
        "flag.reopen": _l("took up a doubt again"),
    }
)
name_columns(
    {
        "file_name": _l("file"),
        "import_run.at": _l("when"),
        "import_run.by_id": _l("taken in by"),
        "run_id": _l("file"),
        "flag.row": _l("row"),
        "flag.column": _l("column"),
        "flag.value": _l("value"),
        "raised_at": _l("marked"),
        "decision": _l("decision"),
        "settled_by_id": _l("settled by"),
        "settled_at": _l("settled"),
    }
)
hide_columns(
    "import_run.kind",
    "flag.kind",
    "import_run.sha256",
    "import_run.options",
    "import_run.counts",
    "flag.code",
    "flag.facts",
    "flag.subject_table",
    "flag.subject_id",
)
name_values(
    {"flag.decision": {"accepted": _l("accepted"), "corrected": _l("corrected"), "struck_out": _l("struck out")}}
)
