"""Who this program is to Milvus, and how it knows that it speaks to the right one.

SEAMLINE_MILVUS_TOKEN        USER:PASSWORD, or an API key
SEAMLINE_MILVUS_CA           file of the authority that signed the server's certificate (https:// only)
SEAMLINE_MILVUS_CERT, _KEY   files of a certificate of this program's own, where the server asks for one
SEAMLINE_MILVUS_SERVER_NAME  the host name in the server's certificate, where the address has another
"""

from __future__ import annotations

import dataclasses
import ssl
import urllib.parse
from typing import ClassVar

from seamline.core.connection_security import ConnectionSecurity
from seamline.core.errors import BadOption


def checked_address(uri: str) -> str:
    """The address of a Milvus. Raises BadOption, which does not repeat it: it may hold a password."""
    if "@" in uri:
        raise BadOption("SEAMLINE_MILVUS_URI takes no name and password; give them with SEAMLINE_MILVUS_TOKEN")
    try:
        parts = urllib.parse.urlsplit(uri)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        fit = False
    if not fit:
        raise BadOption(
            "SEAMLINE_MILVUS_URI is no address of a Milvus; write http://HOST:19530, or https://HOST:19530 for TLS"
        )
    return uri


@dataclasses.dataclass(frozen=True)
class Security(ConnectionSecurity):
    """Of a connection to Milvus."""

    prefix: ClassVar[str] = "SEAMLINE_MILVUS_"

    def checked(self, uri: str) -> Security:
        """This, fit for an address. Raises BadOption for files that are missing or wrong, or that go with no https."""
        if not any((self.ca, self.certificate, self.key, self.server_name)):
            return self
        if not uri.startswith("https://"):
            raise BadOption("certificates for Milvus count only with an address that begins with https://")
        if bool(self.certificate) != bool(self.key):
            raise BadOption("SEAMLINE_MILVUS_CERT and SEAMLINE_MILVUS_KEY belong together; give both or neither")
        if self.certificate and not self.ca:
            raise BadOption("SEAMLINE_MILVUS_CERT needs SEAMLINE_MILVUS_CA, the authority of the server's certificate")
        self._check_files()
        return self

    def _check_files(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if self.ca:
                context.load_verify_locations(self.ca)
        except (OSError, ssl.SSLError) as error:
            raise BadOption(f"SEAMLINE_MILVUS_CA is not a readable file of certificates: {_reason(error)}") from error
        try:
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise BadOption(
                f"SEAMLINE_MILVUS_CERT and SEAMLINE_MILVUS_KEY are not a certificate and its key: {_reason(error)}"
            ) from error

    def options(self) -> dict[str, str]:
        """The arguments of pymilvus's client; it takes a CA under another name where this program shows nothing."""
        if self.certificate:
            files = {"ca_pem_path": self.ca, "client_pem_path": self.certificate, "client_key_path": self.key}
        else:
            files = {"server_pem_path": self.ca}
        return {"token": self.token, "server_name": self.server_name, **files}


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
