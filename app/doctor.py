"""`footfall doctor`: looks at everything a run needs, and says what to fix."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.table import Column, Table
from rich.text import Text

from app.camera_kinds import beginning_of, is_live
from app.check import Check as Check
from app.check import Finding as Finding
from app.compose import check_networks, load_networks
from app.doctor_database import check_clock_and_data, check_database, check_lines, check_machines
from app.notice_checks import mail_found, notices_found
from app.sharing.opening import check_sharing, shares
from footfall.config import Config
from footfall.config_sections import CameraConfig
from footfall.errors import FootfallError
from inference.processor import processor_name
from inference.session import RUNTIME
from ingest.secrecy import lock_in_memory, unlock
from ingest.sources.kinds import open_source
from ingest.spooling.spool import SUFFIX, Spool

LITTLE_DISK_BYTES = 2 * 1024**3
NO_DISK_BYTES = 200 * 1024**2
MANY_WAITING = 5000
SLOW_DETECTION_S = 0.25
FEWEST_LOOKS = 4.5
TEMPLATES_BYTES = 32 * 1024**2  # of a day of 5,000 visits at two sites
EARLIEST_YEAR = 2025
TIMEDATECTL_S = 10.0


def run_doctor(config: Config) -> Iterator[Check]:
    """Yield the checks of `config` one by one, as cameras may take seconds to answer; raises nothing."""
    checks: list[tuple[str, Callable[[], Check]]] = [
        ("settings", lambda: _check_settings(config)),
        ("disk: spool", lambda: _check_folder("disk: spool", config.service.spool_directory)),
        ("disk: reports", lambda: _check_folder("disk: reports", config.report.directory)),
        ("spool", lambda: _check_spool(config.service.spool_directory)),
        ("clock", _check_clock),
        ("time zones", lambda: _check_time_zones(config)),
        ("database", lambda: check_database(config)),
        ("machines", lambda: check_machines(config)),
        ("counting lines", lambda: check_lines(config)),
        ("clock and data", lambda: check_clock_and_data(config)),
        ("models", lambda: _check_models(config)),
        ("templates", lambda: _check_templates(config)),
    ]
    if shares(config):
        checks.append(("sharing", lambda: check_sharing(config)))
    if config.mail.host:
        checks.append(("mail", lambda: _noticed("mail", mail_found(config))))
    if config.mail.host or config.alerts.webhook_url.get_secret_value():
        checks.append(("notices", lambda: _noticed("notices", notices_found(config))))
    for name, camera in config.cameras.items():
        if camera.enabled:
            checks.append((f"camera {name}", lambda n=name: _check_camera(n, config)))  # type: ignore[misc]
    for subject, check in checks:
        try:
            yield check()
        except FootfallError as error:
            found, _, advice = str(error).rpartition("; ")  # messages end with what to do
            yield Check(subject, Finding.BAD, found or advice, advice)
        except OSError as error:
            yield Check(subject, Finding.BAD, f"{error.strerror}: {error.filename}", "check the path and its rights")


def doctor_table(checks: list[Check]) -> Table:
    """Return the checks as a table that is readable at 80 columns: what to do stands below what was found."""
    styles = {Finding.GOOD: "green", Finding.WARNING: "yellow", Finding.BAD: "red"}
    table = Table(Column("what", overflow="fold"), Column("finding", no_wrap=True), Column("found", overflow="fold"))
    for check in checks:
        finding = Text(str(check.finding), style=styles[check.finding])
        found = Text(check.found)
        if check.advice:
            found += Text(f"\n→ {check.advice}", style="bold")
        table.add_row(Text(check.subject), finding, found)
    return table


def _check_settings(config: Config) -> Check:
    enabled = [name for name, camera in config.cameras.items() if camera.enabled]
    if not enabled:
        return Check(
            "settings", Finding.BAD, "no camera is enabled", "put one into the settings file; `footfall init` shows how"
        )
    live = sum(is_live(config.cameras[name]) for name in enabled)
    return Check("settings", Finding.GOOD, f"sites: {len(config.sites)}, cameras: {len(enabled)}, live: {live}")


def _check_folder(subject: str, folder: Path) -> Check:
    """Write and sync a file there, and look at the free space."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"footfall doctor")
        probe.flush()
        os.fsync(probe.fileno())
    free = shutil.disk_usage(folder).free
    found = f"{folder}: {free / 1024**3:.1f} GiB free"
    if free < NO_DISK_BYTES:
        return Check(subject, Finding.BAD, found, "free some space now; counts soon stay in memory only")
    if free < LITTLE_DISK_BYTES:
        return Check(subject, Finding.WARNING, found, "free some space")
    return Check(subject, Finding.GOOD, found)


