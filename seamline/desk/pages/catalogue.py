"""The catalogue: collections, their items, and the deletion of items."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from seamline.core.image import Limits
from seamline.desk.catalogue.browsing import ItemPage, item_page, items_named, side_by_key
from seamline.desk.catalogue.deleting import delete_item, what_will_go
from seamline.desk.catalogue.listing import desk_index, listing
from seamline.desk.context import TheDesk
from seamline.desk.people.dependencies import Lead, Reader
from seamline.desk.people.user import Role
from seamline.desk.pictures import side_picture

router = APIRouter()


class ItemDeletion(BaseModel):
    """An item to delete, with its id as the person has written it once more."""

    model_config = ConfigDict(extra="forbid")

    item: str
    typed: str


@router.get("/catalogue")
def collections(request: Request, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The collections that were granted, and what is being indexed."""
    found = listing(desk, user)
    known = {"max_bytes": Limits().max_bytes, "may_index": user.role >= Role.LEAD}
    folders = [str(folder) for folder in desk.settings.indexed_folders]
    return desk.templates.page(request, "catalogue.html", listing=found, known=known, folders=folders)


@router.get("/catalogue/{collection}")
def items(
    request: Request,
    collection: str,
    desk: TheDesk,
    user: Reader,
    page: int = 1,
    of: Annotated[int | None, Query(ge=1)] = None,
    item: str = "",
) -> HTMLResponse:
    """A page of a collection's items, or one item by its exact id."""
    user.check_sees(collection)
    with desk_index(desk) as index:
        opened = index.open(collection)
        wanted = item.strip()
        if wanted:
            found = tuple(items_named(opened, [wanted]))
            shown = ItemPage(found, 1, 1, opened.rows())
        else:
            shown = item_page(opened, page, of)
    return desk.templates.page(
        request,
        "catalogue_items.html",
        collection=collection,
        shown=shown,
        wanted=wanted,
        may_delete=user.role >= Role.LEAD,
    )


@router.get("/catalogue/{collection}/photo")
def photo(collection: str, key: str, desk: TheDesk, user: Reader, size: str = "small") -> Response:
    """The photo of a garment by the key of its row, where it can still be read."""
    user.check_sees(collection)
    with desk_index(desk) as index:
        side = side_by_key(index.open(collection), key)
    response = side_picture(desk, side, size)
    response.headers["Cache-Control"] = "no-store"  # once the item is deleted no browser is to show it
    return response


@router.get("/api/catalogue/{collection}/item")
def deletion_preview(collection: str, item: str, desk: TheDesk, user: Lead) -> dict[str, Any]:
    """What deleting an item would take, and what it would leave at the desk."""
    return what_will_go(desk, user, collection, item)


@router.post("/api/catalogue/{collection}/delete")
def delete(collection: str, deletion: ItemDeletion, desk: TheDesk, user: Lead) -> dict[str, str]:
    """Delete an item for good; the id of its receipt."""
    return {"receipt": delete_item(desk, user, collection, deletion.item, deletion.typed)}
