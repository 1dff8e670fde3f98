"""The face mask photographs: bad labels are refused by name, and the split never moves."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from footfall.errors import DataError
from training.data.facemask import parse_voc, part_of, read_photos

BOX = "<bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox>"


def voc(*boxes: tuple[object, ...], name: str = "with_mask") -> bytes:
    objects = "".join(f"<object><name>{name}</name>{BOX.format(*box)}</object>" for box in boxes)
    return f"<annotation>{objects}</annotation>".encode()


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def picture() -> bytes:
    return cv2.imencode(".jpg", np.full((60, 80, 3), 90, np.uint8))[1].tobytes()


def test_boxes_and_classes_are_read() -> None:
    boxes, classes = parse_voc(voc((1, 2, 30, 40), (5, 6, 7.5, 9)), "a.xml")
    assert boxes.tolist() == [[1, 2, 30, 40], [5, 6, 7.5, 9]]
    assert classes == ("with_mask", "with_mask")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<annotation><object>", "XML"), (voc((1, 2, "x", 4)), "no usable box"), (voc((9, 2, 3, 4)), "is empty")],
)
def test_a_bad_label_is_refused_by_the_name_of_its_file(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=rf"photo17\.xml.*{reason}"):
        parse_voc(content, "annotations/photo17.xml")


def test_every_photograph_belongs_to_one_part(tmp_path: Path) -> None:
    names = [f"photo{index}" for index in range(40)]
    files = {f"images/{name}.jpg": picture() for name in names}
    files |= {f"annotations/{name}.xml": voc((1, 2, 30, 40)) for name in names}
    archive = write_archive(tmp_path / "photos.tar", files)
    parts = {part: [photo.name for photo in read_photos(archive, part)] for part in ("train", "validation", "test")}
    assert sorted(name for found in parts.values() for name in found) == sorted(f"{name}.jpg" for name in names)
    assert all(part_of(name) == part for part, found in parts.items() for name in found)


def test_a_photograph_without_labels_is_refused(tmp_path: Path) -> None:
    name = next(f"photo{index}" for index in range(40) if part_of(f"photo{index}") == "train")
    archive = write_archive(tmp_path / "photos.tar", {f"images/{name}.jpg": picture()})
    with pytest.raises(DataError, match=rf"{name}\.xml"):
        list(read_photos(archive, "train"))


def test_a_damaged_photograph_is_refused_by_name(tmp_path: Path) -> None:
    name = next(f"photo{index}" for index in range(40) if part_of(f"photo{index}") == "train")
    files = {f"images/{name}.jpg": b"no picture", f"annotations/{name}.xml": voc((1, 2, 30, 40))}
    with pytest.raises(DataError, match=rf"{name}\.jpg"):
        list(read_photos(write_archive(tmp_path / "photos.tar", files), "train"))


def test_a_missing_archive_says_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="FOOTFALL_DATA"):
        list(read_photos(tmp_path / "none.tar", "train"))
