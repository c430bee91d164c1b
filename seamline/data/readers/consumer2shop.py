"""DeepFashion Consumer-to-shop Clothes Retrieval: photos that buyers took, and the shop's of the same product.

Files: `Eval/list_eval_partition.txt` with a pair of photos a row, `Anno/list_bbox_consumer2shop.txt`,
`Anno/list_landmarks_consumer2shop.txt`; where it is there, `Anno/list_item_consumer2shop.txt`; photos below `Img/img`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seamline.data.label_file import Label
from seamline.data.readers.deepfashion import Entry, Garment, garments
from seamline.data.readers.deepfashion_labels import to_label
from seamline.data.readers.deepfashion_lists import FOLDERS, partition_rows
from seamline.data.readers.deepfashion_table import Row, read_names
from seamline.data.readers.kinds import sleeve_of_names
from seamline.data.readers.request import Request
from seamline.data.readers.text import find, find_optional

SOURCE = "deepfashion-c2s"
SPLITS = ("train", "val", "test")
SHOP, CONSUMER = 1, 2
"""Source types: what `Garment.view` says."""

_COLUMNS = ("image_pair_name_1", "image_pair_name_2", "item_id", "evaluation_status")


def labels(request: Request) -> Iterator[Label]:
    """The labels of a split; every photo once, however many pairs it is in. Raises BadDataset as `request` wants."""
    return (to_label(garment, SOURCE, request.keep_occluded) for garment in read_consumer2shop(request))


def read_consumer2shop(request: Request) -> Iterator[Garment]:
    """The garments of a split. Raises BadDataset as `request` wants."""
    entries = _entries(request.folder, request.split)
    return garments(
        request.folder, "list_bbox_consumer2shop.txt", "list_landmarks_consumer2shop.txt", entries, request.report
    )


def read_pairs(folder: Path, split: str) -> Iterator[tuple[str, str, str]]:
    """Consumer's photo, shop's photo and product of every pair of a split. Raises BadDataset where a row is bad."""
    for row in _partition(folder):
        if row.fields[3] == split:
            yield row.fields[0], row.fields[1], row.fields[2]


def _partition(folder: Path) -> Iterator[Row]:
    return partition_rows(find(folder, "list_eval_partition.txt", ("Eval", *FOLDERS)), _COLUMNS, SPLITS)


def _entries(folder: Path, split: str) -> dict[str, Entry]:
    items = find_optional(folder, "list_item_consumer2shop.txt", FOLDERS)
    known = None if items is None else frozenset(read_names(items))
    found: dict[str, Entry] = {}
    for row in _partition(folder):
        consumer, shop, item, status = row.fields
        if known is not None and item not in known:
            raise row.location.bad(f"the item {item} is not in list_item_consumer2shop.txt")
        if status == split:
            _add(found, row, item, (consumer, shop))
    return found


def _add(found: dict[str, Entry], row: Row, item: str, photos: tuple[str, str]) -> None:
    for photo in photos:
        words = " ".join(Path(photo).parts[1:-2])
        entry = found.setdefault(photo, Entry(item, words, sleeve_of_names([words])))
        if entry.item != item:
            raise row.location.bad(f"{photo} shows the item {item} here, but {entry.item} in an earlier row")
