"""A sighting on its way from a worker to its supervisor: a line of JSON, then the numbers of its templates as bytes.

Templates are never text and never in immutable memory: each copy on the way can be overwritten, and is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from footfall.types import Direction
from reid.types import Sighting, Signature

BEGINNING = b'{"sighting":'
MOST_NUMBERS = 16_384
_PLAIN = ("camera_id", "entrance", "is_arrival", "p_female", "age_years")


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the line of JSON says: the facts of a visit, and `shape` (faces, width of each, width of the clothes).

    `shape` is None when the visit has no signature.
    """

    facts: dict[str, Any]
    shape: tuple[int, int, int] | None

    @property
    def numbers(self) -> int:
        """How many float32 follow."""
        if self.shape is None:
            return 0
        faces, width, clothes = self.shape
        return faces * (width + 2) + clothes


def to_message(sighting: Sighting) -> bytearray:
    """Return the message of `sighting`; whoever sent it overwrites it."""
    signature = sighting.signature
    facts = {name: getattr(sighting, name) for name in _PLAIN}
    facts |= {"uid": str(sighting.uid), "direction": sighting.direction.value}
    facts |= {name: getattr(sighting, name).isoformat() for name in ("entered_at", "left_at")}
    shape = None if signature is None else (*signature.faces.shape, len(signature.clothes))
    line = json.dumps({"sighting": facts, "shape": shape}, separators=(",", ":")).encode() + b"\n"
    message = bytearray(len(line) + 4 * Announcement(facts, shape).numbers + 1)
    message[: len(line)] = line
    message[-1:] = b"\n"
    if signature is not None:
        place = len(line)
        for values in (signature.faces, signature.face_px, signature.quality, signature.clothes):
            target = np.frombuffer(message, np.float32, values.size, place)
            target[:] = values.reshape(-1)
            place += target.nbytes
    return message


def announcement(line: bytes) -> Announcement | None:
    """Return what `line` announces, or None when it announces no sighting."""
    try:
        found = json.loads(line)
        shape = None if found["shape"] is None else tuple(int(number) for number in found["shape"])
        told = Announcement(dict(found["sighting"]), shape)  # type: ignore[arg-type]
        is_sound = shape is None or (len(shape) == 3 and min(shape) >= 0 and told.numbers <= MOST_NUMBERS)
    except (ValueError, TypeError, KeyError):
        return None
    return told if is_sound else None


def sighting_from(told: Announcement, numbers: memoryview) -> Sighting | None:
    """Return the sighting with its templates copied out of `numbers`, or None when the facts are none."""
    facts = told.facts
    try:
        plain = {name: facts[name] for name in _PLAIN}
        return Sighting(
            uid=UUID(facts["uid"]),
            entered_at=datetime.fromisoformat(facts["entered_at"]),
            left_at=datetime.fromisoformat(facts["left_at"]),
            direction=Direction(facts["direction"]),
            signature=_signature(told.shape, numbers),
            **plain,
        )
    except (ValueError, TypeError, KeyError):
        return None


def _signature(shape: tuple[int, int, int] | None, numbers: memoryview) -> Signature | None:
    if shape is None:
        return None
    faces, width, clothes = shape
    parts, place = [], 0
    for count in (faces * width, faces, faces, clothes):
        parts.append(np.frombuffer(numbers, np.float32, count, place).copy() if count else np.zeros(0, np.float32))
        place += 4 * count
    return Signature(parts[0].reshape(faces, width), *parts[1:])
