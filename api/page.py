"""The page that explains the interface: Swagger UI from a package, so that a browser asks nobody else."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.problems import ProblemError

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Footfall: reading the numbers</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# The validator's badge would send the address of this server to another one.
START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null, persistAuthorization: false,
  supportedSubmitMethods: ["get"], syntaxHighlight: false, defaultModelsExpandDepth: 0,
});
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();
"""
KINDS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def page() -> Response:
    """Return the page."""
    return HTMLResponse(PAGE)


@router.get("/docs/start.js")
def start() -> Response:
    """Return what opens the document in the page."""
    return Response(START, media_type="text/javascript")


@router.get("/docs/{name}")
def part(name: str) -> Response:
    """Return a file of Swagger UI."""
    if name not in KINDS:
        raise ProblemError(404, "There is no such page.")
    content = files("fastapi_offline").joinpath("static", name).read_bytes()
    return Response(content, media_type=KINDS[name], headers={"cache-control": "max-age=86400"})
