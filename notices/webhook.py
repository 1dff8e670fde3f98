"""Calling the webhook: JSON, signed as Standard Webhooks (standardwebhooks.com) say, so that libraries can check it."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import ssl
import urllib.error
import urllib.request
from datetime import datetime
from hashlib import sha256
from http.client import HTTPException
from typing import Any

from footfall import __version__
from footfall.config_notices import AlertConfig
from footfall.errors import FootfallError

TIMEOUT_S = 20.0


class CallError(FootfallError):
    """The webhook was not reached, or did not answer with 2xx."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was signed for one address goes to no other."""

    def redirect_request(self, *_given: Any) -> None:
        """Follow nothing."""


def document(content: dict[str, Any]) -> bytes:
    """Return the body of a call: the same content gives the same bytes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signature(key: bytes, call_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 over `id.timestamp.body`, in base64 behind the version."""
    signed = hmac.digest(key, f"{call_id}.{timestamp}.".encode() + body, sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def call(alerts: AlertConfig, call_id: str, body: bytes, now: datetime) -> None:
    """Send one signed call; `call_id` stays the same when it is sent again.

    Raises:
        CallError: there was no answer, or not 2xx; the address, which may hold a secret, is not in the message.
    """
    timestamp = int(now.timestamp())
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": f"mall-footfall/{__version__}",
        "webhook-id": call_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(alerts.signing_key(), call_id, timestamp, body),
    }
    request = urllib.request.Request(alerts.webhook_url.get_secret_value(), body, headers, method="POST")
    opener = urllib.request.build_opener(
        _NoRedirects, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            if not 200 <= answer.status < 300:
                raise CallError(f"the webhook answered {answer.status}, not 2xx")
    except urllib.error.HTTPError as error:
        with error:
            raise CallError(f"the webhook answered {error.code}, not 2xx{_advice(error.code)}") from None
    except urllib.error.URLError as error:
        raise CallError(f"the webhook cannot be called: {_reason(error.reason)}") from None
    except (HTTPException, OSError, ValueError) as error:  # ValueError: an address that cannot be sent
        raise CallError(f"the webhook cannot be called: {_reason(error)}") from None


def _advice(code: int) -> str:
    if 300 <= code < 400:
        return "; redirects are not followed, give the final address as alerts.webhook_url"
    return "; it refuses the signature or this program" if code in (401, 403) else ""


def _reason(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({reason.verify_message})"
    if isinstance(reason, socket.gaierror):
        return "there is no such host"
    if isinstance(reason, TimeoutError):
        return f"no answer within {TIMEOUT_S:g} s"
    return reason.strerror if isinstance(reason, OSError) and reason.strerror else type(reason).__name__
