"""The jobs process: one leader, one tick, and every run claimed in the database (I26; TRUST section 4, rules).

The scheduler only ticks; what is due is asked of the database. A run is claimed by inserting its `JobRun`.
"""

from __future__ import annotations

import fcntl
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from extensions import db, rows_hit
from record.act import origin, transaction
from record.faults import in_words
from record.models import JobRun

LEADER_KEY = 0x46454E47
CLOCK_STEP = 2.0
GIVEN_UP = timedelta(minutes=30)  # a run that has said nothing for so long has died with its process
AGAIN = timedelta(minutes=5)  # a run that failed is tried again in its slot after so long
KEPT = timedelta(days=30)
log = structlog.get_logger("jobs")


@dataclass(frozen=True)
class Job:
    """Work for the program itself, once per `every`. `run(now)` opens its own transactions, returns what it did."""

    name: str
    every: timedelta
    run: Callable[[datetime], Any]


_jobs: dict[str, Job] = {}


def every(interval: timedelta, name: str, run: Callable[[datetime], Any]) -> None:
    _jobs[name] = Job(name, interval, run)


def slot(job: Job, now: datetime) -> datetime:
    """The scheduled moment a run at `now` belongs to: the last multiple of the interval."""
    seconds = int(job.every.total_seconds())
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def run_due(now: datetime) -> list[str]:
    """Run each job whose present slot nobody has claimed. Returns the names of those that ran."""
    return [job.name for job in list(_jobs.values()) if _run(job, slot(job, now), now)]


def _run(job: Job, scheduled_for: datetime, now: datetime) -> bool:
    if not _claim(job, scheduled_for, now):
        return False
    failed, said = False, ""
    try:
        with origin(via="job", job=job.name):
            said = str(job.run(now))
    except Exception as trouble:  # a job's failure is written down and must not end the others
        db.session.rollback()
        failed, said = True, f"{type(trouble).__name__}: {trouble}"
        log.error("job failed", job=job.name, fault=in_words(trouble))
    with transaction():
        claimed = db.session.get_one(JobRun, (job.name, scheduled_for), populate_existing=True)
        claimed.ended_at, claimed.failed, claimed.said = datetime.now(UTC), failed, said[:500]
    return True


def _claim(job: Job, scheduled_for: datetime, now: datetime) -> bool:
    """Take the run: the first who inserts its row has it. One that died or failed may be taken up again, by one."""
    try:
        with transaction():
            known = db.session.get(JobRun, (job.name, scheduled_for), populate_existing=True)
            if known is None:
                db.session.add(JobRun(job=job.name, scheduled_for=scheduled_for, started_at=now))
                return True
            died = known.ended_at is None and known.started_at <= now - GIVEN_UP
            failed = known.failed and known.ended_at is not None and known.ended_at <= now - AGAIN
            return (died or failed) and _take_up(known, now)
    except IntegrityError:
        return False


def _take_up(run: JobRun, now: datetime) -> bool:
    mine = update(JobRun).where(
        JobRun.job == run.job, JobRun.scheduled_for == run.scheduled_for, JobRun.started_at == run.started_at
    )
    taken = db.session.execute(mine.values(started_at=now, ended_at=None, failed=False))
    return rows_hit(taken) > 0


def forget_old_runs(now: datetime) -> int:
    """Delete what is noted of runs older than thirty days. Returns how many."""
    with transaction():
        return rows_hit(db.session.execute(delete(JobRun).where(JobRun.scheduled_for < now - KEPT)))


class Leader:
    """Holds the right to run jobs: a lock file beside SQLite, an advisory lock on PostgreSQL."""

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file
        self._file: IO[str] | None = None
        self._connection: Any = None

    def lead(self) -> bool:
        """Whether this process leads now; asks again for a lock it lost."""
        return self._lead_postgresql() if db.engine.dialect.name == "postgresql" else self._lead_sqlite()

    def _lead_sqlite(self) -> bool:
        if self._file is None:
            file = self._lock_file.open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                return False
            self._file = file
        return True

    def _lead_postgresql(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            self._connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if self._connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_KEY}):
                return True
        except DBAPIError:
            log.warning("the leader's connection is gone")
        self._give_up()
        return False

    def _give_up(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
        self._connection = None


def work(app: Flask, lock_file: Path, tick_seconds: float = 5.0) -> None:
    """Tick until told to stop by SIGTERM or SIGINT. A step of the wall clock re-arms the scheduler (F15)."""
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    leader = Leader(lock_file)

    def tick() -> None:
        with app.app_context():
            try:
                if leader.lead():
                    run_due(datetime.now(UTC))
            except DBAPIError as trouble:
                log.warning("the database does not answer", error=type(trouble).__name__)

    scheduler = BackgroundScheduler(timezone=UTC)
    arm = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    job = scheduler.add_job(tick, "interval", seconds=tick_seconds, next_run_time=datetime.now(UTC), **arm)
    scheduler.start()
    offset = time.time() - time.monotonic()
    while not stop.wait(2.0):
        if abs(time.time() - time.monotonic() - offset) > CLOCK_STEP:
            offset = time.time() - time.monotonic()
            job.reschedule(job.trigger)
    scheduler.shutdown(wait=True)
