"""What a deployer decides about the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from seamline.core.state_folder import state_folder
from seamline.desk.people.local_name import system_name
from seamline.desk.people.user import LOCAL_USER

DEFAULT_LISTEN = "127.0.0.1:8080"


def default_folder() -> Path:
    """Where the desk keeps what it stores, beside the local server's own files."""
    return state_folder() / "desk"


@dataclass(frozen=True)
class DeskSettings:
    """`folder` holds photos and, without `database` (an SQLAlchemy URL), the SQLite file.

    `server` (host:port) and `milvus` (URL) are the local server's by default. `photos`: where photos of hits that have
    moved are looked for. `indexed_folders`: below these, folders of this machine may be indexed from the browser.
    `users`: file of the people who may sign in; without it there is one local user, on loopback only, whom letters and
    evidence call `local_name`.
    `identity_header`: header in which a proxy names the person it has signed in. `proxies`: addresses or networks of
    those whose word counts.
    `origin`: how browsers name the desk where a proxy stands before it, such as https://desk.example.com.
    `timestamp_url`: authority for RFC 3161 time stamps.
    """

    folder: Path = field(default_factory=default_folder)
    listen: str = DEFAULT_LISTEN
    database: str | None = None
    server: str | None = None
    milvus: str | None = None
    photos: Path | None = None
    indexed_folders: tuple[Path, ...] = ()
    users: Path | None = None
    local_name: str = field(default_factory=system_name)
    identity_header: str | None = None
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    origin: str | None = None
    timestamp_url: str | None = None
    session_hours: float = 12.0

    @property
    def database_url(self) -> str:
        """Of the store."""
        return self.database or f"sqlite:///{self.folder / 'desk.sqlite3'}"

    def shown_name(self, owner: str) -> str:
        """How the owner of a record is named to others."""
        return self.local_name if owner == LOCAL_USER.name and not self.signs_in else owner

    @property
    def signs_in(self) -> bool:
        """Whether people have names of their own."""
        return self.users is not None

    @property
    def has_passwords(self) -> bool:
        """Whether people sign in at the desk itself, and not at a proxy before it."""
        return self.signs_in and self.identity_header is None
