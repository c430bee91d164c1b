"""Keys of rows: digests, so that no text from outside ever becomes part of a Milvus expression.

A row's key is hexadecimal: PHOTO_DIGITS of item and photo, 16 of the photo's content, 2 of the garment's number. The
numbers of an item and of a photo have 63 bits, so that they fit into Milvus's INT64 and are never negative.
"""

from __future__ import annotations

import hashlib

PHOTO_DIGITS = 28
CONTENT_DIGITS = 16
KEY_LENGTH = PHOTO_DIGITS + CONTENT_DIGITS + 2
_NUMBER_DIGITS = 16


def photo_key(item: str, photo: str) -> str:
    """The first PHOTO_DIGITS hexadecimal digits of a row's key, which an item's photo determines."""
    return hashlib.sha256(f"{item}\0{photo}".encode()).hexdigest()[:PHOTO_DIGITS]


def content_key(item: str, photo: str, sha256: str) -> str:
    """A row's key without the garment's number: it changes with the photo's content, whose digest is `sha256`."""
    return photo_key(item, photo) + sha256[:CONTENT_DIGITS]


def item_number(item: str) -> int:
    """A number of 63 bits that stands for an item's id in the field `item`."""
    return _number(hashlib.sha256(item.encode()).hexdigest())


def photo_number(item: str, photo: str) -> int:
    """A number of 63 bits that stands for an item's photo in the field `photo`; it begins the photo's key, too."""
    return _number(photo_key(item, photo))


def _number(digest: str) -> int:
    return int(digest[:_NUMBER_DIGITS], 16) >> 1
