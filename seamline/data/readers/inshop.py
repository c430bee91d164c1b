"""DeepFashion In-shop Clothes Retrieval: photos of one product from several views, by one shop.

Files: `Eval/list_eval_partition.txt`, `Anno/list_bbox_inshop.txt`, `Anno/list_landmarks_inshop.txt`; where they are
there, `Anno/list_item_inshop.txt` and `Anno/list_description_inshop.json`; photos below `Img/img`, to whose 256 pixels
the lists refer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from seamline.data.label_file import Label
from seamline.data.readers.bad_dataset import Location
from seamline.data.readers.deepfashion import Entry, Garment, garments
from seamline.data.readers.deepfashion_labels import to_label
from seamline.data.readers.deepfashion_lists import FOLDERS, partition_rows
from seamline.data.readers.deepfashion_table import read_names
from seamline.data.readers.kinds import sleeve_in, sleeve_of_names
from seamline.data.readers.request import Request
from seamline.data.readers.text import find, find_optional, read_json

SOURCE = "deepfashion-inshop"
SPLITS = ("train", "query", "gallery")
_COLUMNS = ("image_name", "item_id", "evaluation_status")


@dataclasses.dataclass(frozen=True)
class Description:
    """What the shop says about a product."""

    item: str
    colour: str
    sentences: tuple[str, ...]


def labels(request: Request) -> Iterator[Label]:
    """The labels of a split. Raises BadDataset as `request` wants."""
    return (to_label(garment, SOURCE, request.keep_occluded) for garment in read_inshop(request))


def read_inshop(request: Request) -> Iterator[Garment]:
    """The garments of a split. Raises BadDataset as `request` wants."""
    entries = _entries(request.folder, request.split)
    return garments(request.folder, "list_bbox_inshop.txt", "list_landmarks_inshop.txt", entries, request.report)


def read_descriptions(path: Path) -> dict[str, Description]:
    """Products by their id from list_description_inshop.json. Raises BadDataset where it is not as published."""
    value = read_json(path)
    if not isinstance(value, list):
        raise Location(path).bad("this is not a list of descriptions")
    return {found.item: found for found in (_description(Location(path, f"[{n}]"), row) for n, row in enumerate(value))}


def _description(at: Location, value: object) -> Description:
    if not isinstance(value, dict) or not isinstance(value.get("item"), str):
        raise at.bad("a description is an object with item, color and description")
    sentences = value.get("description", [])
    if not isinstance(sentences, list) or not all(isinstance(sentence, str) for sentence in sentences):
        raise at.bad("the description is not a list of sentences")
    return Description(value["item"], str(value.get("color", "")), tuple(sentences))


def _entries(folder: Path, split: str) -> dict[str, Entry]:
    items = find_optional(folder, "list_item_inshop.txt", FOLDERS)
    known = None if items is None else frozenset(read_names(items))
    path = find_optional(folder, "list_description_inshop.json", FOLDERS)
    descriptions = {} if path is None else read_descriptions(path)
    found = {}
    for row in partition_rows(find(folder, "list_eval_partition.txt", ("Eval", *FOLDERS)), _COLUMNS, SPLITS):
        photo, item, status = row.fields
        if known is not None and item not in known:
            raise row.location.bad(f"the item {item} is not in list_item_inshop.txt")
        if status == split:
            found[photo] = _entry(photo, item, descriptions)
    return found


def _entry(photo: str, item: str, descriptions: Mapping[str, Description]) -> Entry:
    """The folder above the item's names the kind of garment: img/WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg."""
    words = Path(photo).parent.parent.name
    described = descriptions[item].sentences if item in descriptions else ()
    return Entry(item, words, sleeve_in(described) or sleeve_of_names([words]))
