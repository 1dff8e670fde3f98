"""An OpenID provider on the loopback address: discovery, code flow with PKCE, ID tokens with real signatures.

OpenID Connect Core 1.0, section 3.1. Its sign-in page offers everybody it knows as a link.
"""

from __future__ import annotations

import hashlib
import html
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "footfall", "the secret of the dashboard"
LIFETIME_S = 600


@dataclass(frozen=True)
class Resident:
    """Somebody whom the provider knows; `forged` signs the token with a key that the provider does not publish."""

    email: str
    email_verified: bool | str = True
    forged: bool = False


class OpenIdProvider:
    """Answers the requests of browsers and of the dashboard's server."""

    def __init__(self, issuer: str, residents: Sequence[Resident]) -> None:
        self._issuer = issuer
        self._residents = residents
        self._key = RSAKey.generate_key(2048, parameters={"kid": "published"})
        self._foreign_key = RSAKey.generate_key(2048, parameters={"kid": "published"})
        self._codes: dict[str, tuple[Resident, Mapping[str, str]]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _describe(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._issuer,
                "authorization_endpoint": f"{self._issuer}/authorize",
                "token_endpoint": f"{self._issuer}/token",
                "jwks_uri": f"{self._issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if "as" not in asked:
            links = (
                f'<li><a href="?{html.escape(urlencode({**asked, "as": number}))}">{resident.email}</a></li>'
                for number, resident in enumerate(self._residents)
            )
            return HTMLResponse(f"<h1>Who are you?</h1><ul>{''.join(links)}</ul>")
        code = secrets.token_urlsafe()
        self._codes[code] = self._residents[int(asked["as"])], asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        resident, asked = self._codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": CLIENT_ID,
            "sub": resident.email,
            "iat": now,
            "exp": now + LIFETIME_S,
            "nonce": asked["nonce"],
            "email": resident.email,
            "email_verified": resident.email_verified,
        }
        key = self._foreign_key if resident.forged else self._key
        token = jwt.encode({"alg": "RS256", "kid": "published"}, claims, key)
        answer = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": LIFETIME_S}
        return JSONResponse({**answer, "id_token": token})


@contextmanager
def provided(port: int, residents: Sequence[Resident]) -> Iterator[str]:
    """Serve the provider on `port` of the loopback address and give its issuer address."""
    issuer = f"http://127.0.0.1:{port}"
    provider = OpenIdProvider(issuer, residents)
    server = uvicorn.Server(uvicorn.Config(provider.app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield issuer
    finally:
        server.should_exit = True
        thread.join()
