"""UTKFace's two parts for the studies, cached once as arrays."""

from __future__ import annotations

from pathlib import Path

from training.data.archive import find_archives, list_images
from training.data.faces import LabelledFaces, read_faces, utkface_record, write_faces
from training.data.utkface import bad_names, read_utkface

PARTS = {"train": "utkface-train-*.tar", "test": "utkface-val.tar"}


def utkface_part(cache: Path, part: str) -> LabelledFaces:
    """Return the faces of `part`, "train" or "test"; the first call decodes them into `cache` (about a minute).

    Raises:
        DataError: the archives are not there.
    """
    path = cache / f"utkface-{part}.npy"
    if path.exists():
        return read_faces(path)
    archives = find_archives(PARTS[part])
    names = list_images(archives)
    faces = read_utkface(archives, skip_bad_names=True)
    return write_faces((utkface_record(face, None) for face in faces), path, len(names) - len(bad_names(names)))
