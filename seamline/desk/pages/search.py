"""The search: a photo, the garments in it, and what is like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from seamline.core.collection_names import DEFAULT_COLLECTION
from seamline.core.errors import BadBox
from seamline.core.image import Limits
from seamline.core.spec import CATEGORIES
from seamline.desk.answers import shown
from seamline.desk.context import Desk, TheDesk
from seamline.desk.pairs import Box
from seamline.desk.people.dependencies import Analyst, Reader
from seamline.desk.people.user import Role, User
from seamline.desk.pictures import picture, side_of, side_picture
from seamline.desk.searching import Asked, load_pair, load_search, recent_searches, search, search_again
from seamline.desk.store.models import SearchRecord
from seamline.ranking import RANKINGS, taking_weights

router = APIRouter()


class Again(BaseModel):
    """What is asked of a photo that was searched before; what is missing is the server's choice."""

    model_config = ConfigDict(extra="forbid")

    collection: str | None = None
    top_k: int | None = None
    ranking: str | None = None
    categories: tuple[str, ...] = ()
    weights: dict[str, float] | None = None
    box: Box | None = None
    landmarks: list[list[tuple[float, float, float]]] | None = None


@router.get("/search")
def empty_page(request: Request, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The page before a search, with the person's latest ones."""
    return _page(request, desk, user)


@router.get("/search/{search_id}")
def page(request: Request, search_id: str, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The page of a search that was made; its script reads the answer."""
    load_search(desk, user, search_id)
    return _page(request, desk, user)


def _page(request: Request, desk: Desk, user: User) -> HTMLResponse:
    known = {
        "categories": CATEGORIES,
        "rankings": list(RANKINGS),
        "taking_weights": taking_weights(),
        "collection": DEFAULT_COLLECTION,
        "may_search": user.role >= Role.ANALYST,
        "max_bytes": Limits().max_bytes,
    }
    return desk.templates.page(request, "search.html", known=known, recent=recent_searches(desk, user))


@router.post("/api/search")
async def search_photo(
    request: Request,
    desk: TheDesk,
    user: Analyst,
    name: str = "",
    collection: str = DEFAULT_COLLECTION,
    top_k: int | None = None,
    ranking: str | None = None,
    category: Annotated[Sequence[str], Query()] = (),
    box: str | None = None,
) -> JSONResponse:
    """Search the photo that is the body of the request; `box`: x0,y0,x1,y1."""
    photo = await request.body()
    asked = Asked(collection, top_k, ranking, list(category), box=None if box is None else _box(box))
    return await run_in_threadpool(lambda: _answered(search(desk, user, photo, name, asked)))


@router.post("/api/search/{search_id}/again")
def search_photo_again(search_id: str, again: Again, desk: TheDesk, user: Analyst) -> JSONResponse:
    """Search the photo of an earlier search anew."""
    asked = Asked(**{**vars(again), "collection": DEFAULT_COLLECTION})
    collection = again.collection or load_search(desk, user, search_id).collection
    return _answered(search_again(desk, user, search_id, replace(asked, collection=collection)))


@router.get("/api/search/{search_id}")
def answer(search_id: str, desk: TheDesk, user: Reader) -> JSONResponse:
    """A search that was made, as it was answered."""
    return _answered(load_search(desk, user, search_id))


@router.get("/search/{search_id}/photo")
def searched_photo(search_id: str, desk: TheDesk, user: Reader, size: str = "large") -> Response:
    """The photo that was searched."""
    return picture(desk.photos.read(load_search(desk, user, search_id).photo_sha256), side_of(size))


@router.get("/search/{search_id}/{garment}/{hit}/photo")
def hit_photo(search_id: str, garment: int, hit: int, desk: TheDesk, user: Reader, size: str = "large") -> Response:
    """The photo of a hit, where it can still be read."""
    pair, _ = load_pair(desk, user, search_id, garment, hit)
    return side_picture(desk, pair.hit, size)


def _answered(record: SearchRecord) -> JSONResponse:
    """As it is: FastAPI would look through hundreds of hits for what is not JSON, which takes as long as the search."""
    return JSONResponse(shown(record))


def _box(text: str) -> Box:
    try:
        x0, y0, x1, y1 = map(float, text.split(","))
    except ValueError:
        raise BadBox(f"a box is x0,y0,x1,y1 in pixels of the photo; got {text!r}") from None
    return x0, y0, x1, y1
