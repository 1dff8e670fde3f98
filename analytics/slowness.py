"""What to say when a computer is too slow for its cameras."""

from __future__ import annotations

from collections.abc import Sequence


def too_slow(cameras: Sequence[str]) -> str:
    """Return the sentence that says for which `cameras` the computer is too slow, and what to do."""
    number = f"{len(cameras)} camera{'' if len(cameras) == 1 else 's'}"
    return (
        f"Too slow for {number}: {', '.join(cameras)}. So many frames were dropped that people were missed; give this "
        "computer fewer cameras, a smaller working_size or max_fps down to 5, or take a faster one."
    )
