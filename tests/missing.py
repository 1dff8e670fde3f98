"""What a test does where the system lacks a part that it needs."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(part: str) -> NoReturn:
    """Skip a test for which the system lacks a part; where changes are checked, it must be there. `part` says how."""
    if os.environ.get("CI"):
        pytest.fail(part)
    pytest.skip(part)
