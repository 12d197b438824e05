"""Fixtures: each database test runs on SQLite and on a real PostgreSQL, in a database of its own."""

from __future__ import annotations

import fcntl
import gc
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from record.sealed import Keys, load_keys
from tests.both import meets_postgresql_each_time
from tests.engines import GROWN, TOWN, Engine, Postgresql, Sqlite
from tests.town import Town

hypothesis_settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=True
)
hypothesis_settings.load_profile("house")


LONGEST = ("tests/test_rights.py", "tests/test_bad_input.py", "tests/browser/")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking for garbage in it, over and over, would take a tenth of the time. While it
    was loaded nobody looked (`tests/__init__.py`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first; on PostgreSQL the slow tests take what does not stand on the database itself."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    for item in items:
        on_postgresql = isinstance(item, pytest.Function) and _engine_of(item) == "postgresql"
        if on_postgresql and not meets_postgresql_each_time(item):
            item.add_marker(pytest.mark.slow)


def _engine_of(item: pytest.Function) -> str | None:
    return item.callspec.params.get("engine") if hasattr(item, "callspec") else None


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


signal.signal(signal.SIGTERM, _leave)


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """A folder as `FENGLI_DATA` is one, with keys; short, because a Unix socket's path must be."""
    memory = Path("/dev/shm")  # where a commit waits for no disk
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    folder = Path(tempfile.mkdtemp(prefix="fl", dir=memory if roomy else "/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of all who run these tests together."""
    mine = tmp_path_factory.getbasetemp()
    folder = (mine if worker_id == "master" else mine.parent) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def house_keys(shared: Path) -> Keys:
    with (shared / "keys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return load_keys(shared / "keys")


_engines: dict[str, Engine] = {}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, installation: Path, house_keys: Keys, shared: Path) -> Engine:
    """One of the two engines, with the town's template made once."""
    kinds: dict[str, Callable[[Path, Keys, Path], Engine]] = {"sqlite": Sqlite, "postgresql": Postgresql}
    if request.param not in _engines:
        _engines[request.param] = kinds[request.param](installation, house_keys, shared)
    return _engines[request.param]


@pytest.fixture
def template(engine: Engine, request: pytest.FixtureRequest) -> str:
    """What the test's database is a copy of: the town, with what the test's fixtures find in it."""
    for name, build in reversed(GROWN.items()):
        if name in request.fixturenames:
            engine.grow(name, build)
            return name
    return TOWN


@pytest.fixture
def app(engine: Engine, template: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on a database of this test's own, pushed as the current one."""
    with engine.opened(template, own=request.node.get_closest_marker("own_app") is not None) as made:
        yield made


@pytest.fixture
def town(app: Flask) -> Town:
    """The small fixed town of named people, posts and rooms."""
    return Town(app)
