"""What takes minutes to find out is found out once."""

from pathlib import Path

import numpy as np

from training.arrays import kept, select_rows
from training.embedding.days import Looks


def looks() -> Looks:
    faces = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    return Looks(faces, np.full((3, 2), 40, np.float32), np.array(["ann", "ben", "ann"]))


def never() -> Looks:
    raise AssertionError("the photographs were looked at a second time")


def test_photographs_are_looked_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "town.npz"
    kept(path, Looks, looks)
    again = kept(path, Looks, never)
    assert (again.faces == looks().faces).all()
    assert again.groups.tolist() == ["ann", "ben", "ann"]


def test_one_persons_photographs_can_be_chosen() -> None:
    anns = select_rows(looks(), looks().groups == "ann")
    assert anns.faces.shape == (2, 2, 2)
    assert set(anns.groups.tolist()) == {"ann"}
