"""`footfall jobs`: what happens without anybody asking. Reports are written and mailed, alerts told, rows deleted."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine

from app.believed_clock import Belief, belief
from app.calibrations import keep_calibration
from db.reading.last_seen import last_seen
from db.session import reading
from db.store import Store
from footfall.config import Config
from footfall.errors import FootfallError
from footfall.local_time import local_day
from notices.rounds import Rounds
from reports.estimates import keep_all
from reports.writer import Outcome, ReportWriter, utc_now

LOOK_AGAIN_S = 60.0
SET_BACK = timedelta(seconds=5)
"""By so much less than before is the clock ahead of the time that passed: somebody, or NTP, set it back."""


class DailyJobs:
    """Writes what is due, for every site of the settings.

    Yesterday's report is due from the configured mall-local time on, an earlier day's report that is missing (the box
    was off) at once, and so is a written one whose numbers changed since. The clock is believed as far as
    `app.believed_clock` says, or in all when `clock_is_right`.
    """

    def __init__(
        self, config: Config, engine: Engine, now: Callable[[], datetime] = utc_now, *, clock_is_right: bool = False
    ) -> None:
        self._config = config
        self._engine = engine
        self._clock_is_right = clock_is_right
        self._store = Store(engine)
        self._writer = ReportWriter(engine, config.report, self._store, now, config.reid)
        self._rounds = Rounds(config, engine, now)
        self._now = now
        self._log = structlog.get_logger("footfall.jobs")

    def belief(self) -> Belief:
        """Return how far the clock is believed now.

        Raises:
            StoreError: the database is away.
        """
        now = self._now()
        if self._clock_is_right:
            return Belief(now, now)
        with reading(self._engine) as connection:
            return belief(last_seen(connection, now), now)

    def write_due_reports(self) -> list[Outcome]:
        """Write every report that is due and return what each came to; a failure is logged and tried again later."""
        outcomes = []
        try:
            believed = self.belief()
        except FootfallError as error:
            self._log.error("reports not written, the next round tries again", reason=str(error))
            return []
        if believed.sentence:
            self._log.warning("the clock is not believed", reason=believed.sentence)
        for site in self._config.sites:
            try:
                for day in self._due(site, believed):
                    outcomes += self._write(site, day)
            except FootfallError as error:
                self._log.error("reports not written, the next round tries again", site=site, reason=str(error))
        return outcomes

    def estimate_shares(self) -> None:
        """Estimate the shares of past days that have no estimate which holds; a failure is logged and tried again."""
        try:
            keep_all(self._engine, self._config, self._now())
        except FootfallError as error:
            self._log.error("shares not estimated, the next round tries again", reason=str(error))

    def hourly_round(self) -> list[Outcome]:
        """Estimate shares, then write every report that is due and return what each came to."""
        self.estimate_shares()
        return self.write_due_reports()

    def apply_retention(self) -> None:
        """Delete rows older than the retention time; a failure is logged and tried again tomorrow."""
        try:
            believed = self.belief()
            if believed.now is None or believed.seen is None:
                self._log.warning("nothing deleted", reason=believed.sentence)
                return
            for deletion in self._store.apply_retention(self._config, min(believed.now, believed.seen)):
                self._log.info("deleted after the retention time", deletion=str(deletion))
        except FootfallError as error:
            self._log.error("retention not applied, tomorrow tries again", reason=str(error))

    def tell(self) -> int:
        """Send mails and alerts that are due and return how many; a failure is logged and tried again."""
        try:
            believed = self.belief()
        except FootfallError as error:
            self._log.error("nothing told, the next round tries again", reason=str(error))
            return 0
        return self._rounds.round(clock_is_believed=not believed.stops)

    def run_once(self) -> list[Outcome]:
        """Do everything that is due now and return the reports."""
        outcomes = self.hourly_round()
        self.apply_retention()
        self.tell()
        return outcomes

    def _due(self, site: str, believed: Belief) -> list[date]:
        """Return the days to report now: those that are due, but yesterday not before its time."""
        zone, now = self._config.sites[site].zone, self._now()
        yesterday = local_day(now, zone) - timedelta(days=1)
        early = now.astimezone(zone).time() < self._config.report.time
        return [
            day
            for day in self._writer.due(site, now)
            if believed.may_report(day, zone)
            and not (early and day == yesterday and self._store.last_report(site, day) is None)
        ]

    def _write(self, site: str, day: date) -> list[Outcome]:
        """Write one report; one that cannot be written is logged and keeps no other waiting."""
        try:
            outcome = self._writer.write(site, day)
        except FootfallError as error:
            words = "report not written, the next round tries again"
            self._log.error(words, site=site, day=str(day), reason=str(error))
            return []
        report = outcome.report
        words = "report written" if outcome.written else "report unchanged"
        details = {"path": report.path, "revision": report.revision, "visits": report.visits}
        reason = outcome.fault or report.reason
        self._log.info(words, site=site, day=str(day), observed=report.observed_share, reason=reason, **details)
        return [outcome]


def make_scheduler(config: Config, jobs: DailyJobs) -> BlockingScheduler:
    """Return a scheduler that is not started: the daily reports at the time of each zone, and a round every hour.

    The hourly round catches what the daily one missed and rewrites reports whose day was reopened. Every minute mails
    and alerts that are due are sent. What a computer that was off or asleep missed runs when it is back.
    """
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BlockingScheduler(job_defaults=defaults, timezone=UTC)
    at = config.report.time
    for zone in {settings.zone.key: settings.zone for settings in config.sites.values()}.values():
        daily = CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)
        scheduler.add_job(jobs.run_once, daily, id=f"daily reports in {zone.key}")
    scheduler.add_job(jobs.hourly_round, IntervalTrigger(hours=1), id="hourly round")
    scheduler.add_job(jobs.tell, IntervalTrigger(minutes=1), id="mails and alerts")
    return scheduler


class SetBackWatch:
    """Lets every job run at once when the clock was set back; they would wait until it shows the old time again."""

    def __init__(
        self,
        scheduler: BaseScheduler,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scheduler = scheduler
        self._now = now
        self._clock = clock
        self._began = self._beginning()
        self._log = structlog.get_logger("footfall.jobs")

    def watch(self, stopping: threading.Event) -> None:
        """Look every minute until `stopping` is set."""
        while not stopping.wait(LOOK_AGAIN_S):
            self.look()

    def look(self) -> None:
        """Compare the clock with the time that passed."""
        before, self._began = self._began, self._beginning()
        if self._began < before - SET_BACK:
            self._log.warning("the clock was set back, everything that waits for it runs now")
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=self._now())

    def _beginning(self) -> datetime:
        """Return when, by the clock as it is now, the time that passes began to be counted."""
        return self._now() - timedelta(seconds=self._clock())


def run_jobs(config: Config, engine: Engine) -> None:
    """Catch up what was missed, then work by the clock until SIGTERM or SIGINT."""
    keep_calibration(engine, config)
    jobs = DailyJobs(config, engine)
    jobs.run_once()
    scheduler = make_scheduler(config, jobs)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.shutdown(wait=False))
    stopping = threading.Event()
    threading.Thread(target=SetBackWatch(scheduler).watch, args=(stopping,), name="set-back-watch", daemon=True).start()
    try:
        scheduler.start()
    finally:
        stopping.set()
