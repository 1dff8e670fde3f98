"""Keeps templates of people out of swap and crash dumps, where the system allows it."""

from __future__ import annotations

import ctypes
import resource
import sys

from footfall.types import FloatArray

PR_SET_DUMPABLE = 4  # of <linux/prctl.h>


def forbid_dumps() -> None:
    """Leave no image of this process on the disk when it crashes, and let no other process of the user look into it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _libc().prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def lock_in_memory(block: FloatArray) -> bool:
    """Keep the pages of `block` out of swap; return whether the system allows that (RLIMIT_MEMLOCK)."""
    return _call("mlock", block)


def unlock(block: FloatArray) -> None:
    """Let the pages of `block` go again."""
    _call("munlock", block)


def _call(name: str, block: FloatArray) -> bool:
    function = getattr(_libc(), name, None)
    return function is not None and function(ctypes.c_void_p(block.ctypes.data), ctypes.c_size_t(block.nbytes)) == 0


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
