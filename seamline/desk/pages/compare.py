"""Two garments, looked at closely."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from seamline.desk.compared import compared
from seamline.desk.context import TheDesk
from seamline.desk.people.dependencies import Reader
from seamline.desk.photo_check import check_photo

router = APIRouter()


@router.get("/compare/{source}/{keys:path}")
def page(request: Request, source: str, keys: str, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The page of a pair."""
    found = compared(desk, user, source, keys).to_data(user)
    return desk.templates.page(request, "compare.html", compared=found)


@router.get("/api/compare/files/{source}/{keys:path}")
def files(source: str, keys: str, desk: TheDesk, user: Reader) -> dict[str, Any]:
    """Whether both photos still are what was indexed, by their hashes."""
    found = compared(desk, user, source, keys)
    query = check_photo(desk, found.pair.query, uploaded=found.uploaded)
    return {"query": asdict(query), "hit": asdict(check_photo(desk, found.pair.hit))}


@router.get("/api/compare/{source}/{keys:path}")
def pair(source: str, keys: str, desk: TheDesk, user: Reader) -> dict[str, Any]:
    """The pair, where its pictures are, how they lie on each other, and what is beside it."""
    return compared(desk, user, source, keys).to_data(user)
