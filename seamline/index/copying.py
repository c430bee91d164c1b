"""Rows of any origin into a collection beside the one that answers, which is published when it is whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

from seamline.core.errors import InternalError
from seamline.index.collection import Collection, Report
from seamline.index.garment import Garment, Shape
from seamline.index.key_set import KeySet
from seamline.index.rebuild import Index

T = TypeVar("T")

_BATCH = 1000


def silent(done: int, total: int) -> None:
    """A report to nobody."""


def copy_collection(index: Index, source: Collection, report: Report = silent) -> Collection:
    """Make a collection of the same rows beside `source`, with the index's present settings, and publish it."""
    with KeySet() as keys:
        pages = with_progress(_recorded(source.garments(_BATCH), keys), source.rows(), report)
        return fill_beside(index, source.name, source.fingerprint, source.shape, pages, keys)


def fill_beside(
    index: Index, name: str, fingerprint: str, shape: Shape, pages: Iterable[list[Garment]], keys: KeySet
) -> Collection:
    """A new collection of exactly these rows, whose keys `keys` holds at the end, published."""
    new = index.build_beside(name, fingerprint, shape, copying=True)
    store_pages(new, pages)
    _remove_strangers(new, keys)
    if new.rows() != len(keys):
        raise InternalError(f"{new.rows():,} of {len(keys):,} garments arrived; repeat the command")
    index.publish(new)
    return index.open(name)


def store_pages(collection: Collection, pages: Iterable[list[Garment]]) -> None:
    """Store all rows and flush."""
    for page in pages:
        collection.store(page)
    collection.flush()


def in_batches(values: Iterator[T]) -> Iterator[list[T]]:
    """Lists of at most 1,000."""
    while batch := list(itertools.islice(values, _BATCH)):
        yield batch


def with_progress(pages: Iterable[list[Garment]], total: int, report: Report) -> Iterator[list[Garment]]:
    """The pages; `report` hears how many rows of `total` they had so far."""
    done = 0
    for page in pages:
        yield page
        done += len(page)
        report(done, max(done, total))


def _remove_strangers(collection: Collection, keys: KeySet) -> None:
    """Rows that an earlier run, stopped in its middle, stored and this one does not have."""
    for chunk in in_batches(collection.all_keys()):
        collection.delete(keys.unknown(chunk))
    collection.flush()


def _recorded(pages: Iterable[list[Garment]], keys: KeySet) -> Iterator[list[Garment]]:
    for page in pages:
        keys.add([garment.key for garment in page])
        yield page
