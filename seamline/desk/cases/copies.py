"""The photos of a pair, copied into the store as they were received."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from seamline.core.errors import NotFound
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair, Side
from seamline.desk.pictures import keep_photo, read_side

GONE, CHANGED = "gone", "changed"
WHY = {
    GONE: "the photo was not where it had been indexed any more when the pair was added",
    CHANGED: "the photo had changed since it was indexed when the pair was added, so it was not taken",
}
"""Why a photo was not copied, in a sentence for the case file."""


@dataclass(frozen=True)
class CopiedPhoto:
    """`sha256`: of the copy, None where there is none; `missing`: then `gone` or `changed`."""

    sha256: str | None
    missing: str = ""


def copy_photos(desk: Desk, pair: Pair) -> tuple[CopiedPhoto, CopiedPhoto]:
    """Both sides. Raises Unavailable where they cannot be saved; a photo that is not there is not an error."""
    return _copy(desk, pair.query), _copy(desk, pair.hit)


def _copy(desk: Desk, side: Side) -> CopiedPhoto:
    try:
        data = read_side(desk, side)
    except NotFound:
        return CopiedPhoto(None, GONE)
    if hashlib.sha256(data).hexdigest() != side.sha256:
        return CopiedPhoto(None, CHANGED)
    return CopiedPhoto(keep_photo(desk, data).sha256)
