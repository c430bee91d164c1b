"""Ways to a desk: one in this process, and one as its users start it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from seamline.desk.application import create_app
from seamline.desk.context import Desk
from seamline.desk.people.dependencies import CSRF_HEADER
from seamline.desk.people.identity import csrf_of, secret_in
from seamline.desk.people.passwords import Passwords
from seamline.desk.people.person import Person, key_of
from seamline.desk.people.user import LOCAL_USER, Role, User
from seamline.desk.people.users_format import people_changed
from seamline.desk.settings import DeskSettings
from seamline.local.ports import free_ports

ORIGIN = "http://127.0.0.1:8080"
PASSWORD = "three buttons and a cuff"
_CSRF = re.compile(r'<meta name="csrf" content="([^"]*)">')


class DeskClient(TestClient):
    """A browser without a screen: it sends what the desk's own pages send."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(app, base_url=ORIGIN, headers={"Origin": ORIGIN}, client=("127.0.0.1", 50000))
        self.follow_redirects = False

    @property
    def desk(self) -> Desk:
        """What the routes share."""
        found: Desk = self.app.state.desk  # type: ignore[attr-defined]
        return found

    def load(self, address: str = "/search") -> str:
        """A page; its CSRF token goes with every later request."""
        answer = self.get(address)
        assert answer.status_code == 200, answer.text
        self.headers[CSRF_HEADER] = _CSRF.findall(answer.text)[0]
        return str(answer.text)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in; the session's CSRF token goes with every later request."""
        self.change("/api/sign-in", {"name": name, "password": password})
        self.load()

    def change(self, address: str, body: Mapping[str, Any] | None = None, method: str = "POST") -> Any:
        """A change that succeeds; what it gives."""
        answer = self.request(method, address, json=dict(body or {}))
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@contextmanager
def desk_client(settings: DeskSettings, **headers: str) -> Iterator[DeskClient]:
    """A desk in this process, and a client of it that sends what the pages of its local user send."""
    with DeskClient(create_app(settings)) as client:
        client.headers.update(headers)
        if not settings.signs_in:
            client.headers[CSRF_HEADER] = csrf_of(secret_in(settings.folder), LOCAL_USER.name)
        yield client


def enter_person(users: Path, name: str, role: Role = Role.ANALYST, collections: Collection[str] | None = None) -> None:
    """Write somebody into a users file, with PASSWORD."""
    grants = None if collections is None else frozenset(collections)
    with people_changed(users) as people:
        people[key_of(name)] = Person(User(name, role, grants), Passwords().hash(PASSWORD))


@contextmanager
def live_desk(folder: Path, home: Path, *options: str) -> Iterator[str]:
    """`seamline desk` as a process over the server whose state folder is `home`; its address."""
    (port,) = free_ports(1)
    program = Path(sys.executable).with_name("seamline")
    command = [str(program), "desk", "--folder", str(folder), "--listen", f"127.0.0.1:{port}", *options]
    environment = os.environ | {"SEAMLINE_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the desk did not start"
        yield address
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
