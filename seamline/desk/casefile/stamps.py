"""A time stamp that an authority gave: what it says, and whether it says it of this file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seamline.core.errors import BadOption
from seamline.core.extras import requires_extra
from seamline.core.input_files import read_regular
from seamline.desk.casefile.chain import instant

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

UNCHECKED = "its signature was not checked; --tsa-ca FILE names a root to trust"
TRUSTED = "the signature was checked up to a certificate of --tsa-ca; revocation was not checked"

_LARGEST_PEM = 1 << 20
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True)
class Stamp:
    """`at`: the time that the authority states. `authority`: the subject of the certificate that signed. `trusted`:
    whether that leads to a root that the reader trusts; `checked` says so."""

    at: str
    authority: str
    trusted: bool
    checked: str


def read_stamp(answer: bytes, data: bytes, roots: tuple[Certificate, ...] = (), nonce: int | None = None) -> Stamp:
    """What the authority's answer says of the data.

    Without roots the signature is not checked, since anybody can make a certificate. `nonce`: of the request, where it
    is known. Raises ValueError with what is wrong with it; Unsupported where a package is missing.
    """
    response = _decoded(answer)
    try:
        _check_subject(response, data, nonce)
        signer = _signer(response)
        if roots:
            _check_chain(response, data, roots)
        at, authority = instant(response.tst_info.gen_time), signer.subject.rfc4514_string()
    except ValueError:
        raise
    except Exception as error:  # cryptography's readers raise classes of their own, which share no base
        raise ValueError(f"it cannot be read ({type(error).__name__})") from error
    return Stamp(at, authority, bool(roots), TRUSTED if roots else UNCHECKED)


def _check_subject(response: TimeStampResponse, data: bytes, nonce: int | None) -> None:
    if response.status != 0:
        raise ValueError(", ".join(response.status_string) or f"the authority refused, status {response.status}")
    if response.tst_info.message_imprint.hash_algorithm.dotted_string != _SHA256:
        raise ValueError("it is not of a SHA-256")
    if response.tst_info.message_imprint.message != hashlib.sha256(data).digest():
        raise ValueError("it was given for something else")
    if nonce is not None and response.tst_info.nonce != nonce:
        raise ValueError("it answers another request")


def trusted_roots(file: Path) -> tuple[Certificate, ...]:
    """The certificates of a PEM file. Raises BadOption where it holds none; Unsupported where a package is missing."""
    with requires_extra("desk", "time stamps"):
        from cryptography.x509 import load_pem_x509_certificates
    try:
        data, _ = read_regular(file, _LARGEST_PEM)
        return tuple(load_pem_x509_certificates(data))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no certificate in PEM"
        raise BadOption(f"{file} cannot be used as a root to trust: {reason}") from error


def _decoded(answer: bytes) -> TimeStampResponse:
    with requires_extra("desk", "time stamps"):
        from rfc3161_client import decode_timestamp_response
    try:
        return decode_timestamp_response(_in_order(answer))
    except Exception as error:  # asn1crypto's readers raise whatever a damaged answer leads them to
        raise ValueError("it is not an RFC 3161 answer") from error


def _in_order(answer: bytes) -> bytes:
    """The answer with its certificates in DER's order.

    OpenSSL leaves them in the order of its chain, which CMS allows as they are not under the signature; the parser of
    rfc3161-client refuses it.
    """
    from asn1crypto.cms import CertificateSet
    from asn1crypto.tsp import TimeStampResp

    response = TimeStampResp.load(answer, strict=True)
    token = response["time_stamp_token"]
    if token.native is not None and token["content"]["certificates"].native is not None:
        certificates = CertificateSet(list(token["content"]["certificates"]))
        token["content"]["certificates"] = certificates.retag({"implicit": 0})
    return bytes(response.dump())


def _signer(response: TimeStampResponse) -> Certificate:
    """The certificate that the token names as its signer's, which must be for time stamps and valid at its time."""
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound, load_der_x509_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    infos, own = list(response.signed_data.signer_infos), response.signed_data.certificates
    names = [(info.issuer, info.serial_number) for info in infos[:1]]
    found = [one for one in map(load_der_x509_certificate, own) if (one.issuer, one.serial_number) in names]
    if len(infos) != 1 or not found:
        raise ValueError("the certificate of its signer is not in it")
    try:
        usage = found[0].extensions.get_extension_for_class(ExtendedKeyUsage)
    except ExtensionNotFound:
        raise ValueError("its certificate is not one for time stamps") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("its certificate is not one for time stamps alone")
    if not found[0].not_valid_before_utc <= response.tst_info.gen_time <= found[0].not_valid_after_utc:
        raise ValueError("its certificate was not valid at its time")
    return found[0]


def _check_chain(response: TimeStampResponse, data: bytes, roots: tuple[Certificate, ...]) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        VerifierBuilder(roots=list(roots)).build().verify_message(response, data)
    except VerificationError as error:
        raise ValueError("its signature does not lead to a certificate of --tsa-ca") from error
