"""The faces of the sample scene: averages of six training faces each, so that nobody is shown.

`training/average_faces.py` made the atlas and says how the averages were chosen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import ModelError
from footfall.types import Gender, ImageArray

ASSETS = Path(__file__).parent / "assets"
ATLAS_NAME = "faces.webp"
LABELS_NAME = "faces.json"


@dataclass(frozen=True, slots=True)
class FaceLabel:
    """What is known of an average face: the members' common gender and mean age, and how dark hair tends to be."""

    gender: Gender
    age_years: float
    dark_haired: bool


@dataclass(frozen=True, slots=True)
class FaceAtlas:
    """All average faces. `tiles` is uint8 (N, T, T, 3) BGR, framed alike: eyes level, the chin near the lower edge."""

    labels: tuple[FaceLabel, ...]
    tiles: ImageArray


def load_faces(directory: Path = ASSETS) -> FaceAtlas:
    """Return the faces that ship with the program.

    Raises:
        ModelError: the atlas or its labels are missing or do not fit together.
    """
    try:
        described = json.loads((directory / LABELS_NAME).read_text(encoding="utf-8"))
        content = (directory / ATLAS_NAME).read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(f"sample scene: {error}; install the program again") from error
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    tile_px, columns = int(described["tile_px"]), int(described["columns"])
    labels = tuple(
        FaceLabel(Gender(face["gender"]), float(face["age_years"]), bool(face["dark_haired"]))
        for face in described["faces"]
    )
    rows = -(-len(labels) // columns)
    if picture is None or picture.shape[:2] != (rows * tile_px, columns * tile_px):
        raise ModelError(f"sample scene: {ATLAS_NAME} and {LABELS_NAME} do not fit together; install the program again")
    cells = np.asarray(picture, np.uint8).reshape(rows, tile_px, columns, tile_px, 3).swapaxes(1, 2)
    return FaceAtlas(labels, np.ascontiguousarray(cells.reshape(-1, tile_px, tile_px, 3)[: len(labels)]))
