"""Turns a validation error into one line that names the key, what is wrong and the nearest valid spelling."""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from footfall.included import INCLUDE

# What to write for a setting that has several forms, or one that no type's name says: by the setting's own name.
FORMS = {
    "opening_hours": "write '09:00-21:00', 'closed', or a table like { mon = \"09:00-21:00\", sun = \"closed\" }",
    "line": "write the two ends like [[0.0, 0.6], [1.0, 0.6]], as shares of width and height from 0 to 1",
    "ignore": "write a list of areas, each with three or more corners from 0 to 1, like [[[0.8, 0.1], [0.9, 0.1], "
    "[0.9, 0.4]]]",
    "working_size": 'write "auto", or width and height in px from 64 to 4096 like [640, 352]',
    "age_group_starts": "write whole years like [0, 13, 18, 25, 35, 45, 55, 65]",
    "directory": "write a folder's path in quotation marks",
    "spool_directory": "write a folder's path in quotation marks",
    "time": "write a time of day like '04:30'",
    "started_at": "write a date and time like 2026-03-28T09:00:00",
}
WORDS = (
    ("Input should be a valid dictionary", "must be a table, with settings of its own"),
    ("Input should be a valid string", "must be a text in quotation marks"),
    ("Input should be a valid boolean", "must be true or false"),
    ("Input should be a valid integer", "must be a whole number"),
    ("Input should be a valid number", "must be a number"),
)
MOST_TOLD = 3
LITERAL_KEY = "[key]"
Home = Callable[[Sequence[str]], Path | None]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the closest of `known`, or "" when nothing is close."""
    lowered = {item.lower(): item for item in known}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""


def explain(
    error: ValidationError,
    root: type[BaseModel],
    where: str,
    home: Callable[[Sequence[str]], Path | None] | None = None,
) -> str:
    """Return one line for the first mistakes in `error`, at most three, without repeating secret values.

    `home` tells in which of several files a key stands; what stands in none is said of `where`.
    """
    mistakes: dict[tuple[str, ...], list[_Mistake]] = {}
    for item in error.errors(include_input=False, include_url=False):
        mistake = _mistake_of(item, root)
        mistakes.setdefault(mistake.setting, []).append(mistake)
    lines = [_sentence(list(found), root) for found in mistakes.values()]
    more = len(lines) - MOST_TOLD
    told, before = [], ""
    for found, line in list(zip(mistakes.values(), lines, strict=True))[:MOST_TOLD]:
        place = str((home and home(_key_of(found[0], line))) or where)
        told.append(line if place == before else f"{place}: {line}")
        before = place
    return f"{'; '.join(told)}{f'; and {more} more' if more > 0 else ''}"


def _key_of(mistake: _Mistake, sentence: str) -> Sequence[str]:
    """Return the key that a mistake is about; one about the whole begins with it, if it is about a single one."""
    return mistake.setting or sentence.partition(":")[0].split(".")


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One error of a value: the setting that it is in, and the place within as the file has it."""

    setting: tuple[str, ...]
    place: tuple[str, ...]
    kind: str
    message: str


def _mistake_of(item: Mapping[str, Any], root: type[BaseModel]) -> _Mistake:
    """Find the setting by following the location: what lies below is places in its value, and names of types."""
    location = tuple(item["loc"])
    current: Any = root
    setting: list[str] = []
    rest = list(location)
    while rest and (step := _below(current, rest[0])) is not None:
        setting.append(str(rest.pop(0)))
        current = step
    if rest and is_model(current):  # an unknown key
        setting.append(str(rest.pop(0)))
    inside = [str(part) for part in rest if not _is_type_name(part)]
    return _Mistake(tuple(setting), (*setting, *inside), str(item["type"]), _worded(str(item["msg"])))


def _sentence(found: Sequence[_Mistake], root: type[BaseModel]) -> str:
    """Return what to say of one setting: a union's other forms fail as well, and say nothing."""
    first = found[0]
    name = first.setting[-1] if first.setting else ""
    key = ".".join(first.setting)
    if first.kind == "extra_forbidden":
        parent = _model_at(root, first.setting[:-1])
        known = [*parent.model_fields] if parent else []
        return f"unknown setting {key!r}{nearest(name, [*known, INCLUDE] if parent is root else known)}"
    if first.kind == "missing" and first.place == first.setting:
        return f"{key} is missing"
    if days := [one for one in found if LITERAL_KEY in one.place]:
        day = days[0].place[-2]
        return f"{key}: no day is called {day!r}{nearest(day, ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'))}"
    own = [one for one in found if one.kind == "value_error"]
    if own:
        place = ".".join(part for part in own[0].place if not part.isdigit())
        return f"{place}: {own[0].message}" if place else own[0].message
    if name in FORMS:
        return f"{key}: {FORMS[name]}"
    place = ".".join(first.place)
    return f"{place}: {first.message}" if place else first.message


def _worded(message: str) -> str:
    """Return pydantic's words in those of somebody who writes a file."""
    message = message.removeprefix("Value error, ")
    for theirs, ours in WORDS:
        if message.startswith(theirs):
            return ours
    return message.replace("Input should", "must")


def _is_type_name(part: Any) -> bool:
    """Tell a form of a union, as pydantic names it in a location, from a key or a place in a list."""
    text = str(part)
    return not isinstance(part, int) and text != LITERAL_KEY and any(sign in text for sign in "[(")


def is_model(kind: Any) -> bool:
    """Return whether `kind` is a table of settings, not the type of a single one."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(kind: Any, part: Any) -> Any:
    """Return the type of `part` in a model or a dictionary of models, None where a setting's own value begins."""
    if is_model(kind):
        field = kind.model_fields.get(str(part))
        return None if field is None else _bare(field.annotation)
    arguments = get_args(kind)
    if get_origin(kind) is dict and is_model(arguments[-1]):
        return arguments[-1]
    return None


def _bare(kind: Any) -> Any:
    """Return a type without its checks; a choice of several stays as it is."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return object if get_origin(kind) in (Union, types.UnionType) else kind


def _model_at(root: type[BaseModel], location: Sequence[str]) -> type[BaseModel] | None:
    """Follow `location` through nested models and dictionaries of models."""
    current: Any = root
    for part in location:
        current = _below(current, part)
    return current if is_model(current) else None
