"""Who passes in `crowd_street`, as a person sees it.

Noted from still pictures of the whole clip, one every 0.625 s: each person whose face turns to the camera and can be
made out, with the middle of the face in the pictures where it is plainly visible. Dozens of people further back,
out of focus, are not in the list; nobody can count them by eye.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """Seconds after the first frame, and the middle of a face in shares of the picture's width and height."""

    at_s: float
    x: float
    y: float


PEOPLE: dict[str, tuple[Sighting, ...]] = {
    "bald man, striped shirt": (
        Sighting(1.25, 0.27, 0.4),
        Sighting(1.875, 0.18, 0.32),
        Sighting(2.5, 0.127, 0.36),
        Sighting(3.125, 0.104, 0.38),
        Sighting(3.75, 0.047, 0.32),
        Sighting(4.375, 0.075, 0.27),
    ),
    "man in grey hood": (
        Sighting(2.5, 0.3, 0.28),
        Sighting(3.125, 0.276, 0.29),
        Sighting(3.75, 0.212, 0.3),
        Sighting(5, 0.163, 0.33),
        Sighting(5.625, 0.083, 0.27),
        Sighting(6.25, 0.054, 0.27),
    ),
    "woman with glasses": (
        Sighting(0, 0.63, 0.51),
        Sighting(0.625, 0.54, 0.49),
        Sighting(2.5, 0.417, 0.48),
        Sighting(3.125, 0.387, 0.5),
        Sighting(3.75, 0.33, 0.53),
        Sighting(4.375, 0.215, 0.48),
        Sighting(5.625, 0.047, 0.56),
    ),
    "young man behind her": (
        Sighting(4.375, 0.356, 0.437),
        Sighting(5.625, 0.271, 0.41),
    ),
    "man in pink shirt": (
        Sighting(5, 0.507, 0.3),
        Sighting(5.625, 0.443, 0.3),
        Sighting(6.875, 0.384, 0.32),
        Sighting(7.5, 0.405, 0.33),
        Sighting(8.75, 0.335, 0.345),
        Sighting(10, 0.215, 0.28),
        Sighting(11.25, 0.118, 0.25),
        Sighting(11.875, 0.1, 0.235),
    ),
    "woman with orange bag": (
        Sighting(8.125, 0.172, 0.504),
        Sighting(8.75, 0.123, 0.496),
        Sighting(9.375, 0.083, 0.47),
    ),
    "man in striped sweater": (
        Sighting(8.125, 0.615, 0.4),
        Sighting(8.75, 0.53, 0.38),
        Sighting(9.375, 0.448, 0.42),
        Sighting(10, 0.406, 0.41),
        Sighting(10.625, 0.363, 0.4),
        Sighting(11.25, 0.3, 0.395),
        Sighting(11.875, 0.255, 0.43),
        Sighting(12.5, 0.18, 0.43),
    ),
    "ginger man with rucksack": (
        Sighting(13.125, 0.16, 0.48),
        Sighting(13.75, 0.073, 0.445),
        Sighting(14.375, 0.052, 0.38),
    ),
    "man in beige jacket": (
        Sighting(13.125, 0.26, 0.41),
        Sighting(13.75, 0.226, 0.38),
        Sighting(14.375, 0.229, 0.36),
        Sighting(15, 0.193, 0.387),
        Sighting(15.625, 0.149, 0.387),
        Sighting(16.25, 0.104, 0.42),
        Sighting(16.875, 0.047, 0.387),
    ),
    "grey-haired man in suit": (
        Sighting(15, 0.354, 0.42),
        Sighting(15.625, 0.337, 0.42),
        Sighting(16.25, 0.323, 0.44),
        Sighting(16.875, 0.264, 0.41),
        Sighting(17.5, 0.233, 0.378),
    ),
    "woman with scarf": (
        Sighting(13.125, 0.637, 0.48),
        Sighting(14.375, 0.554, 0.487),
        Sighting(15.625, 0.51, 0.483),
        Sighting(16.875, 0.448, 0.49),
        Sighting(17.5, 0.4, 0.49),
        Sighting(18.75, 0.318, 0.487),
    ),
    "man in blue on the phone": (
        Sighting(15, 0.608, 0.4),
        Sighting(16.25, 0.547, 0.42),
        Sighting(16.875, 0.566, 0.41),
        Sighting(17.5, 0.498, 0.41),
        Sighting(18.125, 0.469, 0.41),
        Sighting(18.75, 0.42, 0.43),
        Sighting(19.375, 0.344, 0.416),
    ),
    "blonde woman on the phone": (
        Sighting(15.625, 0.274, 0.525),
        Sighting(16.25, 0.252, 0.538),
        Sighting(16.875, 0.236, 0.563),
        Sighting(17.5, 0.238, 0.555),
        Sighting(18.125, 0.212, 0.555),
        Sighting(18.75, 0.224, 0.584),
        Sighting(19.375, 0.231, 0.563),
        Sighting(20, 0.193, 0.55),
        Sighting(20.625, 0.205, 0.571),
        Sighting(21.875, 0.142, 0.571),
        Sighting(22.5, 0.13, 0.597),
        Sighting(23.125, 0.108, 0.567),
        Sighting(23.75, 0.06, 0.567),
    ),
    "man in white jacket, black shirt": (
        Sighting(18.125, 0.76, 0.43),
        Sighting(18.75, 0.797, 0.437),
        Sighting(20, 0.783, 0.416),
        Sighting(20.625, 0.766, 0.41),
        Sighting(21.25, 0.733, 0.395),
        Sighting(21.875, 0.665, 0.41),
        Sighting(22.5, 0.608, 0.42),
        Sighting(23.125, 0.597, 0.378),
        Sighting(23.75, 0.535, 0.41),
        Sighting(24.375, 0.476, 0.416),
        Sighting(25, 0.422, 0.366),
        Sighting(25.625, 0.347, 0.437),
        Sighting(26.25, 0.26, 0.395),
    ),
    "man with red tie": (
        Sighting(18.75, 0.566, 0.424),
        Sighting(19.375, 0.58, 0.416),
        Sighting(20, 0.6, 0.4),
        Sighting(20.625, 0.578, 0.395),
        Sighting(21.25, 0.509, 0.38),
        Sighting(21.875, 0.425, 0.395),
        Sighting(22.5, 0.342, 0.42),
        Sighting(23.125, 0.285, 0.4),
        Sighting(23.75, 0.292, 0.378),
        Sighting(24.375, 0.267, 0.395),
        Sighting(25, 0.231, 0.378),
        Sighting(25.625, 0.222, 0.353),
        Sighting(26.25, 0.165, 0.395),
    ),
    "woman in beige coat": (
        Sighting(21.875, 0.847, 0.479),
        Sighting(22.5, 0.877, 0.496),
        Sighting(23.125, 0.934, 0.44),
        Sighting(25, 0.915, 0.479),
        Sighting(25.625, 0.861, 0.45),
        Sighting(26.25, 0.8, 0.487),
        Sighting(26.875, 0.733, 0.458),
        Sighting(27.5, 0.689, 0.508),
    ),
    "woman with dark red hair": (
        Sighting(24.375, 0.82, 0.353),
        Sighting(25, 0.828, 0.324),
        Sighting(25.625, 0.788, 0.324),
        Sighting(26.25, 0.736, 0.345),
        Sighting(26.875, 0.679, 0.311),
        Sighting(27.5, 0.606, 0.3),
    ),
}

WOMEN = frozenset(name for name in PEOPLE if "woman" in name)
