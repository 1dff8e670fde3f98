"""The tables of the model card: people held back, full size and small, against strangers, and who is judged worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray
from training.embedding.judges import Judge
from training.embedding.photographs import Faces, embed_seen
from training.embedding.targets import unit
from training.embedding.verification import accepted_at, pair_accuracy, pair_scores, threshold_at

FULL_PX = 1e9
LFW_SIZES = (("full size", FULL_PX), ("32 px", 32.0), ("24 px", 24.0))
FAR_SIZES_PX = (32.0, 64.0)
VISIT_FACES = 3
LFW_RATE, TAIL_RATE = 1e-3, 1e-4


@dataclass(frozen=True, slots=True)
class Material:
    """Faces of people held back: LFW's and CelebA's people, and FairFace's strangers."""

    lfw: Faces
    celeba: Faces
    fairface: Faces


def evaluation_report(judges: Sequence[Judge], material: Material, milliseconds: str = "") -> str:
    """Return all tables as Markdown; the first judge is looked at closely."""
    parts = [lfw_table(judges, material.lfw), tail_table(judges, material.celeba, material.fairface)]
    parts.append(bias_table(judges[0], material))
    return "\n\n".join([*parts, milliseconds] if milliseconds else parts)


def lfw_table(judges: Sequence[Judge], faces: Faces) -> str:
    """Return accuracy and TAR at FAR 1e-3 of each judge on LFW, at full size and small, every pair of the faces."""
    people = len(np.unique(faces.groups))
    rows = [
        f"### LFW, {len(faces)} photographs of {people} people held back",
        "",
        "| | accuracy of pairs % | TAR at FAR 1e-3 | at 1e-4 | "
        + " | ".join(f"at {size}" for size, _ in LFW_SIZES[1:])
        + " |",
        "| --- " + "| ---: " * (2 + len(LFW_SIZES)) + "|",
    ]
    for judge in judges:
        cells = []
        for _, size_px in LFW_SIZES:
            true, false = pair_scores(embed_seen(judge, faces, _all_at(size_px, faces)), faces.groups)
            if size_px == FULL_PX:
                cells.append(f"{100 * pair_accuracy(true, false):.1f}")
                cells.append(f"{accepted_at(true, false, LFW_RATE):.3f}")
                cells.append(f"{accepted_at(true, false, TAIL_RATE):.3f}")
            else:
                cells.append(f"{accepted_at(true, false, LFW_RATE):.3f}")
        rows.append(f"| {judge.name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def tail_table(judges: Sequence[Judge], people: Faces, strangers: Faces) -> str:
    """Return TAR at FAR 1e-4 of CelebA's people against FairFace's strangers, one face and three a visit.

    Faces are seen at 32 to 64 px, stored as JPEG. A visit of CelebA is three photographs, one of FairFace three looks
    at the only photograph there is.
    """
    rows = [
        f"### {len(people)} CelebA photographs of {len(np.unique(people.groups))} people held back against "
        f"{len(strangers)} FairFace strangers held back, {FAR_SIZES_PX[0]:.0f} to {FAR_SIZES_PX[1]:.0f} px, JPEG",
        "",
        "| | TAR at FAR 1e-4, one face | three faces a visit | at FAR 1e-3, one face | three |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for judge in judges:
        one, other = _looks(judge, people, 1)[0], _looks(judge, strangers, VISIT_FACES)
        single = _against(one, people.groups, other[0])
        visits, groups = _visits(one, people.groups)
        several = _against(visits, groups, unit(np.asarray(other.mean(axis=0), np.float32)))
        cells = [f"{accepted_at(*pairs, rate):.3f}" for rate in (TAIL_RATE, LFW_RATE) for pairs in (single, several)]
        rows.append(f"| {judge.name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def bias_table(judge: Judge, material: Material) -> str:
    """Return how pairs of one gender or origin fare at the threshold that suits everybody."""
    lfw, fairface = material.lfw, material.fairface
    vectors = embed_seen(judge, lfw, _all_at(FULL_PX, lfw))
    threshold = threshold_at(pair_scores(vectors, lfw.groups)[1], LFW_RATE)
    rows = [
        f"### Who is judged worse: {judge.name}",
        "",
        "LFW at full size, at the threshold of FAR 1e-3 over all pairs; pairs within the group.",
        "",
        "| | photographs | TAR | FAR |",
        "| --- | ---: | ---: | ---: |",
    ]
    for label, chosen in (("women", lfw.female == 1), ("men", lfw.female == 0)):
        true, false = pair_scores(vectors[chosen], lfw.groups[chosen])
        rows.append(f"| {label} | {chosen.sum()} | {_share(true, threshold)} | {_share(false, threshold)} |")
    looks = _looks(judge, fairface, 1)[0]
    _, every = pair_scores(looks, fairface.groups)
    strict = threshold_at(every, TAIL_RATE)
    rows += [
        "",
        "FairFace strangers at 32 to 64 px, at the threshold of FAR 1e-4 over all pairs; pairs within the group.",
        "",
        "| | photographs | FAR |",
        "| --- | ---: | ---: |",
    ]
    named = [(origin, fairface.origins == origin) for origin in np.unique(fairface.origins).tolist()]
    for label, chosen in [("women", fairface.female == 1), ("men", fairface.female == 0), *named]:
        _, false = pair_scores(looks[chosen], fairface.groups[chosen])
        rows.append(f"| {label} | {chosen.sum()} | {_share(false, strict)} |")
    return "\n".join(rows)


def _all_at(size_px: float, faces: Faces) -> npt.NDArray[np.float32]:
    return np.full(len(faces), size_px, np.float32)


def _looks(judge: Judge, faces: Faces, count: int) -> FloatArray:
    """Return `count` looks at each face, float32 (count, N, D), each at a size of its own; the same for every judge."""
    random = np.random.default_rng(4)
    low, high = np.log(FAR_SIZES_PX)
    sizes = np.exp(random.uniform(low, high, (count, len(faces)))).astype(np.float32)
    return np.stack([embed_seen(judge, faces, one, compress=True) for one in sizes])


def _visits(vectors: FloatArray, groups: npt.NDArray[np.str_]) -> tuple[FloatArray, npt.NDArray[np.str_]]:
    """Return one vector for each three faces of a person, and whose it is; a rest of one or two is left out."""
    means, owners = [], []
    for person in np.unique(groups).tolist():
        rows = np.flatnonzero(groups == person)
        for start in range(0, len(rows) - VISIT_FACES + 1, VISIT_FACES):
            means.append(vectors[rows[start : start + VISIT_FACES]].mean(axis=0))
            owners.append(person)
    return unit(np.stack(means)), np.array(owners)


def _against(
    people: FloatArray, groups: npt.NDArray[np.str_], strangers: FloatArray
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    return pair_scores(people, groups)[0], (people @ strangers.T).reshape(-1)


def _share(scores: npt.NDArray[np.float32], threshold: float) -> str:
    return f"{float((scores > threshold).mean()):.2g}" if len(scores) else "–"
