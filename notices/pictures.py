"""The charts of the pages as pictures, drawn by Vega itself in this process, without browser and network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import altair as alt

from dashboard.charts.style import AnyChart
from dashboard.theme import LIGHT
from footfall.errors import ConfigError
from notices.fonts import NOT_INSTALLED

PX_PER_MM = 96 / 25.4
SCALE = 2.5  # 240 dots an inch
STYLE = {
    "background": "white",
    "font": "Noto Sans",
    "axis": {
        "labelColor": LIGHT.text,
        "titleColor": LIGHT.text,
        "gridColor": LIGHT.muted,
        "domainColor": LIGHT.muted,
        "tickColor": LIGHT.muted,
        "labelFontSize": 10,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": LIGHT.text, "titleColor": LIGHT.text, "labelFontSize": 10},
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart: PNG, and its size on paper in millimetres."""

    png: bytes
    width_mm: float
    height_mm: float


def draw(chart: AnyChart, width_mm: float, height_mm: float, fonts: Sequence[Path]) -> Picture:
    """Return `chart` drawn for so much paper.

    Raises:
        ConfigError: the packages for PDF are missing.
    """
    try:
        import vl_convert
    except ImportError:
        raise ConfigError(NOT_INSTALLED) from None
    for folder in sorted({str(path.parent) for path in fonts}):
        vl_convert.register_font_directory(folder)
    sized = chart.properties(
        width=width_mm * PX_PER_MM,
        height=height_mm * PX_PER_MM,
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
    )
    png = vl_convert.vegalite_to_png(
        sized.to_json(), vl_version=_version(vl_convert.get_vegalite_versions()), scale=SCALE, config=STYLE,
        allowed_base_urls=[],
    )  # fmt: skip
    return Picture(png, width_mm, height_mm)


def _version(offered: Sequence[str]) -> str:
    """Return the offered version of Vega-Lite that Altair writes, else the newest."""
    wanted = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return wanted if wanted in offered else offered[-1]
