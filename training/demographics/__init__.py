"""The built-in demographics network: gender and an age distribution from one aligned face.

In come cached faces with their labels, out go an ONNX file, its calibration and its figures; no archive is read twice.
"""
