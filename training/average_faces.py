"""Make the faces of the sample scene: averages of six UTKFace training faces each, nobody's face.

    python -m training.average_faces --models ../shared --out app/demo/assets

Six faces of one gender, one origin and nearly one age are warped onto common landmarks (thin plate splines; Bookstein,
"Principal warps", 1989) and averaged; the detail that averaging loses is amplified band by band until it is as strong
as in the members. An average is kept only when a detector finds it, an independent network judges it as its label
says, and it is not close to any of its members.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.interpolate import RBFInterpolator

from app.demo.faces import ATLAS_NAME, LABELS_NAME
from footfall.types import ImageArray
from inference.session import OnnxModel
from training.data.archive import find_archives
from training.data.utkface import Race, UtkFace, read_utkface

Array = npt.NDArray[np.float64]

SIDE_PX = 200
TILE_PX = 128
COLUMNS = 12
MEMBERS = 6
SEED = 20
BAND_YEARS = 2
POOL_PER_CELL = 70  # faces looked at of one gender, origin and year of age
SHARPEST_BLUR = 7.5  # standard deviation of the Laplacian below which a photograph is too soft
LARGEST_TURN = 0.09  # nose off the middle, in distances between the eyes
SURE_DETECTION = 0.8
BAND_GAINS = (1.5, 1.7, 2.2, 2.2)
SURE_GENDER = 0.85
AGE_TOLERANCE_YEARS = 5.0
CLOSEST_MEMBER = 0.55  # cosine of face embeddings
QUOTA = (((4, 9), 4), ((10, 14), 4), ((15, 20), 7), ((21, 26), 11), ((27, 34), 14), ((35, 44), 12), ((45, 54), 9),
         ((55, 64), 6), ((65, 80), 5))  # fmt: skip
LANDMARKS = np.array([(61.6, 56.4), (138.4, 56.4), (100.0, 101.5), (67.1, 135.0), (132.9, 135.0)])
ARCFACE = np.array([(38.3, 51.7), (73.5, 51.5), (56.0, 71.7), (41.5, 92.4), (70.7, 92.2)])  # in 112x112
LUMA = np.array([0.114, 0.587, 0.299], np.float32)
EDGE = np.array([(0, 0), (100, 0), (200, 0), (0, 100), (200, 100), (0, 200), (100, 200), (200, 200)], np.float64)


@dataclass(frozen=True, slots=True)
class Member:
    """One usable photograph. `landmarks` float64 (5, 2) px in its 200x200 crop."""

    face: UtkFace
    landmarks: Array


@dataclass(frozen=True, slots=True)
class Average:
    """One average. `tile` is uint8 (128, 128, 3) BGR; `nearest` the largest cosine to one of its members."""

    tile: ImageArray
    female: bool
    age_years: float
    race: Race
    nearest: float


class Judges:
    """The networks that say whether an average can stand for its label; none of them is one of the product's own."""

    def __init__(self, models: Path) -> None:
        detector = models / "models" / "yunet_n_dynamic.onnx"
        self._detector = cv2.FaceDetectorYN.create(str(detector), "", (192, 192), 0.6, 0.3, 50)
        self._demographics = OnnxModel(models / "peers" / "faceapi_age_gender.onnx")
        self._identity = OnnxModel(models / "models" / "mobileface_teacher.onnx")

    def landmarks(self, image: ImageArray, least_score: float) -> Array | None:
        """Return the five landmarks of the crop, float64 (5, 2) px, or None when no face is found for sure."""
        small = cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA)
        found = self._detector.detect(cv2.copyMakeBorder(small, 32, 32, 32, 32, cv2.BORDER_REPLICATE))[1]
        if found is None or found[:, 14].max() < least_score:
            return None
        best = found[found[:, 14].argmax(), 4:14].reshape(5, 2)
        return np.asarray((best - 32) * SIDE_PX / 128, np.float64)

    def demographics(self, image: ImageArray) -> tuple[float, float]:
        """Return the probability of a woman and the age in years."""
        small = cv2.resize(image, (112, 112), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        planes = np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)
        said = self._demographics.run(planes)
        return float(np.asarray(said["gender"])[0, 1]), float(np.asarray(said["age"])[0, 0])

    def embedding(self, image: ImageArray, landmarks: Array) -> Array:
        """Return the unit vector that stands for the identity, float64 (256,)."""
        matrix, _ = cv2.estimateAffinePartial2D(landmarks, ARCFACE)
        aligned = cv2.warpAffine(image, matrix, (112, 112))[None, :, :, ::-1].astype(np.float32)
        [described] = self._identity.run(aligned).values()
        vector = np.asarray(described[0], np.float64)
        return np.asarray(vector / np.linalg.norm(vector))


