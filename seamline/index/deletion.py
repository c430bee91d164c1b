"""Items deleted from every collection that holds them, and what can be said of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice

from seamline.index.collection import Collection
from seamline.index.rebuild import Index

BATCH = 500
"""Items of one look-up and one deletion."""

_KEYS_AT_ONCE = 1000


@dataclass(frozen=True)
class DeletedRows:
    """What went from one physical collection. `keys`: of each item that it held; `before`, `after`: all of its rows.

    `left`: keys that were found once more after the flush, of which there should be none.
    """

    physical: str
    keys: Mapping[str, Sequence[str]]
    before: int
    after: int
    left: Sequence[str]

    @property
    def garments(self) -> int:
        """Rows that were deleted."""
        return sum(map(len, self.keys.values()))

    @property
    def every_key(self) -> list[str]:
        """Keys of all items."""
        return [key for keys in self.keys.values() for key in keys]


@dataclass(frozen=True)
class Deleted:
    """Items that were deleted from a collection. `present`: the physical collection that answers; `beside`: those kept
    for a rollback or being filled. `missing`: items that the present one did not hold."""

    collection: str
    present: DeletedRows
    beside: Sequence[DeletedRows] = ()
    missing: Sequence[str] = ()

    @property
    def every(self) -> tuple[DeletedRows, ...]:
        """All physical collections, the one that answers first."""
        return (self.present, *self.beside)


@dataclass
class _Version:
    """One physical collection while items are deleted from it."""

    collection: Collection
    before: int
    keys: dict[str, list[str]] = field(default_factory=dict)

    def delete(self, items: list[str]) -> None:
        found = self.collection.keys_of_items(items)
        self.collection.delete([key for keys in found.values() for key in keys])
        self.keys |= found

    def told(self) -> DeletedRows:
        keys = [key for keys in self.keys.values() for key in keys]
        left = still_there(self.collection, keys)
        return DeletedRows(self.collection.physical, self.keys, self.before, self.collection.rows(), left)


def delete_items(index: Index, name: str, items: Iterable[str]) -> Deleted:
    """Delete every garment of these items from the collection `name`, also where it is kept for a rollback or being
    filled by a rebuild.

    What was deleted before an error is flushed. Raises NotFound without the collection, Unavailable.
    """
    present = index.open(name)
    others = [each for each in index.all_versions(name) if each.physical != present.physical]
    versions = [_Version(each, each.rows()) for each in (present, *others)]
    named: dict[str, None] = {}
    with _flushed_at_last([version.collection for version in versions]):
        for batch in _batches(items):
            named |= dict.fromkeys(batch)
            for version in reversed(versions):  # the one that answers last, so that a repetition finds the rest again
                version.delete(batch)
    first, *rest = (version.told() for version in versions)
    return Deleted(name, first, rest, [item for item in named if item not in first.keys])


def still_there(collection: Collection, keys: Sequence[str]) -> list[str]:
    """Those of the keys that the collection holds."""
    chunks = (keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE))
    return [str(row["pk"]) for chunk in chunks for row in collection.rows_by_key(chunk, [])]


def _batches(items: Iterable[str]) -> Iterator[list[str]]:
    every = iter(dict.fromkeys(items))
    while batch := list(islice(every, BATCH)):
        yield batch


@contextmanager
def _flushed_at_last(collections: Sequence[Collection]) -> Iterator[None]:
    with ExitStack() as stack:
        for collection in collections:
            stack.callback(collection.flush)
        yield
