"""The face mask photographs with Pascal VOC boxes, read straight from their tar, and their fixed split."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from footfall.errors import DataError

ARCHIVE_NAME = "facemask-voc.tar"
Part = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class MaskPhoto:
    """A photograph uint8 (H, W, 3) BGR with every face's box float32 (N, 4) xyxy in pixels, masked or not."""

    name: str
    image: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    classes: tuple[str, ...]


def part_of(name: str) -> Part:
    """Say which part a file belongs to, by the SHA-1 of its name: a fifth test, a twentieth validation."""
    bucket = int(hashlib.sha1(PurePosixPath(name).stem.encode()).hexdigest(), 16) % 20
    if bucket < 4:
        return "test"
    return "validation" if bucket == 4 else "train"


def parse_voc(xml: bytes, name: str) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Read boxes float32 (N, 4) xyxy and class names of a Pascal VOC file.

    Raises DataError naming the file when it is no XML, or a box is missing, not a number or empty.
    """
    try:
        objects = ElementTree.fromstring(xml).findall("object")
    except ElementTree.ParseError as error:
        raise DataError(f"{name}: not readable as XML ({error}); fetch the label file again.") from error
    boxes, classes = [], []
    for number, item in enumerate(objects, start=1):
        texts = [item.findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
        try:
            left, top, right, bottom = (float(text or "") for text in texts)
        except ValueError as error:
            raise DataError(f"{name}: object {number} has no usable box ({texts}); correct the file.") from error
        if right <= left or bottom <= top:
            raise DataError(f"{name}: the box of object {number} is empty ({texts}); correct the file.")
        boxes.append((left, top, right, bottom))
        classes.append(item.findtext("name") or "")
    return np.array(boxes, np.float32).reshape(-1, 4), tuple(classes)


def read_photos(archive: Path, part: Part) -> Iterator[MaskPhoto]:
    """Yield the photographs of one part in the order of their names.

    Raises DataError when the archive is missing, a photograph has no label file, or either is damaged.
    """
    if not archive.is_file():
        raise DataError(f"No mask photographs at {archive}: set FOOTFALL_DATA to the folder that has them.")
    with tarfile.open(archive) as tar:
        members = {PurePosixPath(member.name): member for member in tar.getmembers() if member.isfile()}
        labels = {path.stem: path for path in members if path.suffix == ".xml"}
        pictures = [path for path in members if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
        for path in sorted(pictures, key=lambda item: item.name):
            if part_of(path.name) != part:
                continue
            if path.stem not in labels:
                raise DataError(f"{path}: no label file {path.stem}.xml in {archive.name}.")
            label_path = labels[path.stem]
            boxes, classes = parse_voc(_read(tar, members[label_path]), str(label_path))
            data = np.frombuffer(_read(tar, members[path]), np.uint8)
            image = cv2.imdecode(data, cv2.IMREAD_COLOR)
            if image is None:
                raise DataError(f"{path}: not a readable picture; fetch {archive.name} again.")
            yield MaskPhoto(path.name, np.asarray(image, np.uint8), boxes, classes)


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return stream.read() if stream is not None else b""
