"""Indexing from the browser: uploads and folders become jobs, which are started, watched and stopped."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from seamline.core.errors import NotFound
from seamline.desk.catalogue.jobs import (
    RUNNING,
    WAITING,
    job_folder,
    load_job,
    new_job,
    photo_counts,
    recent_jobs,
    start_job,
)
from seamline.desk.catalogue.running import FAILURES
from seamline.desk.catalogue.uploads import add_photo, discard_upload
from seamline.desk.context import TheDesk
from seamline.desk.errors import Conflict
from seamline.desk.pairs import DATE, SELLER
from seamline.desk.people.dependencies import Lead, Reader
from seamline.desk.store.models import IndexJob

router = APIRouter()


class NewJob(BaseModel):
    """`folder`: of the server; without one photos are sent."""

    model_config = ConfigDict(extra="forbid")

    collection: str
    folder: str | None = None


@router.get("/api/jobs")
def jobs(desk: TheDesk, user: Reader) -> dict[str, Any]:
    """The latest jobs, and where each stands."""
    found = recent_jobs(desk, user)
    counts = photo_counts(desk.store, [job.id for job in found])
    return {"jobs": [_plain(job, counts.get(job.id, 0)) for job in found]}


@router.post("/api/jobs")
def begin(new: NewJob, desk: TheDesk, user: Lead) -> dict[str, Any]:
    """A job over a folder, which waits for its turn, or an upload, which waits for its photos."""
    job = new_job(desk, user, new.collection, new.folder)
    desk.indexing.wake()
    return _plain(job, 0)


@router.post("/api/uploads")
async def receive(
    request: Request,
    job: str,
    desk: TheDesk,
    user: Lead,
    name: str = "",
    item: str = "",
    seller: str = "",
    date: str = "",
) -> dict[str, str]:
    """Take a photo, which is the body of the request, into an upload."""
    body = await request.body()
    details = {SELLER: seller, DATE: date}

    def add() -> str:
        return add_photo(desk, load_job(desk, user, job), body, name, item, details)

    return {"item": await run_in_threadpool(add)}


@router.post("/api/jobs/{job_id}/start")
def start(job_id: str, desk: TheDesk, user: Lead) -> dict[str, str]:
    """Let a job wait for its turn, one that was stopped too."""
    job = load_job(desk, user, job_id)
    start_job(desk, job)
    desk.indexing.wake()
    return {"id": job.id}


@router.post("/api/jobs/{job_id}/stop")
def stop(job_id: str, desk: TheDesk, user: Lead) -> dict[str, str]:
    """Let a job end at its next step; what is indexed stays."""
    job = load_job(desk, user, job_id)
    if job.state not in (WAITING, RUNNING):
        raise Conflict("the job has ended already, or was not started")
    desk.indexing.stop(job.id)
    return {"id": job.id}


@router.delete("/api/jobs/{job_id}")
def discard(job_id: str, desk: TheDesk, user: Lead) -> dict[str, str]:
    """Forget an upload that was never started."""
    discard_upload(desk, load_job(desk, user, job_id))
    return {"id": job_id}


@router.get("/catalogue/jobs/{job_id}/failures.jsonl")
def failures(job_id: str, desk: TheDesk, user: Lead) -> FileResponse:
    """Everything that a job could not index, with the reasons, as a manifest."""
    file = job_folder(desk.settings.folder, load_job(desk, user, job_id).id) / FAILURES
    if not file.is_file():
        raise NotFound("the job has not failed with anything")
    return FileResponse(file, media_type="application/jsonl", filename="failures.jsonl")


def _plain(job: IndexJob, photos: int) -> dict[str, Any]:
    return {
        "id": job.id,
        "collection": job.collection,
        "source": job.source,
        "photos": photos,
        "owner": job.owner,
        "state": job.state,
        "message": job.message,
        "made_at": job.made_at.isoformat(),
        "progress": job.progress,
    }
