"""Just enough of ASN.1's DER to take a time stamp apart and to put it together again."""

from __future__ import annotations

from dataclasses import dataclass

SEQUENCE, SET, OID, OCTETS = 0x30, 0x31, 0x06, 0x04
TAGGED_0 = 0xA0

_MOST_ELEMENTS = 10_000


@dataclass(frozen=True)
class Element:
    """A value with its tag; `whole` includes tag and length."""

    tag: int
    content: bytes
    whole: bytes

    def children(self) -> list[Element]:
        """The values inside. Raises ValueError where it does not consist of such."""
        return elements(self.content)


def elements(data: bytes) -> list[Element]:
    """Values that follow each other. Raises ValueError for anything but DER with tags of one byte."""
    found: list[Element] = []
    at = 0
    while at < len(data) and len(found) < _MOST_ELEMENTS:
        start, end = _content_of(data, at)
        found.append(Element(data[at], data[start:end], data[at:end]))
        at = end
    if at != len(data):
        raise ValueError("it is not DER")
    return found


def _content_of(data: bytes, at: int) -> tuple[int, int]:
    start = at + 2
    if start > len(data) or data[at] & 0x1F == 0x1F:
        raise ValueError("it is not DER")
    length = data[at + 1]
    if length >= 0x80:
        digits = length & 0x7F
        start += digits
        if not 1 <= digits <= 4 or start > len(data):
            raise ValueError("it is not DER")
        length = int.from_bytes(data[at + 2 : start], "big")
    if start + length > len(data):
        raise ValueError("it is not DER")
    return start, start + length


def encoded(tag: int, content: bytes) -> bytes:
    """A value as DER."""
    count = len(content)
    if count < 0x80:
        return bytes((tag, count)) + content
    digits = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def child(element: Element, place: int, tag: int) -> Element:
    """The value at this place, which must have this tag. Raises ValueError."""
    inside = element.children()
    if place >= len(inside) or inside[place].tag != tag:
        raise ValueError("it is not built like a time stamp")
    return inside[place]


def with_sorted_certificates(response: bytes) -> bytes:
    """An RFC 3161 response whose certificates stand in DER's order.

    OpenSSL leaves them in the order of its chain, which CMS allows, as they are not under the signature; the parser
    of rfc3161-client refuses it. A refusal, which has no token, stays as it is. Raises ValueError for what is
    no response.
    """
    top = child(Element(SEQUENCE, response, response), 0, SEQUENCE)
    if len(top.children()) < 2:
        return response
    token = child(top, 1, SEQUENCE)
    signed = child(child(token, 1, TAGGED_0), 0, SEQUENCE)
    parts = b"".join(_sorted(part) if part.tag == TAGGED_0 else part.whole for part in signed.children())
    wrapped = encoded(TAGGED_0, encoded(SEQUENCE, parts))
    token_again = encoded(SEQUENCE, child(token, 0, OID).whole + wrapped)
    return encoded(SEQUENCE, child(top, 0, SEQUENCE).whole + token_again)


def _sorted(part: Element) -> bytes:
    return encoded(part.tag, b"".join(sorted(certificate.whole for certificate in part.children())))
