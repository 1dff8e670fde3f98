"""Environment names of cameras and sites whose own name has a '-' or '__', which no environment name can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def environment_name(name: str) -> str:
    """Return how `name` is written in the environment, in small letters: `north-east` is `north_east`."""
    return re.sub("[-_]+", "_", name.lower()).strip("_")


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
