"""Collections to a Parquet file and from Parquet files; importing it raises Unsupported without pyarrow.

What comes in is filled into a collection beside the one that answers and published when it is whole, so that nobody
ever searches a half of it, and a run that was stopped is simply repeated.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from seamline.core.errors import BadOption, FingerprintMismatch, NotFound
from seamline.core.extras import requires_extra
from seamline.index.collection import Collection, Report
from seamline.index.copying import fill_beside, in_batches, silent, store_pages, with_progress
from seamline.index.garment import Garment
from seamline.index.key_set import KeySet
from seamline.index.parquet_folder import parquet_parts
from seamline.index.rebuild import Index

with requires_extra("parquet", "collections as Parquet files"):
    from seamline.index.parquet import Header, read_header, read_rows, write_rows


def export_collection(collection: Collection, path: Path, report: Report = silent) -> int:
    """Write all rows to a Parquet file, sorted by key; returns their number. Raises BadOption."""
    pages = with_progress(collection.garments(), collection.rows(), report)
    garments = itertools.chain.from_iterable(pages)
    return write_rows(path, collection.fingerprint, collection.shape, garments)


def import_files(index: Index, name: str, paths: Sequence[Path], report: Report = silent) -> Collection:
    """Make the collection `name` of Parquet files, or add them to it where it holds vectors of the same weights.

    All files are read and checked before anything is written: raises BadOption for one that is damaged, for a key that
    occurs twice and for files of different weights; FingerprintMismatch for a collection of other weights.
    """
    files = parquet_files(paths)
    with KeySet() as keys:
        header = _checked(files, keys)
        pages = with_progress(_pages(files), header.rows, report)
        try:
            present = index.open(name)
        except NotFound:
            return fill_beside(index, name, header.fingerprint, header.shape, pages, keys)
    _fitting(present, header)
    store_pages(present, pages)
    return present


def parquet_files(paths: Iterable[Path]) -> list[Path]:
    """Files by name; a folder stands for the .parquet files in it and below. Raises BadOption for one without any."""
    found: list[Path] = []
    for path in paths:
        found += parquet_parts(path) if path.is_dir() else [path]
    return found


def _checked(files: Sequence[Path], keys: KeySet) -> Header:
    headers = [read_header(path) for path in files]
    for path, header in zip(files, headers, strict=True):
        if (header.fingerprint, header.shape) != (headers[0].fingerprint, headers[0].shape):
            raise BadOption(f"{path} holds vectors of other weights than {files[0]}; load them into two collections")
    whole = dataclasses.replace(headers[0], rows=sum(header.rows for header in headers))
    for path in files:
        for garments in in_batches(read_rows(path)):
            if twice := keys.add([garment.key for garment in garments]):
                raise BadOption(f"{path}: the key {twice!r} occurs twice; two files may hold the same garments")
    return whole


def _fitting(collection: Collection, header: Header) -> None:
    if (collection.fingerprint, collection.shape) != (header.fingerprint, header.shape):
        raise FingerprintMismatch(
            f"the collection {collection.name!r} was indexed with the weights {collection.fingerprint} and the file "
            f"with {header.fingerprint}; load it into another collection"
        )


def _pages(files: Sequence[Path]) -> Iterator[list[Garment]]:
    for path in files:
        yield from in_batches(read_rows(path))
