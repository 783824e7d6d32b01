"""Static files: addresses with a hash of their content, and text sent compressed.

Only files are compressed, never pages: a page holds form tokens beside what was typed, and their
lengths together would tell about them (BREACH).
"""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

_YEAR_SECONDS = 31_536_000
_HOUR_SECONDS = 3600
_COMPRESSED = frozenset({".css", ".js", ".svg"})
_OK = 200
_NOT_FOUND = 404


def register(app: Flask) -> None:
    """Give templates `static('css/theme.css')` and let browsers keep what carries its hash."""
    folder = Path(app.static_folder or "")

    def static(name: str) -> str:
        return f"{app.static_url_path}/{name}?v={_content_hash(folder / name)}"

    def serve(filename: str) -> Response:
        try:
            return _compressed(folder, filename) or app.send_static_file(filename)
        except (OSError, ValueError):  # a name that no file can have: too long, with a NUL
            abort(_NOT_FOUND)

    app.jinja_env.globals["static"] = static
    app.view_functions["static"] = serve
    app.after_request(_keep_for_long)


def _compressed(folder: Path, filename: str) -> Response | None:
    """Return a text file compressed when the browser takes that, else None."""
    path = Path(safe_join(str(folder), filename) or folder)
    if path.suffix not in _COMPRESSED or not request.accept_encodings["gzip"]:
        return None
    if not path.is_file():
        return None
    body = _gzipped(path, path.stat().st_mtime_ns)
    response = Response(body, mimetype=mimetypes.guess_type(path.name)[0])
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response


@lru_cache(maxsize=64)
def _gzipped(path: Path, _changed_at: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


@lru_cache(maxsize=512)
def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"


def _keep_for_long(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == _OK:
        if "v" in request.args:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        else:
            response.headers["Cache-Control"] = f"public, max-age={_HOUR_SECONDS}"
    return response
