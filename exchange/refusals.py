"""Why a file as a whole is refused, before any of its rows is judged. Pure.

Messages are English msgids, translated where they are shown (`errors.Refusal`).
"""

from __future__ import annotations

from errors import Refusal


class FileRefused(Refusal):
    """The base of every refusal of a whole file: nothing of it is taken."""

    code = "file_refused"
    status = 422
    message = "This file cannot be read."
    help = "Save it again as .xlsx or .csv and send it once more."


class EmptyFile(FileRefused):
    code = "file_empty"
    message = "This file is empty."
    help = "Look whether the right file was chosen, and whether it was saved."


class FileTooLarge(FileRefused):
    """Facts: `limit_mib`, the largest size taken."""

    code = "file_too_large"
    status = 413
    message = "This file is larger than %(limit_mib)s MiB."
    help = "Remove pictures and other sheets, or divide the list into several files."


class UnpacksTooLarge(FileRefused):
    """A small archive that would fill the memory: a zip bomb, or a sheet formatted to its last cell."""

    code = "file_unpacks_too_large"
    status = 413
    message = "This file becomes far too large when it is unpacked."
    help = "Copy the filled rows into a new file and send that one."


class TooManyRows(FileRefused):
    """Facts: `limit`."""

    code = "rows_too_many"
    status = 413
    message = "This file has more than %(limit)s rows."
    help = "Divide the list into several files, and delete formatted rows without content."


class TooManyColumns(FileRefused):
    """Facts: `limit`, `row`."""

    code = "columns_too_many"
    message = "Row %(row)s has more than %(limit)s columns."
    help = "Delete the columns that do not belong to the list."


class CellTooLong(FileRefused):
    """Facts: `row`, `limit` in characters (no spreadsheet holds more in a cell)."""

    code = "cell_too_long"
    message = "A cell of row %(row)s holds more than %(limit)s characters."
    help = "Look for a quotation mark that is never closed, or shorten the cell."


class PasswordProtected(FileRefused):
    code = "file_password"
    message = "This file is protected by a password."
    help = "Save it without a password and send it again."


class WrongType(FileRefused):
    code = "file_type"
    status = 415
    message = "This is neither an .xlsx nor a .csv file."
    help = "Open it in the spreadsheet program and save it as .xlsx or .csv (the old .xls too)."


class Unreadable(FileRefused):
    code = "file_unreadable"
    message = "This file is damaged or was not written by a spreadsheet program."
    help = "Open it in the spreadsheet program, save it again as .xlsx and send that file."


class UnknownEncoding(FileRefused):
    code = "file_encoding"
    message = "The characters of this text file cannot be read."
    help = "Save it as .xlsx, or as CSV in UTF-8 or GB 18030."


class ColumnsMissing(FileRefused):
    """Facts: `columns`, the missing names joined by a comma; `row`, the row taken for the header, or 0."""

    code = "columns_missing"
    message = "These columns are missing: %(columns)s."
    help = "Write the name of each column into one row above the list, as in the template."


class SeveralLists(FileRefused):
    """Facts: `sheets`, the titles of the sheets that each hold such a list."""

    code = "sheets_several"
    message = "Several sheets of this file hold such a list: %(sheets)s."
    help = "Send one sheet a file, so that a row's number says where it stands."
