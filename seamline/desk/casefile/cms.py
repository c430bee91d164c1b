"""The signature of a time stamp, checked with the certificate that came with it.

That says that the token is whole, not whose it is: anybody can make a certificate. Chains to a root that is trusted
are checked by rfc3161-client, which has no way to do without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seamline.desk.casefile.der import OCTETS, OID, SEQUENCE, SET, TAGGED_0, Element, child, elements

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm
    from cryptography.x509 import Certificate

_HASHES = {
    "608648016503040201": "SHA256",
    "608648016503040202": "SHA384",
    "608648016503040203": "SHA512",
    "2a864886f70d01010b": "SHA256",  # sha256WithRSAEncryption
    "2a864886f70d01010c": "SHA384",
    "2a864886f70d01010d": "SHA512",
    "2a8648ce3d040302": "SHA256",  # ecdsa-with-SHA256
    "2a8648ce3d040303": "SHA384",
    "2a8648ce3d040304": "SHA512",
}
"""Object identifiers, as they are encoded, of hashes and of signatures that name theirs."""

_RSA_PSS = "2a864886f70d01010a"
_MESSAGE_DIGEST = "2a864886f70d010904"
_SIGNING_CERTIFICATE = ("2a864886f70d010910020c", "2a864886f70d010910022f")
"""The attributes of RFC 2634 and RFC 5035 that hold the hash of the signer's certificate."""


def check_signature(token: bytes, certificate: Certificate) -> None:
    """Raises ValueError where the token was not signed with the certificate's key, or holds something else than what
    was signed."""
    signed = child(child(elements(token)[0], 1, TAGGED_0), 0, SEQUENCE)
    content = child(child(child(signed, 2, SEQUENCE), 1, TAGGED_0), 0, OCTETS).content
    signer = child(signed.children()[-1], 0, SEQUENCE)
    digest_name, attributes = child(child(signer, 2, SEQUENCE), 0, OID), child(signer, 3, TAGGED_0)
    method, signature = child(child(signer, 4, SEQUENCE), 0, OID), child(signer, 5, OCTETS)
    hashing = _hash(digest_name)
    if child(_attribute(attributes, _MESSAGE_DIGEST), 0, OCTETS).content != _digest(content, hashing):
        raise ValueError("it holds something else than what was signed")
    if not _names(attributes, certificate):
        raise ValueError("it was signed with another certificate than the one that is in it")
    own = hashing if method.content.hex() not in _HASHES else _hash(method)
    is_pss = method.content.hex() == _RSA_PSS
    _verify(certificate, signature.content, bytes((SET,)) + attributes.whole[1:], own, is_pss)


def _hash(name: Element) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    known = _HASHES.get(name.content.hex())
    if known is None:
        raise ValueError("its hash is not one of SHA-256, SHA-384 and SHA-512")
    made: HashAlgorithm = getattr(hashes, known)()
    return made


def _digest(data: bytes, hashing: HashAlgorithm) -> bytes:
    from cryptography.hazmat.primitives.hashes import Hash

    made = Hash(hashing)
    made.update(data)
    return made.finalize()


def _attribute(attributes: Element, *names: str) -> Element:
    """The values of the first attribute of one of these names."""
    for attribute in attributes.children():
        if child(attribute, 0, OID).content.hex() in names:
            return child(attribute, 1, SET)
    raise ValueError("it does not say what was signed, or with which certificate")


def _names(attributes: Element, certificate: Certificate) -> bool:
    """Whether the signed attributes hold the certificate's hash, which ties its subject to the signature."""
    from cryptography.hazmat.primitives import hashes

    value = child(_attribute(attributes, *_SIGNING_CERTIFICATE), 0, SEQUENCE)
    inside = child(child(value, 0, SEQUENCE), 0, SEQUENCE).children()
    named = next((element.content for element in inside if element.tag == OCTETS), b"")
    known: dict[int, HashAlgorithm] = {
        20: hashes.SHA1(),
        32: hashes.SHA256(),
        48: hashes.SHA384(),
        64: hashes.SHA512(),
    }
    return len(named) in known and certificate.fingerprint(known[len(named)]) == named


def _verify(certificate: Certificate, signature: bytes, data: bytes, hashing: HashAlgorithm, is_pss: bool) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(hashing), padding.PSS.AUTO)
            key.verify(signature, data, pss if is_pss else padding.PKCS1v15(), hashing)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashing))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            raise ValueError("its key is not one of RSA, an elliptic curve and Ed25519")
    except InvalidSignature:
        raise ValueError("its signature is not that of its certificate") from None
