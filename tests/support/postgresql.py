"""A real PostgreSQL of this machine, in a folder of its own, reached by a socket file."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_DEBIAN = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"


class PostgreSQL:
    """Started over `folder`; every `database` that it gives is new and empty."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._programs = folder, _programs()

    def start(self) -> None:
        """Raises CalledProcessError where it does not start."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self._folder, _ACCOUNT, _ACCOUNT)
        self._run("initdb", "--no-sync", "--auth=trust", f"--username={_ACCOUNT}", f"--pgdata={self._folder / 'data'}")
        self.start_again()

    def start_again(self) -> None:
        """After `stop`, with what it held."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} -c fsync=off"
        log = self._folder / "log"
        data = f"--pgdata={self._folder / 'data'}"
        self._run("pg_ctl", "start", "--wait", data, f"--log={log}", f"--options={options}")

    def stop(self, how: str = "immediate") -> None:
        """At once, as a power cut would, unless `how` says otherwise."""
        self._run("pg_ctl", "stop", f"--mode={how}", f"--pgdata={self._folder / 'data'}")

    def database(self) -> str:
        """The URL of a new database."""
        name = f"desk_{uuid.uuid4().hex}"
        self._run("createdb", f"--host={self._folder}", f"--username={_ACCOUNT}", name)
        return f"postgresql+psycopg://{_ACCOUNT}@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:  # which the server refuses to run as
            command = ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--clear-groups", *command]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _programs() -> Path:
    found = sorted(_DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    return found[-1]


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """In a folder with a short path, as socket files want; skips the test where there is none."""
    folder = Path(f"/tmp/seamline-pg-{uuid.uuid4().hex[:8]}")
    server = PostgreSQL(folder)
    try:
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
