"""What frames every page: where it begins, the words of its scripts, and whether all parts answer."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import text

from seamline.core.errors import Unavailable
from seamline.desk.context import Desk, TheDesk
from seamline.desk.people.dependencies import Reader

router = APIRouter()


@router.get("/")
def begin(_user: Reader) -> RedirectResponse:
    """The first page."""
    return RedirectResponse("/search", 303)


@router.get("/words.js")
def words(request: Request, desk: TheDesk) -> Response:
    """The translated texts of the scripts, as a module."""
    messages = json.dumps(desk.words.messages(request.state.language), ensure_ascii=True)
    return Response(f"export const words = {messages};\n", media_type="text/javascript")


@router.get("/api/health")
def health(desk: TheDesk, _user: Reader) -> dict[str, bool]:
    """Whether the server of models and the desk's own store answer."""
    return {"server": desk.server.answers(), "store": _store_answers(desk)}


def _store_answers(desk: Desk) -> bool:
    try:
        with desk.store.reading() as session:
            session.execute(text("SELECT 1"))
    except Unavailable:
        return False
    return True
