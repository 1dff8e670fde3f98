"""The detectors that are trained here: each from other photographs, for the terms that these come with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inference.manifest import BUILT_IN, packaged_model
from training.detector.agree import CROWDS, PORTRAITS
from training.detector.export import Card
from training.detector.pool import SINGLE_FACES


@dataclass(frozen=True, slots=True)
class Variant:
    """One detector: its name in the program, what its file says of itself, and the sets of photographs it learns from.

    `single_faces` are sets of archives (SINGLE_FACES), `looks` of folders; `most` is how many pictures of one of these
    are looked at, where it is not as many as usual. Mask photographs are always among them.
    """

    name: str
    card: Card
    iterations: int
    single_faces: tuple[str, ...]
    looks: tuple[str, ...]
    most: Mapping[str, int] = field(default_factory=dict)

    @property
    def runs(self) -> Path:
        """Return the folder for prepared pictures and checkpoints."""
        return Path(".cache/runs/detector") if self.name == BUILT_IN else Path(f".cache/runs/detector-{self.name}")

    @property
    def packaged(self) -> Path:
        """Return where the package has the exported file."""
        return packaged_model("detector", self.name)


EVERYTHING = Variant(
    BUILT_IN,
    Card(
        name="footfall-detector",
        version="2.3",
        trained_on="WIDER FACE, mask photographs (five sets), SCUT-HEAD, body-head, LFW, UTKFace, CelebA, FairFace and "
        "All-Age-Faces, labelled by YuNet-n and CenterFace where people did not, and taught by YuNet-n; begun with "
        "footfall-detector-2.2",
        licence="MIT code; weights from sets for non-commercial research only: retrain on data of your own",
    ),
    iterations=37_000,
    single_faces=SINGLE_FACES,
    looks=(*CROWDS, *PORTRAITS),
)
FREE = Variant(
    "free",
    Card(
        name="footfall-detector-free",
        version="1.1",
        trained_on="mask photographs (facemask-voc, adityap27, Praveen76) and FairFace, labelled by YuNet-n and "
        "CenterFace, taught by YuNet-n; begun with footfall-detector-free-1.0",
        licence="MIT; photographs CC0, MIT and, FairFace (Karkkainen and Joo, WACV 2021), CC BY 4.0: name it where you "
        "publish",
    ),
    iterations=16_000,
    single_faces=(),
    looks=("mask-adityap", "mask-praveen", "fairface"),
    most={"fairface": 6000},
)
VARIANTS = {variant.name: variant for variant in (EVERYTHING, FREE)}
