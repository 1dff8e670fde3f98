"""Training is an extra: without torch these tests are left out on a user's machine, and fail in CI."""

import os
from collections.abc import Iterator

import pytest

from tests.conftest import TORCH_IS_MISSING

# The star stands for the rooms as well.
collect_ignore_glob = ["*test_*.py"] if TORCH_IS_MISSING and not os.environ.get("CI") else []


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Compute in one thread: several that wait for each other beside other tests cost five times the processor time."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _tiny_numbers_stay() -> Iterator[None]:
    """Undo what a command of a training sets for the whole process: other tests compute with tiny numbers."""
    import torch

    yield
    torch.set_flush_denormal(False)
