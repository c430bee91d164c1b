"""One item's photo compared with what the journal and the collection know of it, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from seamline.catalogue.items import Failure, Item
from seamline.catalogue.photos import URL_STAT, FileStat
from seamline.catalogue.records import JournalEntry, entry_of
from seamline.catalogue.writer import Change
from seamline.core.errors import BadPhoto
from seamline.index import PHOTO_DIGITS
from seamline.index.keys import CONTENT_DIGITS


@dataclass(frozen=True)
class PendingItem:
    """An item that waits for its photo's garments. `stored`: keys of the rows that it has so far."""

    item: Item
    key: bytes
    stored: Sequence[str]


@dataclass(frozen=True)
class PendingPhoto:
    """A photo to embed, and the items of one batch that show it."""

    photo: str
    stat: FileStat
    items: list[PendingItem]


@dataclass
class CheckedBatch:
    """What became of one batch. `extra_photos`: entries that are not the first of their row. `metadata_updated`: items
    whose rows only take over new metadata."""

    extra_photos: int = 0
    skipped: int = 0
    repeated: int = 0
    metadata_updated: int = 0
    failures: list[Failure] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    pending_photos: dict[str, PendingPhoto] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownPhoto:
    """What is known of an item's photo before its content is looked at."""

    item: Item
    key: bytes
    stat: FileStat
    entry: JournalEntry | None
    stored: Sequence[str]
    stored_metadata: bytes | None

    @property
    def known_content(self) -> str | None:
        """The content's digits, where the file need not be read to know them."""
        content = None if self.entry is None else self.entry.content_at(self.stat)
        if content is None and self.stat == URL_STAT and self.stored:
            return self.stored[0][PHOTO_DIGITS : PHOTO_DIGITS + CONTENT_DIGITS]
        return content

    def is_comparable(self) -> bool:
        """Whether there is anything to compare the content with."""
        return bool(self.stored) or self.entry is not None

    def keys_of(self, content: str) -> set[str]:
        """The stored keys of the garments of this content."""
        return {key for key in self.stored if key[PHOTO_DIGITS : PHOTO_DIGITS + CONTENT_DIGITS] == content}

    def is_complete(self, content: str) -> bool:
        """Whether all garments of the photo with this content are stored.

        Without an entry any row says so: a photo's rows are written by one call.
        """
        count = len(self.keys_of(content))
        if self.entry is None or self.entry.content != content:
            return count > 0
        return count == self.entry.garments


def decide(one: KnownPhoto, content: str | BadPhoto | None, checked: CheckedBatch) -> tuple[Item, Change] | None:
    """Note what is to be done for an item; returned is one whose garments are stored, under metadata that have changed
    since, with what is left to do for it."""
    if isinstance(content, BadPhoto):
        checked.failures.append(Failure(str(content), one.item))
        return None
    if content is None or not one.is_complete(content):
        pending_photo = checked.pending_photos.setdefault(one.item.photo, PendingPhoto(one.item.photo, one.stat, []))
        pending_photo.items.append(PendingItem(one.item, one.key, one.stored))
        return None
    current = one.keys_of(content)
    entry = entry_of(one.item, content, one.stat, len(current))
    change = Change(one.key, entry, stale=[key for key in one.stored if key not in current])
    if current and one.stored_metadata != entry.metadata:
        return one.item, change
    checked.skipped += 1
    if change.stale or entry != one.entry:
        checked.changes.append(change)
    return None
