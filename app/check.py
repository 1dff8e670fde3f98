"""One finding of `footfall doctor`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Finding(StrEnum):
    """How good one check came out."""

    GOOD = "ok"
    WARNING = "warning"
    BAD = "fix this"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and for anything but GOOD what to do."""

    subject: str
    finding: Finding
    found: str
    advice: str = ""

    def document(self) -> dict[str, Any]:
        """Return the check for `--json`."""
        return asdict(self)
