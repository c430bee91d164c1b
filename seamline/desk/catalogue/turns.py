"""How jobs take their turns in the store: from waiting to running to ended."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, update

from seamline.catalogue import Progress
from seamline.desk.catalogue.jobs import AGAIN, RUNNING, STOPPED, WAITING, job_folder
from seamline.desk.catalogue.progress import counted
from seamline.desk.store import Store
from seamline.desk.store.models import IndexJob
from seamline.desk.store.types import now


def mark_interrupted(store: Store, folder: Path) -> None:
    """Mark the jobs of this desk, whose own folder is `folder`, that ran when it ended as stopped."""
    with store.session() as session:
        for job in session.scalars(select(IndexJob).where(IndexJob.state == RUNNING)).all():
            if job_folder(folder, job.id).is_dir():
                job.state, job.message, job.ended_at = STOPPED, AGAIN, now()


def next_job(store: Store, folder: Path) -> IndexJob | None:
    """The oldest job that waits, which runs from now on and has a folder of its own."""
    query = select(IndexJob).where(IndexJob.state == WAITING).order_by(IndexJob.made_at).limit(1)
    with store.session() as session:
        job = session.scalars(query.with_for_update(skip_locked=True)).first()
        if job is not None:
            job.state = RUNNING
            job_folder(folder, job.id).mkdir(parents=True, exist_ok=True, mode=0o700)
    return job


def end_job(store: Store, job_id: str, state: str, message: str, progress: Progress | None = None) -> None:
    """Write down how a job that ran has ended."""
    _change(store, job_id, RUNNING, state, message, progress)


def withdraw_job(store: Store, job_id: str) -> bool:
    """Stop a job if it still waits; whether it did."""
    return _change(store, job_id, WAITING, STOPPED, AGAIN, None)


def _change(store: Store, job_id: str, before: str, state: str, message: str, progress: Progress | None) -> bool:
    values = {"state": state, "message": message, "ended_at": now()}
    if progress is not None:
        values["progress"] = counted(progress)
    with store.session() as session:
        statement = update(IndexJob).where(IndexJob.id == job_id, IndexJob.state == before).values(**values)
        return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]
