"""Which way of knowing people a desk takes from its settings, and which settings it refuses."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from seamline.core.errors import BadOption
from seamline.desk.application import create_app
from seamline.desk.people.identity import secret_in
from seamline.desk.settings import DeskSettings
from tests.support.desk import DeskClient

OPEN = {"listen": "0.0.0.0:8080", "origin": "https://desk.example.com"}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_without_a_users_file_whoever_is_at_this_machine_is_in(desk: DeskClient, address: str) -> None:
    desk._transport.client = (address, 50000)  # type: ignore[attr-defined]
    assert desk.get("/api/presets").status_code == 200


@pytest.mark.parametrize(
    "address", ["192.0.2.7", "10.0.0.2", "::ffff:10.0.0.2", "2001:db8::1", "testclient", "0.0.0.0"]
)
def test_without_a_users_file_nobody_else_is_in(desk: DeskClient, address: str) -> None:
    desk._transport.client = (address, 50000)  # type: ignore[attr-defined]
    assert desk.get("/api/presets").status_code == 401
    assert "at its own machine" in desk.get("/login").text


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"listen": "0.0.0.0:8080"}, "--origin"),
        ({"origin": "https://desk.example.com"}, "name a file of people with --users"),
        (OPEN, "name a file of people with --users"),
        ({"identity_header": "X-Forwarded-Email"}, "--identity-header needs --users"),
        ({"users": True, "identity_header": "X Forwarded"}, "--identity-header"),
        ({"users": True, "identity_header": ""}, "--identity-header"),
        ({"users": True, "identity_header": "X-Forwarded-Email", "proxies": ("proxy",)}, "--proxy"),
        ({"users": True, "origin": "http://desk.example.com"}, "by TLS only"),
        ({"users": True, "origin": "desk.example.com"}, "--origin"),
        ({"users": True, "origin": "https://desk.example.com/desk"}, "--origin"),
        ({"users": True, "origin": "https://lena@desk.example.com"}, "--origin"),
        ({"users": True, "origin": "https://desk.example.com:http"}, "--origin"),
        ({"users": True, "origin": "https://dösk.example.com"}, "--origin"),
        ({"users": True, "origin": "ftp://desk.example.com"}, "--origin"),
    ],
)
def test_settings_that_let_in_anybody_or_nobody_are_refused(
    tmp_path: Path, users: Path, settings: dict[str, Any], wrong: str
) -> None:
    known = {**settings, "users": users} if settings.get("users") else settings
    with pytest.raises(BadOption, match=wrong):
        create_app(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", **known))


def test_the_secret_of_a_desk_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    secret = secret_in(tmp_path)
    assert len(secret) == 32
    assert secret_in(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    (tmp_path / "secret").write_bytes(b"")
    with pytest.raises(BadOption, match="damaged"):
        secret_in(tmp_path)
