"""Personal facts at rest: encrypted columns, and keyed hashes to find a duplicate without reading it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from extensions import storable


@dataclass(frozen=True)
class Keys:
    """The installation's secrets; they stand in files beside the database, never in it."""

    secret_key: str
    pepper: bytes
    cipher: MultiFernet


def load_keys(folder: Path) -> Keys:
    """Read the keys of an installation, making them on its first start (files of mode 0400).

    `seal.keys` holds one Fernet key a line, newest first: old values stay readable after a rotation.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret_key = _kept(folder / "secret.key", secrets.token_urlsafe(48))
    pepper = _kept(folder / "pepper.key", secrets.token_hex(32))
    seals = _kept(folder / "seal.keys", Fernet.generate_key().decode())
    return Keys(secret_key, bytes.fromhex(pepper), MultiFernet([Fernet(k) for k in seals.split()]))


def _kept(path: Path, fresh: str) -> str:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(fresh + "\n")
    return fresh


def keys() -> Keys:
    found: Keys = current_app.extensions["fengli_keys"]
    return found


def keyed_hash(purpose: str, value: str) -> str:
    """HMAC-SHA256 of a value under the installation's pepper, apart by purpose (hex, 64 characters)."""
    return hmac.new(keys().pepper, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def seal(value: str) -> str:
    return keys().cipher.encrypt(value.encode()).decode()


def unseal(value: str) -> str:
    return keys().cipher.decrypt(value.encode()).decode()


class Sealed(TypeDecorator[str]):
    """Text that is ciphertext in the database. A history of it shows a mask (`info={"mask": ...}` on the column)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal(storable(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value)
