"""Ports that a service wants to listen on: whether they are free, and what to do when one is not."""

from __future__ import annotations

import errno
import socket

from footfall.errors import ConfigError


def require_free(host: str, port: int, section: str, named: str = "") -> None:
    """Raise ConfigError, which says what to do as `why_not` does, when `host`:`port` cannot be listened on."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just left counts as free
            probe.bind((host.strip("[]"), port))
    except OSError as error:
        raise ConfigError(why_not(error, host, port, section, named)) from None


def why_not(error: OSError, host: str, port: int, section: str, named: str = "") -> str:
    """Return in one sentence why `host`:`port` cannot be listened on, and what to do.

    The settings' `section` names both as `host` and `port`, with `named` ("http_") before them.
    """
    host_setting, port_setting = f"{section}.{named}host", f"{section}.{named}port"
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"another program listens on {where}, perhaps a second `footfall {_command(section)}`; "
            f"end that one (`ss -ltnp` names it), or set {port_setting} to a free port"
        )
    if error.errno == errno.EACCES:
        return f"only root may listen on {where}; set {port_setting} to a port above 1023"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no address of this computer; set {host_setting} to one of its own, or to 127.0.0.1"
    return f"nobody can listen on {where} ({error.strerror}); set {host_setting} and {port_setting}"


def _command(section: str) -> str:
    """Return the command whose service the section of the settings is about."""
    return "run" if section == "service" else section