def _check_spool(folder: Path) -> Check:
    damaged = sorted(path.name for path in folder.glob("*.damaged*"))
    spools = [Spool(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    waiting, refused = sum(spool.depth() for spool in spools), sum(spool.rejected() for spool in spools)
    found = f"{waiting} records wait, {refused} refused"
    if refused:
        return Check("spool", Finding.BAD, found, "the log says why; mend it, then restart `footfall run`")
    if damaged:
        advice = "their whole records were recovered; check the disk, then delete them"
        return Check("spool", Finding.WARNING, f"{found}; set aside: {', '.join(damaged)}", advice)
    if waiting > MANY_WAITING:
        return Check("spool", Finding.WARNING, found, "check that `footfall run` runs and the database answers")
    return Check("spool", Finding.GOOD, found)


def _check_clock() -> Check:
    now = datetime.now(UTC)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now.year < EARLIEST_YEAR:
        return Check("clock", Finding.BAD, found, "set the clock; days and reports would be wrong")
    tool = shutil.which("timedatectl")
    if tool is None:
        return Check("clock", Finding.WARNING, f"{found}, synchronisation unknown", "make sure that NTP is on")
    command = [tool, "show", "-p", "NTPSynchronized", "--value"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=TIMEDATECTL_S, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return Check("clock", Finding.WARNING, f"{found}, timedatectl does not answer", "make sure that NTP is on")
    if asked.stdout.strip() == "yes":
        return Check("clock", Finding.GOOD, f"{found}, synchronised")
    return Check("clock", Finding.WARNING, f"{found}, not synchronised", "turn NTP on: timedatectl set-ntp true")


def _check_time_zones(config: Config) -> Check:
    zones = sorted({site.time_zone for site in config.sites.values()})
    moments = ", ".join(
        f"{name} {datetime.now(UTC).astimezone(site.zone):%H:%M}" for name, site in config.sites.items()
    )
    if zones == ["UTC"]:
        return Check("time zones", Finding.WARNING, moments, "set time_zone of the site unless the mall lives in UTC")
    return Check("time zones", Finding.GOOD, moments)


def _check_models(config: Config) -> Check:
    """Compare the networks with their references, and look at an empty picture: the quickest of three looks counts."""
    worst = max(agreement.difference for agreement in check_networks(config))
    networks = load_networks(config, CameraConfig(source="0"), checked=True)
    picture, took_s = np.zeros((360, 640, 3), np.uint8), math.inf
    for _ in range(3):
        began = time.perf_counter()
        networks.detector.detect(picture)
        took_s = min(took_s, time.perf_counter() - began)
    found = (
        f"{networks.version}, {took_s * 1000:.0f} ms a detection; as their references to {worst:.1g} "
        f"({RUNTIME}, {processor_name()})"
    )
    if took_s > SLOW_DETECTION_S:
        return Check("models", Finding.WARNING, found, "lower max_fps or working_size of the cameras")
    return Check("models", Finding.GOOD, found)


def _check_templates(config: Config) -> Check:
    """Say by what visits are compared, and whether the system lets their templates be kept out of swap."""
    mode = config.reid.mode
    if mode == "off":
        return Check("templates", Finding.GOOD, "visits are not compared, there are none")
    block = np.zeros(TEMPLATES_BYTES // 4, np.float32)
    is_locked = lock_in_memory(block)
    unlock(block)
    found = f"visits are compared by {mode}"
    if is_locked:
        return Check("templates", Finding.GOOD, f"{found}, in memory that is kept out of swap")
    advice = "raise the limit of locked memory (LimitMEMLOCK, ulimit -l), or encrypt or turn off swap"
    return Check("templates", Finding.WARNING, f"{found}; the system may write templates to swap", advice)


def _noticed(subject: str, found: tuple[str, str]) -> Check:
    """Return the check of what was found and what to do about it; nothing to do is good."""
    return Check(subject, Finding.WARNING if found[1] else Finding.GOOD, *found)


def _check_camera(name: str, config: Config) -> Check:
    """Open the camera as a worker would; opening decodes the first picture."""
    camera = config.camera(name)
    source = open_source(name, camera, beginning_of(config, name))
    try:
        width, height = source.size
        found = f"{width}x{height}, {source.fps:.0f} fps"
    finally:
        source.close()
    looks = min(source.fps, camera.max_fps)
    if looks < FEWEST_LOOKS:
        return Check(
            f"camera {name}", Finding.WARNING, f"{found}, {looks:g} looked at", "below 5 a second people are missed"
        )
    return Check(f"camera {name}", Finding.GOOD, found)
