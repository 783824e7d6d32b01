"""Which pages of other origins may read an answer (CORS, Fetch standard §3.2). protocol.md, CORS.

An application that runs in a browser is one of its redirect_uris' origins; its requests carry no
cookie, and no answer here ever allows one (case UI-08). Discovery and keys are for every origin and
say so themselves; every other address allows none.
"""

from flask import Response, request
from flask.typing import ResponseReturnValue

from idp.oidc.clients.directory import ClientDirectory
from idp.web.context import current_context

_NO_CONTENT = 204
_KEPT_SECONDS = 600
_METHODS = "GET, POST"
_HEADERS = "Authorization, Content-Type"


class CrossOrigin:
    """Adds the headers of an allowed origin; an origin that is not allowed gets none."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def allow(self, response: Response, client_id: str | None) -> Response:
        """Let the pages of the client that asks read the answer.

        client_id: as the request names it; being named is enough, for its own pages alone can then
        read what a client that is not proven is told. None: any client's pages, for an answer that
        says of nobody more than that the request was refused.
        """
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin is not None and origin in self._origins(client_id):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate"
        return response

    def preflight(self) -> ResponseReturnValue:
        """Answer OPTIONS: whether pages of this origin may send such a request at all."""
        response = self.allow(Response(status=_NO_CONTENT), None)
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            response.headers["Access-Control-Allow-Headers"] = _HEADERS
            response.headers["Access-Control-Max-Age"] = str(_KEPT_SECONDS)
        return response

    def _origins(self, client_id: str | None) -> frozenset[str]:
        ctx = current_context()
        if client_id is None:
            return self._directory.origins(ctx)
        client = self._directory.find(ctx, client_id)
        return client.origins if client else frozenset()
