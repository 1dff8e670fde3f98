"""UTKFace names: what a good one says, and that bad ones are named."""

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from footfall.errors import DataError
from training.data.utkface import Race, parse_name, read_utkface


def write_archive(path: Path, names: list[str], content: bytes | None = None) -> Path:
    _, jpeg = cv2.imencode(".jpg", np.full((200, 200, 3), 127, np.uint8))
    with tarfile.open(path, "w") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            data = jpeg.tobytes() if content is None else content
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def test_name_says_age_gender_race() -> None:
    label = parse_name("part1/61_1_2_20170109142408075.jpg.chip.jpg")
    assert (label.age_years, label.female, label.race) == (61, True, Race.ASIAN)


@pytest.mark.parametrize(
    "name",
    ["61_3_2_20170109142408075.jpg.chip.jpg", "61_1_20170109142408075.jpg.chip.jpg", "200_1_2_20170109142408075.jpg"],
)
def test_bad_name_is_named(name: str) -> None:
    with pytest.raises(DataError, match=name):
        parse_name(name)


def test_every_bad_file_is_named_before_any_picture_is_read(tmp_path: Path) -> None:
    names = ["1_0_0_20170109142408075.jpg", "old_0_0_20170109142408075.jpg", "39_1_20170116174525125.jpg.chip.jpg"]
    archive = write_archive(tmp_path / "faces.tar", names)
    with pytest.raises(DataError) as error:
        next(read_utkface([archive]))
    assert names[1] in str(error.value) and names[2] in str(error.value) and names[0] not in str(error.value)


def test_bad_files_can_be_left_out(tmp_path: Path) -> None:
    names = ["1_0_0_20170109142408075.jpg", "39_1_20170116174525125.jpg.chip.jpg"]
    archive = write_archive(tmp_path / "faces.tar", names)
    faces = list(read_utkface([archive], skip_bad_names=True))
    assert [face.name for face in faces] == names[:1]
    assert faces[0].image.shape == (200, 200, 3)


def test_damaged_picture_is_named(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "faces.tar", ["1_0_0_20170109142408075.jpg"], content=b"no picture")
    with pytest.raises(DataError, match="1_0_0_20170109142408075"):
        list(read_utkface([archive]))


def test_damaged_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "faces.tar").write_bytes(b"x" * 2000)
    with pytest.raises(DataError, match=r"faces\.tar"):
        list(read_utkface([tmp_path / "faces.tar"]))
