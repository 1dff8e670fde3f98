"""ONNX networks: faces in a picture, gender and age of a face, and whose face it is. Stable entry points.

In come pictures, out go boxes, landmarks, probabilities and vectors; who is followed and counted is not known here.
"""

from inference.attributes import AttributeModel, load_attributes
from inference.clothing import clothing_signature
from inference.detector import FaceDetector, load_detector
from inference.embedding import EmbeddingModel, load_embedding

__all__ = [
    "AttributeModel",
    "EmbeddingModel",
    "FaceDetector",
    "clothing_signature",
    "load_attributes",
    "load_detector",
    "load_embedding",
]
