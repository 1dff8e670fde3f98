"""Trains, evaluates and exports the networks. Needs the `train` extra (torch); the program itself never imports it.

In come research data, out go ONNX files and the figures of their cards; no picture leaves.
"""
