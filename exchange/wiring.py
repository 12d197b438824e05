"""How the room of exchange joins the application."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from accounts import navigation
from exchange import commands, history, rights  # noqa: F401 - the history declares its words on import
from exchange.actions import drafts
from exchange.views import taking, worklist  # noqa: F401 - the work list's routes stand beside those of the import
from record import jobs


def init_app(app: Flask) -> None:
    app.register_blueprint(taking.bp)
    app.cli.add_command(commands.import_command)
    jobs.every(timedelta(hours=1), "imports.forget", drafts.forget_files)
    navigation.place(70, "imports.index", _l("Import"), "file-import", rights.IMPORT_FILES)
