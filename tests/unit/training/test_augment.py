"""Augmentation keeps size and type, repeats itself from a seed, and is off where it is asked to be."""

from dataclasses import replace

import numpy as np

from training.augment import AugmentOptions, FaceAugmenter

FACES = np.random.default_rng(1).integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)
OFF = AugmentOptions(
    0, 0, 0, 0, frame=1, tight_probability=0, shrink_probability=0, blur_probability=0, compress_probability=0,
    noise_probability=0, colour_probability=0, erase_probability=0,
)  # fmt: skip


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
    off = OFF
    same = FaceAugmenter(off, np.random.default_rng(0))(FACES, 64)
    for face, out in zip(FACES, same, strict=True):
        assert np.array_equal(out, face) or np.array_equal(out, face[:, ::-1])


def test_a_tight_crop_repeats_its_border_and_keeps_the_middle() -> None:
    off = replace(OFF, tight_probability=1)
    tight = FaceAugmenter(off, np.random.default_rng(0))(FACES, 64)
    for face, out in zip(FACES, tight, strict=True):
        inner = slice(16, 48)
        assert np.array_equal(out[inner, inner], face[inner, inner]) or np.array_equal(
            out[inner, inner], face[:, ::-1][inner, inner]
        )
    assert any(np.array_equal(out[0], out[1]) for out in tight)


def test_the_network_sees_the_middle_of_what_is_cached() -> None:
    off = replace(OFF, frame=2)
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[:, None, None] * 4, 64, 1).repeat(3, 2)
    (seen,) = FaceAugmenter(off, np.random.default_rng(0))(ramp[None], 64)
    assert (int(seen[0, 0, 0]), int(seen[-1, 0, 0])) == (63, 189)
