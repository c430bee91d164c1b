"""People whom a proxy has signed in, and where a request comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from seamline.core.errors import BadOption
from seamline.desk.people.dependencies import CSRF_HEADER
from seamline.desk.people.peers import Proxies
from seamline.desk.people.user import Role
from seamline.desk.people.users_format import people_changed
from seamline.desk.settings import DeskSettings
from tests.support.desk import PASSWORD, DeskClient, desk_client, enter_person

HEADER = "X-Forwarded-Email"
HEALTH = "/api/presets"


@pytest.fixture
def behind_proxy(tmp_path: Path, users: Path) -> Iterator[DeskClient]:
    """A desk behind a proxy on this machine."""
    enter_person(users, "anna@example.com", Role.ANALYST, ["spring"])
    settings = DeskSettings(
        folder=tmp_path / "desk",
        server="127.0.0.1:9",
        users=users,
        identity_header=HEADER,
        origin="http://127.0.0.1:8080",
    )
    with desk_client(settings) as client:
        yield client


def from_address(client: DeskClient, address: str) -> DeskClient:
    """The same desk, from another place."""
    other = DeskClient(client.app)
    other._transport.client = (address, 50000)  # type: ignore[attr-defined]
    return other


def test_whom_the_proxy_names_is_in_with_the_role_and_grants_of_the_users_file(behind_proxy: DeskClient) -> None:
    behind_proxy.headers[HEADER] = "Anna@Example.com"
    page = behind_proxy.load()
    assert "anna@example.com" in page
    assert "data-sign-out" not in page
    behind_proxy.change("/api/presets", {"name": "cuffs", "weights": {"left_sleeve": 1.0}})
    assert behind_proxy.get("/login").headers["location"] == "/"


def test_a_change_needs_the_token_of_the_person_whom_the_proxy_names(behind_proxy: DeskClient) -> None:
    behind_proxy.headers[HEADER] = "anna@example.com"
    behind_proxy.load()
    behind_proxy.headers[HEADER] = "lena"
    answer = behind_proxy.post("/api/presets", json={"name": "cuffs", "weights": {"left_sleeve": 1.0}})
    assert (answer.status_code, answer.json()["error"]) == (403, "this page is from another session; load it again")
    behind_proxy.headers.pop(CSRF_HEADER)
    assert behind_proxy.post("/api/presets", json={}).status_code == 403


@pytest.mark.parametrize("name", ["nobody@example.com", "", "anna@example.com, lena"])
def test_a_name_that_is_not_in_the_users_file_is_nobody(behind_proxy: DeskClient, name: str) -> None:
    assert behind_proxy.get(HEALTH, headers={HEADER: name}).status_code == 401
    page = behind_proxy.get("/login", headers={HEADER: "nobody"}).text
    assert "not on this desk&#39;s list" in page
    assert "password" not in page.split("<main")[1]


def test_a_header_that_is_there_twice_is_nobodys(behind_proxy: DeskClient) -> None:
    twice = [(HEADER, "anna@example.com"), (HEADER, "lena")]
    assert behind_proxy.get(HEALTH, headers=twice).status_code == 401


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7", "testclient"])
def test_the_header_of_somebody_who_is_no_proxy_is_ignored(behind_proxy: DeskClient, address: str) -> None:
    other = from_address(behind_proxy, address)
    assert other.get(HEALTH, headers={HEADER: "lena", "X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_the_same_header_spelt_with_underscores_is_another_one(behind_proxy: DeskClient) -> None:
    assert behind_proxy.get(HEALTH, headers={HEADER.replace("-", "_"): "lena"}).status_code == 401


def test_behind_a_proxy_nobody_signs_in_with_a_password(behind_proxy: DeskClient) -> None:
    answer = behind_proxy.post("/api/sign-in", json={"name": "lena", "password": PASSWORD})
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_who_is_removed_from_the_users_file_is_out_although_the_proxy_goes_on(
    behind_proxy: DeskClient, users: Path
) -> None:
    assert behind_proxy.get(HEALTH, headers={HEADER: "lena"}).status_code == 200
    with people_changed(users) as people:
        del people["lena"]
    assert behind_proxy.get(HEALTH, headers={HEADER: "lena"}).status_code == 401


def connection(peer: str | None, *forwarded: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return HTTPConnection({"type": "http", "headers": headers, "client": None if peer is None else (peer, 1)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("10.0.0.2", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["198.51.100.1, 203.0.113.7, 10.0.0.9"], "203.0.113.7"),
        ("::ffff:10.0.0.2", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.2", ["2001:db8:1:2:3::7"], "2001:db8:1:2::/64"),
        ("10.0.0.2", ["what, ever"], "10.0.0.2"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("192.0.2.1", ["203.0.113.7"], "192.0.2.1"),
        (None, ["203.0.113.7"], "None"),
    ],
)
def test_the_browsers_address_is_the_last_one_that_no_proxy_has(
    peer: str | None, forwarded: list[str], origin: str
) -> None:
    assert Proxies(["10.0.0.0/24"]).origin_of(connection(peer, *forwarded)) == origin


@pytest.mark.parametrize("address", ["proxy.example.com", "10.0.0.1/24", "", "10.0.0.2:80"])
def test_what_is_no_address_of_a_proxy_is_refused(address: str) -> None:
    with pytest.raises(BadOption, match="--proxy"):
        Proxies([address])
