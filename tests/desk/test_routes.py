"""All routes of the desk: each one asks who somebody is, and each change comes from a page of the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from starlette.routing import Mount

from seamline.desk.people.dependencies import CSRF_HEADER
from seamline.desk.people.user import Role
from seamline.desk.settings import DeskSettings
from tests.support.desk import DeskClient, desk_client
from tests.support.desk_routes import Route, routes_of

OPEN = {Route("GET", "/login"), Route("GET", "/words.js"), Route("POST", "/api/sign-in")}
"""What somebody gets who has not signed in: these, and the desk's own files below /static."""

FOR_READERS = {Route("POST", "/api/sign-out")}
"""Changes that need no more than a session."""

ID = "0" * 32
HOSTILE = (
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "%27%22%3E%3Cscript%3E",
    "%f0%9f%91%97",
    "9" * 400,
    "-1",
    "%ff",
    "1e9",
    "%0d%0aX:1",
)


class Every(dict[str, list[str]]):
    """The same value for every parameter."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self.value = value

    def get(self, name: str, default: object = None) -> list[str]:  # type: ignore[override]
        return [self.value]


def test_the_desk_has_pages_and_its_own_files_and_nothing_else(people_desk: DeskClient) -> None:
    mounts = [route.path for route in people_desk.app.routes if isinstance(route, Mount)]
    assert mounts == ["/static"]
    assert len(routes_of(people_desk.app)) > 40
    for address in ("/docs", "/redoc", "/openapi.json"):
        assert people_desk.get(address).status_code == 404


def test_every_route_asks_who_somebody_is(people_desk: DeskClient) -> None:
    for route in routes_of(people_desk.app):
        for address in route.addresses(Every(ID)):
            answer = people_desk.request(route.method, address, json={})
            if route in OPEN:
                assert answer.status_code in (200, 400), route
            elif address.startswith("/api/"):
                assert answer.status_code == 401, route
                assert set(answer.json()) == {"error"}, route
            else:
                assert answer.status_code == 303, route
                assert answer.headers["location"].startswith("/login?to=%2F"), route


def test_every_change_needs_the_sessions_token(signed_in_as: Callable[..., DeskClient]) -> None:
    anna = signed_in_as("anna", Role.LEAD)
    anna.headers.pop(CSRF_HEADER)
    for route in routes_of(anna.app):
        if route.is_safe or route in OPEN:
            continue
        for address in route.addresses(Every(ID)):
            answer = anna.request(route.method, address, json={})
            assert (answer.status_code, answer.json()["error"]) == (
                403,
                "this page is from another session; load it again",
            ), route


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_every_change_comes_from_a_page_of_the_desk(
    signed_in_as: Callable[..., DeskClient], origin: str | None
) -> None:
    anna = signed_in_as("anna", Role.LEAD)
    anna.headers.pop("Origin")
    headers = {} if origin is None else {"Origin": origin}
    for route in routes_of(anna.app):
        if not route.is_safe:
            for address in route.addresses(Every(ID)):
                answer = anna.request(route.method, address, json={}, headers=headers)
                assert answer.status_code == 403, route
                assert answer.json()["error"] == "changes are taken from the desk's own pages only", route


def test_a_reader_changes_nothing(signed_in_as: Callable[..., DeskClient]) -> None:
    rita = signed_in_as("rita", Role.READER)
    for route in routes_of(rita.app):
        if route.is_safe or route in OPEN | FOR_READERS:
            continue
        for address in route.addresses(Every(ID)):
            answer = rita.request(route.method, address, json={})
            assert answer.status_code == 403, route
            assert answer.json()["error"].startswith("this needs the role"), route


@pytest.mark.parametrize("value", [ID, *HOSTILE])
def test_no_route_fails_on_an_address_that_leads_nowhere(tmp_path: Path, database: str, value: str) -> None:
    named = ("watch", "page", "token", "q", "item", "key", "job", "of", "name", "collection")
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", database=database)) as client:
        for route in routes_of(client.app):
            for address in route.addresses(Every(value)):
                answer = client.request(route.method, address, json={}, params=dict.fromkeys(named, unquote(value)))
                assert answer.status_code in (200, 303, 400, 404, 405, 409, 503), (route, answer.text)
                assert "root:" not in answer.text
