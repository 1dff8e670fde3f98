"""What only those install who need it: an extra of the package."""

from __future__ import annotations

from importlib.util import find_spec

from footfall.errors import ConfigError


def require_extra(extra: str, *modules: str) -> None:
    """Make sure that the modules of `extra` are installed.

    Raises:
        ConfigError: one is not; says what to install.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ConfigError(f"{missing[0]} is not installed; pip install 'mall-footfall[{extra}]' brings it")
