"""What the settings say of a camera's source: whether it ever ends, and when a file begins."""

from __future__ import annotations

from datetime import datetime

from app.wall_clock import as_utc
from footfall.config import Config
from footfall.config_sections import CameraConfig
from ingest.sources.kinds import STREAM_SCHEMES


def is_live(camera: CameraConfig) -> bool:
    """Tell a camera that never ends from a file or folder."""
    source = camera.source.strip()
    scheme = source.partition("://")[0].lower() if "://" in source else ""
    return source.isdigit() or source.startswith("/dev/video") or scheme in STREAM_SCHEMES


def file_cameras(config: Config) -> list[str]:
    """Return the enabled cameras that are files or folders."""
    return [name for name, camera in config.cameras.items() if camera.enabled and not is_live(camera)]


def beginning_of(config: Config, camera_id: str) -> datetime | None:
    """Return when the file of `camera_id` begins by the settings, or None when they do not say.

    Raises:
        ConfigError: the clock was put forward over that time, or showed it twice.
    """
    written, zone = config.camera(camera_id).started_at, config.sites[config.site_of(camera_id)].zone
    return None if written is None else as_utc(written, zone, f"cameras.{camera_id}.started_at {written.isoformat()}")
