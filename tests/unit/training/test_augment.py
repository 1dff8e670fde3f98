"""Augmentation keeps size and type, repeats itself from a seed, and is off where it is asked to be."""

import numpy as np

from training.augment import AugmentOptions, FaceAugmenter

FACES = np.random.default_rng(1).integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)


def augment(seed: int, options: AugmentOptions) -> np.ndarray:
    return FaceAugmenter(options, np.random.default_rng(seed))(FACES, 48)


def test_same_seed_same_pictures() -> None:
    always = AugmentOptions(
        shrink_probability=1, blur_probability=1, compress_probability=1, noise_probability=1, colour_probability=1,
        grey_probability=0.5, erase_probability=1,
    )  # fmt: skip
    first, again, other = augment(1, always), augment(1, always), augment(2, always)
    assert first.shape == (12, 48, 48, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_nothing_but_a_mirror_when_everything_is_off() -> None:
    off = AugmentOptions(0, 0, 0, shrink_probability=0, blur_probability=0, compress_probability=0,
                         noise_probability=0, colour_probability=0, erase_probability=0)  # fmt: skip
    same = FaceAugmenter(off, np.random.default_rng(0))(FACES, 64)
    for face, out in zip(FACES, same, strict=True):
        assert np.array_equal(out, face) or np.array_equal(out, face[:, ::-1])
