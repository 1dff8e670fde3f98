"""The image of an unfinished training on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

CHECKPOINT = "checkpoint.pt"


def write_checkpoint(content: Mapping[str, Any], directory: Path) -> None:
    """Write the checkpoint so that an interruption leaves the old or the new one."""
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = directory / f"{CHECKPOINT}.part"
    torch.save(dict(content), unfinished)
    unfinished.replace(directory / CHECKPOINT)
