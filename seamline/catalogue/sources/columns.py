"""From a manifest's row to items: the columns `item` and `photo`, and everything else as metadata."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seamline.catalogue.items import Entry, Failure, Item, Value, is_url
from seamline.core.errors import BadOption

ITEM, PHOTO = "item", "photo"
FAILURE = "failure"
"""The column that a file of failures adds to its rows; ignored, so that the file is a source again."""


_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_SHOWN = 8
"""Columns that a message lists."""


def canonical(names: Iterable[str]) -> tuple[str, ...]:
    """The names of columns without spaces around them, and those that mean something in lower case."""
    stripped = (name.strip() for name in names)
    return tuple(name.lower() if name.lower() in (ITEM, PHOTO, FAILURE) else name for name in stripped)


def check_columns(names: Sequence[str], manifest: object, how: str = "") -> None:
    """Raise BadOption unless the columns of `manifest` can be used; `how` says by what they were told apart."""
    missing = [name for name in (ITEM, PHOTO) if name not in names]
    if missing:
        they = f"column {missing[0]} is" if len(missing) == 1 else "columns item, photo are"
        there = [repr(name) for name in names if name]
        shown = ", ".join(there[:_SHOWN]) + (", ..." if len(there) > _SHOWN else "")
        found = f"; the columns are {shown}{how}" if there else ""
        raise BadOption(f"{manifest}: the {they} missing; a manifest names item and photo{found}")
    doubled = next((name for name, times in Counter(names).items() if times > 1 and name), None)
    if doubled is not None:
        first, second = [number for number, name in enumerate(names, 1) if name == doubled][:2]
        raise BadOption(f"{manifest}: the column {doubled!r} is there twice, as columns {first} and {second}")


def items_of(row: Mapping[str, Any], root: str, place: str) -> Iterator[Entry]:
    """An item per photo of the row; paths are relative to `root`."""
    try:
        item = _item_id(row.get(ITEM))
        photos = [photo if is_url(photo) else _path(photo, root) for photo in _photos(row.get(PHOTO))]
        metadata = {
            name: value
            for name, cell in row.items()
            if name not in (ITEM, PHOTO, FAILURE) and (value := _value(name, cell)) is not None
        }
    except ValueError as error:
        yield Failure(str(error), place=place)
        return
    for photo in photos:
        yield Item(item, photo, metadata, place)


def _path(photo: str, root: str) -> str:
    """The absolute path; backslashes part folders, as on Windows, unless there is a file of that very name."""
    if "\\" in photo and not _exists(os.path.join(root, photo)):
        if _WINDOWS.match(photo):
            raise ValueError(f"photo is {photo!r}, a path of a Windows machine; name it relative to the manifest")
        photo = photo.replace("\\", "/")
    return os.path.normpath(os.path.join(root, photo))


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # no file can have this name
        return False


def _item_id(cell: object) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        raise ValueError("item is empty")
    if isinstance(cell, float):
        raise ValueError(f"item is {cell}, a number with a decimal point; store ids as text or as whole numbers")
    if not isinstance(cell, str):
        raise ValueError("item is neither text nor a whole number")
    return cell


def _photos(cell: object) -> list[str]:
    photos: list[Any] = cell if isinstance(cell, list) else [cell]
    if not photos or any(photo is None or (isinstance(photo, str) and not photo.strip()) for photo in photos):
        raise ValueError("photo is empty")
    if not all(isinstance(photo, str) for photo in photos):
        raise ValueError("photo is neither text nor a list of texts")
    return photos


def _value(name: str, cell: object) -> Value:
    """A cell as a plain value, None where it says nothing; what is nested becomes JSON text."""
    if cell is None or cell == "" or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if isinstance(cell, str | bool | int | float):
        return cell
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, decimal.Decimal | datetime.timedelta):
        return str(cell)
    try:
        return json.dumps(cell, ensure_ascii=False, default=str, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise ValueError(f"{name} holds something that cannot be kept as metadata") from None
