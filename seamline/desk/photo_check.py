"""Whether the photo of a garment still is the file that was indexed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from seamline.core.errors import NotFound
from seamline.desk.context import Desk
from seamline.desk.pairs import Side
from seamline.desk.pictures import read_indexed
from seamline.desk.words import _

SAME, CHANGED, MISSING, UPLOADED = "same", "changed", "missing", "uploaded"


@dataclass(frozen=True)
class PhotoCheck:
    """`state`: same, changed or missing for the indexed file, uploaded for a photo that came with a search. `kept`:
    the desk has a copy with the hash of the record. `sentence`: both, for people."""

    state: str
    kept: bool
    sentence: str


def check_photo(desk: Desk, side: Side, *, uploaded: bool = False) -> PhotoCheck:
    """Reads and hashes the file that the record names, and the desk's own copy."""
    state, kept = UPLOADED if uploaded else _state(desk, side), _is_kept(desk, side)
    return PhotoCheck(state, kept, " ".join(filter(None, (_of_file(state, kept), _of_copy(state, kept)))))


def _state(desk: Desk, side: Side) -> str:
    try:
        data = read_indexed(desk, side)
    except NotFound:
        return MISSING
    return SAME if hashlib.sha256(data).hexdigest() == side.sha256 else CHANGED


def _is_kept(desk: Desk, side: Side) -> bool:
    try:
        desk.photos.read(side.sha256)
    except NotFound:
        return False
    return True


def _of_file(state: str, kept: bool) -> str:
    sentences = {
        SAME: _("The photo still is the file that was indexed."),
        CHANGED: _("The file has changed since it was indexed: its hash is another one now."),
        MISSING: _("The photo is not where it was when it was indexed."),
        UPLOADED: "" if kept else _("The desk does not have the uploaded photo any more."),
    }
    return sentences[state]


def _of_copy(state: str, kept: bool) -> str:
    if not kept:
        return _("What is shown is the file as it is now.") if state == CHANGED else ""
    if state == UPLOADED:
        return _("The desk keeps the file as it was uploaded, with this hash.")
    return _("The desk keeps a copy with the indexed hash.")
