"""What the journals of this machine say of photos, forgotten when their items are deleted.

An entry never keeps a photo from being indexed again: Milvus is always asked which rows there are. It holds digests of
item, photo, content and metadata, and the file's size and time of change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seamline.catalogue.journal import Journal
from seamline.catalogue.run import journal_of
from seamline.index import photo_key

_AT_ONCE = 500


def forget_photos(physical: str, photos: Iterable[tuple[str, str]]) -> int | None:
    """Remove the entries of (item, photo) pairs from a collection's journal; how many there were, None where this
    machine has no journal of it. Raises BadOption or Unavailable where the journal cannot be used."""
    path = journal_of(physical)
    if not path.is_file():
        return None
    keys = [bytes.fromhex(photo_key(item, photo)) for item, photo in photos]
    with Journal(path, physical) as journal:
        return sum(_forgotten(journal, keys[start : start + _AT_ONCE]) for start in range(0, len(keys), _AT_ONCE))


def _forgotten(journal: Journal, keys: Sequence[bytes]) -> int:
    found = journal.entries(keys)
    journal.forget(found)
    return len(found)
