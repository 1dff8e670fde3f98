"""Training is an extra: without torch these tests are left out on a user's machine, and fail in CI."""

import os

from tests.conftest import TORCH_IS_MISSING

# The star stands for the rooms as well.
collect_ignore_glob = ["*test_*.py"] if TORCH_IS_MISSING and not os.environ.get("CI") else []
