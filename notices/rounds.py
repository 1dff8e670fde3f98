"""What `footfall jobs` does every minute: look for what began or ended, queue reports, send what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine

from footfall.config import Config
from footfall.errors import FootfallError
from notices.reporting import queue_reports
from notices.sending import Sender
from notices.watching import watch_site


class Rounds:
    """Tells people what they are to be told; nothing is lost or repeated by starting anew, all is in the database."""

    def __init__(
        self, config: Config, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._config = config
        self._engine = engine
        self._clock = clock
        self._sender = Sender(config, engine, clock)
        self._log = structlog.get_logger("footfall.notices")

    def round(self, *, clock_is_believed: bool = True) -> int:
        """Do all of it and return how many notices were sent; a failure is logged and tried again.

        Without `clock_is_believed` no alert begins or ends, and no notice is given up or forgotten: a clock that
        jumped makes every camera look blind, and every notice old.
        """
        for site in self._config.sites:
            try:
                if clock_is_believed:
                    for sentence in watch_site(self._config, self._engine, site, self._clock()):
                        self._log.warning("alert", site=site, summary=sentence)
                queue_reports(self._config, self._engine, site, self._clock())
            except FootfallError as error:
                self._log.error("nothing told, the next round tries again", site=site, reason=str(error))
        try:
            return self._sender.send_due(clock_is_believed=clock_is_believed)
        except FootfallError as error:
            self._log.error("nothing sent, the next round tries again", reason=str(error))
            return 0
