"""Names the processor, with the instructions on which the arithmetic of a network depends."""

from __future__ import annotations

import platform
from pathlib import Path

INSTRUCTIONS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8", "asimddp", "i8mm")


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return like "AMD EPYC with avx2, avx512f, avx512_vnni"; where the system tells less, its architecture."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    entries = (line.partition(":") for line in lines)
    facts = {key.strip().lower(): value.strip() for key, colon, value in entries if colon}
    flags = (facts.get("flags") or facts.get("features", "")).split()
    known = [name for name in INSTRUCTIONS if name in flags]
    name = facts.get("model name") or platform.machine() or "unknown processor"
    return f"{name} with {', '.join(known)}" if known else f"{name} without vector instructions known to matter"
