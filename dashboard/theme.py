"""Colours: one meaning each, told apart by people who do not see all colours, readable on light and dark.

The categorical colours are those of Okabe and Ito (2008), "Color Universal Design"; the sequential ramp runs through
one hue and changes lightness only, so that it survives a grey printer.
"""

from __future__ import annotations

from dataclasses import dataclass

FEMALE = "#CC79A7"
MALE = "#0072B2"
UNKNOWN = "#9A9A9A"
IN = "#009E73"
OUT = "#E69F00"
VISITS = "#56B4E9"  # counted, and the time in which counting was possible
UNIQUE = "#D55E00"
GAP = "#F0E442"

GENDER_COLOURS = {"female": FEMALE, "male": MALE, "unknown": UNKNOWN}


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a chart that depend on the page's background.

    `text` is for marks and labels that must stand out, `muted` for closed hours and rules, `gap` fills what nobody
    observed, `gap_ramp` runs from a short gap to a long one, `ramp` from no visit to the most visits.
    """

    text: str
    muted: str
    gap: str
    gap_opacity: float
    gap_ramp: tuple[str, ...]
    ramp: tuple[str, ...]


LIGHT = Ink(
    text="#1F2A37",
    muted="#E5E9EE",
    gap=GAP,
    gap_opacity=0.6,
    gap_ramp=("#FBF8CF", "#F6EE8C", GAP),
    ramp=("#F1F7FC", "#B9DDF4", "#56B4E9", "#1F78B4", "#0B3C66"),
)
DARK = Ink(
    text="#E6EAF0",
    muted="#2B3442",
    gap=GAP,
    gap_opacity=0.5,
    gap_ramp=("#4A4718", "#9B932C", GAP),
    ramp=("#16212E", "#1D476B", "#2F7FB8", "#6FBFEF", "#D5EEFC"),
)


def ink(theme_type: str | None) -> Ink:
    """Return the ink for Streamlit's theme type, "light", "dark" or None before the browser has told."""
    return DARK if theme_type == "dark" else LIGHT


STREAMLIT_OPTIONS: dict[str, str | bool] = {
    "theme.light.primaryColor": "#0072B2",
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.secondaryBackgroundColor": "#F4F6F9",
    "theme.light.textColor": "#1F2A37",
    "theme.dark.primaryColor": "#56B4E9",
    "theme.dark.backgroundColor": "#10161F",
    "theme.dark.secondaryBackgroundColor": "#19212D",
    "theme.dark.textColor": "#E6EAF0",
    # Streamlit's named colours stand for the same meanings in the small charts of the numbers.
    "theme.light.blueColor": VISITS,
    "theme.dark.blueColor": VISITS,
    "theme.light.greenColor": IN,
    "theme.dark.greenColor": IN,
    "theme.light.orangeColor": OUT,
    "theme.dark.orangeColor": OUT,
    "theme.light.redColor": UNIQUE,
    "theme.dark.redColor": UNIQUE,
    "theme.light.grayColor": UNKNOWN,
    "theme.dark.grayColor": UNKNOWN,
    "theme.light.yellowColor": GAP,
    "theme.light.yellowTextColor": "#665700",
    "theme.dark.yellowColor": GAP,
}
