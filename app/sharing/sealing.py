"""The site's key of the day, and entries that nobody without it can read or change.

The key is derived from the site's secret (HKDF, RFC 5869, SHA-256), one for each site and day, and never stored.
Entries are sealed with AES-256-GCM under random nonces; what they are about is authenticated with them.
"""

from __future__ import annotations

import json
import os
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"mall-footfall: signatures of a day, 1"
NONCE_BYTES, TAG_BYTES, KEY_BYTES = 12, 16, 32


class UnreadableError(Exception):
    """An entry was sealed with another secret or by another way of comparing, or was changed."""


class DaySeal:
    """Seals and opens the entries of one site's day; `comparing` names what templates are compared by."""

    def __init__(self, secret: str, site: str, day: date, comparing: str) -> None:
        self._about = [site, day.isoformat(), comparing]
        derive = HKDF(SHA256(), KEY_BYTES, salt=PURPOSE, info=json.dumps(self._about[:2]).encode())
        self._cipher = AESGCM(derive.derive(secret.encode()))

    def seal(self, camera_id: str, plain: bytearray) -> bytes:
        """Return `plain` sealed for `camera_id`, the nonce first, and overwrite it."""
        sealed = bytearray(NONCE_BYTES + len(plain) + TAG_BYTES)
        sealed[:NONCE_BYTES] = nonce = os.urandom(NONCE_BYTES)
        self._cipher.encrypt_into(nonce, plain, self._data(camera_id), memoryview(sealed)[NONCE_BYTES:])
        plain[:] = bytes(len(plain))
        return bytes(sealed)

    def open(self, camera_id: str, sealed: bytes) -> bytearray:
        """Return what was sealed, in memory that the caller overwrites.

        Raises:
            UnreadableError: it was not sealed for this, or by this key.
        """
        plain = bytearray(max(len(sealed) - NONCE_BYTES - TAG_BYTES, 0))
        try:
            nonce, rest = sealed[:NONCE_BYTES], memoryview(sealed)[NONCE_BYTES:]
            self._cipher.decrypt_into(nonce, rest, self._data(camera_id), plain)
        except (InvalidTag, ValueError):
            plain[:] = bytes(len(plain))
            raise UnreadableError from None
        return plain

    def _data(self, camera_id: str) -> bytes:
        """Return the associated data: site, day, way of comparing, camera."""
        return json.dumps([*self._about, camera_id]).encode()
