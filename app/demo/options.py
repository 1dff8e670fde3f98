"""What a sample scene can be asked for."""

from __future__ import annotations

from dataclasses import dataclass

from footfall.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SceneOptions:
    """Everything that decides a scene: the same options give the same truth and the same pictures.

    `people` is the number of persons whose face is seen; `backs_share` of that number walks away from the camera in
    addition and never shows a face. `people_per_minute` is how densely the `people` arrive. `size` is (width,
    height) px, both even; `lens` is the length of the lens, below 1 for a wider view with smaller faces. `light`
    scales the brightness (1 is a normal day, 0.4 a dim evening), `noise` is the standard deviation of the sensor's
    noise in grey levels. `obstacles` puts an advertising column and a plant in the way. `crf` is the constant rate
    factor of x264: 0 is lossless, 51 the worst. `again_share` of the people come a second time: they were seen in the
    scene `earlier`, and wear the same clothes.

    Raises:
        ConfigError: an option is out of its range.
    """

    seed: int = 1
    people: int = 30
    people_per_minute: float = 40.0
    size: tuple[int, int] = (1280, 720)
    lens: float = 1.0
    fps: int = 15
    light: float = 1.0
    noise: float = 1.5
    poster: bool = True
    obstacles: bool = True
    backs_share: float = 0.15
    crf: int = 25
    earlier: SceneOptions | None = None
    again_share: float = 0.0

    def __post_init__(self) -> None:
        width, height = self.size
        allowed = (
            (self.seed >= 0, "seed must be 0 or more"),
            (1 <= self.people <= 100_000, "people must lie between 1 and 100000"),
            (0.1 <= self.people_per_minute <= 600, "people_per_minute must lie between 0.1 and 600"),
            (width % 2 == 0 and height % 2 == 0, "size must be even in width and height"),
            (320 <= width <= 3840 and 240 <= height <= 2160, "size must lie between 320x240 and 3840x2160"),
            (0.3 <= self.lens <= 2, "lens must lie between 0.3 and 2"),
            (1 <= self.fps <= 60, "fps must lie between 1 and 60"),
            (0.05 <= self.light <= 2, "light must lie between 0.05 and 2"),
            (0 <= self.noise <= 40, "noise must lie between 0 and 40 grey levels"),
            (0 <= self.backs_share <= 5, "backs_share must lie between 0 and 5"),
            (0 <= self.crf <= 51, "crf must lie between 0 and 51"),
            (0 <= self.again_share <= 1, "again_share must lie between 0 and 1"),
            (not self.again_share or self.earlier is not None, "again_share needs an earlier scene"),
        )
        for holds, message in allowed:
            if not holds:
                raise ConfigError(f"sample scene: {message}")
