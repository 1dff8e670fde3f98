"""A real broker that a test starts, stops and listens to."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from footfall.config_services import MqttConfig
from tests.missing import missing
from tools.served import free_port

PATIENCE_S = 60
USER, PASSWORD = "footfall", "correct horse"
PLACES = ("/usr/sbin", "/usr/local/sbin")  # not on every PATH


class Mosquitto:
    """A broker with one user; its memory ends with it. `certificate` (a file with key and chain) turns TLS on."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=":".join(PLACES))
        if program is None or shutil.which("mosquitto_passwd") is None:
            missing("no MQTT broker; `apt install mosquitto`")
        self.port = free_port()
        passwords = folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, USER, PASSWORD], check=True, capture_output=True)
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous false", f"password_file {passwords}", "user root"]
        if certificate is not None:
            lines += [f"certfile {certificate}", f"keyfile {certificate}"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self._command = [program, "-c", str(folder / "mosquitto.conf")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; whoever connects tries again until it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        """End it, and with it what it retained."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
            self._process = None


class Listener:
    """A subscriber to everything: `held` is what the broker retains, as far as it is heard, `said` all it heard."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.said: list[tuple[str, str]] = []
        self._changed = threading.Condition()

    def wait_until(self, holds: Callable[[dict[str, str]], Any]) -> dict[str, str]:
        """Return what is retained once `holds` of it; fails when that does not come."""
        with self._changed:
            if not self._changed.wait_for(lambda: holds(self.held), PATIENCE_S):
                raise AssertionError(f"did not come; retained are {self.held}")
            return dict(self.held)

    def heard(self, topic: str, payload: str) -> None:
        """Note a message; an empty one takes the retained one back."""
        with self._changed:
            self.said.append((topic, payload))
            if payload:
                self.held[topic] = payload
            else:
                self.held.pop(topic, None)
            self._changed.notify_all()


@contextmanager
def listening(port: int, authority: Path | None = None) -> Iterator[tuple[Listener, Client]]:
    """Subscribe to everything and give the listener and its client; it waits for a broker that is not there yet."""
    listener = Listener()
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(USER, PASSWORD)
    if authority is not None:
        client.tls_set_context(ssl.create_default_context(cafile=str(authority)))
    client.reconnect_delay_set(1, 1)
    client.on_connect = lambda client, *_: client.subscribe([("#", 1)])
    client.on_message = lambda _client, _data, message: listener.heard(message.topic, message.payload.decode())
    client.connect_async("127.0.0.1", port)
    client.loop_start()
    try:
        yield listener, client
    finally:
        client.disconnect()
        client.loop_stop()


def mqtt_settings(port: int, **more: object) -> MqttConfig:
    """Return settings for the broker's one user; numbers are read only when the test says so."""
    values = {"host": "127.0.0.1", "port": port, "username": USER, "password": PASSWORD, "every_s": 3600, **more}
    return MqttConfig.model_validate(values)
