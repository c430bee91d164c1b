"""An item deleted from the catalogue, with a receipt that the desk keeps.

The receipt is saved before anything is deleted, so that one that was stopped in between still says what it was about,
and looking at what remains finds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select, update

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
    uploaded = _uploaded(desk, collection, item)
    with desk_index(desk, _PATIENCE) as index:
        receipt, photos = begin_receipt(index, collection, [item], user.name)
        if not photos and not uploaded:
            raise NotFound("there is no such item in the collection, or it was deleted already")
        receipt |= {"photos": _with_uploads(receipt["photos"], item, uploaded)}
        row = DeletionReceipt(collection=collection, item=item, owner=user.name, content=receipt)
        with desk.store.session() as session:
            session.add(row)
        own = [(item, str(desk.photos.path(sha256))) for sha256 in uploaded]
        _, receipt = carry_out(index, receipt, list(dict.fromkeys([*photos, *own])))
    _save(desk, row.id, receipt)
    _save(desk, row.id, _without_uploads(desk, receipt, collection, item))
    return row.id


def _uploaded(desk: Desk, collection: str, item: str) -> Mapping[str, str]:
    """SHA-256 and name of the photos that were sent for the item, those too in which no garment was found."""
    with desk.store.reading() as session:
        return {row.sha256: row.name for row in session.scalars(_uploads(collection, item))}


def _uploads(collection: str, item: str) -> Select[UploadedPhoto]:
    query = select(UploadedPhoto).join(IndexJob, IndexJob.id == UploadedPhoto.job_id)
    return query.where(IndexJob.collection == collection, UploadedPhoto.item == item)


def _with_uploads(photos: Sequence[dict[str, Any]], item: str, uploaded: Mapping[str, str]) -> list[dict[str, Any]]:
    """The photos of a receipt, uploaded ones by the names that their files had."""
    told = {photo["sha256"] for photo in photos}
    named = [photo | {"name": uploaded.get(photo["sha256"], photo["name"])} for photo in photos]
    more = {sha256: name for sha256, name in uploaded.items() if sha256 not in told}
    return named + [
        {"item": item, "name": name, "sha256": sha256, "garments": 0, "file": KEPT} for sha256, name in more.items()
    ]


def _save(desk: Desk, receipt_id: str, content: Receipt) -> None:
    with desk.store.session() as session:
        session.execute(update(DeletionReceipt).where(DeletionReceipt.id == receipt_id).values(content=content))


def _without_uploads(desk: Desk, receipt: Receipt, collection: str, item: str) -> Receipt:
    """The receipt after the desk's own copies of the item's photos were deleted, as far as nothing else needs them."""
    digests = [photo["sha256"] for photo in receipt["photos"]]
    with desk.store.session() as session:
        uploaded = session.scalars(_uploads(collection, item)).all()
        for row in uploaded:
            session.delete(row)
        kept = held(session, collection, item, digests)
    fates = {row.sha256: DELETED if remove_photo(desk, row.sha256) else KEPT for row in uploaded}
    photos = [photo | {"file": fates.get(photo["sha256"], photo["file"])} for photo in receipt["photos"]]
    told = {"cases": list(kept.cases), "searches": kept.searches, "suspects": kept.suspects}
    return receipt | {"photos": photos, "desk": told}


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
