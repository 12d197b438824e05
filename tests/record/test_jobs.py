"""Jobs: every run once, whoever ticks; one leads, and another takes over (I26, F17)."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from extensions import db
from record import jobs
from record.jobs import Leader, run_due
from record.models import JobRun
from tests.town import Town

AT = datetime(2026, 11, 24, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """One hourly job, alone in the registry; the moments at which it ran."""
    monkeypatch.setattr(jobs, "_jobs", {})
    moments: list[datetime] = []

    def work(now: datetime) -> int:
        moments.append(now)
        time.sleep(0.05)
        return len(moments)

    jobs.every(timedelta(hours=1), "test.work", work)
    yield moments


def runs() -> list[tuple[datetime, bool, str]]:
    db.session.rollback()
    return [
        (r.scheduled_for, r.failed, r.said) for r in db.session.scalars(select(JobRun).order_by(JobRun.scheduled_for))
    ]


def test_a_job_runs_once_in_its_hour_and_again_in_the_next(town: Town, ran: list[datetime]) -> None:
    hour = AT.replace(minute=0, second=0)
    assert [run_due(AT + timedelta(minutes=m)) for m in (0, 10, 60)] == [["test.work"], [], ["test.work"]]
    assert runs() == [(hour, False, "1"), (hour + timedelta(hours=1), False, "2")]


def test_three_runners_at_once_run_it_once(town: Town, ran: list[datetime]) -> None:
    """F17: three schedulers by mistake."""
    db.session.remove()
    start, said = threading.Barrier(3), []

    def tick() -> None:
        with town.app.app_context():
            start.wait()
            said.append(run_due(AT))

    threads = [threading.Thread(target=tick) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(said), ran) == ([[], [], ["test.work"]], [AT])


def test_a_job_that_fails_says_why_spares_the_others_and_is_tried_again_after_a_while(
    town: Town, ran: list[datetime]
) -> None:
    troubles = ["disk full"]

    def fails(now: datetime) -> str:
        if troubles:
            raise OSError(troubles.pop())
        return "mended"

    jobs._jobs["test.fails"] = jobs.Job("test.fails", timedelta(days=1), fails)
    assert run_due(AT) == ["test.work", "test.fails"]
    assert [(failed, said) for _, failed, said in runs()] == [(True, "OSError: disk full"), (False, "1")]
    ended = db.session.scalars(select(JobRun).where(JobRun.failed)).one().ended_at
    assert ended is not None
    assert run_due(max(AT, ended - timedelta(seconds=1)) if ended < AT else AT) == []
    again = (ended + timedelta(minutes=6)).replace(tzinfo=UTC)
    if jobs.slot(jobs._jobs["test.fails"], again) == jobs.slot(jobs._jobs["test.fails"], AT):
        assert "test.fails" in run_due(again)


def test_a_run_that_died_with_its_process_is_taken_up_again_by_one(town: Town, ran: list[datetime]) -> None:
    slot = AT.replace(minute=0, second=0)
    db.session.add(JobRun(job="test.work", scheduled_for=slot, started_at=AT))
    db.session.commit()
    assert [run_due(AT + timedelta(minutes=m)) for m in (29, 31, 32)] == [[], ["test.work"], []]
    assert runs() == [(slot, False, "1")]


def test_old_runs_are_forgotten_after_thirty_days(town: Town, ran: list[datetime]) -> None:
    run_due(AT)
    assert [jobs.forget_old_runs(AT + timedelta(days=d)) for d in (29, 31)] == [0, 1]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_one_leads_and_another_takes_over_when_its_connection_is_gone(town: Town, tmp_path: Path) -> None:
    """PostgreSQL: an advisory lock. TRIED section 8."""
    db.session.remove()
    first, second = Leader(tmp_path / "lock"), Leader(tmp_path / "lock")
    assert [first.lead(), first.lead(), second.lead()] == [True, True, False]
    owner = create_engine(town.app.config["SQLALCHEMY_OWNER_URI"], isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
    owner.dispose()
    time.sleep(0.2)
    assert [second.lead(), first.lead(), second.lead()] == [True, False, True]
    second._give_up()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_one_leads_and_another_takes_over_when_its_process_is_killed(town: Town, tmp_path: Path) -> None:
    """SQLite: a lock on a file, which the kernel frees."""
    lock = tmp_path / "lock"
    hold = "import fcntl,sys,time; f=open(sys.argv[1],'w'); fcntl.flock(f, 2); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        leader = Leader(lock)
        assert leader.lead() is False
        other.kill()
        other.wait()
    assert [leader.lead(), leader.lead()] == [True, True]
    assert leader._file is not None
    leader._file.close()
