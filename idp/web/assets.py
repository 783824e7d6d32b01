"""Addresses of our own and third-party static files, with a hash of their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

_YEAR_SECONDS = 31_536_000


def register(app: Flask) -> None:
    """Give templates `static('css/theme.css')` and let browsers keep what carries its hash."""
    folder = Path(app.static_folder or "")

    def static(name: str) -> str:
        return f"{app.static_url_path}/{name}?v={_content_hash(folder / name)}"

    app.jinja_env.globals["static"] = static
    app.after_request(_keep_for_long)


@lru_cache(maxsize=512)
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"


def _keep_for_long(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:  # noqa: PLR2004 - OK
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        else:
            response.headers["Cache-Control"] = "public, max-age=3600"
    return response
