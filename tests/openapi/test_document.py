"""/openapi.json tells what the firmware does: its routes, methods, errors; as the build made it."""

import gzip
import json
from typing import Any

import pytest
import schemathesis

from tests.openapi.routes import raised, routes
from tests.support.boards import BUILT, Board, RealBoard
from tools.board.process import ROOT
from tools.openapi import document as openapi
from tools.openapi.paths import COMMON, ELSEWHERE, PATHS

DOCUMENT = openapi.make(ROOT)
METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH", "TRACE", "QUERY", "BREW")
A_PATH = {"/pins/{pin}": "/pins/led"}  # where a path has a parameter


def documented(path: str) -> set[str]:
    """The methods of a path of the document."""
    return {key.upper() for key in DOCUMENT["paths"][path] if key != "parameters"}


def test_it_is_openapi_3_1() -> None:
    """Against the specification's own JSON schema, and each schema in it is one."""
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    assert DOCUMENT["openapi"] == "3.1.0"


def test_it_has_the_routes_of_the_firmware() -> None:
    mine = {route.pattern or path: set(route.methods) for path, route in PATHS.items()}
    theirs = {path: {each.lower() for each in methods} for path, methods in routes().items()}
    assert mine == theirs


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_options_tells_the_same_methods(shipped: Board | RealBoard, path: str) -> None:
    answer = shipped.client.ask("OPTIONS", A_PATH.get(path, path))
    assert answer.allow == documented(path)


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_a_method_that_is_not_there_is_405(shipped: Board | RealBoard, path: str) -> None:
    for method in set(METHODS) - documented(path):
        answer = shipped.client.ask(method, A_PATH.get(path, path), b"")
        assert (answer.status, answer.allow) == (405, documented(path)), method


def test_every_error_of_the_table_is_told() -> None:
    table = openapi.read_errors(ROOT)
    told = {*COMMON, *ELSEWHERE, *(code for each in openapi.operations() for code in each.errors)}
    assert told == set(table)
    described = DOCUMENT["components"]["schemas"]["Error"]["properties"]["error"]["properties"]
    assert described["code"]["enum"] == sorted(table)


def test_the_firmware_raises_what_the_table_has() -> None:
    # That answer stands ready in picopin.wire; tests/unit/wire.py holds it to the table.
    assert raised() | {"no_memory"} == set(openapi.read_errors(ROOT))


def test_its_references_lead_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    for kind in ("schemas", "responses", "parameters"):
        for name in DOCUMENT["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, f"nobody uses {name}"


def test_the_image_has_it_as_it_is_now(built: None) -> None:
    for layout in ("romfs/rom", "mpy/fs"):
        path = BUILT.parent / layout / "lib" / openapi.STATIC
        assert path.read_bytes() == openapi.compact(ROOT)
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


def test_it_is_made_the_same_each_time() -> None:
    assert openapi.compact(ROOT) == openapi.compact(ROOT)


@pytest.mark.parametrize("coding", ["", "identity", "gzip", "deflate, gzip;q=1.0, *;q=0.5"])
def test_it_is_served(shipped: Board | RealBoard, coding: str) -> None:
    """Whole or as gzip, with its length, which the client checks."""
    answer = shipped.client.get("/openapi.json", {"Accept-Encoding": coding})
    zipped = "gzip" in coding
    assert answer.header("Content-Encoding") == ("gzip" if zipped else None)
    assert answer.header("Vary") == "Accept-Encoding"
    assert answer.header("Content-Type") == "application/json"
    assert answer.header("Cache-Control") == "no-store"
    body: Any = gzip.decompress(answer.body) if zipped else answer.body
    assert json.loads(body) == DOCUMENT


def test_it_is_sent_from_flash_in_pieces(shipped: Board) -> None:
    """It is longer than all the memory that is free, so it never lies there."""
    length = len(shipped.client.get("/openapi.json").body)
    assert shipped.client.get("/status").json["heap"]["free"] < length
    record = shipped.wait_connection(request="GET /openapi.json HTTP/1.1")
    assert record["writes"] > length / 1072


def test_head_tells_its_length(shipped: Board | RealBoard) -> None:
    head = shipped.client.ask("HEAD", "/openapi.json")
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Length") == str(len(openapi.compact(ROOT)))
