"""The queue: one suspect after another, with what is left and what is done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from seamline.desk.context import TheDesk
from seamline.desk.pages.texts import Id, IdText, Name
from seamline.desk.pairs import Pair
from seamline.desk.people.dependencies import Analyst, Reader
from seamline.desk.people.user import Role
from seamline.desk.pictures import side_picture
from seamline.desk.queue.access import load_suspect, load_watch, visible_watches
from seamline.desk.queue.cards import card_of
from seamline.desk.queue.claims import CardRequest, claim, next_cards, release, renew
from seamline.desk.queue.figures import left, left_of
from seamline.desk.store.models import Watch

router = APIRouter()

_MOST_CARDS = 8
_MOST_IDS = 2000


class Ids(BaseModel):
    """Suspects by id."""

    model_config = ConfigDict(extra="forbid")

    suspects: list[IdText] = Field(max_length=_MOST_IDS)


class Next(BaseModel):
    """As of `CardRequest`."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(4, ge=1, le=_MOST_CARDS)
    seller: Name | None = None
    in_hand: Name | None = None
    skip: list[IdText] = Field(default_factory=list, max_length=_MOST_IDS)


@router.get("/queue")
def page(request: Request, desk: TheDesk, user: Reader, watch: str = "") -> HTMLResponse:
    """The page; its script asks for the cards. `watch`: whose suspects, by default of the one that has most."""
    watches = visible_watches(desk.store, user)
    numbers = left_of(desk.store, [one.id for one in watches])
    chosen = next((one for one in watches if one.id == watch), None)
    if chosen is None and watches:
        chosen = max(watches, key=lambda one: numbers[one.id])
    known = {
        "watch": None if chosen is None else _plain(chosen),
        "may_judge": user.role >= Role.ANALYST,
        "may_watch": user.role >= Role.LEAD,
    }
    return desk.templates.page(request, "queue.html", watches=watches, numbers=numbers, chosen=chosen, known=known)


@router.post("/api/queue/{watch}/next")
def cards(watch: Id, asked: Next, desk: TheDesk, user: Analyst) -> list[dict[str, Any]]:
    """Cards that are the person's from now on, as the page wants them."""
    load_watch(desk.store, user, watch)
    wanted = CardRequest(watch, asked.count, asked.seller, asked.in_hand, asked.skip)
    return [asdict(card_of(suspect)) for suspect in next_cards(desk.store, user.name, wanted)]


@router.post("/api/queue/{watch}/claim")
def take(watch: Id, ids: Ids, desk: TheDesk, user: Analyst) -> list[dict[str, Any]]:
    """These cards, as far as nobody else has them, are the person's from now on."""
    load_watch(desk.store, user, watch)
    return [asdict(card_of(suspect)) for suspect in claim(desk.store, user.name, watch, ids.suspects)]


@router.post("/api/queue/renew")
def keep(ids: Ids, desk: TheDesk, user: Analyst) -> list[str]:
    """Keep cards that are on the page; those that still are the person's."""
    return renew(desk.store, user.name, ids.suspects)


@router.post("/api/queue/release", status_code=204)
def put_back(ids: Ids, desk: TheDesk, user: Analyst) -> None:
    """Let others have cards."""
    release(desk.store, user.name, ids.suspects)


@router.get("/api/queue/{watch}/left")
def what_is_left(watch: Id, desk: TheDesk, user: Reader, named: Annotated[Name, Query()] = "") -> dict[str, Any]:
    """Open suspects by seller; `named`: of sellers whose name holds this."""
    load_watch(desk.store, user, watch)
    found = left(desk.store, watch, named)
    sellers = [{"name": name, "suspects": number} for name, number in found.sellers]
    return {"suspects": found.suspects, "sellers": sellers}


@router.get("/queue/{suspect}/listing.jpg")
def listing(suspect: Id, desk: TheDesk, user: Reader, size: str = "large") -> Response:
    """The photo of the listing."""
    pair = Pair.from_data(load_suspect(desk.store, user, suspect).pair)
    return side_picture(desk, pair.query, size)


@router.get("/queue/{suspect}/original.jpg")
def original(suspect: Id, desk: TheDesk, user: Reader, size: str = "large") -> Response:
    """The photo of the original."""
    pair = Pair.from_data(load_suspect(desk.store, user, suspect).pair)
    return side_picture(desk, pair.hit, size)


def _plain(watch: Watch) -> dict[str, Any]:
    return {name: getattr(watch, name) for name in ("id", "listings", "originals", "at_least")}
