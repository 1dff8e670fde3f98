"""Optional packages: what a command needs of an extra, and how to get it."""

from __future__ import annotations

from importlib.util import find_spec

from footfall.errors import ConfigError


def require_extra(extra: str, *modules: str) -> None:
    """Make sure that `modules`, which `extra` installs, are there.

    Raises:
        ConfigError: one is not; the message says how to get it.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ConfigError(f"{missing[0]} is not installed; pip install 'mall-footfall[{extra}]' brings it")
