"""Keep credentials out of everything a person or a log can read."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

MASK = "***"
SECRET_KEYS = ("pass", "pwd", "token", "secret", "key", "auth", "user", "sig", "credential")
URL_PATTERN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>]+")


def mask_url(url: str) -> str:
    """Return `url` without user name, password and secret query values; text that is no URL comes back unchanged."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    address, question, query = rest.partition("?")
    # Up to the last @, because a password may hold an unencoded @ or /.
    user, at, place = address.rpartition("@")
    shown = f"{MASK}{at}{place}" if user or at else place
    return f"{scheme}://{shown}{question}{'&'.join(_mask_pair(pair) for pair in query.split('&'))}"


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
