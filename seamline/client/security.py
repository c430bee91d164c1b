"""Who this program is to a server that asks, and how it knows the server.

SEAMLINE_TOKEN         the token that the server's operator has given
SEAMLINE_CA            PEM file of the authority that signed the server's certificate
SEAMLINE_CERT, _KEY    PEM files of a certificate of this program's own, where the server asks for one
SEAMLINE_SERVER_NAME   the host name in the server's certificate, where the address has another

SEAMLINE_OPERATOR_KEY_FILE   file of the key that a closed Triton asks of its operator and its gateway
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, ClassVar

import grpc  # type: ignore[import-untyped, unused-ignore]

from seamline.core.connection_security import ConnectionSecurity
from seamline.core.errors import BadOption

TLS = "grpcs://"
"""How an address begins whose server has a certificate of an authority that gRPC knows."""

_OPERATOR_HEADER = "triton-grpc-protocol-seamline"
"""What Triton's restricted protocols look for; deploy/serve.sh gives the key its name."""


def operator_metadata(environment: Mapping[str, str] = os.environ) -> tuple[tuple[str, str], ...]:
    """What a call to Triton itself carries where that is closed. Raises BadOption for a file that cannot be read."""
    key = _read(environment.get("SEAMLINE_OPERATOR_KEY_FILE", ""))
    return () if key is None else ((_OPERATOR_HEADER, key.decode("ascii", "replace").strip()),)


@dataclasses.dataclass(frozen=True)
class ClientSecurity(ConnectionSecurity):
    """Of a connection to Triton or its gateway."""

    prefix: ClassVar[str] = "SEAMLINE_"

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries. Raises BadOption for a file that cannot be read."""
        token = (("authorization", f"Bearer {self.token}"),) if self.token else ()
        return (*token, *operator_metadata())

    def channel(self, address: str, options: list[tuple[str, Any]], *, tls: bool, is_here: bool) -> Any:
        """A channel to host:port. `tls`: the address asks for it; `is_here`: it is this machine's own.

        Raises BadOption for files that cannot be read, and for a token that would cross a network in the open.
        """
        if not tls and not self.ca:
            if self.token and not is_here:
                raise BadOption(
                    f"a token is not sent to {address} without TLS; give SEAMLINE_CA, or write {TLS}{address}"
                )
            return grpc.insecure_channel(address, options=options)
        if self.server_name:
            options = [*options, ("grpc.ssl_target_name_override", self.server_name)]
        credentials = grpc.ssl_channel_credentials(_read(self.ca), _read(self.key), _read(self.certificate))
        return grpc.secure_channel(address, credentials, options=options)


def _read(path: str) -> bytes | None:
    if not path:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise BadOption(f"{path} cannot be read: {error.strerror}") from None
