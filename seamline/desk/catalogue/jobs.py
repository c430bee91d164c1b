"""Indexing that was begun at the desk: made, filled with photos, started and looked at. `running.py` does the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select, update

from seamline.core.collection_names import check_name
from seamline.core.errors import NotFound
from seamline.desk.catalogue.folders import allowed_source
from seamline.desk.context import Desk
from seamline.desk.errors import Conflict
from seamline.desk.people.user import User
from seamline.desk.store import Store
from seamline.desk.store.models import IndexJob, UploadedPhoto

RECEIVING, WAITING, RUNNING, DONE, FAILED, STOPPED = "receiving", "waiting", "running", "done", "failed", "stopped"
AGAIN = "stopped; start it again, and it goes on where it was"
_LISTED = 30


def new_job(desk: Desk, user: User, collection: str, folder: str | None) -> IndexJob:
    """A job over a folder or manifest of the server, which waits for its turn, or without one an upload, which waits
    for its photos. Raises BadOption, NotAllowed, NotFound."""
    user.check_sees(check_name(collection))
    source = "" if folder is None else str(allowed_source(desk.settings.indexed_folders, folder))
    state = RECEIVING if folder is None else WAITING
    job = IndexJob(collection=collection, source=source, owner=user.name, state=state)
    with desk.store.session() as session:
        session.add(job)
    return job


def load_job(desk: Desk, user: User, job_id: str) -> IndexJob:
    """A job. Raises NotFound where there is none, or its collection was not granted."""
    with desk.store.reading() as session:
        job = session.get(IndexJob, job_id)
    if job is None or not user.sees(job.collection):
        raise NotFound("there is no such job, or its collection was not granted to you")
    return job


def recent_jobs(desk: Desk, user: User) -> list[IndexJob]:
    """The latest jobs of the collections that a person was granted."""
    query = select(IndexJob).order_by(IndexJob.made_at.desc()).limit(_LISTED)
    if user.collections is not None:
        query = query.where(IndexJob.collection.in_(user.collections))
    with desk.store.reading() as session:
        return list(session.scalars(query))


def photos_of(store: Store, job_id: str) -> Sequence[UploadedPhoto]:
    """The photos that a job was sent, in the order in which they came."""
    with store.reading() as session:
        return session.scalars(
            select(UploadedPhoto).where(UploadedPhoto.job_id == job_id).order_by(UploadedPhoto.id)
        ).all()


def photo_counts(store: Store, jobs: Sequence[str]) -> dict[str, int]:
    """How many photos each of these jobs was sent."""
    query = select(UploadedPhoto.job_id, func.count()).where(UploadedPhoto.job_id.in_(jobs))
    with store.reading() as session:
        return {str(job): int(count) for job, count in session.execute(query.group_by(UploadedPhoto.job_id))}


def start_job(desk: Desk, job: IndexJob) -> None:
    """Let a job wait for its turn. Raises Conflict where it does already, has ended well or has no photos."""
    with desk.store.session() as session:
        count = session.scalar(select(func.count()).where(UploadedPhoto.job_id == job.id))
        if not job.source and not count:
            raise Conflict("send photos first; this upload has none")
        changed = session.execute(
            update(IndexJob)
            .where(IndexJob.id == job.id, IndexJob.state.in_((RECEIVING, FAILED, STOPPED)))
            .values(state=WAITING, message="", ended_at=None)
        )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Conflict("the job waits or runs already, or has come to its end")


def job_folder(desk_folder: Path, job_id: str) -> Path:
    """Where a job keeps its manifest and its failures; its id is the desk's own."""
    return desk_folder.absolute() / "jobs" / job_id
