"""ONNX networks: faces in a picture, and gender and age of a face. The two loaders are stable entry points."""

from inference.attributes import AttributeModel, load_attributes
from inference.detector import FaceDetector, load_detector

__all__ = ["AttributeModel", "FaceDetector", "load_attributes", "load_detector"]
