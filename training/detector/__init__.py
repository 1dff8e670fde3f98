"""The built-in face detector: trained on photographs and composed crowds, exported with YuNet's outputs.

In come photographs with boxes, out go an ONNX file and its figures; `inference` does not know how it was trained.
"""
