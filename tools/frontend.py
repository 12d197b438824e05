"""Copy what the pages need from node_modules into static/vendor, and build the icon sprite.

Run after `npm ci --ignore-scripts`. Nothing here touches the network; nothing it writes is committed.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICON_NAMES = Path(__file__).with_name("icons.txt")
ICONS = MODULES / "@tabler" / "icons" / "icons" / "outline"

FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "event-calendar.min.js": "@event-calendar/build/dist/event-calendar.min.js",
    "event-calendar.min.css": "@event-calendar/build/dist/event-calendar.min.css",
    "qr/decode.js": "qr/decode.js",
    "qr/index.js": "qr/index.js",
}
# A map is not shipped, so nobody may be sent to look for it.
SOURCE_MAP = re.compile(r"(?:/\*|//)# sourceMappingURL=\S+(?: ?\*/)?")
SVG = "http://www.w3.org/2000/svg"


def copy_files() -> None:
    for name, source in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        (VENDOR / name).parent.mkdir(exist_ok=True)
        (VENDOR / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")


def icon_names() -> list[str]:
    lines = (line.strip() for line in ICON_NAMES.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def symbol(name: str) -> ElementTree.Element:
    """One icon as a <symbol> that takes its colour and stroke width from the page's CSS."""
    drawing = ElementTree.parse(ICONS / f"{name}.svg").getroot()
    line = {"fill": "none", "stroke": "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round"}
    made = ElementTree.Element(f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24", **line})
    made.extend(shape for shape in drawing if shape.get("stroke") != "none")
    return made


def build_sprite() -> int:
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    sprite.append(ElementTree.Comment(" Tabler Icons, MIT, https://tabler.io/icons "))
    sprite.extend(symbol(name) for name in icon_names())
    ElementTree.ElementTree(sprite).write(VENDOR / "icons.svg", encoding="utf-8", xml_declaration=True)
    return len(icon_names())


def main() -> int:
    if not MODULES.is_dir():
        print("node_modules is missing: run `npm ci --ignore-scripts` first", file=sys.stderr)
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    copy_files()
    print(f"static/vendor: {len(FILES)} files, {build_sprite()} icons")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
