"""Puts the OpenAPI document together from the routes, the answers and the table of errors."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tools.openapi.answers import ANSWERS, Schema, listed, members, reference, text
from tools.openapi.paths import COMMON, ELSEWHERE, PATHS, PORTAL, WISHES, Operation
from tools.openapi.paths import Path as Route

ERRORS = "lib/picopin/static/errors.txt"
STATIC = "picopin/static/openapi.json"  # below lib/ on the board
_VERSION = "lib/picopin/__init__.py"
_JSON = "application/json"
_ABOUT = """An ESP8266's pins over HTTP.

Every error is one JSON object with a code, and nothing has changed when one is answered.
A path that is not here is 404 `no_such_path`; a method that a path does not have is 405
`method_not_allowed`, with `Allow`; TLS and other noise is 400 `not_http`.
The password (config.PASSWORD) is wanted only where one is set. In JSON, numbers may be text: "5".
The page's files below /static/, and what phones fetch to look for an internet, are not listed."""
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "Basic", "schema": {"type": "string"}}},
    405: {"Allow": {"description": "What is allowed.", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}


@dataclass(frozen=True)
class Error:
    """A line of errors.txt."""

    status: int
    code: str
    message: str  # with %s where something is filled in


def read_errors(root: Path) -> dict[str, Error]:
    """The errors of the firmware by their code."""
    lines = (root / ERRORS).read_text(encoding="utf-8").splitlines()
    split = (line.split(" ", 2) for line in lines)
    return {code: Error(int(status), code, message) for status, code, message in split}


def read_version(root: Path) -> str:
    source = (root / _VERSION).read_text(encoding="utf-8")
    found = re.search(r"^VERSION = (.+)$", source, re.MULTILINE)
    if not found:
        raise ValueError(f"{_VERSION} has no VERSION")
    return ast.literal_eval(found[1])


def make(root: Path) -> dict[str, Any]:
    """The whole document, of the firmware whose sources are in `root`."""
    return Document(read_errors(root), read_version(root)).make()


def compact(root: Path) -> bytes:
    """The document as the board has it in its flash."""
    return json.dumps(make(root), ensure_ascii=False, separators=(",", ":")).encode()


class Document:
    """Gathers the responses that several operations share while it makes the paths."""

    def __init__(self, errors: dict[str, Error], version: str) -> None:
        self._errors = errors
        self._version = version
        self._responses: dict[str, dict[str, Any]] = {}
        self._parameters: dict[str, Schema] = {}

    def make(self) -> dict[str, Any]:
        paths = {path: self._path(route) for path, route in PATHS.items()}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Picopin",
                "version": self._version,
                "description": _ABOUT,
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
            "security": [{}, {"basic": []}, {"bearer": []}, {"token": []}],
            "paths": paths,
            "components": {
                "schemas": {**ANSWERS, **WISHES, "Error": self._error_schema()},
                "parameters": self._parameters,
                "responses": self._responses,
                "securitySchemes": {
                    "basic": {"type": "http", "scheme": "basic", "description": "Any user name."},
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "token": {"type": "apiKey", "in": "query", "name": "token"},
                },
            },
        }

    def _path(self, route: Route) -> dict[str, Any]:
        made = {method: self._operation(operation) for method, operation in route.methods.items()}
        if "get" in route.methods:
            made["get"] = self._get(route.methods["get"])
            made["head"] = self._head(route.methods["get"])
        made["options"] = self._options(next(iter(route.methods.values())))
        made = {method: {"tags": [route.tag], **each} for method, each in made.items()}
        return {**self._takes(route.parameters), **made}

    def _takes(self, parameters: tuple[Schema, ...]) -> dict[str, Any]:
        """The member `parameters`, where there are any, by reference."""
        if not parameters:
            return {}
        named = {f"{each['name']}-{each['in']}": each for each in parameters}
        self._parameters.update(named)
        return {"parameters": [{"$ref": f"#/components/parameters/{name}"} for name in named]}

    def _operation(self, operation: Operation) -> dict[str, Any]:
        made: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
        if operation.description:
            made["description"] = operation.description
        made |= self._takes(operation.parameters)
        if operation.body:
            made["requestBody"] = operation.body
        answers = {str(status): each for status, each in operation.answers.items()}
        return {**made, "responses": {**answers, **self._error_responses(operation)}}

    def _get(self, operation: Operation) -> dict[str, Any]:
        """GET, which the captive portal may answer in place of any route."""
        made = self._operation(operation)
        self._responses["Portal"] = PORTAL
        portal = {"302": {"$ref": "#/components/responses/Portal"}}
        return {**made, "responses": dict(sorted({**made["responses"], **portal}.items()))}

    def _head(self, get: Operation) -> dict[str, Any]:
        """As GET, without a body, and it never changes a pin."""
        statuses = [*get.answers, HTTPStatus.FOUND, *self._by_status(get)]
        return {
            "operationId": f"{get.name}Head",
            "summary": "As GET would answer, without a body; changes nothing",
            **self._takes(get.parameters),
            "responses": {
                str(int(each)): {"description": HTTPStatus(each).phrase} for each in statuses
            },
        }

    def _options(self, any_operation: Operation) -> dict[str, Any]:
        plain = Operation(f"{any_operation.name}Options", "The methods of this path", {})
        allow = {"description": "The methods.", "headers": _HEADERS[405]}
        made = self._operation(plain)
        return {**made, "responses": {"204": allow, **made["responses"]}}

    def _by_status(self, operation: Operation) -> dict[int, list[str]]:
        """Status to the codes of its errors, both in order."""
        found = defaultdict(list)
        for code in sorted({*COMMON, *operation.errors}):
            found[self._errors[code].status].append(code)
        return dict(sorted(found.items()))

    def _error_responses(self, operation: Operation) -> dict[str, Schema]:
        return {
            str(status): self._shared(status, codes, operation.html_errors)
            for status, codes in self._by_status(operation).items()
        }

    def _shared(self, status: int, codes: list[str], html: bool) -> Schema:
        """A reference to the response with these codes, which is made when first asked for."""
        response = self._error_response(status, codes, html)
        for name, known in self._responses.items():
            if known == response:
                return {"$ref": f"#/components/responses/{name}"}
        word = re.sub(r"\W", "", HTTPStatus(status).phrase.title())
        same = sum(name.rstrip("0123456789") == word for name in self._responses)
        name = f"{word}{same + 1}" if same else word
        self._responses[name] = response
        return {"$ref": f"#/components/responses/{name}"}

    def _error_response(self, status: int, codes: list[str], html: bool) -> dict[str, Any]:
        only = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
        content: dict[str, Any] = {_JSON: {"schema": {**reference("Error"), **only}}}
        if html:
            content["text/html; charset=utf-8"] = {"schema": {"type": "string"}}
        made = {"description": ", ".join(codes), "content": content}
        return {**made, **({"headers": _HEADERS[status]} if status in _HEADERS else {})}

    def _wording(self, code: str) -> str:
        return self._errors[code].message.replace("%s", "…")

    def _error_schema(self) -> Schema:
        """The contract's error object, with every code that there is."""
        codes = sorted(
            {*COMMON, *ELSEWHERE, *(code for each in operations() for code in each.errors)}
        )
        lines = [
            f"- `{code}` ({self._errors[code].status}): {self._wording(code)}" for code in codes
        ]
        error = members(
            {
                "code": text("\n".join(lines), enum=codes),
                "message": text("The same for people."),
                "param": text("The parameter at fault."),
                "allowed": listed({"type": "string"}, "What would have been taken."),
            },
            "param",
            "allowed",
        )
        return members({"error": error})


def operations() -> list[Operation]:
    return [each for route in PATHS.values() for each in route.methods.values()]
