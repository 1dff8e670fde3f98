"""Soft labels from teachers: what a face recogniser sees in every face, and ages for faces that have none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from footfall.errors import DataError, ModelError
from footfall.types import FloatArray, ImageArray
from inference.alignment import align_face
from inference.session import OnnxModel
from training.data.faces import LabelledFaces, batches, held_out
from training.demographics.examples import SoftLabels
from training.demographics.network import AGE_BINS

# Five points of the 112x112 ArcFace alignment (Deng et al., CVPR 2019), in units of the square.
ARCFACE_LANDMARKS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
) / np.float32(112)
TEACHER_SIZE_PX = 112
# The recogniser's embedding and the feature map that it is made of, which still knows age and expression.
RECOGNISER_OUTPUTS = ("batchnorm0/add_1", "add_16")
AGE_TEACHER_SIGMA_YEARS = 5.0
BATCH = 32


def teach(faces: LabelledFaces, recogniser: Path, age_teacher: Path | None, width: int, aside: float) -> SoftLabels:
    """Return an embedding target of `width` for every face, and an age distribution for those without an age.

    `age_teacher` must not have seen evaluation faces that resemble the ones it judges here: it is asked about faces
    without an age only. `aside` is the share of faces held out of training, which the projection must not see either.
    """
    features = recogniser_features(faces, recogniser)
    embedding = principal_components(features, ~held_out(faces.groups, aside), width)
    age = np.full((len(faces), AGE_BINS), np.nan, np.float16)
    unlabelled = np.flatnonzero(faces.age_years < 0)
    if age_teacher is not None and len(unlabelled):
        years = teacher_ages(faces.images, unlabelled, OnnxModel(age_teacher))
        distance = (np.arange(AGE_BINS) - years[:, None]) / AGE_TEACHER_SIGMA_YEARS
        likely = np.exp(-0.5 * distance * distance)
        age[unlabelled] = likely / likely.sum(1, keepdims=True)
    return SoftLabels(age, embedding)


def write_soft_labels(soft: SoftLabels, names: npt.NDArray[np.str_], path: Path) -> None:
    """Write `soft` for the faces `names` to the .npz at `path`."""
    np.savez(path, names=names, age=soft.age, embedding=soft.embedding)


def recogniser_features(faces: LabelledFaces, recogniser: Path) -> FloatArray:
    """Return float32 (N, F): embedding and last feature map of each face, mean of it and its mirror image.

    Raises:
        ModelError: the file is not the recogniser this was written for.
    """
    if not recogniser.is_file():
        raise ModelError(f"{recogniser}: no such recogniser; name one, or set network.embedding to 0 in the settings")
    model = onnx.load(recogniser)
    model.graph.output.append(onnx.helper.make_tensor_value_info(RECOGNISER_OUTPUTS[1], onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    except Exception as error:  # ONNX Runtime raises a dozen unrelated types for a bad graph
        raise ModelError(f"{recogniser}: not the MobileFace recogniser ({str(error)[:120]})") from None
    rows = []
    for part in batches(len(faces), BATCH):
        turned = np.stack(
            [
                align_face(np.asarray(image), points * np.float32(len(image)), ARCFACE_LANDMARKS, TEACHER_SIZE_PX)
                for image, points in zip(faces.images[part], faces.landmarks[part], strict=True)
            ]
        )[..., ::-1].astype(np.float32)
        both = np.concatenate([turned, turned[:, :, ::-1]])
        values = [value.reshape(len(both), -1) for value in session.run(list(RECOGNISER_OUTPUTS), {"data": both})]
        joined = np.concatenate(values, axis=1)
        rows.append((joined[: len(turned)] + joined[len(turned) :]) / 2.0)
    return np.concatenate(rows).astype(np.float32)


def principal_components(features: FloatArray, fit: npt.NDArray[np.bool_], width: int) -> FloatArray:
    """Return unit rows float32 (N, width): the strongest components of `features` (N, F), half whitened.

    Mean, spread and axes come from the rows `fit` (N,) alone. Half whitened: divided by the fourth root of the
    variance, so that the first components lead without drowning the others.
    """
    if not 0 < width <= min(features.shape[1], int(fit.sum())):
        raise DataError(f"{width} components cannot be taken from {int(fit.sum())} faces; set embedding lower")
    scaled = (features - features[fit].mean(0)) / (features[fit].std(0) + 1e-3)
    variance, axes = np.linalg.eigh(scaled[fit].T @ scaled[fit] / fit.sum())
    strongest = np.argsort(variance)[::-1][:width]
    projected = scaled @ axes[:, strongest] / np.maximum(variance[strongest], 1e-6) ** 0.25
    norm = np.linalg.norm(projected, axis=1, keepdims=True)
    return np.asarray(projected / np.maximum(norm, 1e-6), np.float32)


def teacher_ages(images: ImageArray, rows: npt.NDArray[np.intp], teacher: OnnxModel) -> FloatArray:
    """Return the ages in years, float32 (R,), of the faces `rows` of `images`, mean with their mirror images.

    The teacher follows face-api.js: float32 NCHW RGB 0-255, 112x112, output `age`.
    """
    ages = []
    for part in batches(len(rows), BATCH):
        x = peer_input(images[rows[part]])
        both = np.concatenate([x, x[..., ::-1]])
        ages.append(np.asarray(teacher.run(np.ascontiguousarray(both))["age"]).reshape(2, -1).mean(0))
    return np.concatenate(ages).astype(np.float32)


def peer_input(faces: ImageArray) -> FloatArray:
    """Return uint8 (N, S, S, 3) BGR faces as float32 (N, 3, 112, 112) RGB 0-255."""
    side = (TEACHER_SIZE_PX, TEACHER_SIZE_PX)
    resized = [cv2.resize(face, side, interpolation=cv2.INTER_AREA) for face in faces]
    return np.ascontiguousarray(np.stack(resized)[..., ::-1].transpose(0, 3, 1, 2), np.float32)
