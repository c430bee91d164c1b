"""What pages of the desk change about the pairs of cases. Changes answer with the number of the log's last entry."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from seamline.core.errors import BadOption
from seamline.desk.cases import editing
from seamline.desk.cases.adding import add_pair
from seamline.desk.cases.sources import SourcePair, from_search, from_suspect
from seamline.desk.context import Desk, TheDesk
from seamline.desk.people.dependencies import Analyst
from seamline.desk.people.user import User

router = APIRouter()

Head = dict[str, int]


class NewPair(BaseModel):
    """A hit of a search by places, or a suspect; `case`: None for a new one, with this `title` or one of ours."""

    model_config = ConfigDict(extra="forbid")

    search: str | None = None
    garment: int = 0
    hit: int = 0
    suspect: str | None = None
    case: str | None = None
    title: str | None = None


class Note(BaseModel):
    """The note of a pair."""

    model_config = ConfigDict(extra="forbid")

    note: str
    known: int


class Judgement(BaseModel):
    """The verdict of a pair; None takes it back."""

    model_config = ConfigDict(extra="forbid")

    verdict: str | None
    known: int


class Taken(BaseModel):
    """A verdict of the queue, by its id as the page of the case has it."""

    model_config = ConfigDict(extra="forbid")

    said: int
    known: int


@router.post("/api/cases/pairs")
def add(new: NewPair, desk: TheDesk, user: Analyst) -> dict[str, Any]:
    """Take a pair into a case."""
    case, number = add_pair(desk, user, _source_pair(desk, user, new), new.case, new.title)
    return {"case": case, "number": number}


def _source_pair(desk: Desk, user: User, new: NewPair) -> SourcePair:
    if new.search is not None and new.suspect is None:
        return from_search(desk, user, new.search, new.garment, new.hit)
    if new.suspect is not None and new.search is None:
        return from_suspect(desk, user, new.suspect)
    raise BadOption("name either a search with garment and hit, or a suspect")


@router.put("/api/cases/{case_id}/pairs/{number}/note")
def set_note(case_id: str, number: int, note: Note, desk: TheDesk, user: Analyst) -> Head:
    """Write the note of a pair."""
    return {"head": editing.set_note(desk, user, case_id, number, note.note, note.known)}


@router.put("/api/cases/{case_id}/pairs/{number}/verdict")
def set_verdict(case_id: str, number: int, said: Judgement, desk: TheDesk, user: Analyst) -> Head:
    """Judge a pair."""
    return {"head": editing.set_verdict(desk, user, case_id, number, said.verdict, said.known)}


@router.post("/api/cases/{case_id}/pairs/{number}/verdict/taken")
def take_verdict(case_id: str, number: int, taken: Taken, desk: TheDesk, user: Analyst) -> Head:
    """Take over what was said of a pair in the queue."""
    return {"head": editing.take_verdict(desk, user, case_id, number, taken.said, taken.known)}


@router.delete("/api/cases/{case_id}/pairs/{number}")
def remove(case_id: str, number: int, desk: TheDesk, user: Analyst) -> Head:
    """Take a pair out."""
    return {"head": editing.remove_pair(desk, user, case_id, number)}
