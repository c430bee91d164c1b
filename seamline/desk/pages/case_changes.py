"""What the page of a case changes about it as a whole. Changes answer with the number of the log's last entry."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from seamline.desk.cases import editing
from seamline.desk.cases.access import case_to_show
from seamline.desk.cases.listing import open_cases
from seamline.desk.cases.log import entries
from seamline.desk.cases.notice import draft_notice
from seamline.desk.cases.opening import open_case
from seamline.desk.cases.showing import shown_case
from seamline.desk.cases.timeline import event
from seamline.desk.context import TheDesk
from seamline.desk.pages.case_pairs import Head
from seamline.desk.people.dependencies import Analyst, Reader

router = APIRouter()


class NewCase(BaseModel):
    """What a case begins with."""

    model_config = ConfigDict(extra="forbid")

    title: str
    reference: str = ""
    collection: str


class Fact(BaseModel):
    """A field of the case, and the last log entry that the page knew when the person began to write."""

    model_config = ConfigDict(extra="forbid")

    field: str
    value: str | list[str]
    known: int


@router.get("/api/cases")
def choices(desk: TheDesk, user: Analyst) -> list[dict[str, str]]:
    """Open cases that the person may change."""
    return open_cases(desk, user)


@router.post("/api/cases")
def open_new(new: NewCase, desk: TheDesk, user: Analyst) -> dict[str, str]:
    """Open a case."""
    return {"id": open_case(desk, user, new.title, new.reference, new.collection)}


@router.get("/api/cases/{case_id}")
def now(case_id: str, desk: TheDesk, user: Reader) -> dict[str, Any]:
    """What can be changed of the case, as it is now."""
    return shown_case(desk, user, case_id).to_data()


@router.get("/api/cases/{case_id}/log")
def log(case_id: str, desk: TheDesk, user: Reader, after: int = 0) -> list[dict[str, Any]]:
    """What was done after an entry."""
    with desk.store.reading() as session:
        return [event(entry) for entry in entries(session, case_to_show(session, user, case_id).id, after)]


@router.get("/api/cases/{case_id}/notice")
def draft(case_id: str, desk: TheDesk, user: Analyst) -> dict[str, str]:
    """The notice, filled in anew."""
    return {"text": draft_notice(desk, user, case_id)}


@router.patch("/api/cases/{case_id}")
def set_fact(case_id: str, fact: Fact, desk: TheDesk, user: Analyst) -> Head:
    """Title, reference, people or notice."""
    return {"head": editing.set_fact(desk, user, case_id, fact.field, fact.value, fact.known)}


@router.post("/api/cases/{case_id}/close")
def close(case_id: str, desk: TheDesk, user: Analyst) -> Head:
    """Close the case."""
    return {"head": editing.close(desk, user, case_id)}


@router.post("/api/cases/{case_id}/reopen")
def reopen(case_id: str, desk: TheDesk, user: Analyst) -> Head:
    """Open it again."""
    return {"head": editing.reopen(desk, user, case_id)}
