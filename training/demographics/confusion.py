"""The table of confusions of an exported network, made of held-back faces and written into the file's metadata."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from analytics.confusion import ConfusionTable
from training.data.faces import UNKNOWN
from training.demographics.judged import SETS, SIZES_PX, JudgedFaces, judged_faces
from training.demographics.metrics import Mask, group_mass, group_of

YEAR_STARTS = (0, 3, 6, 10, 13, 16, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80)
LEAST_PX = (24, 32, 56)
"""The least face of each class of sizes; the faces of SIZES_PX stand for them."""
GENDER_FROM_YEARS = 13
"""Below this the program does not judge gender by default."""
KEY = "footfall.confusion"


def confusion_table(faces: JudgedFaces) -> ConfusionTable:
    """Return what the network says of `faces`: their ages where they are exact, their gender from 13 years on."""
    exact = faces.select((faces.youngest_years != UNKNOWN) & (faces.youngest_years == faces.oldest_years))
    old_enough = (faces.youngest_years == UNKNOWN) | (faces.youngest_years >= GENDER_FROM_YEARS)
    gendered = faces.select((faces.female != UNKNOWN) & old_enough)
    ages, genders = [], []
    for size in range(len(SIZES_PX)):
        mass = group_mass(exact.age_probabilities[:, size], YEAR_STARTS)
        ages.append(_sums(mass, group_of(exact.youngest_years, YEAR_STARTS), len(YEAR_STARTS)))
        p_female = gendered.p_female[:, size]
        genders.append(_sums(np.stack([p_female, 1.0 - p_female], axis=1), 1 - gendered.female, 2))
    return ConfusionTable(YEAR_STARTS, LEAST_PX, np.stack(ages), np.stack(genders))


def _sums(probabilities: np.ndarray, true: np.ndarray, classes: int) -> np.ndarray:
    sums = np.zeros((classes, classes))
    np.add.at(sums, true, probabilities.astype(np.float64))
    return sums


def calibration_faces(model: Path, sets: Sequence[str] = SETS) -> JudgedFaces:
    """Return the held-back faces of `sets`, judged by `model`, that no benchmark looks at."""
    faces = judged_faces(model, sets)
    rows: Mask = ~faces.for_benchmark
    return faces.select(rows)


def write_confusion(model: Path, table: ConfusionTable) -> None:
    """Write `table` into the metadata of the ONNX file `model`, whose graph stays as it is, byte for byte."""
    network = onnx.load(model)
    graph = network.graph.SerializeToString(deterministic=True)
    properties = {entry.key: entry.value for entry in network.metadata_props} | {KEY: table.to_json()}
    onnx.helper.set_model_props(network, properties)
    assert network.graph.SerializeToString(deterministic=True) == graph
    unfinished = model.with_suffix(".part")
    onnx.save(network, unfinished)
    unfinished.replace(model)
