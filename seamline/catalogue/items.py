"""What a catalogue says of one photo, which items a collection has room for, and what could not be used."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from seamline.index import MAX_ITEM, MAX_PHOTO, MAX_RECORD

Value = str | int | float | bool | None

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Item:
    """One photo of a listing.

    `item`: the listing's id. `photo`: an absolute path or a URL. `metadata`: whatever else the source says of it.
    `place`: where the source says so, such as `items.csv, line 3`; empty for a folder.
    """

    item: str
    photo: str
    metadata: Mapping[str, Value] = field(default_factory=dict)
    place: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Item and photo, which together name what is indexed."""
        return self.item, self.photo


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be indexed, and why. `item` is None where the source itself cannot be read."""

    reason: str
    item: Item | None = None
    place: str = ""

    @property
    def subject(self) -> str:
        """What a person looks for: the photo, else the place in the source."""
        return self.item.photo if self.item is not None else self.place


Entry = Item | Failure


def is_url(photo: str) -> bool:
    """Whether a photo is named by a URL of any scheme."""
    return _SCHEME.match(photo) is not None


_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = 20
"""Characters before a broken one that a message quotes."""
_AS_UTF_8 = "names and texts have to be UTF-8"
_RECORD_BESIDES = 1000
"""Bytes of a record beside item, photo and metadata: boxes, sizes, digest."""


def problem_of(item: Item) -> Failure | None:
    """Why an item cannot be stored, None when it can."""
    reason = _reason(item)
    return None if reason is None else Failure(reason, item)


def _reason(item: Item) -> str | None:
    try:
        about = json.dumps([item.item, item.photo, dict(item.metadata)], ensure_ascii=False).encode()
        lengths = len(item.item.encode()), len(item.photo.encode())
    except UnicodeEncodeError:
        return _bad_text(item)
    if "\0" in item.item or "\0" in item.photo:
        return "its item id or its photo has a NUL character"
    if lengths[0] > MAX_ITEM:
        return f"its item id is longer than {MAX_ITEM:,} bytes"
    if lengths[1] > MAX_PHOTO:
        return f"its path is longer than {MAX_PHOTO:,} bytes"
    if len(about) > MAX_RECORD - _RECORD_BESIDES:
        return f"its metadata takes more than the {MAX_RECORD:,} bytes that a row holds; leave columns out"
    return None


def _bad_text(item: Item) -> str:
    """Where an item holds what is no text: half a pair of surrogates, or a byte of another encoding."""
    for name, value in (("item", item.item), *item.metadata.items(), ("photo", item.photo)):
        for what, text in (("the name of a column", name), (name, value)):
            found = _SURROGATE.search(text) if isinstance(text, str) else None
            if isinstance(text, str) and found is not None:
                return f"{what} holds {_bad_character(found[0])} after {text[: found.start()][-_SHOWN:]!r}; {_AS_UTF_8}"
    return f"it holds text that is not Unicode; {_AS_UTF_8}"


def _bad_character(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # by which Python stands for a byte of a name or a file that is not UTF-8
        return f"the byte 0x{code - 0xDC00:X} of another encoding"
    return f"half a character (\\u{code:04x})"
