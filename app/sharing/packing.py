"""A visit as bytes for the other boxes: when and where it was, and its templates as the register holds them."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from app.sharing.sealing import UnreadableError
from footfall.types import Direction, FloatArray
from reid.signatures import clothes_template, face_template
from reid.types import ReidMode, Sighting, Signature

HEAD = struct.Struct("<16sqqBBHHH")
"""Uid, entered and left in microseconds since 1970, direction, arrival; lengths of entrance, face and clothes."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DIRECTIONS = tuple(Direction)
NOTHING = np.zeros(0, np.float32)


def packed(sighting: Sighting, mode: ReidMode) -> bytearray:
    """Return `sighting` as bytes, which the caller overwrites. Gender and age are left out: they compare nothing."""
    face = clothes = None
    if sighting.signature is not None:
        clothes = clothes_template(sighting.signature)
        face = face_template(sighting.signature) if mode is ReidMode.FACES else None
    entrance = sighting.entrance.encode()
    templates = [NOTHING if one is None else one for one in (face, clothes)]
    head = HEAD.pack(
        sighting.uid.bytes,
        (sighting.entered_at - EPOCH) // MICROSECOND,
        (sighting.left_at - EPOCH) // MICROSECOND,
        DIRECTIONS.index(sighting.direction),
        sighting.is_arrival,
        len(entrance),
        *(len(one) for one in templates),
    )
    plain = bytearray(len(head) + len(entrance) + sum(one.nbytes for one in templates))
    plain[: len(head) + len(entrance)] = head + entrance
    at = len(head) + len(entrance)
    for one in templates:
        np.frombuffer(plain, np.float32, len(one), at)[:] = one
        at += one.nbytes
        if len(one):
            one.fill(0.0)
    return plain


def unpacked(camera_id: str, plain: bytearray) -> Sighting:
    """Return the visit at another box that `plain` holds, and overwrite it; whoever takes it overwrites its signature.

    Raises:
        UnreadableError: it is none.
    """
    try:
        uid, entered, left, direction, is_arrival, place, faces, colours = HEAD.unpack_from(plain)
        at = HEAD.size + place
        if len(plain) != at + 4 * (faces + colours):
            raise UnreadableError
        face, clothes = _template(plain, at, faces), _template(plain, at + 4 * faces, colours)
        ones = np.ones(min(faces, 1), np.float32)
        is_seen = len(face) or len(clothes)
        return Sighting(
            uid=UUID(bytes=uid),
            camera_id=camera_id,
            entrance=plain[HEAD.size : at].decode(),
            entered_at=EPOCH + entered * MICROSECOND,
            left_at=EPOCH + left * MICROSECOND,
            direction=DIRECTIONS[direction],
            is_arrival=bool(is_arrival),
            signature=Signature(face.reshape(len(ones), faces), ones, ones, clothes) if is_seen else None,
            is_own=False,
        )
    except (struct.error, UnicodeDecodeError, IndexError, OverflowError):
        raise UnreadableError from None
    finally:
        plain[:] = bytes(len(plain))


def _template(plain: bytearray, at: int, length: int) -> FloatArray:
    """Return a copy of float32 (length,)."""
    return np.frombuffer(plain, np.float32, length, at).copy()
