"""Fonts for paper: Noto Sans from its package, further ones for scripts that it lacks, none from the system."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from footfall.errors import ConfigError

FAMILY = "noto-sans"
FONT_STARTS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
NOT_INSTALLED = "pages as PDF need more packages: pip install 'mall-footfall[mail]'"


def font_files(further: Sequence[Path]) -> list[Path]:
    """Return Noto Sans, then `further` as the settings name them, then every other family that fontpkg brought.

    Raises:
        ConfigError: a named file is missing or no font, or the packages for PDF are.
    """
    try:
        import fontpkg
    except ImportError:
        raise ConfigError(NOT_INSTALLED) from None
    for path in further:
        if not path.is_file():
            raise ConfigError(f"report.pdf_fonts: there is no file {path}")
        with path.open("rb") as file:
            if file.read(4) not in FONT_STARTS:
                raise ConfigError(f"report.pdf_fonts: {path} is no TrueType or OpenType font")
    slugs = sorted(fontpkg.families(), key=lambda slug: (slug != FAMILY, slug))
    if FAMILY not in slugs:
        raise ConfigError(NOT_INSTALLED)
    first, *others = [Path(fontpkg.path(slug, nearest=True)) for slug in slugs]
    return [first, *further, *others]
