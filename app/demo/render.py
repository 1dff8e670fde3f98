"""Draw the frames of a scene and encode them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer

from app.demo import bodies, heads
from app.demo.backdrop import Obstacle, draw_hall, make_obstacles
from app.demo.faces import FaceAtlas
from app.demo.geometry import Camera
from app.demo.options import SceneOptions
from app.demo.sprites import Sprite, blend, paste
from app.demo.walkers import Pose, Walker
from footfall.errors import SourceError
from footfall.types import Gender, ImageArray

SHUTTER_S = 1 / 60
NOISE_PLATES = 4
LUMA_BLACK = 16
CHROMA_GREY = 128


@dataclass(frozen=True, slots=True)
class Figure:
    """The pictures of one walker: bodies by phase of the gait, heads by step of yaw."""

    phases: tuple[Sprite, ...]
    heads: dict[int, Sprite]


def draw_figure(walker: Walker, atlas: FaceAtlas) -> Figure:
    """Return the pictures of `walker`; the same walker always looks the same."""
    rng = np.random.default_rng(walker.look_seed)
    tile, label = atlas.tiles[walker.face], atlas.labels[walker.face]
    skin = heads.skin_colour(tile)
    hair = heads.choose_hair(label.gender, label.age_years, label.dark_haired, rng)
    across, along = walker.points[-1][0] - walker.points[0][0], walker.points[-1][1] - walker.points[0][1]
    broad = 0.235 if walker.gender is Gender.MALE else 0.205
    build = bodies.Build(
        height_m=walker.height_m,
        shoulder_m=broad * walker.height_m / 1.78,
        hip_m=0.17 * walker.height_m / 1.7,
        sideways=float(np.clip(across / max(0.1, math.hypot(across, along)), -1, 1)),
        seen_from_behind=not walker.shows_face,
    )
    phases = bodies.draw_phases(bodies.choose_outfit(walker.gender, skin, rng), build)
    if not walker.shows_face:
        return Figure(phases, {0: heads.draw_back(skin, hair, rng)})
    return Figure(phases, heads.draw_front(tile, hair, rng))


class Renderer:
    """Draws any frame of a scene; figures are made when a walker comes and dropped when it has gone."""

    def __init__(self, options: SceneOptions, walkers: Sequence[Walker], atlas: FaceAtlas) -> None:
        self._options, self._walkers, self._atlas = options, walkers, atlas
        self._camera = Camera(*options.size, options.lens)
        rng = np.random.default_rng([options.seed, 1])
        self._hall = draw_hall(self._camera, _poster_head(walkers, atlas, rng) if options.poster else None, rng)
        self._obstacles = make_obstacles(rng) if options.obstacles else ()
        self._noise = _noise_plates(options, rng)
        self._curves = _light_curves(options.light)
        self._shadow = _shadow_layer()
        self._figures: dict[int, Figure] = {}

    def draw(self, frame: int) -> ImageArray:
        """Return frame number `frame` before light and noise, uint8 (H, W, 3) BGR."""
        at_s = frame / self._options.fps
        here = [(walker, pose) for walker in self._walkers if (pose := walker.pose(at_s)) is not None]
        self._figures = {walker.id: self._figure(walker) for walker, _ in here}
        picture = self._hall.copy()
        behind = sorted(self._obstacles, key=lambda obstacle: obstacle.z)
        for walker, pose in sorted(here, key=lambda pair: -pair[1].z):
            while behind and behind[-1].z > pose.z:
                self._draw_obstacle(picture, behind.pop())
            self._draw_walker(picture, walker, pose, at_s)
        for obstacle in reversed(behind):
            self._draw_obstacle(picture, obstacle)
        return picture

    def expose(self, picture: ImageArray, frame: int) -> ImageArray:
        """Return `picture` as the sensor sees it, with light and noise: planar YUV 4:2:0, uint8 (H * 3 / 2, W)."""
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
        height = picture.shape[0]
        if self._options.light != 1.0:
            planes[:height] = cv2.LUT(planes[:height], self._curves[0])
            planes[height:] = cv2.LUT(planes[height:], self._curves[1])
        if self._noise:
            rng = np.random.default_rng([self._options.seed, 2, frame])
            brighter, darker = self._noise[int(rng.integers(len(self._noise)))]
            top, left = (int(value) for value in rng.integers(0, 64, 2))
            window = (slice(top, top + height), slice(left, left + picture.shape[1]))
            planes[:height] = cv2.subtract(cv2.add(planes[:height], brighter[window]), darker[window])
        return planes

    def _figure(self, walker: Walker) -> Figure:
        return self._figures.get(walker.id) or draw_figure(walker, self._atlas)

    def _draw_obstacle(self, picture: ImageArray, obstacle: Obstacle) -> None:
        foot = self._camera.project(obstacle.x, 0.0, obstacle.z)
        self._draw_shadow(picture, foot, obstacle.width_m * self._camera.scale(obstacle.z) * 0.75)
        scale = obstacle.height_m * self._camera.scale(obstacle.z) / obstacle.sprite.levels[0].shape[0]
        paste(picture, obstacle.sprite, foot, scale)

    def _draw_walker(self, picture: ImageArray, walker: Walker, pose: Pose, at_s: float) -> None:
        figure, per_m = self._figures[walker.id], self._camera.scale(pose.z)
        foot = self._camera.project(pose.x, 0.0, pose.z)
        face = self._camera.project(pose.face_x, pose.face_y, pose.z)
        self._draw_shadow(picture, foot, 0.42 * per_m)
        before = walker.pose(at_s - SHUTTER_S) or pose
        past = self._camera.project(before.face_x, before.face_y, before.z)
        blur_px = (abs(face[0] - past[0]), abs(face[1] - past[1]))
        phase = figure.phases[int(pose.step * len(figure.phases)) % len(figure.phases)]
        bob = face[1] - self._camera.project(pose.x, walker.height_m - 0.13, pose.z)[1]
        paste(picture, phase, (foot[0], foot[1] + 0.3 * bob), per_m / bodies.PX_PER_M, blur_px=blur_px)
        step = max(figure.heads, key=lambda step: -abs(step * heads.YAW_STEP_DEG - pose.yaw_deg))
        scale = walker.face_m * per_m / heads.FACE_BOX_PX
        paste(picture, figure.heads[step], face, scale, -pose.roll_deg, blur_px)

    def _draw_shadow(self, picture: ImageArray, foot: tuple[float, float], half_px: float) -> None:
        width, height = max(2, round(2 * half_px)), max(2, round(0.8 * half_px))
        left, top = round(foot[0] - width / 2), round(foot[1] - height / 2)
        x1, y1 = max(0, left), max(0, top)
        x2, y2 = min(picture.shape[1], left + width), min(picture.shape[0], top + height)
        if x1 < x2 and y1 < y2:
            layer = cv2.resize(self._shadow, (width, height), interpolation=cv2.INTER_LINEAR)
            blend(picture[y1:y2, x1:x2], np.asarray(layer[y1 - top : y2 - top, x1 - left : x2 - left], np.uint8))


def frames_of(renderer: Renderer, count: int) -> Iterator[ImageArray]:
    """Yield the exposed frames of a scene in order, planar YUV 4:2:0."""
    for frame in range(count):
        yield renderer.expose(renderer.draw(frame), frame)


def encode(frames: Iterator[ImageArray], options: SceneOptions, path: Path) -> None:
    """Write `frames` (planar YUV 4:2:0) as H.264; one thread, so that the same frames give the same file.

    Raises:
        SourceError: the file cannot be written; then there is none.
    """
    unfinished = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        with av.open(str(unfinished), "w") as container:
            _write(container, frames, options)
        unfinished.replace(path)
    except (OSError, av.error.FFmpegError) as error:
        raise SourceError(f"{path}: cannot write the sample scene: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _write(container: OutputContainer, frames: Iterator[ImageArray], options: SceneOptions) -> None:
    stream = container.add_stream("libx264", rate=options.fps)
    stream.width, stream.height = options.size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1
    stream.options = {"crf": str(options.crf), "preset": "superfast", "threads": "1"}
    for planes in frames:
        container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
    container.mux(stream.encode(None))


def _poster_head(walkers: Sequence[Walker], atlas: FaceAtlas, rng: np.random.Generator) -> Sprite:
    """Return the head of a young adult, if possible one that nobody of the scene wears."""
    worn = {walker.face for walker in walkers if walker.shows_face}
    fitting = [index for index, label in enumerate(atlas.labels) if 20 <= label.age_years <= 35] or [0]
    face = next((index for index in fitting if index not in worn), fitting[0])
    label = atlas.labels[face]
    hair = heads.choose_hair(label.gender, label.age_years, label.dark_haired, rng)
    return heads.draw_front(atlas.tiles[face], hair, rng)[0]


def _noise_plates(options: SceneOptions, rng: np.random.Generator) -> list[tuple[ImageArray, ImageArray]]:
    """Return the noise as what is added and what is taken away, a little larger than the picture."""
    if options.noise == 0:
        return []
    width, height = options.size
    plates = []
    for _ in range(NOISE_PLATES):
        grain = np.round(rng.standard_normal((height + 64, width + 64), np.float32) * options.noise)
        plates.append((np.clip(grain, 0, 255).astype(np.uint8), np.clip(-grain, 0, 255).astype(np.uint8)))
    return plates


def _light_curves(light: float) -> tuple[ImageArray, ImageArray]:
    values = np.arange(256, dtype=np.float64)
    luma = LUMA_BLACK + (values - LUMA_BLACK) * light
    chroma = CHROMA_GREY + (values - CHROMA_GREY) * min(1.0, light)
    return np.clip(luma, 0, 255).astype(np.uint8), np.clip(chroma, 0, 255).astype(np.uint8)


def _shadow_layer() -> ImageArray:
    """Return a soft dark ellipse, premultiplied BGRA."""
    grid = np.linspace(-1, 1, 64)
    distance = np.hypot(*np.meshgrid(grid, grid))
    layer = np.zeros((64, 64, 4), np.uint8)
    layer[..., 3] = np.clip(120 * (1 - distance), 0, 255)
    return layer
