"""Training is an extra: without torch these tests are left out on a user's machine, with the reason, and fail in CI."""

import os
from importlib.util import find_spec

import pytest

TORCH_IS_MISSING = find_spec("torch") is None
collect_ignore_glob = ["test_*.py"] if TORCH_IS_MISSING and not os.environ.get("CI") else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TORCH_IS_MISSING:
        terminalreporter.write_line("tests/unit/training left out: pip install 'mall-footfall[train]'")
