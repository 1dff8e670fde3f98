"""Why a camera was not observed, in words for the people of the mall: no address, no number of an error, no signal."""

from __future__ import annotations

import re

from footfall.types import OutageReason

NOT_TOLD = "no picture arrived"
NOT_RUNNING = "the program was not running"
NOT_HEARD = "nothing has arrived since: the machine is off, or it cannot reach the database"
PICTURE_WORDS = {
    "dark": "the picture was dark",
    "covered": "the picture was covered",
    "blurred": "the picture was blurred",
    "moved": "the camera was moved",
    "slow": "the computer was too slow",
}
WORDS: dict[str, str] = {
    OutageReason.NOT_RUNNING: NOT_RUNNING,
    OutageReason.RESTARTED: "the program had a fault and started again",
    OutageReason.SETTINGS: "the settings of the camera were changed",
    OutageReason.NO_CONNECTION: "the camera did not answer or refused the connection",
    OutageReason.STREAM_ENDED: "the camera broke off the connection",
    OutageReason.SILENT: "the camera was connected and sent no picture",
    OutageReason.ASLEEP: "the computer was asleep or too busy",
}
# Rows of earlier versions hold sentences, in this order of trust; whatever else names a machine's inside is told so.
EARLIER = (
    (re.compile(r"settings of this camera"), OutageReason.SETTINGS),
    (re.compile(r"not running|was stopped|stopped without warning"), OutageReason.NOT_RUNNING),
    (re.compile(r"\bworker\b"), OutageReason.RESTARTED),
    (re.compile(r"asleep"), OutageReason.ASLEEP),
    (re.compile(r"no frame for|no data within|no video came"), OutageReason.SILENT),
    (re.compile(r"stream (ended|broke)|hung up|picture changed"), OutageReason.STREAM_ENDED),
    (re.compile(r"://|\berrno\b|\bSIG[A-Z]+\b|/dev/|\w+Error\b|refused", re.IGNORECASE), OutageReason.NO_CONNECTION),
)
JOINED = "; then "


def in_words(reason: str) -> str:
    """Return the stored `reason` of an outage in words; a sentence that is no machine's stays as it is."""
    if reason in WORDS:
        return WORDS[reason]
    return ", then ".join(dict.fromkeys(_earlier(part) for part in reason.split(JOINED))) or NOT_TOLD


def _earlier(sentence: str) -> str:
    return next((WORDS[reason] for pattern, reason in EARLIER if pattern.search(sentence)), sentence)
