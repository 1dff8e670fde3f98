"""Recordings at addresses: fetched for the time of use, and gone after it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from app.footage_files import at_hand, length_of, longest_first, name_of
from app.orders import Order
from footfall.errors import FootfallError, SourceError

ADDRESS = "memory://bucket/north/monday.mp4"


@pytest.fixture
def stored() -> Iterator[str]:
    """A recording in a storage."""
    with fsspec.open(ADDRESS, "wb") as file:
        file.write(b"footage")
    yield ADDRESS
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def test_a_recording_is_fetched_under_its_name_and_gone_after_the_block(
    stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert (name_of(stored), length_of(stored)) == ("monday.mp4", 7)
    with at_hand(stored) as path:
        assert (path.name, path.read_bytes(), path.stat().st_size) == ("monday.mp4", b"footage", 7)
    assert list(tmp_path.iterdir()) == []


def test_the_longest_recordings_begin_first_and_nobody_is_asked_about_those_elsewhere(tmp_path: Path) -> None:
    lengths = {"short.mp4": 1, "long.mp4": 900, "middle.mp4": 30}
    for name, length in lengths.items():
        (tmp_path / name).write_bytes(bytes(length))
    files = [str(tmp_path / name) for name in lengths] + ["nobody://answers/a.mp4", str(tmp_path / "absent.mp4")]
    sorted_files = [order.file for order in longest_first(Order(file, "north") for file in files)]
    assert [name_of(file) for file in sorted_files] == ["a.mp4", "absent.mp4", "long.mp4", "middle.mp4", "short.mp4"]


def test_a_path_is_read_in_place(tmp_path: Path) -> None:
    with at_hand(str(tmp_path / "a.mp4")) as path:
        assert path == tmp_path / "a.mp4"


@pytest.mark.skipif(sys.platform != "linux", reason="only there a copy has no name")
def test_a_killed_process_leaves_no_footage_behind(tmp_path: Path) -> None:
    video, folder = tmp_path / "a.mp4", tmp_path / "temporary"
    video.write_bytes(b"footage")
    folder.mkdir()
    code = (
        "import os, signal, sys; from app.footage_files import at_hand\n"
        "with at_hand(sys.argv[1]) as path:\n"
        "    print(path.read_text(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, video.as_uri()]
    done = subprocess.run(command, env={"TMPDIR": str(folder)}, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("footage", -9)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("memory://bucket/absent.mp4", r"absent\.mp4 at memory://bucket/absent\.mp4: no such file; check the address"),
        ("attic://bucket/a.mp4", "a.mp4 at attic://bucket/a.mp4: .*attic"),
    ],
)
def test_what_cannot_be_fetched_is_one_sentence_with_its_address(address: str, told: str) -> None:
    with pytest.raises(SourceError, match=told), at_hand(address):
        pass


def test_errors_of_a_fetched_recording_name_its_address(stored: str) -> None:
    with pytest.raises(FootfallError, match=f"^monday.mp4 at {stored}: holds no picture$"), at_hand(stored) as path:
        raise SourceError(f"{path}: holds no picture")
