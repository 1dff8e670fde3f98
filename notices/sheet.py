"""One page of A4 to write and draw on, in millimetres from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from dashboard.theme import GAP, LIGHT
from footfall.errors import ConfigError
from notices.fonts import NOT_INSTALLED
from notices.pictures import Picture

LEFT, TOP, WIDTH = 14.0, 12.0, 182.0
INK, GREY, LINE, YELLOW = LIGHT.text, "#5B6673", LIGHT.muted, GAP
POINT_MM = 25.4 / 72
LEADING = 1.32
BOLD_STROKE = 0.022
"""Line around the letters of bold words, in parts of their size: the packaged font has one weight on paper."""
NO_GLYPH = "\ufffd"
ELLIPSIS = "…"


class Sheet:
    """The page; whatever is written must fit, longer words are cut with an ellipsis."""

    def __init__(self, title: str, moment: datetime, fonts: Sequence[Path]) -> None:
        try:
            from fpdf import FPDF
        except ImportError:
            raise ConfigError(NOT_INSTALLED) from None
        self._pdf: Any = FPDF(format="A4", unit="mm")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(moment)
        self._pdf.set_producer("mall-footfall")
        self._pdf.set_lang("en")
        self._waiting = list(fonts)
        self._known: list[str] = []
        self._load_font()
        self._pdf.set_title(title)
        self._pdf.add_page()

    def words(self, text: str, x: float, y: float, *, size: float, bold: bool = False, colour: str = INK) -> None:
        """Write one line with its upper left corner at (x, y)."""
        self._begin(size, bold, colour)
        self._pdf.set_xy(x, y)
        self._pdf.cell(h=size * POINT_MM * LEADING, text=self._shown(text))

    def width(self, text: str, *, size: float, bold: bool = False) -> float:
        """Return how wide a line would be."""
        self._begin(size, bold, INK)
        return float(self._pdf.get_string_width(self._shown(text)))

    def paragraph(
        self, text: str, x: float, y: float, width: float, *, size: float, lines: int, bold: bool = False,
        colour: str = INK,
    ) -> float:  # fmt: skip
        """Write at most so many lines and return where they end; what is longer ends with an ellipsis."""
        self._begin(size, bold, colour)
        height = size * POINT_MM * LEADING
        wrapped = self._wrapped(self._shown(text), width, height)
        if len(wrapped) > lines:
            wrapped = [*wrapped[: lines - 1], self._cut(" ".join(wrapped[lines - 1 :]), width)]
        for place, line in enumerate(wrapped):
            self._pdf.set_xy(x, y + place * height)
            self._pdf.cell(h=height, text=line)
        return y + len(wrapped) * height

    def has_all(self, text: str) -> bool:
        """Tell whether the fonts have every character of `text`."""
        return NO_GLYPH not in self._shown(text)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self._pdf.set_fill_color(colour)
        self._pdf.rect(x, y, width, height, style="F")

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a thin frame with round corners."""
        self._pdf.set_draw_color(LINE)
        self._pdf.set_line_width(0.3)
        self._pdf.rect(x, y, width, height, style="D", round_corners=True, corner_radius=1.2)

    def picture(self, picture: Picture, x: float, y: float) -> None:
        """Put a picture with its upper left corner at (x, y)."""
        self._pdf.image(BytesIO(picture.png), x=x, y=y, w=picture.width_mm, h=picture.height_mm)

    def output(self) -> bytes:
        """Return the PDF."""
        return bytes(self._pdf.output())

    def _begin(self, size: float, bold: bool, colour: str) -> None:
        self._pdf.set_font(self._known[0], size=size)
        self._pdf.set_text_color(colour)
        self._pdf.set_draw_color(colour)
        self._pdf.set_line_width(size * POINT_MM * BOLD_STROKE)
        self._pdf.text_mode = "FILL_STROKE" if bold else "FILL"

    def _wrapped(self, text: str, width: float, height: float) -> list[str]:
        found = self._pdf.multi_cell(w=width, h=height, text=text, align="L", dry_run=True, output="LINES")
        return [str(line) for line in found]

    def _cut(self, text: str, width: float) -> str:
        while text and self._pdf.get_string_width(text + ELLIPSIS) > width:
            text = text[:-1]
        return text.rstrip() + ELLIPSIS

    def _shown(self, text: str) -> str:
        """Return `text` with a sign in place of each character that no font has, after loading further fonts."""
        text = "".join(sign if sign.isprintable() else " " for sign in text)
        while self._lacking(text) and self._waiting:
            self._load_font()
        lacking = self._lacking(text)
        return "".join(NO_GLYPH if sign in lacking else sign for sign in text)

    def _lacking(self, text: str) -> set[str]:
        fonts = [self._pdf.fonts[name] for name in self._known]
        return {sign for sign in set(text) if not any(ord(sign) in font.cmap for font in fonts)}

    def _load_font(self) -> None:
        path = self._waiting.pop(0)
        name = f"font{len(self._known)}"
        try:
            self._pdf.add_font(name, fname=path)
        except Exception as error:  # whatever a damaged or foreign file does to the library that reads it
            raise ConfigError(
                f"report.pdf_fonts: {path} is no font that can be used ({type(error).__name__})"
            ) from None
        self._known.append(name)
        self._pdf.set_fallback_fonts(self._known[1:], exact_match=False)
