"""Papers as PDF and Word: text with fields, and what a template somebody sends may not do (TRUST T18)."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from docx import Document
from jinja2.exceptions import SecurityError

from exchange import papers, word
from exchange.papers import Block, Fields, blocks_of, filled
from exchange.word import FieldsUnknown, TemplateActive, TemplateRefused, TemplateTooLarge, check_template, fill

ON = datetime(2026, 11, 24, tzinfo=UTC)
KNOWN: dict[str, Any] = {"name": "样小例", "lines": [{"day": "周一", "minutes": "90"}]}
TEXT = (
    "# 考察表\n姓名：{{ name }}\n| 日期 | 分钟 |\n{% for line in lines %}\n| {{ line.day }} | {{ line.minutes }} |\n"
    "{% endfor %}\n@ 签名"
)


def test_a_text_has_titles_paragraphs_and_tables() -> None:
    assert blocks_of(filled(TEXT, KNOWN)) == [
        Block("title", "考察表"),
        Block("par", "姓名：样小例"),
        Block("table", head=["日期", "分钟"], rows=[["周一", "90"]], widths=[6, 6]),
        Block("right", "签名"),
    ]


def test_what_is_filled_in_stays_in_its_place() -> None:
    nasty = {"name": "甲\n# 乙\r\n| 丙 | {{ name }}", "lines": []}
    assert blocks_of(filled("姓名：{{ name }}", nasty)) == [Block("par", "姓名：甲 # 乙 ｜ 丙 ｜ {{ name }}")]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{{ name }}{% if name %}x{% endif %}{% if not name or name %}{% endif %}", ""),
        ("{% for one in lines %}{{ one.day }}{% endfor %}", ""),
        ("{{ case }}{{ bac }}{{ case }}", "case, bac"),
        ("{% for one in lines %}{{ one.place }}{% endfor %}", "one.place"),
        ("{% for one in people %}{% endfor %}", "people"),
        ("{% for a in lines %}{% for b in lines %}{% endfor %}{% endfor %}", "lines"),
        ("{{ name.__class__ }}", "name.__class__"),
        ("{{ name.upper() }}", "call"),
        ("{{ 'a' * 999999999 }}", "mul"),
        ("{{ name ~ name }}", "concat"),
        ("{{ name|center(99999999) }}", "filter"),
        ("{% set a = name %}", "assign"),
        ("{% include 'x' %}", "include"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "macro"),
        ("{{ range }}{{ cycler }}", "range, cycler"),
        ("{{ lines[0] }}", "getitem"),
        ("{{ 1 }}", "const"),
    ],
)
def test_a_template_says_fields_and_nothing_else(text: str, wrong: str) -> None:
    if wrong:
        with pytest.raises(SecurityError) as refused:
            Fields(KNOWN).from_string(text)
        assert str(refused.value) == wrong
        return
    Fields(KNOWN).from_string(text)


def test_the_same_values_give_the_same_bytes_in_both_forms() -> None:
    made = [papers.pdf(TEXT, KNOWN, "考察表", ON) for _ in range(2)]
    assert made[0] == made[1]
    word.shipped.cache_clear()
    first = fill(word.shipped(TEXT), KNOWN, "考察表", ON)
    word.shipped.cache_clear()
    assert first == fill(word.shipped(TEXT), KNOWN, "考察表", ON)
    assert fill(word.shipped(TEXT), {**KNOWN, "name": "别人"}, "考察表", ON) != first


def test_word_and_pdf_say_the_same() -> None:
    values = {**KNOWN, "name": "<b>&甲"}
    said = word.text_of(fill(word.shipped(TEXT), values, "考察表", ON))
    assert said == ["考察表", "姓名：<b>&甲", "日期　分钟", "周一　90", "签名"]
    page = pypdfium2.PdfDocument(papers.pdf(TEXT, values, "考察表", ON))[0]
    assert page.get_textpage().get_text_range().split("\r\n")[:5] == [
        "考察表",
        "姓名：<b>& 甲",
        "日期 分钟",
        "周一 90",
        "签名",
    ]


def test_every_sign_of_a_page_comes_from_the_font_of_the_package() -> None:
    """Nothing of the machine's own fonts, so that a paper looks alike everywhere."""
    document = pypdfium2.PdfDocument(papers.pdf(TEXT, KNOWN, "考察表", ON))
    names = {o.get_font().get_base_name().split("+")[-1] for o in document[0].get_objects() if hasattr(o, "get_font")}
    assert names == {"NotoSerifSC-Regular"}


def test_metadata_say_the_title_and_nothing_else() -> None:
    document = Document()
    document.core_properties.author = "郑检察"
    document.core_properties.keywords = "危险驾驶 {{ name }}"
    document.add_paragraph("{{ name }}")
    stream = BytesIO()
    document.save(stream)
    about = Document(BytesIO(fill(stream.getvalue(), KNOWN, "考察表", ON))).core_properties
    said = (about.title, about.author, about.keywords, about.last_modified_by, about.comments, about.created)
    assert said == ("考察表", "", "", "", "", ON)
    told = pypdfium2.PdfDocument(papers.pdf(TEXT, KNOWN, "考察表", ON)).get_metadata_dict(skip_empty=True)
    assert {key: told[key] for key in told if key not in {"Creator", "CreationDate", "ModDate"}} == {"Title": "考察表"}


def packed(change: dict[str, bytes]) -> bytes:
    """The shipped template with some parts changed."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(word.shipped(TEXT))) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.pop(name, b"") or old.read(name))
        for name, content in change.items():
            new.writestr(name, content)
    return stream.getvalue()


RELS = b"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://x/relationships/%s" Target="https://example.org/x" TargetMode="&#69;xternal"/>
</Relationships>"""


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (word.shipped(TEXT), None),
        (packed({"word/vbaProject.bin": b"x"}), TemplateActive),
        (packed({"word/embeddings/oleObject1.bin": b"x"}), TemplateActive),
        (packed({"word/_rels/settings.xml.rels": RELS % b"attachedTemplate"}), TemplateActive),
        (packed({"word/_rels/settings.xml.rels": RELS % b"hyperlink"}), None),
        (packed({"word/document.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), TemplateActive),
        (packed({"[Content_Types].xml": b"<Types/>"}), TemplateRefused),
        (packed({"word/media/a.png": b"0" * (word.MAX_UNPACKED + 1)}), TemplateTooLarge),
        (b"0" * (word.MAX_BYTES + 1), TemplateTooLarge),
        (b"PK\x03\x04 nothing", TemplateRefused),
        (b"", TemplateRefused),
        (word.shipped(TEXT.replace("name", "bac")), FieldsUnknown),
        (word.shipped("{% for x in lines %}"), FieldsUnknown),
    ],
)
def test_a_foreign_file_is_taken_only_where_it_is_harmless(content: bytes, refusal: type[Exception] | None) -> None:
    if refusal is None:
        check_template(content, KNOWN)
        return
    with pytest.raises(refusal) as refused:
        check_template(content, KNOWN)
    assert type(refused.value) is refusal
