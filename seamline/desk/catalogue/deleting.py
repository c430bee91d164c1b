"""An item deleted from the catalogue, with a receipt that the desk keeps.

The receipt is saved before anything is deleted, so that one that was stopped in between still says what it was about,
and looking at what remains finds it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from seamline.catalogue.receipts import Receipt, begin_receipt, carry_out
from seamline.core.errors import BadOption, NotFound
from seamline.desk.catalogue.holders import held
from seamline.desk.catalogue.listing import desk_index
from seamline.desk.catalogue.uploads import remove_photo
from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.desk.store.models import DeletionReceipt, IndexJob, UploadedPhoto

DELETED, KEPT = "deleted", "kept"
"""What became of a photo that was uploaded here: its file is gone, or something else needs it."""

_PATIENCE = 60.0


def delete_item(desk: Desk, user: User, collection: str, item: str, typed: str) -> str:
    """Delete an item for good; the id of the receipt. `typed`: the item's id once more, as the person wrote it.

    Raises BadOption where the two differ, NotFound without the item, Unavailable.
    """
    user.check_sees(collection)
    if typed != item:
        raise BadOption("the item's id was written differently; nothing was deleted")
    with desk_index(desk, _PATIENCE) as index:
        receipt, photos = begin_receipt(index, collection, [item], user.name)
        if not photos:
            raise NotFound("there is no such item in the collection, or it was deleted already")
        row = DeletionReceipt(collection=collection, item=item, owner=user.name, content=receipt)
        with desk.store.session() as session:
            session.add(row)
        _, receipt = carry_out(index, receipt, photos)
    _save(desk, row.id, receipt | {"desk": None})
    _save(desk, row.id, _without_uploads(desk, receipt, collection, item))
    return row.id


def _save(desk: Desk, receipt_id: str, content: Receipt) -> None:
    with desk.store.session() as session:
        session.execute(update(DeletionReceipt).where(DeletionReceipt.id == receipt_id).values(content=content))


def _without_uploads(desk: Desk, receipt: Receipt, collection: str, item: str) -> Receipt:
    """The receipt after the desk's own copies of the item's photos were deleted, as far as nothing else needs them."""
    digests = [photo["sha256"] for photo in receipt["photos"]]
    with desk.store.session() as session:
        uploaded = _forget_uploads(session, collection, item)
        kept = held(session, collection, item, digests)
    fates = {sha256: DELETED if remove_photo(desk, sha256) else KEPT for sha256 in sorted(uploaded)}
    photos = [photo | {"file": fates.get(photo["sha256"], photo["file"])} for photo in receipt["photos"]]
    told = {
        "uploads": len(uploaded),
        "cases": list(kept.cases),
        "searches": kept.searches,
        "suspects": kept.suspects,
    }
    return receipt | {"photos": photos, "desk": told}


def _forget_uploads(session: Session, collection: str, item: str) -> set[str]:
    """The photos that were uploaded for the item, which no upload names any more."""
    query = (
        select(UploadedPhoto)
        .join(IndexJob, IndexJob.id == UploadedPhoto.job_id)
        .where(IndexJob.collection == collection, UploadedPhoto.item == item)
    )
    found = session.scalars(query).all()
    for row in found:
        session.delete(row)
    session.flush()
    return {row.sha256 for row in found}


def what_will_go(desk: Desk, user: User, collection: str, item: str) -> dict[str, Any]:
    """Before it is done: how many photos and garments of how many physical collections, and what stays at the desk."""
    user.check_sees(collection)
    with desk_index(desk) as index:
        receipt, photos = begin_receipt(index, collection, [item], user.name)
        versions = len(index.all_versions(collection))
    with desk.store.reading() as session:
        kept = held(session, collection, item, [photo["sha256"] for photo in receipt["photos"]])
    return {
        "item": item,
        "photos": len(photos),
        "garments": sum(photo["garments"] for photo in receipt["photos"]),
        "versions": versions,
        "cases": len(kept.cases),
        "searches": kept.searches,
        "suspects": kept.suspects,
    }
