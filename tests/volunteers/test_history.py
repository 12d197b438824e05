"""What was done with a shift, as its page tells it."""

from __future__ import annotations

import re

from tests.town import Town, forget_request
from tests.volunteers.conftest import Crossing
from volunteers.models.shifts import Shift


def told(town: Town, shift: Shift) -> str:
    address = f"/shifts/{shift.public_id}"
    forget_request()
    page = town.browser(town.coordinator).get(address).get_data(as_text=True)
    part = page[page.index("trail-of-title") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part[: part.index("</section>")]))


def test_it_tells_what_changed_and_no_marks_of_the_program(town: Town, crossing: Crossing) -> None:
    text = told(town, crossing.shift())
    assert "state Planned Open for booking" in text
    assert "places on offer" in text
    found = [word for word in ("uid", "visibility", "slot", "quota", "kind") if word in text]
    assert found == []
