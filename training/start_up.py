"""What each training command does first."""

from __future__ import annotations

import logging

import cv2
import torch


def set_up(threads: int) -> None:
    """Log with the time, and let the libraries use so many threads; tiny numbers count as nothing, or they are slow."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(threads)
