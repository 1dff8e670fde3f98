"""Keep credentials out of everything a person or a log can read.

Masking goes by structure: of an address, only the scheme, the host and the port are known to be harmless. Cameras take
passwords before the host, in the path and under any name of the query.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "***"
LOCAL_SCHEMES = ("file", "sqlite", "sqlite+pysqlite")  # they name files of this computer
# Up to the last @ of the line, because a password may hold blanks and quotes; what is masked holds no @.
URL_PATTERN = re.compile(
    rf"(?:{'|'.join(map(re.escape, LOCAL_SCHEMES))})://[^\s'\"<>]*|[a-zA-Z][\w+.-]{{0,30}}://(?:.*@)?[^\s'\"<>]*"
)
PLACE_PATTERN = re.compile(r"(?=.)([A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+(%\w+)?\])(:[0-9]{1,5})?")
QUERY_PATTERN = re.compile(r"\?[^\s'\"<>]*=[^\s'\"<>]*")
PUNCTUATION = ":;,.)"
SHORTEST_TOKEN = 12  # a part of a path; "stream" is a word of every log


def place_of(url: str) -> str:
    """Return host and port of `url`, "" where they cannot be told from a part of an unencoded password."""
    authority, rest = parted(url)
    place = authority.rpartition("@")[2]
    return place if "@" not in rest and PLACE_PATTERN.fullmatch(place) else ""


def mask_url(url: str) -> str:
    """Return `url` with its scheme, host and port only; text that is no URL comes back unchanged."""
    scheme, separator, address = url.partition("://")
    if not separator or not address:
        return url
    if scheme.lower() in LOCAL_SCHEMES:
        return url.partition("?")[0]
    place, rest = place_of(url), parted(url)[1]
    return f"{scheme}://{place or MASK}{'/' + MASK if place and rest.strip('/') else ''}"


def mask_text(text: str) -> str:
    """Return `text` with every URL and every query in it masked, for messages that libraries wrote."""
    return QUERY_PATTERN.sub(f"?{MASK}", URL_PATTERN.sub(_mask_found, text))


def secrets_in(url: str) -> list[str]:
    """Return what `url` holds of secrets, as written and as meant: itself, password, query values, long path parts."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme.lower() in LOCAL_SCHEMES:
        return []
    authority, rest = parted(url)
    password = authority.rpartition("@")[0].partition(":")[2]
    path, _, query = rest.partition("?")
    tokens = [part for part in path.split("/") if len(part) >= SHORTEST_TOKEN]
    found = [url, password, *(pair.partition("=")[2] for pair in query.split("&")), *tokens]
    return [*found, *map(unquote, found)]


def parted(url: str) -> tuple[str, str]:
    """Return what stands before and after the end of the host, as libav and browsers see it."""
    rest = url.partition("://")[2]
    end = re.search(r"[/?#\\]", rest)
    return (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])


def _mask_found(found: re.Match[str]) -> str:
    url = found.group()
    end = url[-1] if url[-1] in PUNCTUATION and not url.endswith("://") else ""
    return mask_url(url.removesuffix(end)) + end
