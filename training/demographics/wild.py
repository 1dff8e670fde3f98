"""Gender of adults in press photographs (LFW), of people whom the network was not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from footfall.types import ImageArray
from training.data.archive import data_directory, find_archives
from training.data.faces import held_out, lfw_record
from training.data.lfw import LfwFace, read_genders, read_lfw
from training.demographics.evaluate import Judge, as_distant
from training.demographics.prepare import middle_face
from training.detector.decode import OnnxFaces

SIZES_PX = (None, 48, 32, 24)


@dataclass(frozen=True, slots=True)
class WildFaces:
    """Aligned faces, uint8 (N, S, S, 3) BGR, and whether each is a woman's, bool (N,)."""

    images: ImageArray
    female: npt.NDArray[np.bool_]


def read_wild_faces(share: float, landmark_model: Path) -> WildFaces:
    """Return the photographs of LFW whose people a training that holds `share` of them out does not see.

    Raises:
        DataError: an archive or the table of genders is missing or cannot be read.
        ModelError: `landmark_model`, which frames the faces as in training, cannot be loaded.
    """
    detector = OnnxFaces(landmark_model)
    genders = read_genders(data_directory() / "lfw-gender.csv")
    images, female = [], []
    for face in read_lfw(find_archives("lfw-*.tar"), genders):
        landmarks = middle_face(detector, face.image) if _is_unseen(face, share) else None
        if landmarks is not None:
            images.append(lfw_record(face, landmarks).image)
            female.append(bool(face.female))
    return WildFaces(np.stack(images), np.array(female))


def _is_unseen(face: LfwFace, share: float) -> bool:
    return face.female is not None and bool(held_out(np.array([face.person]), share)[0])


def wild_table(faces: WildFaces, judges: dict[str, Judge]) -> str:
    """Return Markdown: the share of women and of men whose gender each judge gets right, by size of the face."""
    women = int(faces.female.sum())
    lines = [f"| | women right % ({women}) | men right % ({len(faces.female) - women}) |", "| --- | ---: | ---: |"]
    for size_px in SIZES_PX:
        images = faces.images if size_px is None else as_distant(faces.images, size_px)
        for name, judge in judges.items():
            right = (judge(images).p_female > 0.5) == faces.female
            shares = (100 * right[faces.female].mean(), 100 * right[~faces.female].mean())
            size = "full size" if size_px is None else f"{size_px} px"
            lines.append(f"| {name}, {size} | {shares[0]:.1f} | {shares[1]:.1f} |")
    return "\n".join(lines)
