"""Changes the settings file in place: comments and order stay, and it is whole and valid at every moment."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from footfall.config import Config, load_config
from footfall.errors import ConfigError
from footfall.included import read_settings

Point = tuple[float, float]
BYTE_ORDER_MARK = "\ufeff"
_one_at_a_time = threading.Lock()


def version_of(path: Path) -> str:
    """Return what tells this content of the file from every other one.

    Raises:
        ConfigError: it cannot be read.
    """
    return hashlib.sha256(_read(path)).hexdigest()


def change_settings(
    path: Path, change: Callable[[tomlkit.TOMLDocument], None], *, version: str = "", check: Callable[[Config], None]
) -> Config:
    """Let `change` work on the file's document and put the result in its place, once that was checked as settings.

    A reader sees the old file or the new one. With `version` the file must be the one that `version_of` saw.

    Raises:
        ConfigError: the file is no valid settings, before or after; `check` refused; it was changed meanwhile; it or
            its folder cannot be written. The file is as it was then.
    """
    target = path.resolve()
    with _one_at_a_time:
        before = _read(target)
        if version and hashlib.sha256(before).hexdigest() != version:
            raise ConfigError(f"{path} was changed meanwhile, nothing was written; load it again and repeat the change")
        load_config(path)  # never write into a file that is already wrong
        text = before.decode("utf-8")
        mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
        try:
            document = tomlkit.parse(text.removeprefix(mark))
            change(document)
            after = (mark + tomlkit.dumps(document)).encode()
        except TOMLKitError as error:
            raise ConfigError(f"{path}: cannot be changed: {error}") from None
        return _replace(path, target, before, after, check)


def set_value(table: Any, key: str, value: Any) -> None:
    """Set `key` of a TOML table; a new one comes behind the last one that is set, before comments that follow."""
    if key in table or not isinstance(table, Table):
        table[key] = value
        return
    body = table.value.body
    last = max((number for number, (name, _) in enumerate(body) if name is not None), default=-1)
    if last >= 0 and not body[last][1].trivia.trail.endswith("\n"):  # the file ends without a line break
        body[last][1].trivia.trail = "\n"
    item = tomlkit.item(value)
    item.trivia.trail = "\n"
    body.insert(last + 1, (tomlkit.key(key), item))


def write_setup(
    path: Path,
    camera_id: str,
    line: tuple[Point, Point] | None,
    ignore: Sequence[Sequence[Point]],
    *,
    version: str,
) -> Config:
    """Write a camera's counting line (None: none) and ignored areas, shares of width and height, into the file.

    Files that it includes stay as they are: for a camera that one of them describes, this one says line and areas.

    Raises:
        ConfigError: as `change_settings`; the camera is in no file; an environment name, or an included file, says
            otherwise.
    """

    def change(document: tomlkit.TOMLDocument) -> None:
        table = _table_of(document, path, camera_id)
        if line is not None:
            set_value(table, "line", [list(point) for point in line])
        elif "line" in table:
            del table["line"]
        if ignore or ("cameras", camera_id, "ignore") in read_settings(path).homes:
            set_value(table, "ignore", [[list(point) for point in area] for area in ignore])

    def check(config: Config) -> None:
        found = config.camera(camera_id)
        if found.line != line or found.ignore != tuple(tuple(area) for area in ignore):
            raise ConfigError(
                f"the environment, or a file that {path} includes, says line or ignore of camera {camera_id!r} and has "
                "the last word; take that out there (FOOTFALL_CAMERAS__...__LINE) to change it in the file"
            )

    return change_settings(path, change, version=version, check=check)


def _table_of(document: tomlkit.TOMLDocument, path: Path, camera_id: str) -> Any:
    """Return the camera's table in the file's document, a new one when only an included file describes the camera."""
    cameras: Any = document.get("cameras")
    if isinstance(cameras, dict) and camera_id in cameras:
        return cameras[camera_id]
    if ("cameras", camera_id) not in read_settings(path).homes:
        raise ConfigError(f"{path} has no camera {camera_id!r}: the environment describes it, so change it there")
    if cameras is None:
        document["cameras"] = cameras = tomlkit.table(is_super_table=True)
    cameras[camera_id] = tomlkit.table()
    return cameras[camera_id]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _replace(path: Path, target: Path, before: bytes, after: bytes, check: Callable[[Config], None]) -> Config:
    unfinished = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=".footfall-", suffix=".toml", delete=False
        ) as stream:
            unfinished = Path(stream.name)
            stream.write(after)
            stream.flush()
            os.fsync(stream.fileno())
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")
        _look_alike(target, unfinished)
        try:
            config = load_config(unfinished)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(unfinished), str(path))) from None
        check(config)
        if _read(target) != before:
            raise ConfigError(f"{path} was changed meanwhile, nothing was written; load it again and repeat the change")
        unfinished.replace(target)
        return config
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be replaced ({error.strerror}), nothing was written; this program's user needs the right "
            "to write the file and its folder"
        ) from None
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)


def _look_alike(target: Path, unfinished: Path) -> None:
    """Give the new file the rights of the old one and, where the system lets us, its owner and group."""
    shutil.copymode(target, unfinished)
    status = target.stat()
    for owner, group in ((status.st_uid, -1), (-1, status.st_gid)):
        with suppress(PermissionError):
            os.chown(unfinished, owner, group)
