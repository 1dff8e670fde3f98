"""Pictures of a study: the data, the curves of a run, and where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from footfall.types import ImageArray
from training.data.faces import LabelledFaces
from training.data.utkface import Race
from training.studies.binnings import Binning

BLUE, ORANGE = "#0072b2", "#e69f00"  # Okabe and Ito's palette, safe for colour-blind readers


def plot_data(faces: LabelledFaces, binnings: Sequence[Binning], path: Path) -> None:
    """Draw the counts of faces by age, gender, ethnicity, and by age group for each binning."""
    figure = Figure(figsize=(13, 4 + 3 * ((len(binnings) + 2) // 3)), layout="constrained")
    grid = figure.add_gridspec(1 + (len(binnings) + 2) // 3, 3)
    known = faces.age_years[faces.age_years >= 0]
    _bars(figure.add_subplot(grid[0, 0]), np.bincount(known), "faces by age", "age, years")
    genders = [int((faces.female == 1).sum()), int((faces.female == 0).sum())]
    _named_bars(figure.add_subplot(grid[0, 1]), ["female", "male"], genders, "faces by gender")
    races = [int((faces.race == race).sum()) for race in Race]
    names = [race.name.lower() for race in Race]
    _named_bars(figure.add_subplot(grid[0, 2]), names, races, "faces by ethnicity label")
    for place, binning in enumerate(binnings):
        counts = np.bincount(binning.classes(known), minlength=len(binning)).tolist()
        axes = figure.add_subplot(grid[1 + place // 3, place % 3])
        _named_bars(axes, list(binning.labels), counts, f"faces by age group: {binning.name}")
    _write(figure, path)


def plot_curves(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw loss and accuracy (or age error) of each epoch, training beside validation."""
    measures = [name.removeprefix("train_") for name in rows[0] if name.startswith("train_")]
    figure = Figure(figsize=(5 * len(measures), 4), layout="constrained")
    for place, measure in enumerate(measures, start=1):
        axes = figure.add_subplot(1, len(measures), place)
        epochs = [row["epoch"] + 1 for row in rows]
        for part, colour in (("train", BLUE), ("validation", ORANGE)):
            axes.plot(epochs, [row[f"{part}_{measure}"] for row in rows], color=colour, label=part, marker="o", ms=3)
        axes.set(xlabel="epoch", title=measure.replace("_", " "))
        axes.legend(frameon=False)
    _write(figure, path)


def plot_confusion(counts: npt.NDArray[np.int64], labels: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix, rows true and columns predicted, shaded by the share of each row."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(1.5 + 0.7 * len(labels),) * 2, layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(labels)), labels, rotation=45)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="predicted", ylabel="true")
    _write(figure, path)


def plot_faces(pictures: Sequence[ImageArray], captions: Sequence[str], path: Path) -> None:
    """Draw faces, uint8 (S, S, 3) BGR, with a caption each; for the eye of who trains, never for the repository."""
    columns = min(6, len(pictures))
    rows = -(-len(pictures) // columns)
    figure = Figure(figsize=(2 * columns, 2.4 * rows), layout="constrained")
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True), start=1):
        axes = figure.add_subplot(rows, columns, place)
        axes.imshow(picture[:, :, ::-1])
        axes.set_title(caption, fontsize=8)
        axes.axis("off")
    _write(figure, path)


def _bars(axes: Axes, counts: npt.NDArray[np.intp], title: str, label: str) -> None:
    axes.bar(np.arange(len(counts)), counts, width=1.0, color=BLUE)
    axes.set(title=title, xlabel=label, ylabel="faces")


def _named_bars(axes: Axes, names: list[str], counts: list[int], title: str) -> None:
    axes.bar(names, counts, color=BLUE)
    axes.set(title=title, ylabel="faces")
    axes.tick_params(axis="x", rotation=45 if len(names) > 5 else 0)


def _write(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
