"""Logs are lines of text or JSON, and no credential is in them, whoever wrote them."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from footfall.config import Config
from footfall.logs import configure_logging, log_as_set


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Logging is set for the whole process; put it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_credentials_are_masked_for_the_program_and_for_libraries(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format, "info", ["s3cret"])  # type: ignore[arg-type]
    structlog.get_logger("footfall.test").warning("opening", url="rtsp://guard:pa55@127.0.0.1/cam", extra=["s3cret"])
    logging.getLogger("library").error("cannot open rtsp://guard:pa55@127.0.0.1/cam with %s", "s3cret")
    try:
        raise ValueError("s3cret rtsp://guard:pa55@127.0.0.1/cam")
    except ValueError:
        logging.getLogger("library").exception("broken")
    written = capsys.readouterr()
    assert written.out == ""
    assert "opening" in written.err and "cannot open" in written.err and "Traceback" in written.err
    assert "s3cret" not in written.err and "pa55" not in written.err and "***" in written.err


def test_json_logs_are_one_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    structlog.get_logger("footfall.test").info("two\nlines", camera="door")
    logging.getLogger("library").debug("too quiet to be heard")
    [line] = capsys.readouterr().err.splitlines()
    document = json.loads(line)
    assert (document["event"], document["camera"], document["level"]) == ("two\nlines", "door", "info")


def test_what_the_settings_keep_secret_is_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    cameras = {"door": {"source": "0", "password": "hush hush"}}
    log_as_set(Config(database_url="postgresql://me:p%40ss@db/footfall", cameras=cameras))
    structlog.get_logger("footfall.test").error("refused", said="hush hush, p@ss, p%40ss")
    assert "said='***, ***, ***'" in capsys.readouterr().err


def test_the_passwords_of_mail_server_and_webhook_are_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    hook = {"webhook_url": "https://b.example/hooks/T0K3Nlongenough", "webhook_secret": "sign with this text"}
    mail = {"host": "smtp.b.example", "sender": "a@b.example", "username": "a", "password": "hush hush"}
    log_as_set(Config(mail=mail, alerts=hook))
    structlog.get_logger("footfall.test").error("refused", said="hush hush, sign with this text, T0K3Nlongenough")
    assert "said='***, ***, ***'" in capsys.readouterr().err


def test_what_boxes_share_by_is_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    sharing = {
        "redis_url": "rediss://box:hush%20hush@192.0.2.30:6379/0",
        "secret": "known to all boxes of the site alone",
    }
    log_as_set(Config(sharing=sharing))
    structlog.get_logger("footfall.test").error("refused", said="hush hush, known to all boxes of the site alone")
    assert "said='***, ***'" in capsys.readouterr().err


def test_what_the_addresses_of_cameras_hold_is_in_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    cameras = {
        "door": {"source": "http://cam/video.cgi?loginuse=guard&loginpas=geheim77"},
        "gate": {"source": "rtsp://guard:geh eim's@cam/live"},
        "hall": {"source": "rtsp://cam:7447/5xZ8kQbYtW3hM2nL"},
    }
    log_as_set(Config(cameras=cameras))
    said = "no geheim77, no 5xZ8kQbYtW3hM2nL, nor rtsp://guard:geh eim's@cam/live"
    structlog.get_logger("footfall.test").error(said, camera="door")
    written = capsys.readouterr().err
    assert "no ***, no ***, nor" in written and "door" in written
    assert not [secret for secret in ("geh", "eim", "5xZ8") if secret in written]


def test_the_last_words_of_a_program_and_of_a_thread_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    log_as_set(Config(cameras={"door": {"source": "0", "password": "hush hush"}}))

    def broken() -> None:
        raise RuntimeError("hush hush rtsp://guard:pa55@127.0.0.1/cam")

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    with pytest.raises(RuntimeError) as caught:
        broken()
    sys.excepthook(caught.type, caught.value, caught.tb)
    written = capsys.readouterr().err
    assert written.count("Traceback") == 2 and written.count("RuntimeError: *** rtsp://127.0.0.1/***") == 2
    assert "hush" not in written and "pa55" not in written
