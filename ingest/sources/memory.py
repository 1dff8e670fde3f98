"""Bounds the memory that one packet or picture of a source may take."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import av

LARGEST_PIXELS = 8192 * 4608  # 8K; a damaged or hostile header announces 65,500 a side
# A picture of 8192 x 4608 px takes 108 MiB as BGR. What announces more than this is refused before it is read.
LARGEST_ALLOCATION_BYTES = 128 * 1024**2


@cache
def limit_allocations() -> bool:
    """Tell libav of this process to allocate no larger block, once; return whether its library was found.

    `av_max_alloc` of libavutil: PyAV has no name for it.
    """
    for library in _candidates():
        try:
            limit = ctypes.CDLL(library).av_max_alloc
        except (OSError, AttributeError):
            continue
        limit.argtypes, limit.restype = [ctypes.c_size_t], None
        limit(LARGEST_ALLOCATION_BYTES)
        return True
    return False


def _candidates() -> list[str]:
    """Return the libavutil that PyAV brings, its name with a hash, then that of the system, of the same version."""
    package = Path(av.__file__).parent
    brought = [
        str(path) for folder in (package.parent / "av.libs", package / ".dylibs") for path in folder.glob("libavutil*")
    ]
    major = av.library_versions["libavutil"][0]
    return [*brought, f"libavutil.so.{major}", f"libavutil.{major}.dylib"]
