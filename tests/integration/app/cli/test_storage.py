"""Recordings in an S3 storage: a server that speaks its protocol, and the command as a user calls it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import fsspec
import pytest

from tests.integration.app.cli.conftest import CAMERA, RunCommand
from tests.integration.app.cli.recordings import stored
from tests.missing import missing

KEYS = {"AWS_ACCESS_KEY_ID": "mall", "AWS_SECRET_ACCESS_KEY": "hush hush", "AWS_DEFAULT_REGION": "eu-central-1"}
MANIFEST = f"""file,camera,started_at
s3://footage/pier/0.mp4,{CAMERA},2026-03-28T09:00+00:00
s3://footage/pier/absent.mp4,{CAMERA},2026-03-28T10:00+00:00
1.mp4,{CAMERA},2026-03-28T11:00+00:00
"""


@pytest.fixture(scope="module")
def storage() -> Iterator[dict[str, str]]:
    """A storage with an empty bucket called footage; what a user sets to reach it."""
    # Not among the packages of development: beside them pip looks for minutes for versions that fit together.
    if find_spec("moto") is None or find_spec("s3fs") is None:
        missing("no S3 storage to ask; `pip install s3fs 'moto[server]'` brings one")
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        _files(address).mkdir("footage")
        yield {**KEYS, "AWS_ENDPOINT_URL": address}
    finally:
        server.stop()


def _files(address: str) -> fsspec.AbstractFileSystem:
    return fsspec.filesystem(
        "s3", key=KEYS["AWS_ACCESS_KEY_ID"], secret=KEYS["AWS_SECRET_ACCESS_KEY"], endpoint_url=address
    )


def test_a_recording_in_a_storage_is_counted_like_one_beside_it_and_an_absent_one_is_named(
    films: list[Path], workplace: Path, footfall: RunCommand, storage: dict[str, str]
) -> None:
    _files(storage["AWS_ENDPOINT_URL"]).put(str(films[0]), "footage/pier/0.mp4")
    (workplace / "films.csv").write_text(MANIFEST, encoding="utf-8")
    outcome = footfall("process", "--manifest", "films.csv", "--yes", **storage)
    assert outcome.code == 2, outcome.out
    [line] = [line for line in outcome.err.splitlines() if "absent.mp4" in line]
    assert "absent.mp4 at s3://footage/***: no such file; check the address" in line
    [(first, visits), (second, as_many)], total = stored(f"sqlite:///{workplace / 'footfall.db'}")
    assert (first, second) == ("0.mp4", "1.mp4") and visits == as_many > 0 and total == 2 * visits

    again = footfall("process", "--manifest", "films.csv", "--yes", "--resume", **storage)
    assert again.code == 2 and "absent.mp4" in again.err
    assert stored(f"sqlite:///{workplace / 'footfall.db'}")[1] == total


def test_a_bucket_that_is_not_there_is_one_sentence_without_the_place(
    footfall: RunCommand, storage: dict[str, str]
) -> None:
    outcome = footfall(
        "process",
        "s3://nobodys/secret/0.mp4",
        "--camera",
        CAMERA,
        "--started-at",
        "2026-03-28T09:00",
        "--yes",
        **storage,
    )
    assert outcome.code == 2
    [line] = outcome.err.strip().splitlines()
    assert "0.mp4 at s3://" in line and "/***" in line and "check the address" in line and "secret" not in line
