"""The OpenAPI 3.1 document of the JSON endpoints that this application really has."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from idp.oidc.metadata import document as metadata
from idp.oidc.openapi.operations import JSON, OPERATIONS, Operation
from idp.oidc.openapi.schemas import components

_PLACEHOLDER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_FROM_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_JWT = "application/jwt"
_WORDS = {
    200: "Done.", 201: "Kept.", 204: "Gone.", 400: "The request is not acceptable.",
    401: "The proof is missing or not valid.", 403: "This caller may not do that.",
    429: "Too many failures; wait as Retry-After says.", 503: "Not now.",
}  # fmt: skip
_SCHEMES: Mapping[str, Mapping[str, str]] = {
    "client_secret_basic": {"type": "http", "scheme": "basic"},
    "access_token": {"type": "http", "scheme": "bearer"},
    "initial_access_token": {"type": "http", "scheme": "bearer"},
    "registration_access_token": {"type": "http", "scheme": "bearer"},
}  # fmt: skip


def openapi_path(rule: str) -> str:
    """Return Flask's way to write an address as OpenAPI's: <client_id> is {client_id}."""
    return _PLACEHOLDER.sub(r"{\1}", rule)


def describe(issuer: str, routes: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the document.

    routes: method and address of every route; those with an operation are described.
    """
    paths: dict[str, dict[str, Any]] = {}
    for method, path in sorted(set(routes)):
        operation = OPERATIONS.get((method, path))
        if operation:
            paths.setdefault(path, _parameters(path))[method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "JSON endpoints of the identity provider",
            "version": "1",
            "description": "Sign-in itself is a redirect and no JSON: see docs/relying-parties.md.",
        },
        "servers": [{"url": issuer}],
        "paths": paths,
        "components": {
            "schemas": components(metadata.describe(issuer)),
            "securitySchemes": dict(_SCHEMES),
        },
    }


def _parameters(path: str) -> dict[str, Any]:
    names = _FROM_PLACEHOLDER.findall(path)
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in names
    ]
    return {"parameters": found} if found else {}


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "summary": operation.summary,
        "description": operation.standard,
        "responses": {
            str(status): _answer(status, schema, operation)
            for status, schema in operation.answers.items()
        },
    }
    if operation.takes:
        content = {operation.content_type: {"schema": _reference(operation.takes)}}
        said["requestBody"] = {"content": content, "required": operation.takes != "TokenInBody"}
    if operation.proof:
        # A program may also prove itself in the body, for which OpenAPI has no scheme.
        said["security"] = [{operation.proof: []}, {}]
    return said


def _answer(status: int, schema: str | None, operation: Operation) -> dict[str, Any]:
    words: dict[str, Any] = {"description": _WORDS[status]}
    if schema:
        kind = JSON if status in operation.also else operation.answers_in
        words["content"] = {kind: {"schema": _reference(schema)}}
    if operation.may_be_jwt and status not in operation.also:
        words["content"][_JWT] = {"schema": {"type": "string"}}
    return words


def _reference(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
