"""A deletion with a receipt: what was deleted from where, and what is known of copies.

A receipt is plain values for JSON:

    format, seamline, made_at, ended_at, who, collection, items, missing
    photos     one for each photo of each item: item, name (of the file alone), sha256 (as indexed), garments, file
    versions   one for each physical collection, the one that answers first: physical, before, after (rows), keys
               (item -> keys of its rows), left (keys found after the flush), segments (on disk then, or None),
               journal (entries that this machine's journal of it forgot, None without one), snapshot (whether a copy
               of this machine's server was thrown away, None where that is not known)
    finality   as of `seamline.catalogue.finality`

`ended_at` is None until the deletion has come to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from seamline import __version__
from seamline.catalogue.finality import checked, local_home
from seamline.catalogue.forgetting import forget_photos
from seamline.catalogue.items import is_url
from seamline.catalogue.records import records_of_items
from seamline.index import Index
from seamline.index.deletion import BATCH, Deleted, DeletedRows, delete_items
from seamline.index.remains import segments_of
from seamline.index.snapshot.copies import remove_snapshot, snapshots_of

FORMAT = 1
Receipt = dict[str, Any]

LEFT, AT_URL = "left", "url"
"""What became of a photo's file: it stays where it is, because seamline deletes nobody's photos; it is at a URL."""


def delete_with_receipt(index: Index, name: str, items: Sequence[str], who: str) -> tuple[Deleted, Receipt]:
    """Delete items as `delete_items` does, and what journals and snapshots of this machine keep of them."""
    receipt, photos = begin_receipt(index, name, items, who)
    return carry_out(index, receipt, photos)


def begin_receipt(index: Index, name: str, items: Sequence[str], who: str) -> tuple[Receipt, list[tuple[str, str]]]:
    """The receipt of a deletion that is still to be done, and the (item, photo) pairs that it is about.

    Raises NotFound without the collection.
    """
    photos = _photos(index, name, items)
    receipt = {
        "format": FORMAT,
        "seamline": __version__,
        "made_at": _now(),
        "ended_at": None,
        "who": who,
        "collection": name,
        "items": list(dict.fromkeys(items)),
        "missing": [],
        "photos": [_to_jsonable(pair, told) for pair, told in photos.items()],
        "versions": [],
        "finality": None,
    }
    return receipt, list(photos)


def carry_out(index: Index, receipt: Receipt, photos: Sequence[tuple[str, str]]) -> tuple[Deleted, Receipt]:
    """Delete, and say in the receipt what was done. Raises what `delete_items` and a journal raise."""
    deleted = delete_items(index, receipt["collection"], receipt["items"])
    done = receipt | {
        "missing": list(deleted.missing),
        "versions": [_version(index, rows, photos) for rows in deleted.every],
        "ended_at": _now(),
    }
    return deleted, done | {"finality": checked(index, done)}


def _photos(index: Index, name: str, items: Sequence[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The photos of the items, of all versions of the collection."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    versions = [index.open(name), *index.all_versions(name)]
    for collection in {version.physical: version for version in versions}.values():
        for start in range(0, len(items), BATCH):
            for record in records_of_items(collection, items[start : start + BATCH]):
                told = found.setdefault((record["item"], record["photo"]), {"keys": set(), **record})
                told["keys"].add(record["key"])
    return found


def _to_jsonable(pair: tuple[str, str], told: dict[str, Any]) -> dict[str, Any]:
    item, photo = pair
    return {
        "item": item,
        "name": PurePath(photo).name,
        "sha256": told["photo_sha256"],
        "garments": len({key[-2:] for key in told["keys"]}),
        "file": AT_URL if is_url(photo) else LEFT,
    }


def _version(index: Index, rows: DeletedRows, photos: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {
        "physical": rows.physical,
        "before": rows.before,
        "after": rows.after,
        "keys": {item: list(keys) for item, keys in rows.keys.items()},
        "left": list(rows.left),
        "segments": segments_of(index, rows.physical),
        "journal": forget_photos(rows.physical, photos),
        "snapshot": _without_snapshot(index, rows),
    }


def _without_snapshot(index: Index, rows: DeletedRows) -> bool | None:
    home = local_home(index)
    if home is None:
        return None
    return remove_snapshot(snapshots_of(home / "snapshots", index.uri) / rows.physical)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
