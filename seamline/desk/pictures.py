"""Photos for the browser: reduced, upright, and never the file itself."""

from __future__ import annotations

import io
import threading

from PIL import Image
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from seamline.core.errors import BadPhoto, NotFound
from seamline.core.image import Photo, decode
from seamline.desk.context import Desk
from seamline.desk.pairs import Side
from seamline.desk.store.models import StoredPhoto
from seamline.report.files import read_found

LARGE, SMALL = 1600, 320
"""Pixels of a shown photo's longer side."""

_QUALITY = 85
_DECODED_NOW = threading.BoundedSemaphore(4)
"""A photo takes up to half a gigabyte while it is decoded, and a page asks for many at once."""


def picture(data: bytes, side: int) -> Response:
    """A JPEG of the photo, its longer side at most `side`. Raises BadPhoto."""
    file = io.BytesIO()
    Image.fromarray(_decoded(data, side).rgb).save(file, "JPEG", quality=_QUALITY)
    # The browser may keep it: what an address shows never changes, and who is asked for it has signed in.
    return Response(file.getvalue(), media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def side_of(size: str) -> int:
    """What `?size=small` or `large` means."""
    return SMALL if size == "small" else LARGE


def side_picture(desk: Desk, side: Side, size: str) -> Response:
    """The photo that `read_side` reads, as a picture. Raises NotFound as that does."""
    try:
        return picture(_own_or_indexed(desk, side), side_of(size))
    except BadPhoto:
        raise _moved() from None


def read_side(desk: Desk, side: Side) -> bytes:
    """The photo of one side of a pair: the desk's own copy, else the file that the record names.

    Raises NotFound where there is none, or where it is no photo; nothing is told of a file that is not one.
    """
    try:
        return desk.photos.read(side.sha256)
    except NotFound:
        return read_indexed(desk, side)


def read_indexed(desk: Desk, side: Side) -> bytes:
    """The photo in the file that the record names, whatever its hash is now. Raises NotFound as `read_side` does."""
    data = _named_file(desk, side)
    try:
        _decoded(data, SMALL)
    except BadPhoto:
        raise _moved() from None
    return data


def _own_or_indexed(desk: Desk, side: Side) -> bytes:
    """As `read_side`, of a file that may be no photo."""
    try:
        return desk.photos.read(side.sha256)
    except NotFound:
        return _named_file(desk, side)


def _named_file(desk: Desk, side: Side) -> bytes:
    try:
        return read_found(side.photo, side.item, desk.settings.photos)
    except (OSError, ValueError):
        raise _moved() from None


def _moved() -> NotFound:
    return NotFound("the photo is not where it was when it was indexed")


def _decoded(data: bytes, side: int) -> Photo:
    with _DECODED_NOW:
        return decode(data, side)


def keep_photo(desk: Desk, data: bytes, size: tuple[int, int] | None = None) -> StoredPhoto:
    """Copy a photo into the store. `size`: width and height, upright, where the server has decoded it already.

    Raises BadPhoto for what is none, Unavailable where it cannot be saved.
    """
    width, height = size or _size(data)
    sha256 = desk.photos.add(data)
    row = StoredPhoto(sha256=sha256, bytes=len(data), width=width, height=height)
    try:
        with desk.store.session() as session:
            known = session.get(StoredPhoto, sha256)
            if known is None:
                session.add(row)
            return known or row
    except IntegrityError:  # somebody else has kept the same photo at this moment
        return row


def _size(data: bytes) -> tuple[int, int]:
    photo = _decoded(data, SMALL)
    return photo.width, photo.height
