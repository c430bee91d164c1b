"""Whole collections out of and into Milvus: to a Parquet file, from Parquet files, and from one into the next.

What comes in is filled into a collection beside the one that answers and published when it is whole, so that nobody
ever searches a half of it, and a run that was stopped is simply repeated.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from seamline.core.errors import BadOption, FingerprintMismatch, InternalError, NotFound
from seamline.index.collection import Collection, Report
from seamline.index.garment import Garment
from seamline.index.key_set import KeySet
from seamline.index.parquet import Header, read_header, read_rows, write_rows
from seamline.index.rebuild import Index

T = TypeVar("T")

_BATCH = 1000


def _silent(done: int, total: int) -> None:
    return None


def export_collection(collection: Collection, path: Path, report: Report = _silent) -> int:
    """Write all rows to a Parquet file, sorted by key; returns their number. Raises BadOption."""
    pages = _with_progress(collection.garments(_BATCH), collection.rows(), report)
    garments = itertools.chain.from_iterable(pages)
    return write_rows(path, collection.fingerprint, collection.shape, garments)


def import_files(index: Index, name: str, paths: Sequence[Path], report: Report = _silent) -> Collection:
    """Make the collection `name` of Parquet files, or add them to it where it holds vectors of the same weights.

    All files are read and checked before anything is written: raises BadOption for one that is damaged, for a key that
    occurs twice and for files of different weights; FingerprintMismatch for a collection of other weights.
    """
    files = parquet_files(paths)
    with KeySet() as keys:
        header = _checked(files, keys)
        pages = _with_progress(_pages(files), header.rows, report)
        try:
            present = index.open(name)
        except NotFound:
            return _filled(index, name, header, pages, keys)
    _fitting(present, header)
    _store(present, pages)
    return present


def copy_collection(index: Index, source: Collection, report: Report = _silent) -> Collection:
    """Make a collection of the same rows beside `source`, with the index's present settings, and publish it."""
    header = Header(source.fingerprint, source.shape, source.rows())
    with KeySet() as keys:
        pages = _with_progress(_recorded(source.garments(_BATCH), keys), header.rows, report)
        return _filled(index, source.name, header, pages, keys)


def parquet_files(paths: Iterable[Path]) -> list[Path]:
    """Files by name; a folder stands for the .parquet files in it and below. Raises BadOption for one without any."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(file for file in path.rglob("*.parquet") if not file.name.startswith((".", "_")))
        if not inside:
            raise BadOption(f"the folder {path} holds no .parquet file")
        found += inside
    return found


def _checked(files: Sequence[Path], keys: KeySet) -> Header:
    headers = [read_header(path) for path in files]
    for path, header in zip(files, headers, strict=True):
        if (header.fingerprint, header.shape) != (headers[0].fingerprint, headers[0].shape):
            raise BadOption(f"{path} holds vectors of other weights than {files[0]}; load them into two collections")
    whole = dataclasses.replace(headers[0], rows=sum(header.rows for header in headers))
    for path in files:
        for garments in _batches(read_rows(path)):
            if twice := keys.add([garment.key for garment in garments]):
                raise BadOption(f"{path}: the key {twice!r} occurs twice; two files may hold the same garments")
    return whole


def _fitting(collection: Collection, header: Header) -> None:
    if (collection.fingerprint, collection.shape) != (header.fingerprint, header.shape):
        raise FingerprintMismatch(
            f"the collection {collection.name!r} was indexed with the weights {collection.fingerprint} and the file "
            f"with {header.fingerprint}; load it into another collection"
        )


def _filled(index: Index, name: str, header: Header, pages: Iterable[list[Garment]], keys: KeySet) -> Collection:
    """A new collection of exactly these rows, published."""
    new = index.build_beside(name, header.fingerprint, header.shape, copying=True)
    _store(new, pages)
    _remove_strangers(new, keys)
    if new.rows() != len(keys):
        raise InternalError(f"{new.rows():,} of {len(keys):,} garments arrived; repeat the command")
    index.publish(new)
    return index.open(name)


def _store(collection: Collection, pages: Iterable[list[Garment]]) -> None:
    for page in pages:
        collection.store(page)
    collection.flush()


def _remove_strangers(collection: Collection, keys: KeySet) -> None:
    """Rows that an earlier run, stopped in its middle, stored and this one does not have."""
    for chunk in _batches(collection.all_keys()):
        collection.delete(keys.unknown(chunk))
    collection.flush()


def _batches(values: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(itertools.islice(values, _BATCH)):
        yield batch


def _pages(files: Sequence[Path]) -> Iterator[list[Garment]]:
    for path in files:
        yield from _batches(read_rows(path))


def _recorded(pages: Iterable[list[Garment]], keys: KeySet) -> Iterator[list[Garment]]:
    for page in pages:
        keys.add([garment.key for garment in page])
        yield page


def _with_progress(pages: Iterable[list[Garment]], total: int, report: Report) -> Iterator[list[Garment]]:
    done = 0
    for page in pages:
        yield page
        done += len(page)
        report(done, max(done, total))
