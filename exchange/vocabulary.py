"""Words of the files that offices hand over, kept as data in TOML beside the code that reads them. Pure."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def vocabulary_beside(module_file: str) -> dict[str, Any]:
    """The words that stand in the .toml file of the same name beside a module (`module_file` is its `__file__`)."""
    return tomllib.loads(Path(module_file).with_suffix(".toml").read_text(encoding="utf-8"))


WORDS = vocabulary_beside(__file__)
