"""The translation catalogues: take in new sentences, or check that nothing is missing.

Babel's own statistics count an empty plural as done (so this looks itself), and a refusal's `message` and `help` are
plain strings on classes, which no keyword marks (as are the tables `MESSAGES`); they are read from the source here. So
is every call with a sentence in it: Babel overlooks one that stands within another's arguments or in an f-string.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
SKIPPED = {".venv", ".uv", ".node", "node_modules", "tests", "var", "bench", "tools", "migrations", "build"}
PLAIN = {"_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
KEYWORDS = {**PLAIN, "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2)}
PLACE = re.compile(r"%\((\w+)\)[sd]")
STRAY = re.compile(r"%(?!\(\w+\)[sd])")  # a place whose brackets were typed full-width
METHODS = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true"}, "templates/**.txt": {"trimmed": "true"}}


def sources() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        if not SKIPPED & set(path.relative_to(ROOT).parts):
            yield path


def said_by_classes() -> Iterator[tuple[str, str]]:
    """The `message` and `help` of every class that has a `code`, and what any keeps in `MESSAGES`, with its file."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                told = dict(_strings(node))
                for text in _messages(node):
                    yield text, str(path.relative_to(ROOT))
                if "code" in told or "message" in told:
                    for name in ("message", "help"):
                        if told.get(name):
                            yield told[name], str(path.relative_to(ROOT))


def _strings(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for part in node.body:
        target = part.targets[0] if isinstance(part, ast.Assign) else getattr(part, "target", None)
        value = getattr(part, "value", None)
        if isinstance(target, ast.Name) and value is not None:
            try:
                text = ast.literal_eval(value)
            except ValueError:
                continue
            if isinstance(text, str):
                yield target.id, text


def _messages(node: ast.ClassDef) -> Iterator[str]:
    """The values of a table `MESSAGES`, by code, in the body of a class."""
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and getattr(part.target, "id", "") == "MESSAGES" and part.value is not None:
            yield from ast.literal_eval(part.value).values()


def said_by_calls(tree: ast.AST) -> Iterator[str | tuple[str, str]]:
    """The sentence, or the two of a plural, of every call of a keyword, wherever in an expression it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            number = 2 if name == "ngettext" else 1
            texts = [a.value for a in node.args[:number] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name in PLAIN and len(texts) == number:
                yield texts[0] if number == 1 else (texts[0], texts[1])


def template() -> Catalog:
    """Every sentence of the program, without line numbers."""
    found = Catalog(project="Fengli", charset="utf-8", fuzzy=False)
    directory = extract_from_dir(
        str(ROOT), METHODS, OPTIONS, KEYWORDS, directory_filter=lambda d: Path(d).name not in SKIPPED | {"static"}
    )
    for filename, _, message, comments, context in directory:
        found.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    for message, filename in said_by_classes():
        found.add(message, None, [(filename, 0)])
    for path in sources():
        for sentence in said_by_calls(ast.parse(path.read_text(encoding="utf-8"))):
            if sentence and found.get(sentence) is None:
                found.add(sentence, None, [(str(path.relative_to(ROOT)), 0)])
    return found


def faults(kept: Catalog, wanted: Catalog) -> Iterator[str]:
    """What is missing, half done or differs in its places."""
    for message in wanted:
        if message.id and kept.get(message.id, message.context) is None:
            yield f"not in the catalogue: {message.id!r}"
    for message in kept:
        if not message.id:
            continue
        if wanted.get(message.id, message.context) is None:
            yield f"no longer said: {message.id!r}"
        elif message.fuzzy or not all(_strings_of(message)):
            yield f"not translated: {message.id!r}"
        elif any(misplaced(text, _places(_joined(message.id))) for text in _strings_of(message)):
            yield f"places differ: {message.id!r}"


def misplaced(text: str, wanted: set[str]) -> bool:
    """Whether a translation has a place that the sentence lacks, or one that nothing would fill."""
    return bool(_places(text) - wanted or (wanted and STRAY.search(text.replace("%%", ""))))


def _strings_of(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)


def _joined(msgid: str | tuple[str, ...] | list[str]) -> str:
    return msgid if isinstance(msgid, str) else " ".join(msgid)


def _places(text: str) -> set[str]:
    return set(PLACE.findall(text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 where something is missing")
    arguments = parser.parse_args()
    wanted = template()
    kept = read_po(CATALOGUE.open("rb"), locale="zh_Hans_CN") if CATALOGUE.exists() else Catalog(locale="zh_Hans_CN")
    if arguments.check:
        found = list(faults(kept, wanted))
        print("\n".join(found[:40]) or f"{len(kept)} sentences, all translated")
        return 1 if found else 0
    kept.update(wanted, no_fuzzy_matching=True)
    kept.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, kept, width=0, omit_header=False, include_lineno=False, sort_output=True)
    missing = sum(1 for m in kept if m.id and not all(_strings_of(m)))
    print(f"{len(kept)} sentences, {missing} without translation")
    return subprocess.run(["pybabel", "--quiet", "compile", "-d", str(ROOT / "translations")], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
