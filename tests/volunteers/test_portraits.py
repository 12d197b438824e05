"""The portrait beside the name: with consent, for the officer of the day, gone with the assessment (S-24, T02)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pytest import raises
from sqlalchemy import text

from exchange.pictures import PictureRefused, portrait
from extensions import db
from record.act import act, history
from record.course import OffCourse
from record.invariants import broken
from record.models import Act
from tests.town import NOW, Town
from tests.volunteers.conftest import Crossing, all_of
from tests.volunteers.phone import Days, Phone, today
from volunteers.actions.booking import book
from volunteers.actions.obstacles import assessment_at
from volunteers.actions.portraits import drop_portraits, keep_portrait, picture_of, remove_portrait
from volunteers.models.assessment import ASSESSMENT, Assessment
from volunteers.models.portraits import Portrait
from volunteers.rules.proposing import SignedLater

DAY = date(2026, 11, 23)
PLACE = 0x8825  # where a camera writes the place


def photo(width: int = 600, height: int = 900, kind: str = "JPEG", colour: str = "maroon") -> bytes:
    """A photo with the place in it."""
    exif = Image.Exif()
    exif.get_ifd(PLACE)[2] = (27.0, 48.0, 0.0)
    written = BytesIO()
    Image.new("RGB", (width, height), colour).save(written, kind, exif=exif.tobytes())
    return written.getvalue()


@pytest.mark.parametrize(("width", "height", "kind"), [(600, 900, "JPEG"), (4000, 300, "PNG"), (24, 32, "WEBP")])
def test_a_photo_is_made_small_and_keeps_nothing_of_the_camera(width: int, height: int, kind: str) -> None:
    with Image.open(BytesIO(portrait(photo(width, height, kind)))) as made:
        assert (made.format, made.size, dict(made.getexif())) == ("JPEG", (240, 320), {})


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"",
        lambda: b"%PDF-1.7",
        lambda: b"GIF89a" + bytes(60),
        lambda: photo()[:400],
        lambda: photo() + bytes(8 * 1024 * 1024),
        lambda: photo(8000, 6300, "PNG"),
    ],
    ids=["nothing", "a paper", "another kind", "cut off", "too long", "too many points"],
)
def test_what_is_no_picture_is_refused(content: Callable[[], bytes]) -> None:
    with raises(PictureRefused):
        portrait(content())


def test_it_is_kept_encrypted_replaced_and_removed_each_by_an_act(town: Town, crossing: Crossing) -> None:
    crossing.person("王小明")
    [assessment] = all_of(Assessment)
    keep_portrait(assessment, photo(), DAY, town.coordinator, NOW)
    first = picture_of(assessment)
    keep_portrait(assessment, photo(colour="navy"), DAY, town.coordinator, NOW)
    second = picture_of(assessment)
    assert first is not None and second is not None and first != second
    assert second not in bytes(db.session.execute(text("SELECT content FROM portrait")).scalar_one())
    remove_portrait(assessment, town.coordinator, NOW, "撤回同意")
    assert (picture_of(assessment), all_of(Portrait), broken()) == (None, [], [])
    assert remove_portrait(assessment, town.coordinator, NOW, "撤回同意") is False
    assert history(assessment)[-3:] == ["assessment.portray", "assessment.portray", "assessment.remove_portrait"]
    told = str([one.changes for one in all_of(Act, Act.name == "assessment.portray")])
    assert ("consented_on" in told, "content" in told) == (True, False)


def test_consent_comes_first_and_lies_not_ahead(town: Town, crossing: Crossing) -> None:
    crossing.person("王小明")
    [assessment] = all_of(Assessment)
    with raises(SignedLater):
        keep_portrait(assessment, photo(), date(2026, 11, 25), town.coordinator, NOW)
    keep_portrait(assessment, photo(), date(2026, 11, 24), town.coordinator, NOW)


def test_it_goes_with_the_assessment_and_none_is_kept_after(town: Town, crossing: Crossing) -> None:
    over, on = (assessment_at(crossing.person(name), crossing.office.id) for name in ("结束", "继续"))
    for one in (over, on):
        keep_portrait(one, photo(), DAY, town.coordinator, NOW)
    assert drop_portraits(NOW) == 0
    with act("assessment.stop", over, by=town.prosecutor, at=NOW, reason="x"):
        ASSESSMENT.step("stop", over)
    assert (drop_portraits(NOW), drop_portraits(NOW)) == (1, 0)
    assert [one.assessment_id for one in all_of(Portrait)] == [on.id]
    with raises(OffCourse):
        keep_portrait(over, photo(), DAY, town.coordinator, NOW)


def kept(town: Town, person: Any) -> str:
    """The portrait of somebody, kept at the desk. Returns its page."""
    page = f"/assessments/{assessment_at(person, town.office.id).public_id}/portrait"
    sent = {"file": (BytesIO(photo()), "IMG_2026.jpg"), "on": str(today())}
    answer = town.browser(town.coordinator).post(page, sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    return page


def test_the_officer_sees_it_beside_the_name_on_the_day_and_nobody_else_does(town: Town, crossing: Crossing) -> None:
    days = Days(crossing)
    now, ahead = days.shift(0), days.shift(3)
    person, other = days.person("王小明"), days.person("李四")
    early = now.event.starts_at - timedelta(hours=36)
    here, bare = book(now, person, person, early).public_id, book(now, other, other, early).public_id
    later = book(ahead, person, person, early).public_id
    desk = kept(town, person)
    keys = {"here": here, "bare": bare, "later": later}
    pictures = {name: f"/crossing/people/{key}/portrait.jpg" for name, key in keys.items()}
    officer = Phone(town, town.traffic_officer, f"/crossing/{now.public_id}")
    assert (officer.markup.count(pictures["here"]), officer.markup.count("portrait.jpg")) == (1, 1)
    answers = {name: officer.browser.get(path) for name, path in pictures.items()}
    assert {name: one.status_code for name, one in answers.items()} == {"here": 200, "bare": 404, "later": 404}
    assert (answers["here"].mimetype, "no-store" in answers["here"].headers["Cache-Control"]) == ("image/jpeg", True)
    assert "ask for a document" in officer.browser.get(f"/crossing/people/{bare}").text

    def seen(path: str, *names: str) -> list[int]:
        return [town.browser(town.person(name)).get(path).status_code for name in names]

    assert seen(pictures["here"], "王小明", "尤律师", "邻朱交警") == [403, 404, 404]
    assert seen(f"{desk}.jpg", "周协调", "朱交警", "尤律师") == [200, 404, 404]


def test_at_the_desk_a_wrong_file_is_refused_and_removing_asks_why(town: Town, crossing: Crossing) -> None:
    person = Days(crossing).person("王小明")
    page = kept(town, person)
    desk = town.browser(town.coordinator)
    answer = desk.post(page, {"file": (BytesIO(b"x"), "x.jpg"), "on": str(today())}, content_type="multipart/form-data")
    assert (answer.status_code, "no picture that can be read" in answer.text) == (422, True)
    assert desk.post(f"{page}/removal", {"reason": ""}).status_code == 422
    assert len(all_of(Portrait)) == 1
    heavy = {"file": (BytesIO(b"x" * 13 * 1024 * 1024), "x.jpg"), "on": str(today())}
    assert desk.post(page, heavy, content_type="multipart/form-data").location == page
    assert "The file is too large" in desk.get(page).text
    assert desk.post(f"{page}/removal", {"reason": "撤回同意"}).status_code == 303
    assert all_of(Portrait) == []
