"""Environment names of settings: which there are, and those of names that no environment name can hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from footfall.config_errors import is_model, nearest

PREFIX = "FOOTFALL_"
# Names that are read and are no settings: of the program, of training and of tests.
OTHER_NAMES = frozenset(
    {
        "FOOTFALL_CONFIG",
        "FOOTFALL_SECRETS_DIR",
        "FOOTFALL_MODELS_DIR",
        "FOOTFALL_NEW_PASSWORD",
        "FOOTFALL_DATA",
        "FOOTFALL_WILD",
        "FOOTFALL_TEST_POSTGRES",
    }
)
# Kubernetes and linked containers give every container the addresses of a service called footfall.
OF_A_CLUSTER = re.compile(r"FOOTFALL_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")


def environment_name(name: str) -> str:
    """Return how `name` is written in the environment, in small letters: `north-east` is `north_east`."""
    return re.sub("[-_]+", "_", name.lower()).strip("_")


def names_outside(secrets: str | None) -> list[str]:
    """Return the names of the environment, and of the files in the folder `secrets` if there is one."""
    return [*os.environ, *(item.name for item in Path(secrets).iterdir())] if secrets else list(os.environ)


def require_distinct(kind: str, names: Iterable[str]) -> None:
    """Raise ValueError when the environment cannot tell two of `names` apart."""
    first: dict[str, str] = {}
    for name in names:
        if (other := first.setdefault(environment_name(name), name)) != name:
            raise ValueError(f"{kind}: {other} and {name} have the same environment name; rename one of them")


def renamed(values: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` of the environment with cameras and sites called as the settings file (`named`) calls them."""
    result = dict(values)
    for kind in {"cameras", "sites"} & values.keys() & named.keys():
        own = {environment_name(name): name for name in named[kind]}
        table: dict[str, Any] = {}
        for name, value in values[kind].items():
            target = name if name in named[kind] else own.get(environment_name(name), name)
            table[target] = {**table.get(target, {}), **value}
        result[kind] = table
    return result


def unknown_name(given: Iterable[str], root: type[BaseModel], named: Mapping[str, Any]) -> str:
    """Return a sentence about the first of `given` that begins like a setting's environment name and is none, else "".

    Args:
        given: names of the environment, or of files in the secrets folder.
        root: the settings.
        named: the settings file; a camera that neither it nor a `..._SOURCE` of `given` describes is a typo.
    """
    names = sorted(name.upper() for name in given if name.upper().startswith(PREFIX))
    cameras = {environment_name(name).upper(): name for name in _table(named, "cameras")}
    # A name of the file may be written as it is too, with its '-'.
    cameras |= {name.upper(): name for name in _table(named, "cameras")}
    described = {match[1] for name in names if (match := re.fullmatch(r"FOOTFALL_CAMERAS__(.+)__SOURCE", name))}
    for name in names:
        if name in OTHER_NAMES or OF_A_CLUSTER.fullmatch(name) or _is_setting(name, root):
            camera = re.fullmatch(r"(FOOTFALL_CAMERAS__)(.+)(__\w+)", name)
            if (
                camera is None
                or "FOOTFALL_CAMERAS" in names
                or {camera[2], environment_name(camera[2]).upper()} & (described | cameras.keys())
            ):
                continue
            known = [f"{camera[1]}{environment_name(other).upper()}{camera[3]}" for other in _table(named, "cameras")]
            return f"{name} is about a camera that the settings do not have{nearest(name, known)}"
        return f"{name} is no setting{nearest(name, _known(root, named))}"
    return ""


def _is_setting(name: str, root: type[BaseModel]) -> bool:
    """Return whether `name` leads to a setting, or to a table that may be given as JSON."""
    kind: Any = root
    parts = name.removeprefix(PREFIX).lower().split("__")
    while parts:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(parts.pop(0))
            if field is None:
                return False
            kind = field.annotation
        elif get_origin(kind) is dict and is_model(get_args(kind)[-1]):
            # The name of a camera or site may hold '__' itself: the last part is the setting.
            kind = get_args(kind)[-1]
            parts = parts[-1:] if len(parts) > 1 else []
        else:
            return True  # a place within a setting, which pydantic looks at
    return True


def _known(root: type[BaseModel], named: Mapping[str, Any]) -> list[str]:
    known = list(OTHER_NAMES)
    for name, field in root.model_fields.items():
        kind = field.annotation
        known.append(f"{PREFIX}{name.upper()}")
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            known += [f"{PREFIX}{name.upper()}__{key.upper()}" for key in kind.model_fields]
        elif get_origin(kind) is dict:
            keys = get_args(kind)[-1].model_fields
            places = [environment_name(place).upper() for place in _table(named, name)]
            known += [f"{PREFIX}{name.upper()}__{place}__{key.upper()}" for place in places for key in keys]
    return known


def _table(named: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = named.get(key)
    return found if isinstance(found, Mapping) else {}
