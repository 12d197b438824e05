"""Papers of the service: their facts, what they never say, who made which, an office's own templates (D-25, V-10)."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pypdfium2
import pytest
from docx import Document
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from exchange import papers as drawing
from exchange import word
from extensions import db
from record.act import act, history
from record.invariants import broken
from record.models import Act
from tests.accounts.visitor import text_of
from tests.town import NOW
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.prepared import Prepared
from tests.volunteers.test_evaluation import LATER, done, remarked
from volunteers.actions import evaluation, papers
from volunteers.actions.booking import book
from volunteers.actions.papers import NotYet, OnlyWord
from volunteers.models.papers import PaperKind, PaperTemplate
from volunteers.models.shifts import Shift

OWN = "# 本院告知书\n{{ name }}：请于{{ first_on }}前到院。"


def said(made: papers.Made) -> str:
    """All that can be read in a paper, its text and what it tells of itself."""
    if made.file_name.endswith("pdf"):
        document = pypdfium2.PdfDocument(made.content)
        pages = [page.get_textpage().get_text_range() for page in document]
        text = "\n".join([*pages, *document.get_metadata_dict().values()])
    else:
        about = Document(BytesIO(made.content)).core_properties
        told = [getattr(about, name) for name in ("title", "author", "subject", "keywords", "comments", "category")]
        text = "\n".join([*word.text_of(made.content), *told])
    return re.sub(r"\s", "", text + made.file_name)


@pytest.mark.parametrize("form", ["docx", "pdf"])
@pytest.mark.parametrize("kind", list(PaperKind))
def test_every_paper_is_made_with_every_field_of_its_example(kind: str, form: str) -> None:
    values = papers.examples()[kind]
    title = "文书"
    source = papers.source_of(kind)
    content = (
        drawing.pdf(source, values, title, NOW)
        if form == "pdf"
        else word.fill(word.shipped(source), values, title, NOW)
    )
    text = said(papers.Made(content, f"x.{form}"))
    used = set(re.findall(r"\{\{ (\w+) \}\}", source))
    assert [key for key in sorted(used) if re.sub(r"\s", "", values[key]) not in text] == []
    assert "{{" not in text and "{%" not in text
    assert set(values) >= used


def test_what_a_squad_reads_says_nothing_of_a_case(crossing: Crossing, prepared: Prepared) -> None:
    """D-25: with a case number, an offence, a blood alcohol and an ID number that could leak."""
    town = crossing.town
    one = prepared.serving()
    one_squad = evaluation.squads_of
    with act("assessment.record", one, by=None, at=NOW):
        one.squad_id = crossing.town.squad_leader.memberships[0].organisation_id
    assert one_squad(one)
    shift = crossing.shift(date(2026, 11, 30))
    book(shift, one.person, one.person, NOW)
    leaks = (one.case.number, "危险驾驶", "16050", "160.5", str(one.person.id_number), "醉", "案", "起诉", "嫌疑")
    for of, kind in ((shift, "sign_in_sheet"), (one, "liaison_letter")):
        for form in ("docx", "pdf"):
            made = papers.make(kind, form, of, town.coordinator, NOW, "交中队")
            text = said(made)
            assert one.person.name in text
            assert [leak for leak in leaks if leak in text] == []
            assert one.person.name not in made.file_name
    assert papers.make("sign_in_sheet", "pdf", shift, town.coordinator, NOW, "…").file_name == (
        "交通志愿者签到表-2026-11-24.pdf"
    )


def test_an_id_number_is_masked_in_every_paper(prepared: Prepared) -> None:
    one = prepared.serving()
    number = str(one.person.id_number)
    for kind in ("matters_notice", "undertaking", "service_record"):
        for form in ("docx", "pdf"):
            text = said(papers.make(kind, form, one, prepared.town.prosecutor, NOW, "入卷"))
            assert number not in text and number[4:14] not in text
            assert number[:4] + "*" * 10 + number[-4:] in text


def test_the_record_lists_what_counts_and_the_report_what_was_decided(crossing: Crossing) -> None:
    one, town = done(crossing), crossing.town
    with pytest.raises(NotYet):
        papers.make("evaluation_report", "pdf", one, town.prosecutor, LATER, "入卷")
    record = papers.facts_of("service_record", one, date(2026, 12, 1))
    assert (record["done_hours"], record["minutes"], record["lines"]) == (
        "1.5",
        "90",
        [
            {
                "day": "2026年11月25日",
                "span": "07:30–09:00",
                "place": "客运站前广场",
                "minutes": "90",
                "by": "朱交警",
            }
        ],
    )
    remarked(crossing, one)
    evaluation.evaluate(one, "passed", "有一次迟到。", town.prosecutor, LATER)
    evaluation.report(one, town.prosecutor, LATER)
    text = said(papers.make("evaluation_report", "pdf", one, town.prosecutor, LATER, "入卷"))
    for words in (
        "考评〔2027〕1号",
        "等次：合格。有一次迟到。",
        "程序建议等次：优秀",
        "一中队：符合要求。准时到岗。（秦队长）",
    ):
        assert words in text
    assert "参考的情节之一" in text


def test_who_made_which_paper_is_kept_and_its_bytes_can_be_made_again(prepared: Prepared) -> None:
    one, town = prepared.serving(), prepared.town
    first = papers.make("undertaking", "docx", one, town.prosecutor, NOW, "请本人签名")
    found = db.session.query(Act).filter_by(name="assessment.make_paper").one()
    assert (found.actor_id, found.subject_id, found.reason) == (town.prosecutor.id, one.id, "请本人签名")
    digest = hashlib.sha256(first.content).hexdigest()
    assert found.facts == {"paper": "undertaking", "form": "docx", "template": 0, "sha256": digest}
    assert papers.make("undertaking", "docx", one, town.coordinator, NOW, "再印").content == first.content


# An office's own template.


def test_an_own_template_is_used_until_the_shipped_one_is_again(prepared: Prepared) -> None:
    one, town = prepared.proposed(), prepared.town
    office, by = town.office, town.coordinator
    template = papers.send(office, "matters_notice", word.shipped(OWN), "本院.docx", by, NOW, "格式")
    assert "本院告知书" not in said(papers.make("matters_notice", "docx", one, by, NOW, "…"))
    assert word.text_of(papers.preview(template)) == ["本院告知书", "样小例：请于2026年11月27日前到院。"]
    papers.use(template, by, NOW, "启用")
    assert f"{one.person.name}：请于2026年11月27日前到院。" in said(
        papers.make("matters_notice", "docx", one, by, NOW, "…")
    )
    with pytest.raises(OnlyWord):
        papers.make("matters_notice", "pdf", one, by, NOW, "…")
    second = papers.send(office, "matters_notice", word.shipped(OWN + "完"), "二.docx", by, NOW, "改")
    papers.use(second, by, NOW, "启用")
    assert [(t.number, t.state) for t in papers.templates_of(office, "matters_notice")] == [
        (2, "in_force"),
        (1, "retired"),
    ]
    papers.use(template, by, NOW, "换回")
    papers.retire(office, "matters_notice", by, NOW, "用自带的")
    assert papers.template_in_force(office, "matters_notice") is None
    assert "事项告知书" in said(papers.make("matters_notice", "pdf", one, by, NOW, "…"))
    assert history(template)[-2:] == ["paper_template.use", "paper_template.retire"]
    with pytest.raises(IntegrityError, match="paper_template_stands"), act("t.cheat", template, by=None, at=NOW):
        db.session.execute(update(PaperTemplate).values(content=b"x"))
    db.session.rollback()
    assert broken() == []


# The pages.


def test_papers_are_made_from_the_page_with_a_reason(crossing: Crossing) -> None:
    one, town = done(crossing), crossing.town
    key = one.public_id
    shift = all_of(Shift)[0].public_id
    desk = town.browser(town.prosecutor)
    assert "Service record" in text_of(desk.get(f"/assessments/{key}/papers"))
    asked = {"kind": "service_record", "form": "pdf", "reason": "入卷"}
    assert desk.post(f"/assessments/{key}/papers", {**asked, "reason": ""}).status_code == 422
    assert desk.post(f"/assessments/{key}/papers", {**asked, "kind": "evaluation_report"}).status_code == 422
    answer = desk.post(f"/assessments/{key}/papers", asked)
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert re.fullmatch(r"attachment; .*考察表-[0-9-]{10}\.pdf", unquote(answer.headers["Content-Disposition"]))
    leader = town.browser(town.person("秦队长"))
    sheet = {"kind": "sign_in_sheet", "form": "docx", "reason": "带队"}
    assert leader.get(f"/shifts/{shift}/papers").status_code == 200
    assert leader.post(f"/shifts/{shift}/papers", sheet).status_code == 200
    assert leader.get(f"/assessments/{key}/papers").status_code in {403, 404}
    for name, status in (("朱交警", 404), ("何志愿", 404), ("邻郑检察", 404), ("蒋检查", 403)):
        assert town.browser(town.person(name)).get(f"/assessments/{key}/papers").status_code == status


def test_a_template_is_sent_looked_at_and_used_on_its_page(crossing: Crossing) -> None:
    desk = crossing.town.browser(crossing.town.coordinator)

    def sent(content: bytes) -> Any:
        form: dict[str, Any] = {"reason": "格式", "file": (BytesIO(content), "本院.docx")}
        return desk.post("/papers/matters_notice", form, content_type="multipart/form-data")

    assert "Notice of matters" in text_of(desk.get("/papers"))
    refused = sent(word.shipped("{{ bac }}"))
    assert refused.status_code == 422 and "Not known in this paper: bac." in text_of(refused)
    assert sent(b"0" * (word.MAX_BYTES + 1)).status_code == 413
    assert desk.get("/papers/matters_notice/shipped").mimetype == word.MIME
    assert sent(word.shipped(OWN)).status_code == 303
    assert "样小例：请于2026年11月27日前到院。" in text_of(desk.get("/papers/matters_notice"))
    template = f"/paper-templates/{all_of(PaperTemplate)[0].public_id}"
    assert desk.get(template).data[:2] == b"PK"
    assert desk.post(f"{template}/use", {"reason": "启用"}).status_code == 303
    assert "Made from your version 1" in text_of(desk.get("/papers/matters_notice"))
    assert desk.post("/papers/matters_notice/shipped", {"reason": "换回"}).status_code == 303
    assert all_of(PaperTemplate)[0].state == "retired"
    assert desk.get("/papers/nothing").status_code == 404
