"""Recordings at addresses: fetched for the time of use, and gone after it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from app.footage_files import at_hand, length_of, name_of
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
