"""Papers in Word: the shipped template from a paper's text, a template somebody sends, and filling either in.

What is sent is foreign: its parts are counted before they are unpacked, macros, embedded objects and links to elsewhere
are refused, and its fields are judged by `Fields` before anything is filled in (TRUST T18).
"""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from jinja2.exceptions import SecurityError, TemplateError

from errors import Refusal
from exchange.papers import Fields, Values, cells_of

if TYPE_CHECKING:
    from docx.document import Document

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 20 * 1024 * 1024
MAX_PARTS = 200
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = f"{MIME}.main+xml".encode()
_ACTIVE = re.compile(r"vbaProject|vbaData|activeX|embeddings/|\.bin$|macros", re.IGNORECASE)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
EPOCH = (1980, 1, 1, 0, 0, 0)


class TemplateRefused(Refusal):
    code = "template_refused"
    status = 422
    message = "This file cannot be used as a Word template."
    help = "Save it from Word as a .docx file and send it once more."


class TemplateTooLarge(TemplateRefused):
    code = "template_too_large"
    status = 413
    message = "A template has at most %(limit_mib)s MiB, unpacked too."
    help = "Take out pictures that are not needed."


class TemplateActive(TemplateRefused):
    code = "template_active"
    message = "Macros, embedded objects and links to other files cannot be taken: %(part)s."
    help = "Save it from Word as a .docx file without them."


class FieldsUnknown(TemplateRefused):
    code = "fields_unknown"
    message = "Not known in this paper: %(fields)s."
    help = "Use the fields that are listed; “for” and “if” may repeat or leave out a part, nothing else."


def check_template(content: bytes, known: Values) -> None:
    """Refuse what is no harmless Word template with known fields. `known` is an example of the values.

    Raises: TemplateTooLarge, TemplateActive, FieldsUnknown, TemplateRefused.
    """
    if len(content) > MAX_BYTES:
        raise TemplateTooLarge(limit_mib=MAX_BYTES // 1024**2)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_parts(archive)
        fill(content, known, "", datetime.fromtimestamp(0, UTC))
    except Refusal:
        raise
    except Exception as broken:  # foreign bytes meet the parsers here: whatever they raise means the same
        raise TemplateRefused from broken


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise TemplateTooLarge(limit_mib=MAX_UNPACKED // 1024**2)
    for part in parts:
        if _ACTIVE.search(part.filename):
            raise TemplateActive(part=part.filename)
        if part.filename.endswith((".rels", ".xml")):
            _check_xml(archive.read(part), part.filename)
    if _MAIN not in archive.read("[Content_Types].xml"):
        raise TemplateRefused()


def _check_xml(text: bytes, name: str) -> None:
    """No document type or entity, and of relations to elsewhere only links that a reader presses."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise TemplateActive(part=name) from None
    for found in root.iter():
        elsewhere = found.get("TargetMode", "").lower() == "external"
        if elsewhere and not found.get("Type", "").endswith("/hyperlink"):
            raise TemplateActive(part=name)


def fill(content: bytes, values: Values, title: str, on: datetime) -> bytes:
    """The template filled in; its metadata say `title` and nothing else. The same values give the same bytes.

    Raises: FieldsUnknown.
    """
    from docxtpl import DocxTemplate

    template = DocxTemplate(BytesIO(content))
    template.init_docx()
    _name(template.docx, title, on)
    try:
        template.render(_printable(values), Fields(values, finalize=_one_line), autoescape=True)
    except SecurityError as wrong:
        raise FieldsUnknown(fields=str(wrong)) from wrong
    except TemplateError as wrong:
        raise FieldsUnknown(fields=str(wrong.message or "{")[:200]) from wrong
    stream = BytesIO()
    template.save(stream)
    return _same_bytes(stream.getvalue())


def _one_line(value: Any) -> Any:
    """A value stays within its paragraph; what is marked as escaped stays so."""
    return type(value)(re.sub(r"[\r\n]+", " ", value)) if isinstance(value, str) else value


def _printable(value: Any) -> Any:
    """Signs that XML cannot hold become U+FFFD."""
    if isinstance(value, str):
        return _NOT_IN_XML.sub("\ufffd", value)
    if isinstance(value, list):
        return [_printable(one) for one in value]
    return {key: _printable(one) for key, one in value.items()} if isinstance(value, dict) else value


def _name(document: Document, title: str, on: datetime) -> None:
    """What a file tells of itself: its neutral title, no author, no one who changed it, the day as its time."""
    about = document.core_properties
    for name in (
        *("author", "category", "comments", "content_status", "identifier", "keywords"),
        *("last_modified_by", "subject", "version"),
    ):
        setattr(about, name, "")
    about.title, about.language, about.revision = title, "zh-CN", 1
    about.created = about.modified = about.last_printed = on.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _same_bytes(content: bytes) -> bytes:
    """The archive without the hour at which it was packed."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def text_of(content: bytes) -> list[str]:
    """What stands in a document, in its order: paragraph by paragraph and row by row."""
    from docx import Document as read
    from docx.table import Table

    found: list[str] = []
    for part in read(BytesIO(content)).iter_inner_content():
        if isinstance(part, Table):
            found += ["\u3000".join(cell.text for cell in row.cells) for row in part.rows]
        else:
            found.append(part.text)
    return [line for line in found if line.strip()]


@cache
def shipped(text: str) -> bytes:
    """The Word template that a paper's text is: for filling in, and for an office to take and change."""
    from docx import Document as new

    document = new()
    _page(document)
    table: Any = None
    for line in (line.strip() for line in text.splitlines()):
        if not line.startswith(("|", "{%")):
            table = None
        if line.startswith("|"):
            table = _row(document, table, cells_of(line))
        elif line.startswith("{%") and table is not None:
            _row(document, table, [line.replace("{%", "{%tr", 1)])
        elif line.startswith("{%"):
            document.add_paragraph(line.replace("{%", "{%p", 1))
        elif line:
            _paragraph(document, line)
    stream = BytesIO()
    document.save(stream)
    return _same_bytes(stream.getvalue())


def _page(document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(3), Cm(2.6)
    usual: Any = document.styles["Normal"]
    usual.font.name, usual.font.size = "Times New Roman", Pt(12)
    usual.element.rPr.rFonts.set(qn("w:eastAsia"), "SimSun")
    usual.paragraph_format.line_spacing, usual.paragraph_format.space_after = 1.5, Pt(0)


def _paragraph(document: Document, line: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH as AT
    from docx.shared import Pt

    sides = {"#": AT.CENTER, ">": AT.CENTER, "<": AT.LEFT, "@": AT.RIGHT}
    kind = line[0]
    paragraph = document.add_paragraph(line if kind not in sides else line[1:].strip())
    if kind in sides:
        paragraph.alignment = sides[kind]
    else:
        paragraph.paragraph_format.first_line_indent = Pt(24)
    if kind == "#":
        paragraph.runs[0].font.size, paragraph.runs[0].font.bold = Pt(20), True
        paragraph.paragraph_format.space_after = Pt(12)


def _row(document: Document, table: Any, cells: list[str]) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH as AT
    from docx.shared import Pt

    if table is None:
        table = document.add_table(0, len(cells), style="Table Grid")
    row = table.add_row()
    for cell, text in zip(row.cells, cells, strict=False):
        cell.text = text
        cell.paragraphs[0].alignment = AT.CENTER
        for run in cell.paragraphs[0].runs:
            run.font.size = Pt(10.5)
    return table
