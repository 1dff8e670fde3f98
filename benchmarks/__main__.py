"""`python -m benchmarks`: every measured figure, one program after the other, on a machine that does nothing else."""

from __future__ import annotations

import subprocess
import sys

PROGRAMS = (
    ("tracking_walkers",),
    ("tracking_rates",),
    ("tracking_mot15",),
    ("scene",),
    ("scene", "--size", "1920x1080", "--lens", "0.6", "--without-baseline"),
    ("clips",),
    ("moved_view",),
    ("audits",),
    ("occupancy",),
    ("speed",),
    ("live",),
    ("memory_parts",),
    ("cluster", "speed"),
    ("cluster", "kills"),
    ("cluster", "memory"),
    ("cluster", "database"),
    ("comparing",),
    ("rollups", "--database", "sqlite:///.cache/rollups.db"),
    ("dashboard_speed",),
    ("dashboard_start",),
    ("unique",),
    ("across",),
    ("site_day",),
)


def main() -> None:
    """Run each program in a process of its own, so that none inherits the other's threads or caches."""
    failed = []
    for name, *arguments in PROGRAMS:
        print(f"\n== python -m benchmarks.{name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
