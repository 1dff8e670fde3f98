"""From the faces of one visit to one template."""

from __future__ import annotations

import numpy as np

from footfall.types import FloatArray
from reid.types import Signature


def face_template(signature: Signature) -> FloatArray | None:
    """Return the direction float32 (D,) of the mean of the faces, weighed by quality, or None without a face."""
    if not len(signature.faces):
        return None
    weights = np.maximum(signature.quality, np.float32(1e-3))
    mean = weights @ signature.faces
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / np.float32(length), np.float32) if 1e-6 < length < np.inf else None


def clothes_template(signature: Signature) -> FloatArray | None:
    """Return the description of the clothes as a direction float32 (C,), or None where they were not seen."""
    length = float(np.linalg.norm(signature.clothes)) if len(signature.clothes) else 0.0
    return np.asarray(signature.clothes / np.float32(length), np.float32) if 1e-6 < length < np.inf else None
