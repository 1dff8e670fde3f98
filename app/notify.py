"""Tells systemd that the program is ready, alive or ending (sd_notify(3)); elsewhere nothing happens."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify_systemd(message: str) -> None:
    """Send `message`, like "READY=1" or "WATCHDOG=1", to the socket that systemd named in the environment."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
        connection.sendto(message.encode(), address)
