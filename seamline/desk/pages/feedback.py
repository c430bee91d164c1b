"""What verdicts say of the probabilities, and the verdicts themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from seamline.desk.context import TheDesk
from seamline.desk.feedback import drawing
from seamline.desk.feedback.figures import bands, share_among
from seamline.desk.feedback.pairs import labelled_csv
from seamline.desk.feedback.proposal import LEAST, propose
from seamline.desk.feedback.standing import Chosen, choices, verdicts
from seamline.desk.feedback.threshold import set_threshold
from seamline.desk.people.dependencies import Analyst, Lead, Reader
from seamline.desk.people.user import Role

router = APIRouter()

_PIECE = 1 << 16


class Threshold(BaseModel):
    """Of a watch."""

    model_config = ConfigDict(extra="forbid")

    watch: str
    at_least: Annotated[float, Field(ge=0, le=1)]


@router.get("/feedback")
def page(
    request: Request,
    desk: TheDesk,
    user: Reader,
    originals: str = "",
    fingerprint: str = "",
    wish: Annotated[int, Query(ge=1, le=99)] = 90,
) -> HTMLResponse:
    """`wish`: the precision that a threshold is proposed for, in percent."""
    chosen = Chosen(originals, fingerprint)
    found = verdicts(desk, user, chosen)
    banded = bands(found.judged)
    return desk.templates.page(
        request,
        "feedback.html",
        chosen=asdict(chosen),
        wish=wish,
        choices=choices(desk, user, chosen),
        found=found,
        overall=share_among(found.judged),
        bands=banded,
        drawing=drawing,
        proposal=propose(found, wish / 100),
        least=LEAST,
        may_download=user.role >= Role.ANALYST,
        may_set=user.role >= Role.LEAD,
    )


@router.get("/feedback/verdicts.csv")
def download(desk: TheDesk, user: Analyst, originals: str = "", fingerprint: str = "") -> StreamingResponse:
    """Judged pairs of the queue's closed batches and of cases."""
    file = labelled_csv(desk, user, Chosen(originals, fingerprint))
    headers = {"Content-Disposition": 'attachment; filename="verdicts.csv"'}
    return StreamingResponse(_pieces(file), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/api/feedback/threshold")
def change_threshold(threshold: Threshold, desk: TheDesk, user: Lead) -> dict[str, float]:
    """Set a watch's threshold."""
    return {"at_least": set_threshold(desk, user, threshold.watch, threshold.at_least)}


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
