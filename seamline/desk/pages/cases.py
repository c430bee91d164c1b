"""The list of cases, the page of one, and its photos."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from seamline.core.errors import NotFound
from seamline.desk.cases import texts
from seamline.desk.cases.access import case_to_show, pair_numbered
from seamline.desk.cases.listing import known_collections, list_cases
from seamline.desk.cases.showing import shown_case
from seamline.desk.cases.timeline import verdict_words
from seamline.desk.context import TheDesk
from seamline.desk.people.dependencies import Reader
from seamline.desk.people.user import Role
from seamline.desk.pictures import picture, side_of

router = APIRouter()


@router.get("/cases")
def listed(
    request: Request,
    desk: TheDesk,
    user: Reader,
    q: str = "",
    status: Literal["", "open", "closed"] = "",
    page: int = 1,
) -> HTMLResponse:
    """All cases that the person may see; `q`: part of a title, a reference or an item."""
    lines, more = list_cases(desk, user, q, status, page)
    return desk.templates.page(
        request,
        "cases.html",
        lines=lines,
        more=more,
        asked={"q": q, "status": status, "page": max(1, page)},
        collections=known_collections(desk, user),
        may_open=user.role >= Role.ANALYST,
        longest={"title": texts.LONGEST_TITLE, "reference": texts.LONGEST_REFERENCE},
    )


@router.get("/cases/{case_id}")
def one(request: Request, case_id: str, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The page of a case."""
    return desk.templates.page(
        request,
        "case.html",
        shown=shown_case(desk, user, case_id),
        verdict_words=verdict_words,
        stamped_by=desk.settings.timestamp_url,
        longest={"title": texts.LONGEST_TITLE, "reference": texts.LONGEST_REFERENCE, "note": texts.LONGEST_NOTE}
        | {"notice": texts.LONGEST_NOTICE},
    )


@router.get("/cases/{case_id}/{number}/{side}.jpg")
def photo(
    case_id: str, number: int, side: Literal["query", "hit"], desk: TheDesk, user: Reader, size: str = "large"
) -> Response:
    """The case's own copy of a photo."""
    with desk.store.reading() as session:
        pair = pair_numbered(session, case_to_show(session, user, case_id), number)
    sha256 = pair.query_sha256 if side == "query" else pair.hit_sha256
    if sha256 is None:
        raise NotFound("this photo could not be copied when the pair was added")
    return picture(desk.photos.read(sha256), side_of(size))
