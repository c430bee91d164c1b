"""Receipts of deletions."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from seamline.core.errors import SeamlineError
from seamline.desk.catalogue.receipts import check_again, compact_now, load_receipt, may_compact, receipts_of, shown
from seamline.desk.context import Desk, TheDesk
from seamline.desk.people.dependencies import Lead, Reader
from seamline.desk.people.user import Role

router = APIRouter()


@router.get("/catalogue/{collection}/receipts")
def receipts(request: Request, collection: str, desk: TheDesk, user: Reader) -> HTMLResponse:
    """What was deleted of a collection."""
    user.check_sees(collection)
    found = receipts_of(desk, user, collection)
    return desk.templates.page(request, "catalogue_receipts.html", collection=collection, receipts=found)


@router.get("/catalogue/receipts/{receipt_id}")
def receipt(request: Request, receipt_id: str, desk: TheDesk, user: Reader) -> HTMLResponse:
    """One receipt, to read and to print."""
    content = shown(load_receipt(desk, user, receipt_id), user)
    is_lead = user.role >= Role.LEAD
    compacts = is_lead and _compacts(desk)
    return desk.templates.page(request, "catalogue_receipt.html", receipt=content, is_lead=is_lead, compacts=compacts)


def _compacts(desk: Desk) -> bool:
    try:
        return may_compact(desk)
    except SeamlineError:  # away; the page says so when somebody looks at what remains
        return False


@router.get("/catalogue/receipts/{receipt_id}/receipt.json")
def download(receipt_id: str, desk: TheDesk, user: Lead) -> Response:
    """The whole receipt as a file."""
    content = shown(load_receipt(desk, user, receipt_id), user)
    headers = {"Content-Disposition": f'attachment; filename="deletion-{content["id"]}.json"'}
    return Response(json.dumps(content, indent=1) + "\n", media_type="application/json", headers=headers)


@router.post("/api/receipts/{receipt_id}/check")
def check(receipt_id: str, desk: TheDesk, user: Lead) -> dict[str, str]:
    """Look up anew who holds what was deleted."""
    return {"id": check_again(desk, user, receipt_id).id}


@router.post("/api/receipts/{receipt_id}/compact")
def compact(receipt_id: str, desk: TheDesk, user: Lead) -> dict[str, str]:
    """Ask Milvus to let go of what was deleted."""
    return {"id": compact_now(desk, user, receipt_id).id}
