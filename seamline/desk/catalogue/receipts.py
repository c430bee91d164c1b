"""Receipts of deletions: found again, looked up anew, and hastened where Milvus lets itself be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from seamline.catalogue.finality import checked
from seamline.core.errors import InternalError, NotFound
from seamline.desk.catalogue.listing import desk_index
from seamline.desk.context import Desk
from seamline.desk.people.user import Role, User
from seamline.desk.store.models import DeletionReceipt
from seamline.desk.store.types import now
from seamline.index import Index
from seamline.index.remains import compact, compaction_state, server_of

_LISTED = 100


def load_receipt(desk: Desk, user: User, receipt_id: str) -> DeletionReceipt:
    """A receipt. Raises NotFound where there is none, or its collection was not granted."""
    with desk.store.reading() as session:
        row = session.get(DeletionReceipt, receipt_id)
    if row is None or not user.sees(row.collection):
        raise NotFound("there is no such receipt, or its collection was not granted to you")
    return row


def receipts_of(desk: Desk, user: User, collection: str | None = None) -> list[DeletionReceipt]:
    """The latest receipts, of one collection or of all that a person was granted."""
    query = select(DeletionReceipt).order_by(DeletionReceipt.made_at.desc()).limit(_LISTED)
    if collection is not None:
        query = query.where(DeletionReceipt.collection == collection)
    if user.collections is not None:
        query = query.where(DeletionReceipt.collection.in_(user.collections))
    with desk.store.reading() as session:
        return list(session.scalars(query))


def shown(receipt: DeletionReceipt, user: User) -> dict[str, Any]:
    """What a person is shown of a receipt: file names are for leads, cases for those who see their collection."""
    content = dict(receipt.content)
    if content.get("desk"):
        cases = [case for case in content["desk"]["cases"] if user.sees(case["collection"])]
        content["desk"] = {**content["desk"], "cases": cases}
    if user.role < Role.LEAD:
        content["photos"] = [{**photo, "name": None} for photo in content["photos"]]
    return {"id": receipt.id, **content}


def check_again(desk: Desk, user: User, receipt_id: str) -> DeletionReceipt:
    """Look up who still holds what was deleted, and keep the answer. Raises Unavailable."""

    def look(index: Index, content: Mapping[str, Any]) -> dict[str, Any]:
        jobs = [{**job, "state": _state(index, job)} for job in content.get("compactions", ())]
        return {"finality": checked(index, content), "compactions": jobs}

    return _changed(desk, user, receipt_id, look)


def compact_now(desk: Desk, user: User, receipt_id: str) -> DeletionReceipt:
    """Ask a Milvus server to write the segments anew. Raises Unsupported for Milvus Lite."""

    def ask(index: Index, content: Mapping[str, Any]) -> dict[str, Any]:
        milvus = checked(index, content)["milvus"]
        waiting = [told["physical"] for told in milvus if not told["dropped"] and told["segments"] != []]
        jobs = [_compaction(index, physical, user) for physical in waiting]
        return {"compactions": [*content.get("compactions", ()), *jobs], "finality": checked(index, content)}

    return _changed(desk, user, receipt_id, ask)


def may_compact(desk: Desk) -> bool:
    """Whether the Milvus compacts when it is told to; Milvus Lite does not."""
    with desk_index(desk) as index:
        return not server_of(index).lite


def _changed(
    desk: Desk, user: User, receipt_id: str, work: Callable[[Index, Mapping[str, Any]], dict[str, Any]]
) -> DeletionReceipt:
    """The receipt with what `work` makes of it; the index is asked before the store is locked."""
    content = load_receipt(desk, user, receipt_id).content
    with desk_index(desk, 60.0) as index:
        found = work(index, content)
    with desk.store.session() as session:
        row = session.get_one(DeletionReceipt, receipt_id)
        row.content = {**row.content, **found}
    return row


def _compaction(index: Index, physical: str, user: User) -> dict[str, Any]:
    job = compact(index, physical)
    asked = {"physical": physical, "job": job, "who": user.name, "at": now().isoformat(timespec="seconds")}
    return {**asked, "state": _state(index, asked)}


def _state(index: Index, job: Mapping[str, Any]) -> str:
    try:
        return compaction_state(index, int(job["job"]))
    except (InternalError, NotFound):  # it has forgotten the job, as after a restart
        return "unknown"
