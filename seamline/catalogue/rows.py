"""From what `embed` says of a photo to rows of a collection."""

from __future__ import annotations

from seamline.catalogue.checking import Claim, Job
from seamline.catalogue.items import Item
from seamline.catalogue.journal import Mark
from seamline.catalogue.writer import Change
from seamline.client.results import Embedded
from seamline.index import Garment
from seamline.index.keys import CONTENT_DIGITS


def change_of(claim: Claim, job: Job, embedded: Embedded) -> Change:
    """What a photo's garments change. Raises InvalidArgument when a row cannot hold what is known of one."""
    rows = [row_of(claim.item, embedded, number) for number in range(len(embedded.garments))]
    kept = {row.key for row in rows}
    mark = Mark(claim.key, embedded.photo_sha256[:CONTENT_DIGITS], job.stamp, len(rows), claim.metadata)
    return Change(mark, rows, [key for key in claim.stored if key not in kept])


def row_of(item: Item, embedded: Embedded, number: int) -> Garment:
    """The row of one garment of an item's photo. Raises InvalidArgument when a row cannot hold what is known of it."""
    garment = embedded.garments[number]
    row = Garment(
        item=item.item,
        photo=item.photo,
        photo_sha256=embedded.photo_sha256,
        photo_size=embedded.photo_size,
        number=garment.number,
        category=garment.category,
        box=garment.box,
        region_boxes=garment.region_boxes.tolist(),
        vectors=garment.vectors,
        metadata=item.metadata,
    )
    _ = row.record
    return row
