"""Charts as the browser draws them, kept by what they were made of: building one costs more than all its numbers.

A chart is a pure function of its arguments, so that the same numbers need not be drawn a second time, for whomever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, is_dataclass
from datetime import date, time, timedelta
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from altair.utils.schemapi import debug_mode

from dashboard.charts.style import AnyChart
from dashboard.numbers.kept import kept

KEPT = 100
BY_NAME = "by name"
PLAIN = (str, int, float, bool, type(None), date, time, timedelta, np.generic)
Spec = dict[str, Any]

_one_at_a_time = Lock()


def spec_of(draw: partial[AnyChart]) -> Spec:
    """Return the Vega-Lite chart that `draw` makes, with its data as frames in `datasets`.

    `draw` is a function of a module with plain values and frames; for the same ones it is called once.

    Raises:
        TypeError: nobody knows how to tell the content of a value that `draw` was given.
    """
    name = f"{draw.func.__module__}.{getattr(draw.func, '__qualname__', '')}"
    text = repr((name, _content(draw.args), _content(draw.keywords)))
    return _drawn(sha256(text.encode()).hexdigest(), _draw=draw)


@kept(KEPT)
def _drawn(made_of: str, *, _draw: partial[AnyChart]) -> Spec:
    del made_of  # the cache's key only
    with _one_at_a_time, _unchecked() as frames:
        spec: Spec = _draw().to_dict(validate=False)
    return spec | {"datasets": frames}


@contextmanager
def _unchecked() -> Iterator[dict[str, pd.DataFrame]]:
    """Let the chart library neither look its charts over, which tests do, nor write data out; yield the data by name.

    How it works is set for a whole process, so that only one thread may be in here.
    """
    frames: dict[str, pd.DataFrame] = {}

    def by_name(data: Any, **_options: Any) -> dict[str, str]:
        name = sha256(repr(_content(data)).encode()).hexdigest()
        frames[name] = data
        return {"name": name}

    alt.data_transformers.register(BY_NAME, by_name)
    with alt.theme.enable("none"), alt.data_transformers.enable(BY_NAME), debug_mode(False):
        yield frames


def _content(value: object) -> object:
    """Return something whose `repr` is the same for the same content.

    Raises:
        TypeError: nobody knows how to tell the content of such a value.
    """
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, pd.DataFrame):
        return [(name, _content(value[name])) for name in value.columns], value.index.tolist()
    if isinstance(value, pd.Series | pd.Index):
        return str(value.dtype), value.tolist()
    if isinstance(value, dict):
        return [(_content(name), _content(one)) for name, one in value.items()]
    if isinstance(value, list | tuple):
        return [_content(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__qualname__, _content(astuple(value))
    raise TypeError(f"a chart of {type(value).__name__} cannot be kept")
