"""What a question costs a database: seconds of wall clock, and of CPU of the program and of the server."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil
from sqlalchemy import Connection, Engine

from db.session import reading

REPEATS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: of the first time, when nothing is kept, and the medians of all times."""

    first_wall_s: float
    wall_s: float
    program_s: float
    first_server_s: float
    server_s: float


def cost_of(engine: Engine, ask: Callable[[Connection], Any]) -> Cost:
    """Ask REPEATS times in one transaction of a PostgreSQL server on this machine."""
    walls, cpus, servers = [], [], []
    with reading(engine) as connection:
        connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")  # so that one process has it all
        server = psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        for _ in range(REPEATS):
            begun, begun_cpu, before = time.perf_counter(), time.process_time(), server.cpu_times()
            ask(connection)
            walls.append(time.perf_counter() - begun)
            cpus.append(time.process_time() - begun_cpu)
            after = server.cpu_times()
            servers.append(after.user + after.system - before.user - before.system)
    wall, cpu, own = (statistics.median(taken) for taken in (walls, cpus, servers))
    return Cost(walls[0], wall, cpu, servers[0], own)
