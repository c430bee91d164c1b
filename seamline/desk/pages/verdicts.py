"""What is said of suspects, and what a person has done so far."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict

from seamline.desk.context import TheDesk
from seamline.desk.pages.texts import Id
from seamline.desk.people.dependencies import Analyst, Lead, Reader
from seamline.desk.queue.access import load_suspect, load_watch
from seamline.desk.queue.cards import card_of
from seamline.desk.queue.figures import Done, done
from seamline.desk.queue.judging import ask_again, judge, undo
from seamline.desk.queue.said import Said
from seamline.desk.store.types import now

router = APIRouter()

_LONGEST_DAY = timedelta(hours=48)


class Verdict(BaseModel):
    """As of `Said`."""

    model_config = ConfigDict(extra="forbid")

    verdict: str
    note: str = ""


def _day(midnight: AwareDatetime | None = None) -> AwareDatetime:
    """When the person's day began, which their browser knows; else a day ago."""
    moment = now()
    return moment - timedelta(days=1) if midnight is None else min(max(midnight, moment - _LONGEST_DAY), moment)


Midnight = Annotated[AwareDatetime, Depends(_day)]


@router.get("/api/queue/{watch}/done")
def what_is_done(watch: Id, desk: TheDesk, user: Reader, midnight: Midnight) -> Done:
    """The person's work."""
    return done(desk.store, user.name, load_watch(desk.store, user, watch).originals, midnight)


@router.post("/api/suspects/{suspect}/verdict")
def give(suspect: Id, given: Verdict, desk: TheDesk, user: Analyst, midnight: Midnight) -> Done:
    """Keep a verdict. It is in the database when this answers."""
    found = load_suspect(desk.store, user, suspect)
    judge(desk.store, user.name, suspect, Said(given.verdict, given.note))
    return done(desk.store, user.name, found.originals, midnight)


@router.post("/api/suspects/{suspect}/undo")
def take_back(suspect: Id, desk: TheDesk, user: Analyst, midnight: Midnight) -> dict[str, Any]:
    """Take one's verdict back; the card is the person's again."""
    found = load_suspect(desk.store, user, suspect)
    card = asdict(card_of(undo(desk.store, user.name, suspect)))
    return {"card": card, "done": done(desk.store, user.name, found.originals, midnight)}


@router.post("/api/suspects/{suspect}/again", status_code=204)
def look_again(suspect: Id, desk: TheDesk, user: Lead) -> None:
    """Put a pair of which somebody was unsure back into the queue."""
    load_suspect(desk.store, user, suspect)
    ask_again(desk.store, suspect)
