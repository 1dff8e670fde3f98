"""Whether boxes share by the settings, and what shares; the packages that it needs are loaded only then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.check import Check, Finding
from app.extras import require_extra
from footfall.config import Config
from footfall.secrets import mask_text
from reid.pair_model import load_pair_model
from reid.types import ReidMode

if TYPE_CHECKING:
    from app.sharing.exchange import Exchange


def shares(config: Config) -> bool:
    """Tell whether visits are compared with those of other boxes."""
    return config.reid.mode != "off" and bool(config.sharing.redis_url.get_secret_value())


def require_sharing(config: Config) -> None:
    """Make sure that what sharing needs is installed, where the settings ask for it.

    Raises:
        ConfigError: it is not.
    """
    if shares(config):
        require_extra("redis", "redis", "cryptography")


def open_exchange(config: Config, in_haste: Callable[[], bool] = lambda: False) -> Exchange | None:
    """Return what shares the visits of this box, None where the settings name no server; nobody is called yet.

    Raises:
        ModelError: the calibration of pairs of visits is missing.
    """
    if not shares(config):
        return None
    from app.sharing.exchange import Exchange

    mode = ReidMode(config.reid.mode)
    return Exchange(config.sharing, mode, f"{mode} by {load_pair_model().version}", in_haste)


def check_sharing(config: Config) -> Check:
    """Ask the server that boxes share through whether it may be used; nothing is written to it.

    Raises:
        ConfigError: what sharing needs is not installed.
    """
    require_sharing(config)
    from app.sharing.memory import SharedMemory, SharingError

    memory = SharedMemory(config.sharing.redis_url.get_secret_value())
    try:
        memory.require_memory_only()
    except SharingError as error:
        found, _, advice = str(error).partition("; ")
        return Check("sharing", Finding.BAD, mask_text(found), advice or "start it, or mend sharing.redis_url")
    finally:
        memory.close()
    return Check("sharing", Finding.GOOD, "Redis answers, and keeps what boxes share in memory only")
