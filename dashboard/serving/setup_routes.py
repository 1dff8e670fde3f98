"""The page on which an administrator sets up a camera, and what it asks the server.

It opens a camera only when it is asked to, for a minute, and one at a time. No browser keeps what it answers.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.accounts.person import Person
from dashboard.serving.own_requests import OwnPage, RefusedError, own_body, signed_in
from dashboard.serving.paths import SETUP_PATH
from dashboard.serving.setup_look import BusyError
from dashboard.serving.setup_messages import (
    LARGEST_MESSAGE_BYTES,
    LookMessage,
    SaveMessage,
    SeenMessage,
    read_message,
    told,
)
from dashboard.serving.wiring import address, wired
from db.reading.machines import listed_cameras
from db.session import reading
from db.store import Store
from footfall.config import Config, load_config
from footfall.config_sections import CameraConfig
from footfall.errors import ConfigError, StoreError
from footfall.settings_file import version_of, write_setup
from ingest.live.exclusive import RUN_LOCK, holder

FOLDER = Path(__file__).with_name("setup_page")
FILES = {
    "": ("index.html", "text/html"),
    "setup.css": ("setup.css", "text/css"),
    "setup.js": ("setup.js", "text/javascript"),
    "drawing.js": ("drawing.js", "text/javascript"),
}
NEVER_KEPT = {"cache-control": "no-store"}
SIGN_IN = "You are not signed in any more. Sign in to the dashboard in another tab, then try again."
NOT_ALLOWED = "Only an administrator may set up cameras. Ask yours to do it or to change your role."
NO_FILE = "This dashboard was started without a settings file: start it with “footfall dashboard --config FILE”."
AWAY = "The database does not answer; try again when it does."
GONE = "That look is over; show the picture again."
TOLD = "Written. “footfall run” was told and takes it over now."
TELL = (
    "Written. Tell “footfall run” where the cameras run: “systemctl reload footfall”, or “kill -HUP” and the number of "
    "its process. It takes it over without stopping the other cameras."
)
Answer = Callable[[Person, bytes], dict[str, Any]]


def setup_routes() -> list[Route]:
    """Return the routes of the page and of what it asks."""
    page = OwnPage(FOLDER, FILES, NEVER_KEPT["cache-control"], "/cameras", _administrator)
    here = address(SETUP_PATH)
    return [
        Route(here, lambda _: RedirectResponse(f"{here}/", 307), methods=["GET"]),
        *(
            Route(f"{here}/{name}", _answering(answer), methods=["POST"])
            for name, answer in (
                ("cameras", _cameras),
                ("look", _look),
                ("seen", _seen),
                ("end", _end),
                ("save", _save),
            )
        ),
        Route(f"{here}/{{name:path}}", page.__call__, methods=["GET"]),
    ]


def _answering(answer: Answer) -> Callable[[Request], Any]:
    """Return the endpoint that checks who asks and turns every mistake into one sentence."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await own_body(request, LARGEST_MESSAGE_BYTES, "draw fewer corners")
            person = await run_in_threadpool(_administrator, request)
            return JSONResponse(await run_in_threadpool(answer, person, body), headers=NEVER_KEPT)
        except RefusedError as refused:
            return _refusal(refused.status, str(refused))
        except BusyError as busy:
            return _refusal(409, str(busy))
        except ConfigError as mistake:
            return _refusal(422, str(mistake))
        except StoreError:
            return _refusal(503, AWAY)

    return endpoint


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, headers=NEVER_KEPT)


def _administrator(request: Request) -> Person:
    person = signed_in(request, SIGN_IN)
    if not person.is_admin:
        raise RefusedError(403, NOT_ALLOWED)
    return person


def _cameras(person: Person, body: bytes) -> dict[str, Any]:
    """Answer with the cameras of the settings file as it is now, and those that other machines have."""
    del body
    path, config = _settings()
    here = [
        _camera(name, camera)
        for name, camera in config.cameras.items()
        if camera.enabled and person.may_see(config.site_of(name))
    ]
    floors = {
        "gender_px": config.attributes.gender_min_face_px,
        "age_px": config.attributes.age_min_face_px,
        "sure_faces": config.visits.min_hits,
    }
    return {
        "file": str(path),
        "version": version_of(path),
        "cameras": here,
        "elsewhere": _elsewhere(person, config),
        "floors": floors,
    }


def _camera(name: str, camera: CameraConfig) -> dict[str, Any]:
    return {
        "name": name,
        "label": camera.label or name,
        "line": None if camera.line is None else [list(point) for point in camera.line],
        "ignore": [[list(point) for point in area] for area in camera.ignore],
    }


def _elsewhere(person: Person, config: Config) -> list[dict[str, str]]:
    """Return the cameras that are expected to watch and are in the settings of another machine."""
    with reading(wired().engine) as connection:
        listed = listed_cameras(connection, wired().clock(), list(person.sites) or None)
    return [
        {"name": one.camera, "machine": ", ".join(one.named_by)}
        for one in listed
        if one.named_by and one.camera not in config.cameras
    ]


def _look(person: Person, body: bytes) -> dict[str, Any]:
    """Begin to look through a camera."""
    message = read_message(LookMessage, body)
    _, config = _settings()
    _require(person, config, message.camera)
    new_pipeline = wired().new_pipeline
    if new_pipeline is None:
        raise RefusedError(503, "This dashboard was started without the networks; start it with “footfall dashboard”.")
    return {"look": wired().looks.begin(config, message.camera, person.name, new_pipeline).uid}


def _seen(person: Person, body: bytes) -> dict[str, Any]:
    """Answer with the newest picture and who was seen."""
    message = read_message(SeenMessage, body)
    look = wired().looks.find(message.look, person.name)
    if look is None:
        raise RefusedError(410, GONE)
    return told(look, message)


def _end(person: Person, body: bytes) -> dict[str, Any]:
    """End a look before its minute is over."""
    look = wired().looks.find(read_message(SeenMessage, body).look, person.name)
    if look is not None:
        look.end()
    return {}


def _save(person: Person, body: bytes) -> dict[str, Any]:
    """Write line and areas into the settings file, and tell the running program if it can be told."""
    message = read_message(SaveMessage, body)
    path, config = _settings()
    _require(person, config, message.camera)
    saved = write_setup(path, message.camera, message.line, message.ignore, version=message.version)
    is_told = tell_run(saved)
    structlog.get_logger("footfall.setup").info(
        "line and ignored areas written", camera=message.camera, by=person.name, run_told=is_told
    )
    return {"version": version_of(path), "message": TOLD if is_told else TELL}


def tell_run(config: Config) -> bool:
    """Return whether a `footfall run` of this computer was told to read its settings again."""
    number = holder(config.service.spool_directory / RUN_LOCK)
    if number is None or number == os.getpid():
        return False
    try:
        os.kill(number, signal.SIGHUP)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _settings() -> tuple[Path, Config]:
    path = wired().config_path
    if path is None:
        raise RefusedError(409, NO_FILE)
    return path, Store(wired().engine).completed(load_config(path))


def _require(person: Person, config: Config, camera_id: str) -> None:
    """Refuse a camera that is not there, or at a site that this person may not see, in the same words."""
    if camera_id not in config.cameras or not person.may_see(config.site_of(camera_id)):
        raise RefusedError(404, f"There is no camera “{camera_id}” in the settings for you.")
