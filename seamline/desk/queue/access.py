"""Which watches, suspects and batches a person may see: those whose collections were all granted to them."""

from __future__ import annotations

from sqlalchemy import select

from seamline.core.errors import NotFound
from seamline.desk.people.user import Role, User
from seamline.desk.store import Store
from seamline.desk.store.models import Batch, Suspect, Verdict, Watch


def visible_watches(store: Store, user: User) -> list[Watch]:
    """By the names of their collections."""
    with store.reading() as session:
        watches = session.scalars(select(Watch).order_by(Watch.originals, Watch.listings)).all()
    return [watch for watch in watches if user.sees(watch.originals, watch.listings)]


def load_watch(store: Store, user: User, watch_id: str) -> Watch:
    """Raises NotFound where there is none, or a collection of it was not granted."""
    with store.reading() as session:
        watch = session.get(Watch, watch_id)
    if watch is None or not user.sees(watch.originals, watch.listings):
        raise NotFound("there is no such queue, or its collections were not granted to you")
    return watch


def load_suspect(store: Store, user: User, suspect_id: str) -> Suspect:
    """Raises NotFound where there is none, or a collection of its watch was not granted."""
    query = select(Suspect, Watch).join(Watch, Watch.id == Suspect.watch_id).where(Suspect.id == suspect_id)
    with store.reading() as session:
        found = session.execute(query).one_or_none()
    if found is None or not user.sees(found.Watch.originals, found.Watch.listings):
        raise NotFound("there is no such suspect, or its collections were not granted to you")
    suspect: Suspect = found.Suspect
    return suspect


def load_batch(store: Store, user: User, batch_id: str) -> Batch:
    """One's own, for a lead also another's. Raises NotFound otherwise, and where its originals, or listings of which
    something was said in it, were not granted."""
    said = select(Watch.listings).join(Suspect, Suspect.watch_id == Watch.id)
    with store.reading() as session:
        batch = session.get(Batch, batch_id)
        listings = session.scalars(
            said.join(Verdict, Verdict.suspect_id == Suspect.id).where(Verdict.batch_id == batch_id).distinct()
        ).all()
    is_theirs = batch is not None and (batch.owner == user.name or user.role >= Role.LEAD)
    if batch is None or not is_theirs or not user.sees(batch.originals, *listings):
        raise NotFound("there is no such batch, or it is not yours")
    return batch
