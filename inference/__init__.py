"""ONNX networks: faces in a picture, gender and age of a face, and the clothes below it. Stable entry points.

In come pictures, out go boxes, landmarks, probabilities and vectors; who is followed and counted is not known here.
"""

from inference.attributes import AttributeModel, load_attributes
from inference.clothing import clothing_signature
from inference.detector import FaceDetector, load_detector

__all__ = [
    "AttributeModel",
    "FaceDetector",
    "clothing_signature",
    "load_attributes",
    "load_detector",
]
