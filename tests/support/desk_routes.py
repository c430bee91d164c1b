"""All routes of the desk, with addresses and bodies that reach what a test has put into its store."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from seamline.desk.pages import ROUTERS

SAFE = ("GET", "HEAD")
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    method: str
    path: str

    @property
    def is_safe(self) -> bool:
        """Whether it only reads."""
        return self.method in SAFE

    def addresses(self, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """With every value that is known for each parameter; one that nobody knows gets all of them."""
        every = sorted({value for values in known.values() for value in values})
        names = _PARAMETER.findall(self.path)
        for values in itertools.product(*(known.get(name, every) for name in names)):
            filled = iter(values)
            yield _PARAMETER.sub(lambda _, filled=filled: next(filled), self.path)


def routes_of(app: FastAPI) -> list[Route]:
    """All that its pages have."""
    found = [route for router in ROUTERS for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in found)
    assert {route.path_format for route in found if isinstance(route, APIRoute)} == set(app.openapi()["paths"])
    return sorted(
        (
            Route(method, route.path_format)
            for route in found
            if isinstance(route, APIRoute)
            for method in route.methods
        ),
        key=lambda route: (route.path, route.method),
    )


def body_of(app: FastAPI, route: Route, known: Mapping[str, Sequence[str]]) -> Any:
    """A body as the route wants it, with known values where a field has the name of one; None where it wants none."""
    document = app.openapi()
    wanted = document["paths"][route.path][route.method.lower()].get("requestBody")
    if wanted is None:
        return None
    schema = wanted["content"]["application/json"]["schema"]
    return _value(document["components"]["schemas"], schema, "", known)


def _value(schemas: Mapping[str, Any], schema: Mapping[str, Any], name: str, known: Mapping[str, Sequence[str]]) -> Any:
    if "$ref" in schema:
        return _value(schemas, schemas[schema["$ref"].rsplit("/", 1)[1]], name, known)
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if each.get("type") in ("string", None) and name in known]
        return _value(schemas, kinds[0], name, known) if kinds else schema.get("default")
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {key: _value(schemas, each, key, known) for key, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [_value(schemas, schema["items"], name, known)] if name in known else []
    return {"integer": 1, "number": 0.5, "boolean": True}.get(str(kind), known.get(name, ["text"])[0])
