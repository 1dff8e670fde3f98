"""ONNX networks: faces in a picture, and gender and age of a face. The two loaders are stable entry points.

In come pictures, out go boxes, landmarks and probabilities; who is followed and counted is not known here.
"""

from inference.attributes import AttributeModel, load_attributes
from inference.detector import FaceDetector, load_detector

__all__ = ["AttributeModel", "FaceDetector", "load_attributes", "load_detector"]
