"""A Ray of several nodes on this machine, as several machines would be one, of which a test can kill one.

As a program (`python -m tests.integration.app.cli.ray_nodes COUNT`) it starts the nodes, prints the address for `--on`
and ends with its input.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tools.served import free_port

# A machine that does other work starts programs slowly; and who shares it with workers at niceness 15 waits for long.
PATIENT = {
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "180",
    "RAY_raylet_start_wait_time_s": "180",
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_period_ms": "1000",  # a dead node is noticed after five of them
}
OBJECT_STORE_BYTES = 100 * 2**20


@contextmanager
def ray_nodes(count: int) -> Iterator[str]:
    """Start a head that counts nothing and `count` nodes of one core each; give the address for `--on`."""
    command = [sys.executable, "-m", __name__, str(count)]
    environment = {**os.environ, **PATIENT}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stdin is not None
        address = next((line for line in running.stdout if line.startswith("ray://")), "")
        assert address, "the nodes did not start"
        yield address.strip()
        running.stdin.close()


def worker_amid(films: Collection[Path], counting: Future[Any], within_s: float = 240.0) -> psutil.Process:
    """Wait until a worker of the test's nodes has one of `films` open, and return it; `counting` is what makes it."""
    began = time.monotonic()
    while True:
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name().startswith("ray::") and {Path(one.path) for one in process.open_files()} & set(films):
                    return process
        assert not counting.done(), f"no worker was seen amid a recording: {counting.result()}"
        assert time.monotonic() - began < within_s, "no worker opened a recording"
        time.sleep(0.02)


def kill_node_of(worker: psutil.Process) -> None:
    """Kill everything that runs on the node of `worker` at once, as a power cut does."""
    node = worker.parent()
    assert node is not None and "raylet" in node.name()
    for process in [node, *node.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def main(count: int) -> None:
    """Be the nodes until the input ends."""
    from ray.cluster_utils import Cluster

    port = free_port()
    cluster = Cluster()
    cluster.add_node(
        num_cpus=0,
        ray_client_server_port=port,
        object_store_memory=OBJECT_STORE_BYTES,
        include_dashboard=False,
    )
    for _ in range(count):
        cluster.add_node(wait=False, num_cpus=1, object_store_memory=OBJECT_STORE_BYTES)
    cluster.wait_for_nodes(180)
    print(f"ray://127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    cluster.shutdown()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(int(sys.argv[1]))
