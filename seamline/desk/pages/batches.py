"""What a batch comes to before it is closed, and the pairs that wait for a second look."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from seamline.desk.context import TheDesk
from seamline.desk.pages.texts import Id
from seamline.desk.pages.verdicts import Verdict
from seamline.desk.people.dependencies import Analyst, Reader
from seamline.desk.people.user import Role
from seamline.desk.queue.access import load_batch, load_suspect, load_watch
from seamline.desk.queue.batches import change, close
from seamline.desk.queue.said import MAX_NOTE, Said
from seamline.desk.queue.summary import PAGE, batches_of, summary_of, unsure_of, verdicts_of

router = APIRouter()


@router.get("/queue/batches/{batch}")
def page(
    request: Request,
    batch: Id,
    desk: TheDesk,
    user: Reader,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """The summary of a batch, with the chance to change each verdict while it is open."""
    found, summary = load_batch(desk.store, user, batch), summary_of(desk.store, batch)
    return desk.templates.page(
        request,
        "batch.html",
        batch=found,
        summary=summary,
        verdicts=verdicts_of(desk.store, batch, number),
        page=number,
        pages=max(1, -(-summary.verdicts // PAGE)),
        others=[other for other in batches_of(desk.store, user.name) if other.id != batch],
        may_change=found.owner == user.name and found.closed_at is None and user.role >= Role.ANALYST,
        longest_note=MAX_NOTE,
    )


@router.post("/api/batches/{batch}/verdicts/{suspect}")
def say_otherwise(batch: Id, suspect: Id, given: Verdict, desk: TheDesk, user: Analyst) -> dict[str, Any]:
    """Change a verdict of one's open batch; the batch's figures then."""
    load_batch(desk.store, user, batch)
    load_suspect(desk.store, user, suspect)
    change(desk.store, user.name, batch, suspect, Said(given.verdict, given.note))
    return {"counts": summary_of(desk.store, batch).counts}


@router.post("/api/batches/{batch}/close", status_code=204)
def finish(batch: Id, desk: TheDesk, user: Analyst) -> None:
    """Make the verdicts of one's batch final."""
    load_batch(desk.store, user, batch)
    close(desk.store, user.name, batch)


@router.get("/queue/unsure/{watch}")
def unsure(request: Request, watch: Id, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The pairs that somebody was unsure of; a lead may put them back into the queue."""
    found = load_watch(desk.store, user, watch)
    return desk.templates.page(
        request, "unsure.html", watch=found, verdicts=unsure_of(desk.store, watch), may_ask=user.role >= Role.LEAD
    )
