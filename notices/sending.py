"""Sends what waits in the outbox: mails through one connection a round, calls of the webhook one by one.

A notice is claimed before anything is done about it, and marked as handed over before the server gets its last byte,
both in the database. Whoever dies in between leaves behind how far he came: see db.writing.notices.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import structlog
from sqlalchemy import Engine

from db.session import reading, transact
from db.writing.notices import Queued, State, due, move, postpone, recover
from db.writing.report_log import last_report
from footfall.config import Config
from footfall.errors import FootfallError
from footfall.logs import SecretMasker, secrets_of
from notices.letters import Attachment, Envelope, letter, report_letter
from notices.post import MailError, RefusedError, UnsureError, hand_over, mail_server
from notices.webhook import call, document

PAUSES_MIN = (1, 5, 15, 60, 180, 360)
UNTOUCHED, HELD = (State.WAITING,), (State.CLAIMED, State.HANDED)
Clock = Callable[[], datetime]


class _TakenOverError(Exception):
    """This process was so slow that another one took the notice for left behind."""


class Sender:
    """Sends the notices of one database as one settings file says."""

    def __init__(self, config: Config, engine: Engine, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._config = config
        self._engine = engine
        self._clock = clock
        self._masker = SecretMasker(secrets_of(config))
        self._log = structlog.get_logger("footfall.notices")
        self._clock_is_believed = True
        self._pages: dict[tuple[str, str], tuple[Any, list[Attachment]]] = {}

    def send_due(self, *, clock_is_believed: bool = True) -> int:
        """Send what waits and is due, and return how much was sent; what fails is logged and waits for its next try.

        Without `clock_is_believed` nothing is old: nothing is given up, taken from another sender, or forgotten.

        Raises:
            StoreError: the database is away.
        """
        now = self._clock()
        self._clock_is_believed = clock_is_believed
        if clock_is_believed and (unsure := transact(self._engine, recover, now)):
            words = "the program ended while the mail server took a mail; it is not sent again, `footfall mail list`"
            self._log.warning(words, mails=unsure)
        with reading(self._engine) as connection:
            waiting = due(connection, now)
        self._pages.clear()
        mails = [one for one in waiting if one.notice.channel == "mail"]
        sent = self._mail(mails)  # first, since each call of a webhook that hangs takes its time
        return sent + sum(self._call(one) for one in waiting if one.notice.channel == "webhook")

    def _mail(self, waiting: list[Queued]) -> int:
        waiting = [one for one in waiting if not self._is_replaced(one)]
        if not waiting:
            return 0
        sent, left = 0, list(waiting)
        try:
            with mail_server(self._config.mail) as server:
                while left:
                    sent += self._mail_one(server, left.pop(0))
        except MailError as error:  # of the connection, so that the others would fare no better
            self._failed(left, error, UNTOUCHED)
        return sent

    def _mail_one(self, server: smtplib.SMTP, one: Queued) -> int:
        """Send one mail and return 1, else 0 when it was not sent; errors of the connection go on to the caller."""
        if not self._move(one, State.WAITING, State.CLAIMED):
            return 0  # another sender has it
        message = self._written(one)
        if message is None:
            return 0
        try:
            hand_over(server, message, one.notice.recipient, lambda: self._hand(one))
        except _TakenOverError:
            _begin_anew(server)
            return 0
        except UnsureError as error:
            self._move(one, State.HANDED, State.UNSURE, str(error))
            self._log.warning("a mail may not have arrived, it is not sent again", recipient=one.notice.recipient)
            raise
        except RefusedError as error:
            _begin_anew(server)
            self._failed([one], error, HELD, for_good=error.for_good)
            return 0
        except MailError as error:
            self._failed([one], error, HELD)
            raise
        self._move(one, State.HANDED, State.SENT)
        self._log.info("mail sent", recipient=one.notice.recipient, about=one.notice.key, site=one.notice.site)
        return 1

    def _hand(self, one: Queued) -> None:
        if not self._move(one, State.CLAIMED, State.HANDED):
            raise _TakenOverError

    def _call(self, one: Queued) -> int:
        if not self._move(one, State.WAITING, State.CLAIMED):
            return 0
        self._move(one, State.CLAIMED, State.HANDED)
        try:
            call(self._config.alerts, one.notice.key.replace(" ", "_"), document(one.notice.content), self._clock())
        except FootfallError as error:
            self._failed([one], error, HELD)
            return 0
        self._move(one, State.HANDED, State.SENT)
        self._log.info("webhook called", about=one.notice.key, site=one.notice.site)
        return 1

    def _written(self, one: Queued) -> EmailMessage | None:
        """Return the mail, None where it cannot be written: that keeps no other mail waiting."""
        try:
            return self._letter(one)
        except FootfallError as error:
            self._failed([one], error, HELD)
        except Exception as error:
            self._log.exception("a mail cannot be written", about=one.notice.key)
            self._failed([one], error, HELD)
        return None

    def _letter(self, one: Queued) -> EmailMessage:
        notice, content = one.notice, one.notice.content
        envelope = Envelope(self._config.mail.sender, notice.recipient, f"{notice.site} {notice.key}", one.created_at)
        if notice.key.startswith("report "):
            told, attachments = self._page(notice.site, str(content["day"]))
            return report_letter(envelope, told, attachments, str(content["reason"]))
        lines = [str(event["summary"]) for event in (*content["began"], *content["ended"])]
        return letter(envelope, f"{content['label']}: {content['summary']}", [lines, [str(content["label"])]])

    def _page(self, site: str, day: str) -> tuple[Any, list[Attachment]]:
        """Return what is told of a day and the files about it; made once for all recipients of a round."""
        found = self._pages.get((site, day))
        if found is None:
            from notices.pages import day_page

            found = day_page(self._config, self._engine, site, date.fromisoformat(day), self._clock)
            self._pages[site, day] = found
        return found

    def _is_replaced(self, one: Queued) -> bool:
        """Tell whether the report has a newer revision, which is told instead."""
        if not one.notice.key.startswith("report "):
            return False
        with reading(self._engine) as connection:
            last = last_report(connection, one.notice.site, date.fromisoformat(str(one.notice.content["day"])))
        is_old = last is not None and last.revision > int(one.notice.content["revision"])
        return is_old and self._move(one, State.WAITING, State.REPLACED)

    def _failed(
        self, notices: list[Queued], error: Exception, held: tuple[State, ...], *, for_good: bool = False
    ) -> None:
        """Let notices wait for their next try, or give them up; those in other states than `held` are another's."""
        now, told = self._clock(), str(self._masker.masked(str(error)))
        give_up_after = timedelta(days=self._config.alerts.give_up_days)
        for one in notices:
            gives_up = for_good or (self._clock_is_believed and now - one.created_at > give_up_after)
            pause = timedelta(minutes=PAUSES_MIN[min(one.attempts, len(PAUSES_MIN) - 1)])
            if not transact(self._engine, postpone, one.id, held, (now + pause, now), told):
                continue
            if gives_up:
                self._move(one, State.WAITING, State.FAILED, told)
            words = "not sent, given up" if gives_up else "not sent, tried again"
            self._log.error(words, about=one.notice.key, recipient=one.notice.recipient, reason=told)

    def _move(self, one: Queued, before: State, after: State, told: str = "") -> bool:
        return transact(self._engine, move, one.id, (before, after), self._clock(), str(self._masker.masked(told)))


def _begin_anew(server: smtplib.SMTP) -> None:
    """Let the server forget a mail that it was told of and is not given; else it refuses the next one."""
    with suppress(smtplib.SMTPException, OSError):
        server.rset()
