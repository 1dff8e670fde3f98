"""Where a list goes on: an opaque text that names the last item that was given, and the question it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from api.problems import ProblemError

FOREIGN = "cursor: it is none of this list; send the `next` of an answer with the same other parameters."


def make_cursor(question: Sequence[str], after: str) -> str:
    """Return the cursor behind the item called `after` of the list that `question` describes."""
    return base64.urlsafe_b64encode(json.dumps([_mark(question), after]).encode()).decode().rstrip("=")


def read_cursor(question: Sequence[str], cursor: str) -> str:
    """Return the name of the item after which the list goes on.

    Raises:
        ProblemError: 422, it is no cursor, or one of another question.
    """
    try:
        mark, after = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise ProblemError(422, FOREIGN) from None
    if mark != _mark(question) or not isinstance(after, str):
        raise ProblemError(422, FOREIGN)
    return after


def _mark(question: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(question)).encode()).hexdigest()[:16]
