"""What a program shows to a server, and by what it knows the server: settings that all connections have alike."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import ClassVar, Self


@dataclasses.dataclass(frozen=True)
class ConnectionSecurity:
    """A token and the PEM files of a TLS connection, all optional. `key` is the private key of `certificate`."""

    prefix: ClassVar[str]
    """How the names of the environment variables begin."""

    token: str = dataclasses.field(default="", repr=False)
    ca: str = ""
    certificate: str = ""
    key: str = ""
    server_name: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """What the variables TOKEN, CA, CERT, KEY and SERVER_NAME say, with the prefix before each."""
        names = {"token": "TOKEN", "ca": "CA", "certificate": "CERT", "key": "KEY", "server_name": "SERVER_NAME"}
        return cls(**{field: environment.get(f"{cls.prefix}{name}", "") for field, name in names.items()})
