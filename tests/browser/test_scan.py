"""The code on a volunteer's phone is read by the officer's camera: a real code, in front of a camera that shows it."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import PHONE, SWITCHES, Site, Walker, chromium
from tests.browser.test_crossing import night
from tests.serving import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTH, HEIGHT = 640, 480
# The picture of a code in the middle of a grey frame, as brightness alone, in base64.
SEEN = """async ([png, width, height]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(width, height), brush = canvas.getContext("2d");
  brush.fillStyle = "#666";
  brush.fillRect(0, 0, width, height);
  const side = height * 0.6;
  brush.translate(width / 2, height / 2);
  brush.rotate(0.12);
  brush.drawImage(image, -side / 2, -side / 2, side, side);
  const { data } = brush.getImageData(0, 0, width, height);
  let text = "";
  for (let i = 0; i < data.length; i += 4) text += String.fromCharCode((data[i] + data[i + 1] + data[i + 2]) / 3);
  return btoa(text);
}"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """What the camera sees; it is opened anew whenever a page starts the camera."""
    return tmp_path / "camera.y4m"


@pytest.fixture
def camera(driver: Playwright, film: Path) -> Iterator[Browser]:
    """A browser that asks nobody, so that pages start the camera by themselves, and whose camera shows the film."""
    fake = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    started = driver.chromium.launch(executable_path=chromium(), args=[*SWITCHES, *fake])
    yield started
    started.close()


def point_at(page: Page, film: Path) -> None:
    """Hold the code of a page before the camera."""
    png = base64.b64encode(page.locator(".qr-frame").screenshot()).decode()
    bright = base64.b64decode(page.evaluate(SEEN, [png, WIDTH, HEIGHT]))
    frame = b"FRAME\n" + bright + b"\x80" * (WIDTH * HEIGHT // 2)
    film.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 10)


def test_a_real_code_is_read_by_the_camera_refused_the_second_time_and_a_claim_is_read_the_other_way(
    camera: Browser, site: Site, film: Path
) -> None:
    put = [sys.executable, "-m", "tests.browser.shift_at_hand"]
    subprocess.run(put, cwd=ROOT, env=site.environment(), check=True, timeout=120)
    links = site.fresh_links()
    context = {"viewport": PHONE, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    officer = Walker(camera.new_context(**context), site, "scan-officer")
    volunteer = Walker(camera.new_context(**context), site, "scan-volunteer")
    his, mine = volunteer.enrol(links["volunteer"]), officer.enrol(links["traffic_officer"])
    volunteer.look("code-at-hand")
    his.locator(".at-hand", has_text="临时执勤点").get_by_role("link", name="出示签到码").click()
    volunteer.look("my-code")
    night(volunteer, "my-code")
    mine.locator("section[aria-labelledby=today-title] .stops a", has_text="临时执勤点").click()
    officer.look("roll")
    mine.get_by_role("link", name="扫码").click()
    officer.look("before-the-camera")

    _claims(officer, volunteer, film)

    his.goto(his.url.replace("/presence", "/code"))
    point_at(his, film)
    mine.goto(mine.url.replace("/screen", "/scan"))
    mine.locator(".outcome-good").wait_for()
    assert re.search(r"\d\d:\d\d ?到岗", mine.locator(".outcome-good .told").inner_text())
    officer.look("arrived")
    night(officer, "arrived")
    mine.reload()  # the same code once more
    mine.locator(".outcome-bad").wait_for()
    assert "用过" in mine.locator(".outcome-bad strong").inner_text()
    officer.look("used-already")
    his.reload()
    assert "到岗时间已登记" in his.locator("#code .for").inner_text()
    volunteer.look("code-for-leaving")
    assert [*officer.complaints, *volunteer.complaints] == []


def _claims(officer: Walker, volunteer: Walker, film: Path) -> None:
    """The volunteer reads the officer's screen; the officer sees it beside the name."""
    his, mine = volunteer.page, officer.page
    mine.get_by_role("link", name="让志愿者自行报到").click()
    officer.look("screen")
    point_at(mine, film)
    his.get_by_role("link", name="我已到").click()
    volunteer.look("i-am-here")
    his.locator(".outcome-good").wait_for()
    volunteer.look("said")
    mine.goto(mine.url.replace("/screen", ""))
    expect(mine.locator(".says")).to_have_count(1)
    officer.look("says-he-is-here")
    mine.goto(mine.url + "/screen")
