"""Screening listings from the desk: one look, which a lead begins."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from seamline.desk.context import Desk, TheDesk
from seamline.desk.pages.texts import Id
from seamline.desk.people.dependencies import Lead, Reader
from seamline.desk.queue.access import load_watch

router = APIRouter()

_SHOWN = 20

_Collection = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Asked(BaseModel):
    """`at_least`: as of `begin_watch`."""

    model_config = ConfigDict(extra="forbid")

    listings: _Collection
    originals: _Collection
    at_least: float | None = Field(None, ge=0, le=1)


@router.post("/api/watches")
def begin(asked: Asked, desk: TheDesk, user: Lead) -> dict[str, Any]:
    """Screen what is new of these listings, in the background."""
    for name in (asked.listings, asked.originals):
        user.check_sees(name)
    return _plain(desk, desk.watchers.begin(asked.listings, asked.originals, asked.at_least).id)


@router.get("/api/watches/{watch}")
def progress(watch: Id, desk: TheDesk, user: Reader) -> dict[str, Any]:
    """How far the look is that was begun here last."""
    load_watch(desk.store, user, watch)
    return _plain(desk, watch)


@router.post("/api/watches/{watch}/stop", status_code=204)
def stop(watch: Id, desk: TheDesk, user: Lead) -> None:
    """End the look; what was screened is kept, and the next one goes on from there."""
    load_watch(desk.store, user, watch)
    run = desk.watchers.run_of(watch)
    if run is not None:
        run.watcher.stop()


def _plain(desk: Desk, watch: str) -> dict[str, Any]:
    run = desk.watchers.run_of(watch)
    if run is None:
        return {"id": watch, "running": False}
    now = run.progress
    return {
        "id": watch,
        "running": not run.is_done,
        "problem": run.problem,
        "screened": now.done,
        "total": max(now.total, now.done + now.failed),
        "suspects": now.suspects,
        "failed": now.failed,
        "waiting_for": now.waiting_for,
        "problems": [{"item": one.item, "reason": one.reason} for one in now.problems[:_SHOWN]],
    }
