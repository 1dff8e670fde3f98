"""A port that cannot be listened on: what is said."""

from __future__ import annotations

import errno
import socket

import pytest

from footfall.errors import ConfigError
from footfall.ports import require_free, why_not


def test_a_busy_port_is_named_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"another program listens on 127.0.0.1:{port}.*set dashboard\.port"):
            require_free("127.0.0.1", port, "dashboard")
    require_free("127.0.0.1", port, "dashboard")


def test_an_address_of_another_computer_and_a_port_of_root_are_told_apart() -> None:
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1 is no address of this computer; set dashboard\.host"):
        require_free("192.0.2.1", 8501, "dashboard")
    denied = why_not(OSError(errno.EACCES, "denied"), "127.0.0.1", 80, "service", "http_")
    assert denied == "only root may listen on 127.0.0.1:80; set service.http_port to a port above 1023"
    assert "`footfall run`" in why_not(OSError(errno.EADDRINUSE, "busy"), "::1", 80, "service", "http_")
