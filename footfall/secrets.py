"""Keep credentials out of everything a person or a log can read."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

MASK = "***"
SECRET_KEYS = ("pass", "pwd", "token", "secret", "key", "auth", "user", "sig", "credential")
URL_PATTERN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>]+")
AUTHORITY_PATTERN = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)(?:.*@)?")


def mask_url(url: str) -> str:
    """Return `url` without user name, password and secret query values; text that is no URL comes back unchanged."""
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:  # malformed address or port: nothing of it can be told apart, so keep only the scheme
        return AUTHORITY_PATTERN.sub(rf"\g<1>{MASK}@", url.split("?", 1)[0])
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    user = f"{MASK}@" if "@" in parts.netloc else ""
    query = "&".join(_mask_pair(pair) for pair in parts.query.split("&")) if parts.query else ""
    return urlunsplit(SplitResult(parts.scheme, f"{user}{host}{port}", parts.path, query, ""))


def mask_text(text: str) -> str:
    """Return `text` with every URL in it masked, for messages that libraries wrote."""
    return URL_PATTERN.sub(lambda match: mask_url(match.group()), text)


def with_credentials(url: str, username: str, password: str) -> str:
    """Return `url` with user name and password, percent-encoded; those already in it give way. Never print it."""
    if not username and not password:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = quote(username, safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def _mask_pair(pair: str) -> str:
    name, separator, _ = pair.partition("=")
    if separator and any(key in name.lower() for key in SECRET_KEYS):
        return f"{name}={MASK}"
    return pair