def usable(faces: Iterator[UtkFace], judges: Judges) -> Iterator[Member]:
    """Yield sharp, frontal faces of 4 to 85 years with their landmarks."""
    seen: defaultdict[tuple[int, bool, Race], int] = defaultdict(int)
    for face in faces:
        cell = (face.label.age_years, face.label.female, face.label.race)
        if not 4 <= cell[0] <= 85 or cell[2] is Race.OTHER or seen[cell] >= POOL_PER_CELL:
            continue
        grey = cv2.cvtColor(face.image, cv2.COLOR_BGR2GRAY)
        if cv2.Laplacian(grey, cv2.CV_64F)[40:190, 30:170].std() < SHARPEST_BLUR:
            continue
        seen[cell] += 1
        landmarks = judges.landmarks(face.image, SURE_DETECTION)
        if landmarks is not None and _turn(landmarks) < LARGEST_TURN:
            yield Member(face, landmarks)


def _turn(landmarks: Array) -> float:
    middle = (landmarks[:2, 0].mean() + landmarks[3:, 0].mean()) / 2
    return float(abs(landmarks[2, 0] - middle) / (landmarks[1, 0] - landmarks[0, 0]))


def onto_common_shape(member: Member) -> ImageArray:
    """Return the member's picture with its landmarks moved to the common ones, uint8 (200, 200, 3) BGR."""
    matrix, _ = cv2.estimateAffinePartial2D(member.landmarks, LANDMARKS)
    roughly = member.landmarks @ matrix[:, :2].T + matrix[:, 2]
    spline = RBFInterpolator(
        np.vstack([LANDMARKS, EDGE]), np.vstack([roughly, EDGE]), kernel="thin_plate_spline", smoothing=1.0
    )
    axis = np.arange(0, SIDE_PX, 4) + 1.5  # the centres that `resize` takes the coarse grid for
    coarse = spline(np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2))
    back = cv2.invertAffineTransform(matrix)
    source = (coarse @ back[:, :2].T + back[:, 2]).reshape(len(axis), len(axis), 2).astype(np.float32)
    across, down = cv2.split(cv2.resize(source, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC))
    moved = cv2.remap(member.face.image, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def average(pictures: Sequence[ImageArray]) -> ImageArray:
    """Return the sharpened mean of aligned pictures, uint8 (200, 200, 3) BGR."""
    inside = cv2.ellipse(np.zeros((SIDE_PX, SIDE_PX), np.uint8), (100, 105), (75, 90), 0, 0, 360, 1, -1) > 0
    stack = np.array(pictures, np.float32)
    means = stack[:, inside].mean(1)
    stack += (means.mean(0) - means)[:, None, None] * 0.7  # one light for all, so that no member stands out
    mean = stack.mean(0)
    grey = np.asarray(mean @ LUMA, np.float32)
    wanted = np.mean([[band[inside].std() for band in _bands(np.asarray(one @ LUMA))] for one in stack], axis=0)
    gained = np.zeros_like(grey)
    for band, strength, most in zip(_bands(grey), wanted, BAND_GAINS, strict=True):
        gained += band * (np.clip(strength / band[inside].std(), 1.0, most) - 1)
    return np.asarray(np.clip(mean + gained[..., None], 0, 255), np.uint8)


def _bands(grey: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    bands = []
    for octave in range(len(BAND_GAINS)):
        softer = cv2.GaussianBlur(grey, (0, 0), 2.0**octave)
        bands.append(np.asarray(grey - softer, np.float32))
        grey = np.asarray(softer, np.float32)
    return bands


def attempt(members: Sequence[Member], judges: Judges) -> Average | None:
    """Return the average of `members`, or None when it is not found, judged otherwise than labelled, or a likeness."""
    picture = average([onto_common_shape(member) for member in members])
    landmarks = judges.landmarks(picture, SURE_DETECTION)
    if landmarks is None:
        return None
    label = members[0].face.label
    age_years = float(np.mean([member.face.label.age_years for member in members]))
    p_female, judged_years = judges.demographics(picture)
    p_label = p_female if label.female else 1 - p_female
    if p_label < SURE_GENDER or abs(judged_years - age_years) > AGE_TOLERANCE_YEARS:
        return None
    itself = judges.embedding(picture, landmarks)
    nearest = max(float(itself @ judges.embedding(member.face.image, member.landmarks)) for member in members)
    tile = np.asarray(cv2.resize(picture, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA), np.uint8)
    return Average(tile, label.female, age_years, label.race, nearest) if nearest < CLOSEST_MEMBER else None


def choose(pool: Sequence[Member], judges: Judges, rng: np.random.Generator) -> Iterator[Average]:
    """Yield as many averages of each gender and age as `QUOTA` says; no photograph is used in two of them."""
    for female in (True, False):
        for (youngest, oldest), wanted in QUOTA:
            used: set[str] = set()
            found = tries = 0
            while found < wanted and tries < 40 * wanted:
                tries += 1
                members = _draw_members(pool, female, float(rng.uniform(youngest, oldest)), used, rng)
                candidate = attempt(members, judges) if members else None
                if candidate is not None:
                    found += 1
                    used.update(member.face.name for member in members)
                    yield candidate
            print(f"{'women' if female else 'men'} {youngest}-{oldest}: {found} of {wanted} in {tries} tries")


def _draw_members(
    pool: Sequence[Member], female: bool, centre_years: float, used: set[str], rng: np.random.Generator
) -> list[Member]:
    band = BAND_YEARS if centre_years < 60 else BAND_YEARS + 1
    race = Race(int(rng.integers(4)))
    near = [
        member
        for member in pool
        if member.face.label.female is female
        and member.face.label.race is race
        and abs(member.face.label.age_years - centre_years) <= band
        and member.face.name not in used
    ]
    if len(near) < MEMBERS:
        return []
    return [near[int(index)] for index in rng.choice(len(near), MEMBERS, replace=False)]


def write_atlas(averages: Sequence[Average], directory: Path, quality: int = 88) -> None:
    """Write the tiles as one WebP picture and their labels as JSON."""
    rows = -(-len(averages) // COLUMNS)
    atlas = np.zeros((rows * TILE_PX, COLUMNS * TILE_PX, 3), np.uint8)
    for index, one in enumerate(averages):
        y, x = index // COLUMNS * TILE_PX, index % COLUMNS * TILE_PX
        atlas[y : y + TILE_PX, x : x + TILE_PX] = one.tile
    faces = [
        {
            "gender": "female" if one.female else "male",
            "age_years": round(one.age_years, 1),
            "dark_haired": one.race is not Race.WHITE,
            "nearest_member": round(one.nearest, 3),
        }
        for one in averages
    ]
    described = {"tile_px": TILE_PX, "columns": COLUMNS, "members_each": MEMBERS, "faces": faces}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / LABELS_NAME).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    (directory / ATLAS_NAME).write_bytes(cv2.imencode(".webp", atlas, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes())


def main() -> None:
    """Read the training part of UTKFace and write the assets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("../shared"), help="folder with models/ and peers/")
    parser.add_argument("--out", type=Path, default=Path("app/demo/assets"))
    options = parser.parse_args()
    judges = Judges(options.models)
    pool = list(usable(read_utkface(find_archives("utkface-train-*.tar"), skip_bad_names=True), judges))
    averages = list(choose(pool, judges, np.random.default_rng(SEED)))
    write_atlas(averages, options.out)
    closest = max(one.nearest for one in averages)
    print(f"{len(averages)} averages from {len(pool)} usable faces; closest member at cosine {closest:.3f}")


if __name__ == "__main__":
    main()
