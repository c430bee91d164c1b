"""What a gateway is told: where it listens, where Triton is, and whom it answers."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]

from seamline.core.errors import BadOption
from seamline.core.loopback import is_loopback

MAX_BYTES = 20_000_000
"""The largest photo that the step `decode` takes."""


@dataclasses.dataclass(frozen=True)
class GatewaySettings:
    """`listen`: host:port. `triton`: the address of Triton's gRPC port, `unix:` and a path where it is a socket file.

    `certificate`, `key`: PEM files, for TLS. `client_ca`: of the authority whose certificates clients must show.
    `tokens`: the file of tokens. `local`: one more host:port, on loopback and without TLS and tokens.
    `in_flight`: requests that are held in memory at a time, `max_bytes` of each at most; others wait to be read.
    """

    listen: str
    triton: str
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    tokens: Path | None = None
    local: str | None = None
    in_flight: int = 36
    max_bytes: int = MAX_BYTES + 1_000_000

    def __post_init__(self) -> None:
        """Raises BadOption where TLS or tokens are missing that the address needs."""
        if bool(self.certificate) != bool(self.key):
            raise BadOption("--tls-cert and --tls-key belong together; give both or neither")
        if self.client_ca is not None and self.certificate is None:
            raise BadOption("--client-ca needs --tls-cert and --tls-key")
        if self.local is not None and not is_loopback(self.local):
            raise BadOption(f"--local is for this machine alone; {self.local} is no address of loopback")
        if not is_loopback(self.listen) and (self.certificate is None or self.tokens is None):
            raise BadOption(
                f"{self.listen} can be reached from other machines: give --tls-cert, --tls-key and --tokens, or listen "
                "on 127.0.0.1"
            )

    def credentials(self) -> Any:
        """What the port needs for TLS, None for a plain one. Raises BadOption for files that cannot be read."""
        if self.certificate is None or self.key is None:
            return None
        try:
            pair = self.key.read_bytes(), self.certificate.read_bytes()
            authority = self.client_ca.read_bytes() if self.client_ca is not None else None
        except OSError as error:
            raise BadOption(f"{error.filename} cannot be read: {error.strerror}") from None
        return grpc.ssl_server_credentials([pair], authority, require_client_auth=authority is not None)

    def to_json(self) -> str:
        """For handing the settings to another process."""
        values = dataclasses.asdict(self)
        return json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in values.items()})

    @classmethod
    def from_json(cls, text: str) -> GatewaySettings:
        """The inverse of `to_json`."""
        values: dict[str, Any] = json.loads(text)
        paths = ("certificate", "key", "client_ca", "tokens")
        return cls(**values | {name: Path(values[name]) for name in paths if values[name] is not None})
