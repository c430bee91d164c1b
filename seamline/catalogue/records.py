"""What is kept of a photo that was embedded: the rows of a collection, and an entry of the journal beside them."""

from __future__ import annotations

from dataclasses import dataclass

from seamline.catalogue.items import Item
from seamline.catalogue.metadata import digest
from seamline.catalogue.photos import NO_STAT, FileStat
from seamline.client.results import Embedded
from seamline.index import Garment


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An item's photo whose rows are stored.

    `content`: the hexadecimal digits of the SHA-256 of its bytes, as many as the journal keeps; empty where none was
    embedded. `stat`: of its file then. `garments`: how many rows it has. `metadata`: a digest of what they carry.
    """

    content: str = ""
    stat: FileStat = NO_STAT
    garments: int = 0
    metadata: bytes = b""

    def content_at(self, stat: FileStat) -> str | None:
        """The content of the photo whose file has this stat now, None where only its bytes can tell."""
        return self.content if stat.is_reliable and stat == self.stat else None


def entry_of(item: Item, content: str, stat: FileStat, garments: int) -> JournalEntry:
    """The entry of a photo whose rows carry the metadata of `item`."""
    return JournalEntry(content, stat, garments, digest(item.metadata))


def rows_of(item: Item, embedded: Embedded) -> list[Garment]:
    """The rows of an item's photo. Raises InvalidArgument when a row cannot hold what is known of a garment."""
    rows = [
        Garment(
            item=item.item,
            photo=item.photo,
            photo_sha256=embedded.photo_sha256,
            photo_size=embedded.photo_size,
            number=garment.number,
            category=garment.category,
            box=garment.box,
            part_boxes=garment.part_boxes.tolist(),
            vectors=garment.vectors,
            metadata=item.metadata,
        )
        for garment in embedded.garments
    ]
    for row in rows:
        _ = row.record
    return rows
