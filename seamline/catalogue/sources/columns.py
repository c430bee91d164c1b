"""From a manifest's row to items: the columns `item` and `photo`, and everything else as metadata."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seamline.catalogue.items import Entry, Failure, Item, Value, is_url
from seamline.core.errors import BadOption

ITEM, PHOTO = "item", "photo"
FAILURE = "failure"
"""The column that a file of failures adds to its rows; ignored, so that the file is a source again."""


def check_columns(names: Sequence[str], manifest: object) -> None:
    """Raise BadOption unless the columns of `manifest` can be used."""
    missing = [name for name in (ITEM, PHOTO) if name not in names]
    if missing:
        are = "column" if len(missing) == 1 else "columns"
        raise BadOption(f"{manifest}: the {are} {', '.join(missing)} is missing; a manifest names item and photo")
    doubled = [name for name, times in Counter(names).items() if times > 1]
    if doubled:
        raise BadOption(f"{manifest}: the column {doubled[0]!r} is there twice")


def items_of(row: Mapping[str, Any], root: str, place: str) -> Iterator[Entry]:
    """An item per photo of the row; paths are relative to `root`."""
    try:
        item = _item_id(row.get(ITEM))
        photos = _photos(row.get(PHOTO))
        metadata = {
            name: value
            for name, cell in row.items()
            if name not in (ITEM, PHOTO, FAILURE) and (value := _value(name, cell)) is not None
        }
    except ValueError as error:
        yield Failure(str(error), place=place)
        return
    for photo in photos:
        yield Item(item, photo if is_url(photo) else os.path.normpath(os.path.join(root, photo)), metadata, place)


def _item_id(cell: object) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        raise ValueError("item is empty")
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
