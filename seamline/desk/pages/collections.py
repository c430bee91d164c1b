"""The collections that a person may choose from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from seamline.desk.context import TheDesk
from seamline.desk.people.dependencies import Reader

router = APIRouter()


@router.get("/api/collections")
def collections(desk: TheDesk, user: Reader) -> dict[str, Any]:
    """Those that were granted; `problem` says why the index could not be asked, empty where it answered."""
    return asdict(desk.collections.listing().seen_by(user))
