"""What the page for setting up a camera sends and gets, checked and put together."""

from __future__ import annotations

import base64
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard.serving.own_requests import RefusedError
from dashboard.serving.setup_look import Look
from dashboard.serving.setup_seen import Seen
from footfall.types import ImageArray

LARGEST_MESSAGE_BYTES = 32 * 1024
MOST_AREAS = 20
MOST_CORNERS = 40
LARGEST_SIDE_PX = 1280
JPEG_QUALITY = 80
PATHS_SHOWN = 60

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = tuple[Share, Share]
Line = tuple[Point, Point]
Area = Annotated[tuple[Point, ...], Field(min_length=3, max_length=MOST_CORNERS)]
Name = Annotated[str, Field(max_length=63)]
Sent = TypeVar("Sent", bound="Part")


class Part(BaseModel):
    """A message: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LookMessage(Part):
    """Look through this camera."""

    camera: Name


class SeenMessage(Part):
    """What was seen outside of `ignore`; and who of them crossed `line`, both as they are drawn now."""

    look: Name
    line: Line | None = None
    ignore: Annotated[tuple[Area, ...], Field(max_length=MOST_AREAS)] = ()


class SaveMessage(Part):
    """Write line and ignored areas of a camera, shares of width and height, into the file that had `version`."""

    camera: Name
    version: Annotated[str, Field(min_length=64, max_length=64)]
    line: Line | None
    ignore: Annotated[tuple[Area, ...], Field(max_length=MOST_AREAS)]


def read_message(kind: type[Sent], body: bytes) -> Sent:
    """Return the message in `body`.

    Raises:
        RefusedError: it is no JSON or no such message; names the first thing that is wrong.
    """
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RefusedError(422, f"{where or 'message'}: {first['msg'][:200]}") from None


def told(look: Look, message: SeenMessage) -> dict[str, Any]:
    """Return what the page shows: the newest picture as text, faces, where people walked, and how many crossed."""
    picture, everything = look.newest()
    seen = everything.outside(message.ignore)
    return {
        "trouble": look.trouble,
        "over": look.is_over,
        "left_s": round(look.left_s),
        "picture": None if picture is None else _as_text(picture),
        "size": list(seen.size),
        "faces": [
            {"box": [round(value, 4) for value in face.box], "px": round(face.size_px), "sure": face.is_sure}
            for face in seen.faces
        ],
        "paths": _paths(seen),
        "people": {
            "followed": len(seen.walkers),
            "counted": sum(walker.is_counted for walker in seen.walkers),
            "sure_faces": _rounded(seen.median_of("sure_faces")),
            "nearest_px": _rounded(seen.median_of("nearest_px")),
        },
        "crossed": None if message.line is None else seen.crossed(message.line),
    }


def _as_text(picture: ImageArray) -> str:
    """Return the picture as the address of a JPEG, no side of it longer than the page needs."""
    import cv2  # takes long to load

    scale = min(1.0, LARGEST_SIDE_PX / max(picture.shape[:2]))
    small = picture if scale == 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")


def _paths(seen: Seen) -> list[list[list[float]]]:
    width, height = seen.size
    return [
        [[round(x / width, 4), round(y / height, 4)] for x, y, _ in walker.steps]
        for walker in seen.walkers[-PATHS_SHOWN:]
        if len(walker.steps) > 1
    ]


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
