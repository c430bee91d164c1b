"""Batches: the verdicts of one person between two summaries. Closing one makes its verdicts final."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from seamline.desk.errors import Conflict
from seamline.desk.queue.said import Said
from seamline.desk.queue.states import JUDGED, locked, standing_verdict
from seamline.desk.store import Store
from seamline.desk.store.inserting import insert_into
from seamline.desk.store.models import Batch, Verdict
from seamline.desk.store.types import new_id, now


def open_batch(session: Session, person: str, originals: str) -> Batch:
    """The person's open batch over these originals, made where there is none; nobody closes it meanwhile."""
    mine = select(Batch).where(Batch.owner == person, Batch.originals == originals, Batch.closed_at.is_(None))
    mine = mine.with_for_update()
    if (found := session.scalar(mine)) is not None:
        return found
    row = {"id": new_id(), "owner": person, "originals": originals, "opened_at": now()}
    session.execute(insert_into(session, Batch).values(row).on_conflict_do_nothing())
    return session.scalars(mine).one()


def change(store: Store, person: str, batch_id: str, suspect_id: str, said: Said) -> Verdict:
    """Say something else of a suspect of one's open batch; what was said before stays on record as taken back.

    Raises NotFound, and Conflict where the batch is closed or the suspect is no longer as this batch left it.
    """
    with store.session() as session:
        suspect = locked(session, suspect_id)
        standing = standing_verdict(session, suspect_id)
        batch = _own(session, person, batch_id)
        if batch.closed_at is not None:
            raise Conflict("this batch is closed, and its verdicts are final")
        if suspect.state != JUDGED or standing is None or standing.batch_id != batch_id:
            raise Conflict("this pair is no longer as the batch has left it; load the page again")
        if (standing.verdict, standing.note) == (said.verdict, said.note):
            return standing
        standing.undone_at = now()
        verdict = Verdict(suspect_id=suspect_id, batch_id=batch_id, verdict=said.verdict, owner=person, note=said.note)
        session.add(verdict)
    return verdict


def close(store: Store, person: str, batch_id: str) -> None:
    """Make the verdicts of one's batch final; closing it again changes nothing. Raises Conflict for another's batch."""
    with store.session() as session:
        batch = _own(session, person, batch_id)
        if batch.closed_at is None:
            batch.closed_at = now()


def _own(session: Session, person: str, batch_id: str) -> Batch:
    """Locked, so that no verdict gets into a batch that is being closed."""
    batch = session.scalar(select(Batch).where(Batch.id == batch_id).with_for_update())
    if batch is None or batch.owner != person:
        raise Conflict("only the person whose batch it is changes it")
    return batch
