"""Build the pools: the mask photographs' own boxes, LFW and UTKFace as the teacher detector sees them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from training.data.archive import find_archives, read_images
from training.data.facemask import ARCHIVE_NAME, read_photos
from training.detector.decode import OnnxFaces
from training.detector.pool import save_pool
from training.detector.samples import Image, Labels, shift
from training.detector.teacher import add_landmarks, label_photo, look_twice

PORTRAIT_SCALES = (1.0, 0.65)
MASK_SCALES = (1.0, 2.0)
UTKFACE_BORDER_PX = 24
UTKFACE_SIDE_PX = 128
UTKFACE_COUNT = 8000
UTKFACE_TRAIN_COUNT = 18400


def prepare_mask(data: Path, pools: Path, teacher: OnnxFaces) -> int:
    """Store the training part of the mask photographs; return how many."""
    images: list[Image] = []
    labels: list[Labels] = []
    for photo in read_photos(data / ARCHIVE_NAME, "train"):
        images.append(photo.image)
        labels.append(add_landmarks(photo.boxes, look_twice(teacher, photo.image, MASK_SCALES)))
    save_pool(pools, "mask", images, labels)
    return len(images)


def prepare_lfw(data: Path, pools: Path, teacher: OnnxFaces) -> int:
    """Store LFW with the teacher's faces; photographs whose central face it misses are left out."""
    images: list[Image] = []
    labels: list[Labels] = []
    for _, image in read_images(find_archives("lfw-*.tar", data)):
        found = label_photo(look_twice(teacher, image, PORTRAIT_SCALES))
        centre = np.array([image.shape[1], image.shape[0]], np.float32) / 2
        central = (found.boxes[:, :2] < centre).all(axis=1) & (found.boxes[:, 2:] > centre).all(axis=1)
        if central.any():
            images.append(image)
            labels.append(found)
    save_pool(pools, "lfw", images, labels)
    return len(images)


def prepare_utkface(data: Path, pools: Path, teacher: OnnxFaces) -> int:
    """Store every second or third UTKFace crop, with the one face that the teacher sees in it."""
    images: list[Image] = []
    labels: list[Labels] = []
    border = UTKFACE_BORDER_PX
    keep = UTKFACE_COUNT / UTKFACE_TRAIN_COUNT
    rng = np.random.default_rng(0)
    for _, crop in read_images(find_archives("utkface-train-*.tar", data)):
        if rng.random() > keep:
            continue
        small = np.asarray(cv2.resize(crop, (UTKFACE_SIDE_PX, UTKFACE_SIDE_PX), interpolation=cv2.INTER_AREA))
        framed = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REPLICATE)
        found = label_photo(look_twice(teacher, np.asarray(framed, np.uint8), PORTRAIT_SCALES))
        if len(found.boxes) == 1 and len(found.ignored) == 0:
            images.append(small.astype(np.uint8))
            labels.append(shift(found, -border, -border))
    save_pool(pools, "utkface", images, labels)
    return len(images)
