"""Turns a validation error into one line that names the key, what is wrong and the nearest valid spelling."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the closest of `known`, or "" when nothing is close."""
    lowered = {item.lower(): item for item in known}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean {lowered[found[0]]!r}?" if found else ""


def explain(error: ValidationError, root: type[BaseModel], where: str) -> str:
    """Return one line for the first mistakes in `error`, at most three, without repeating secret values."""
    lines = [_explain_one(dict(item), root) for item in error.errors(include_input=False, include_url=False)[:3]]
    more = error.error_count() - len(lines)
    return f"{where}: {'; '.join(lines)}{f'; and {more} more' if more > 0 else ''}"


def _explain_one(item: dict[str, Any], root: type[BaseModel]) -> str:
    location = tuple(item["loc"])
    key = ".".join(str(part) for part in location)
    if item["type"] == "extra_forbidden":
        parent = _model_at(root, location[:-1])
        known = list(parent.model_fields) if parent else []
        return f"unknown setting {key!r}{nearest(str(location[-1]), known)}"
    if item["type"] == "missing":
        return f"{key} is missing"
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _model_at(root: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """Follow `location` through nested models and dictionaries of models."""
    current: Any = root
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        else:  # a key of a dictionary: its values are the last type argument
            arguments = get_args(current)
            current = arguments[-1] if arguments else None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None
