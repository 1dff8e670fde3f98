"""Is a recording whole? A file that is still being copied must wait; one that was cut is counted, and said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from footfall.errors import SourceError
from ingest.sources.file import FileSource
from ingest.sources.images import ImageFolderSource, list_images
from ingest.sources.kinds import Source

# Transport streams are made of packets of this length; recorders may put a time or a check sum beside each.
SYNC_BYTE = 0x47
PACKET_BYTES = ((188, 0), (192, 4), (204, 0))


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when somebody writes to a file or into a folder: bytes in all and newest time of modification."""

    parts: int
    size_bytes: int
    modified_ns: int


def stamp_of(path: Path) -> Stamp:
    """Return the stamp of a file, or of the images of a folder.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        found = [part.stat() for part in (list_images(path) if path.is_dir() else [path])]
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file or folder; check the path") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    sizes = sum(one.st_size for one in found)
    return Stamp(len(found), sizes, max((one.st_mtime_ns for one in found), default=0))


def require_unchanged(path: Path, before: Stamp) -> None:
    """Make sure that nobody wrote to `path` since `before`.

    Raises:
        SourceError: somebody did; nothing of it can be counted yet.
    """
    now = stamp_of(path)
    if now != before:
        grew = now.size_bytes != before.size_bytes
        change = f"went from {before.size_bytes:,} to {now.size_bytes:,} bytes" if grew else "was written to"
        raise SourceError(f"{path}: {change} while it was read; wait until it is copied whole, then process it again")


def is_cut(source: Source, path: Path) -> bool:
    """Tell whether a video file that was read to its end breaks off: it holds less than it promises, or half a packet.

    A file that was cut exactly between two packets and promises nothing looks whole.
    """
    return isinstance(source, FileSource) and (source.breaks_off or _ends_within_a_packet(path))


def _ends_within_a_packet(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(3 * max(length for length, _ in PACKET_BYTES))
    for length, offset in PACKET_BYTES:
        if len(head) > 2 * length + offset and all(head[n * length + offset] == SYNC_BYTE for n in range(3)):
            return path.stat().st_size % length != 0
    return False


def announced_end(source: Source) -> datetime:
    """Return when a recording ends as its container or folder says; a second after its begin when it does not say."""
    length_s = (source.duration_s or 0.0) if isinstance(source, FileSource) else 0.0
    last_at = source.last_at if isinstance(source, ImageFolderSource) else source.started_at
    return max(source.started_at + timedelta(seconds=max(length_s, 1.0)), last_at)
