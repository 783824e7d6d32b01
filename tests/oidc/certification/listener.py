"""The suite's own server: redirects, logout tokens and frames arrive here and are kept."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

_SECONDS = 15


@dataclass(frozen=True)
class Arrival:
    """One request that reached the suite."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, str]
    content_type: str

    @property
    def name(self) -> str:
        """The last part of its path: "callback", "backchannel_logout" and so on."""
        return self.path.rpartition("/")[2]


class Listener:
    """Answers everything with 200 and remembers it in order."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        listener = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.keep(self, b"")
                self._answer()

            def do_POST(self) -> None:
                listener.keep(self, self.rfile.read(int(self.headers["Content-Length"])))
                self._answer()

            def _answer(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>Captured</title><h1>Captured</h1>")

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.place = f"localhost:{self._server.server_port}"
        self.url = f"http://{self.place}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def keep(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Remember a request."""
        target = urlsplit(request.path)
        self.arrivals.append(
            Arrival(
                request.command,
                target.path,
                dict(parse_qsl(target.query, keep_blank_values=True)),
                dict(parse_qsl(body.decode(), keep_blank_values=True)),
                request.headers.get("Content-Type", ""),
            )
        )

    def wait_for(self, name: str, since: int) -> Arrival:
        """Return the first arrival of a name after `since` others; wait for it a while."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            found = [one for one in self.arrivals[since:] if one.name == name]
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"nothing came to {name}; {self.arrivals[since:]}")

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
