"""/docs/api: the description of the JSON endpoints, for programs and as a page for people."""

from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue

from idp.oidc.metadata.endpoint import Prepared, public_answer
from idp.oidc.openapi.document import describe, openapi_path
from idp.web.context import parts
from idp.web.pages import render

PATH = "/docs/api"
JSON_PATH = "/docs/api/json"


class ApiDescription:
    """Answers both addresses; the document is made at the first call, from the routes there are."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._document: dict[str, Any] | None = None

    def as_json(self) -> ResponseReturnValue:
        """Answer GET /docs/api/json: OpenAPI 3.1, readable by any origin."""
        return public_answer(Prepared.of(self._described()), "application/json")

    def as_page(self) -> ResponseReturnValue:
        """Answer GET /docs/api: the same as a page."""
        return render("docs/api.html", document=self._described(), json_path=JSON_PATH)

    def _described(self) -> dict[str, Any]:
        if self._document is None:
            routes = [
                (method, openapi_path(str(rule)))
                for rule in self._app.url_map.iter_rules()
                for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            ]
            self._document = describe(parts().settings.issuer, routes)
        return self._document
