"""Recordings on a cluster of nodes, reached by its address: one node dies amid a recording."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import ray

from app.cluster.place import connected
from tests.integration.app.cli.conftest import CAMERA, RunCommand, read_json
from tests.integration.app.cli.ray_nodes import kill_node_of, ray_nodes, worker_amid
from tests.integration.app.cli.recordings import FILES, stored


def test_a_node_that_dies_amid_a_recording_costs_nothing_and_resuming_leaves_all_out(
    films: list[Path], workplace: Path, footfall: RunCommand, postgres_url: str
) -> None:
    assert len(read_json(footfall("process", "--manifest", "films.csv", "--yes", "--json"))) == FILES  # type: ignore[arg-type]
    alone = stored(f"sqlite:///{workplace / 'footfall.db'}")
    assert alone[1] > 0 and len(alone[0]) == FILES
    with ray_nodes(2) as address, ThreadPoolExecutor(1) as calling:
        call = ("process", "--manifest", "films.csv", "--yes", "--json", "--on", address)
        counting = calling.submit(footfall, *call, FOOTFALL_DATABASE_URL=postgres_url)
        kill_node_of(worker_amid(films, counting))
        rows = read_json(counting.result())
        assert isinstance(rows, list)
        assert sorted((Path(row["video"]).name, row["visits"]) for row in rows) == alone[0]
        assert stored(postgres_url) == alone
        with (workplace / "films.csv").open("a", encoding="utf-8") as manifest:
            manifest.write(f"\nabsent.mp4,{CAMERA},2026-03-28T20:00\n")
        again = footfall(*call, "--resume", FOOTFALL_DATABASE_URL=postgres_url)
    assert (again.code, json.loads(again.out)) == (2, [])
    [line] = again.err.strip().splitlines()
    assert "absent.mp4" in line and "check the path" in line
    assert stored(postgres_url) == alone


def test_a_head_whose_server_for_this_client_dies_at_birth_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    dying = [ConnectionAbortedError("Initialization failure from server: Starting Ray client server failed")]
    really = ray.init

    def init(*arguments: Any, **options: Any) -> Any:
        if dying:
            raise dying.pop()
        return really(*arguments, **options)

    monkeypatch.setattr(ray, "init", init)
    with ray_nodes(0) as address, connected(address):
        [head] = ray.nodes()  # type: ignore[no-untyped-call]
        assert head["Alive"] and not dying
