"""`seamline items delete` and `seamline items show`."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from seamline.cli import options
from seamline.cli.exits import DONE, NOTHING
from seamline.cli.output import info, printable, show, show_json
from seamline.connections import open_index
from seamline.core.errors import BadOption
from seamline.core.output_files import check_output, write_text

if TYPE_CHECKING:
    from seamline.index import Collection, Index
    from seamline.index.deletion import Deleted

_BATCH = 500
_STDIN = "-"
_BYTE_ORDER_MARK = "\ufeff"

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The collection.", show_default=False)]
_Items = Annotated[list[str] | None, typer.Argument(metavar="[ITEM...]", help="Ids of items.", show_default=False)]
_From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FILE|-",
        help="Read more ids from a file, or from standard input: one a line, or JSON Lines with the key item.",
    ),
]
_Receipt = Annotated[
    Path | None,
    typer.Option(metavar="FILE.json", dir_okay=False, help="Write down what was deleted and what still holds it."),
]


def delete_items(
    name: _Name,
    items: _Items = None,
    file: _From = None,
    receipt: _Receipt = None,
    as_json: options.AsJson = False,
    milvus: options.Milvus = None,
) -> int:
    """Delete every garment of these items, also where it is kept for a rollback or being filled by a rebuild."""
    ids = _ids(items or [], file)
    if receipt is not None:
        check_output(receipt)
    with closing(open_index(milvus)) as index:
        deleted, told = _deleted(index, name, ids, wanted=receipt is not None)
    if receipt is not None:
        write_text(receipt, json.dumps(told, indent=1) + "\n")
    count = len(deleted.present.keys)
    if as_json:
        garments = deleted.present.garments
        show_json({"collection": name, "items": count, "garments": garments, "missing": list(deleted.missing)})
    else:
        show(f"{printable(name)}: deleted {deleted.present.garments:,} garments of {count:,} items")
        for item in deleted.missing:
            info(f"there is no item {printable(item)}")
    return DONE if count else NOTHING


def _deleted(index: Index, name: str, ids: list[str], *, wanted: bool) -> tuple[Deleted, dict[str, object]]:
    """What was deleted, and the receipt where one is wanted."""
    from seamline.catalogue.receipts import delete_with_receipt
    from seamline.index.deletion import delete_items

    if wanted:
        return delete_with_receipt(index, name, ids, _person())
    return delete_items(index, name, ids), {}


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"user {os.getuid()}"


def show_items(name: _Name, items: _Items = None, file: _From = None, milvus: options.Milvus = None) -> int:
    """Print what is stored of these items, one garment a line as JSON."""
    found = False
    with closing(open_index(milvus)) as index:
        collection = index.open(name)
        for batch in _batches(_ids(items or [], file)):
            for record in _records(collection, batch):
                show_json(record)
                found = True
    return DONE if found else NOTHING


def _records(collection: Collection, items: list[str]) -> Iterator[dict[str, object]]:
    from seamline.catalogue.records import records_of_items

    return records_of_items(collection, items)


def _ids(given_ids: list[str], file: str | None) -> list[str]:
    """All ids. Raises BadOption, before any is used, when one of them cannot be an item's."""
    if not given_ids and file is None:
        raise BadOption("name items, or a file of items with --from")
    ids = [*given_ids, *_listed(file)]
    for item in ids:
        if not _is_text(item):
            raise BadOption(f"the item id {item} is not valid UTF-8")
    return ids


def _is_text(item: str) -> bool:
    try:
        item.encode()
    except UnicodeEncodeError:
        return False
    return True


def _listed(file: str | None) -> Iterator[str]:
    if file == _STDIN:
        yield from _lines(sys.stdin, "standard input")
    elif file is not None:
        try:
            with Path(file).open(encoding=_encoding(Path(file))) as opened:
                yield from _lines(opened, file)
        except OSError as failure:
            raise BadOption(f"{file} cannot be read: {failure.strerror}") from failure


def _encoding(path: Path) -> str:
    """Spreadsheets write UTF-16, too; of a pipe no byte may be read to see."""
    from seamline.catalogue.sources.text import UTF_8, encoding_of

    return encoding_of(path) if path.is_file() else UTF_8


def _lines(file: TextIO, name: str) -> Iterator[str]:
    try:
        for number, line in enumerate(file, 1):
            text = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).rstrip("\r\n")
            if text.strip():
                yield _id(text, f"{name}, line {number}")
    except UnicodeDecodeError:
        raise BadOption(f"{name} is not UTF-8; save it as UTF-8, in Excel as `CSV UTF-8`") from None


def _id(line: str, place: str) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        item = json.loads(line).get("item")
    except (ValueError, RecursionError):
        raise BadOption(f"{place}: the line begins with {{ and is not JSON") from None
    if not isinstance(item, str | int) or isinstance(item, bool):
        raise BadOption(f"{place}: the key item is missing or is not text")
    return str(item)


def _batches(ids: list[str]) -> Iterator[list[str]]:
    batch: dict[str, None] = {}
    for item in ids:
        batch[item] = None
        if len(batch) == _BATCH:
            yield list(batch)
            batch = {}
    if batch:
        yield list(batch)
