"""What really happened in a scene: who came when, which way, who hid whom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.demo.backdrop import COLUMN_AT, COLUMN_SIZE_M, PLANT_AT, PLANT_SIZE_M, poster_face_box
from app.demo.geometry import Camera
from app.demo.options import SceneOptions
from app.demo.walkers import CHIN_TO_CROWN_M, Pose, Walker, face_box
from footfall.errors import SourceError
from footfall.types import Direction, Gender

VISIBLE_SHARE = 0.5  # a face counts as seen while at least half of its box is
CENTRE_LINE = 0.5  # of the width; who goes in crosses it from right to left
HALF_SHOULDERS_M = 0.21
PROBES = 8

Box = tuple[float, float, float, float]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FaceInView:
    """A face in one frame: its box (x1, y1, x2, y2) px and the share of the box that nothing covers, in [0, 1]."""

    frame: int
    box: Box
    visible: float


@dataclass(frozen=True, slots=True)
class PersonTruth:
    """One person whose face was in the picture. Times are seconds from the first frame.

    `person` is the same wherever the same person is seen again, in this scene or another.
    `entered_at_s` and `left_at_s` are the first and last time at which at least half of the face was seen.
    """

    id: int
    person: str
    entered_at_s: float
    left_at_s: float
    direction: Direction
    gender: Gender
    age_years: float
    visible_face_s: float
    min_face_px: float
    max_face_px: float
    faces: tuple[FaceInView, ...]


@dataclass(frozen=True, slots=True)
class Occlusion:
    """A time during which more than half of a person's face was hidden by a nearer person or an obstacle."""

    person: int
    by: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class SceneTruth:
    """Everything that is known of a scene.

    `people` are those with a visible face in order of entry; `from_behind` counts those who walked away and never
    showed one. `poster` is the box (x1, y1, x2, y2) px of the face on the poster, or None.
    """

    seed: int
    size: tuple[int, int]
    fps: int
    frames: int
    people: tuple[PersonTruth, ...]
    from_behind: int
    occlusions: tuple[Occlusion, ...]
    poster: Box | None

    @property
    def duration_s(self) -> float:
        """Length of the footage in seconds."""
        return self.frames / self.fps

    def faces_at(self, frame: int) -> dict[int, FaceInView]:
        """Return the faces in the picture of `frame`, hidden ones too, by the id of the person."""
        return {person.id: face for person in self.people for face in person.faces if face.frame == frame}

    def save(self, path: Path) -> None:
        """Write the truth as JSON."""
        path.write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> SceneTruth:
        """Read what `save` wrote.

        Raises:
            SourceError: the file is missing or is not the truth of a scene.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            values["people"] = tuple(_person_from(person) for person in values["people"])
            values["occlusions"] = tuple(Occlusion(**occlusion) for occlusion in values["occlusions"])
            values["size"] = tuple(values["size"])
            values["poster"] = values["poster"] and tuple(values["poster"])
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"{path}: not the truth of a sample scene ({error}); render the scene again") from error


def _person_from(values: dict[str, object]) -> PersonTruth:
    faces = values.pop("faces")
    if not isinstance(faces, list):
        raise TypeError("faces is not a list")
    read = tuple(FaceInView(face["frame"], tuple(face["box"]), face["visible"]) for face in faces)
    direction, gender = Direction(str(values.pop("direction"))), Gender(str(values.pop("gender")))
    return PersonTruth(direction=direction, gender=gender, faces=read, **values)  # type: ignore[arg-type]


def people_who_came_in(scenes: Iterable[SceneTruth]) -> int:
    """Return how many different people came in, once or more often, in all `scenes` together."""
    arrivals = (person for scene in scenes for person in scene.people if person.direction is Direction.IN)
    return len({person.person for person in arrivals})


def derive_truth(options: SceneOptions, walkers: Sequence[Walker]) -> SceneTruth:
    """Return what a perfect observer would note down about the walkers."""
    camera = Camera(*options.size, options.lens)
    frames = int(np.ceil((max(walker.ends_at_s for walker in walkers) + 0.5) * options.fps))
    faces: dict[int, list[FaceInView]] = {walker.id: [] for walker in walkers if walker.shows_face}
    hidden: list[tuple[int, str, int]] = []
    for frame in range(frames):
        poses = [(walker, pose) for walker in walkers if (pose := walker.pose(frame / options.fps)) is not None]
        poses.sort(key=lambda pair: pair[1].z)
        covers = _obstacle_outlines(camera) if options.obstacles else []
        for walker, pose in poses:
            if walker.shows_face:
                box = face_box(walker, pose, camera)
                nearer = [(name, outline) for name, z, outline in covers if z < pose.z]
                visible, by = _visible_share(box, nearer, camera)
                if visible > 0 or by:
                    faces[walker.id].append(FaceInView(frame, box, visible))
                if by:
                    hidden.append((walker.id, by, frame))
            covers.append((f"person {walker.id}", pose.z, _person_outline(walker, pose, camera)))
    people = [_summary(walker, faces[walker.id], options) for walker in walkers if _seen(faces.get(walker.id, []))]
    people.sort(key=lambda person: (person.entered_at_s, person.id))
    return SceneTruth(
        seed=options.seed,
        size=options.size,
        fps=options.fps,
        frames=frames,
        people=tuple(people),
        from_behind=sum(not walker.shows_face for walker in walkers),
        occlusions=tuple(_spans(hidden, options.fps)),
        poster=poster_face_box(camera) if options.poster else None,
    )


def _seen(faces: Sequence[FaceInView]) -> bool:
    return any(face.visible >= VISIBLE_SHARE for face in faces)


def _summary(walker: Walker, faces: Sequence[FaceInView], options: SceneOptions) -> PersonTruth:
    seen = [face for face in faces if face.visible >= VISIBLE_SHARE]
    heights = [face.box[3] - face.box[1] for face in seen]
    return PersonTruth(
        id=walker.id,
        person=walker.person,
        entered_at_s=seen[0].frame / options.fps,
        left_at_s=seen[-1].frame / options.fps,
        direction=_direction(seen[0].box, seen[-1].box, options.size[0] * CENTRE_LINE),
        gender=walker.gender,
        age_years=walker.age_years,
        visible_face_s=len(seen) / options.fps,
        min_face_px=min(heights),
        max_face_px=max(heights),
        faces=tuple(faces),
    )


def _direction(first: Box, last: Box, line_px: float) -> Direction:
    before, after = (first[0] + first[2]) / 2 > line_px, (last[0] + last[2]) / 2 > line_px
    if before == after:
        return Direction.NONE
    return Direction.IN if before else Direction.OUT


def _person_outline(walker: Walker, pose: Pose, camera: Camera) -> tuple[Box, ...]:
    """Return boxes that cover the head and the body."""
    scale = camera.scale(pose.z)
    u, top = camera.project(pose.face_x, walker.height_m, pose.z)
    chin, floor = top + CHIN_TO_CROWN_M * scale, camera.project(pose.x, 0.0, pose.z)[1]
    half_head, half_body = 0.085 * scale, HALF_SHOULDERS_M * scale * walker.height_m / 1.7
    return (u - half_head, top, u + half_head, chin), (u - half_body, chin + 0.06 * scale, u + half_body, floor)


def _obstacle_outlines(camera: Camera) -> list[tuple[str, float, tuple[Box, ...]]]:
    outlines: list[tuple[str, float, tuple[Box, ...]]] = []
    for name, (x, z), (width, height), low in (
        ("column", COLUMN_AT, COLUMN_SIZE_M, 0.0),
        ("plant", PLANT_AT, (0.72 * PLANT_SIZE_M[0], 0.93 * PLANT_SIZE_M[1]), 0.6),
    ):
        left, top = camera.project(x - width / 2, height, z)
        right, bottom = camera.project(x + width / 2, low, z)
        outlines.append((name, z, ((left, top, right, bottom),)))
    return outlines


def _visible_share(box: Box, nearer: Sequence[tuple[str, tuple[Box, ...]]], camera: Camera) -> tuple[float, str]:
    """Return how much of `box` is seen, and what hides most of it when less than half is left within the picture."""
    across = box[0] + (np.arange(PROBES) + 0.5) / PROBES * (box[2] - box[0])
    down = box[1] + (np.arange(PROBES) + 0.5) / PROBES * (box[3] - box[1])
    inside = _within(across, down, (0.0, 0.0, float(camera.width), float(camera.height)))
    if not inside.any():
        return 0.0, ""
    open_to_view, worst, most = inside.copy(), "", 0
    for name, outline in nearer:
        covered = np.zeros_like(inside)
        for part in outline:
            covered |= _within(across, down, part)
        count = int((covered & inside).sum())
        if count > most:
            worst, most = name, count
        open_to_view &= ~covered
    hidden = open_to_view.sum() < VISIBLE_SHARE * inside.sum()
    return float(open_to_view.sum()) / PROBES**2, worst if hidden else ""


def _within(across: Array, down: Array, box: Box) -> npt.NDArray[np.bool_]:
    columns, rows = (across >= box[0]) & (across < box[2]), (down >= box[1]) & (down < box[3])
    return np.asarray(rows[:, None] & columns[None], np.bool_)


def _spans(hidden: Sequence[tuple[int, str, int]], fps: int) -> list[Occlusion]:
    """Join consecutive frames of the same occlusion."""
    spans: list[list[int]] = []
    names: list[str] = []
    latest: dict[tuple[int, str], int] = {}
    for person, by, frame in hidden:
        index = latest.get((person, by))
        if index is not None and spans[index][2] == frame - 1:
            spans[index][2] = frame
        else:
            latest[person, by] = len(spans)
            spans.append([person, frame, frame])
            names.append(by)
    return [
        Occlusion(person, by, first / fps, (last + 1) / fps)
        for (person, first, last), by in zip(spans, names, strict=True)
    ]
