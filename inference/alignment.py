"""Brings a face into the framing that a network was trained on, through its five landmarks."""

from __future__ import annotations

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray


def similarity_transform(source: FloatArray, target: FloatArray) -> FloatArray:
    """Return the float32 (2, 3) rotation, scale and shift that best maps `source` (K, 2) onto `target` (K, 2).

    Least squares without reflection (Umeyama, 1991), in its closed form for two dimensions.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    moved, wanted = source - source_mean, target - target_mean
    spread = float((moved**2).sum())
    if spread < 1e-6:  # all landmarks in one point: no rotation or scale can be told
        a, b = 1.0, 0.0
    else:
        a = float((moved * wanted).sum()) / spread
        b = float((moved[:, 0] * wanted[:, 1] - moved[:, 1] * wanted[:, 0]).sum()) / spread
    rotation = np.array([[a, -b], [b, a]], np.float32)
    return np.concatenate((rotation, (target_mean - rotation @ source_mean)[:, None]), axis=1).astype(np.float32)


def align_face(image_bgr: ImageArray, landmarks: FloatArray, template: FloatArray, size: int) -> ImageArray:
    """Return the face at `landmarks` (5, 2) px as uint8 (size, size, 3) BGR, landmarks moved onto `template`.

    `template` is (5, 2) in [0, 1] of the square. A large face is reduced in two steps, because one bilinear warp
    skips pixels and would feed the network aliasing that it never saw.
    """
    transform = similarity_transform(landmarks, template * size)
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    factor = int(min(8, max(1, np.floor(1 / max(scale, 1e-3)))))
    warped = cv2.warpAffine(
        image_bgr,
        transform * factor,
        (size * factor, size * factor),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if factor > 1:
        warped = cv2.resize(warped, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(warped, np.uint8)
