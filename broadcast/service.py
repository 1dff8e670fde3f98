"""`footfall mqtt`: reads what is true now, every few seconds, and lets the broker retain it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Engine

from broadcast.broker import Broker
from broadcast.present import present_sites
from broadcast.topics import messages
from dashboard.numbers.ground import Ground, lay, utc_now
from footfall.config import Config
from footfall.errors import StoreError


class Broadcast:
    """The service; from now on dashboard.numbers of this process reads from `engine`.

    Raises:
        ConfigError: `mqtt.ca_file` cannot be read.
    """

    def __init__(self, config: Config, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        lay(Ground(config, engine, clock))
        self._settings = config.mqtt
        self._due = threading.Event()
        self._ended = threading.Event()
        self._broker = Broker(config.mqtt, self.look)
        self._log = structlog.get_logger("footfall.mqtt")
        self._is_away = False

    def run(self) -> None:
        """Send until `stop`."""
        self._broker.start()
        try:
            while not self._ended.is_set():
                self._due.clear()
                self._round()
                self._due.wait(self._settings.every_s)
        finally:
            self._broker.stop()

    def look(self) -> None:
        """Read and send now; may be called from any thread."""
        self._due.set()

    def stop(self) -> None:
        """End `run` soon; may be called from any thread or signal."""
        self._ended.set()
        self._due.set()

    def _round(self) -> None:
        try:
            self._broker.show(messages(present_sites(), self._settings))
        except StoreError as error:
            self._broker.show_offline()
            if not self._is_away:
                self._log.warning("nothing new is sent until the database is back", reason=str(error))
            self._is_away = True
            return
        if self._is_away:
            self._log.info("the database is back")
        self._is_away = False


def run(config: Config, engine: Engine) -> None:
    """Send until SIGTERM or SIGINT.

    Raises:
        ConfigError: `mqtt.ca_file` cannot be read.
    """
    service = Broadcast(config, engine)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    service.run()
