"""What is handed on of a case: its evidence page, the same for print, and the ZIP that verifies."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from seamline.desk.casefile.evidence import case_page
from seamline.desk.casefile.pdf import pdf_of
from seamline.desk.cases.access import case_to_show
from seamline.desk.cases.contents import case_content
from seamline.desk.cases.exporting import export, fetch, file_name
from seamline.desk.context import TheDesk
from seamline.desk.people.dependencies import Analyst, Reader

router = APIRouter()

_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""Of the evidence page, which carries its styles and photos with it: no script, no form, nothing of the desk's."""


class ExportOptions(BaseModel):
    """`stamped`: with a time stamp, where the desk has an authority."""

    model_config = ConfigDict(extra="forbid")

    stamped: bool = True


@router.get("/cases/{case_id}/evidence.html")
def evidence(case_id: str, desk: TheDesk, user: Reader) -> HTMLResponse:
    """The evidence page as it is now."""
    page = case_page(case_content(desk, user, case_id))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


@router.get("/cases/{case_id}/evidence.pdf")
def evidence_for_print(case_id: str, desk: TheDesk, user: Reader) -> Response:
    """The same as a PDF. Raises Unsupported where this machine cannot set text."""
    made = pdf_of(case_page(case_content(desk, user, case_id)))
    return Response(made, media_type="application/pdf")


@router.post("/api/cases/{case_id}/export")
def export_case(case_id: str, options: ExportOptions, desk: TheDesk, user: Analyst) -> dict[str, Any]:
    """Make the ZIP; `token` is what fetches it, once."""
    return asdict(export(desk, user, case_id, stamped=options.stamped))


@router.get("/cases/{case_id}/case.zip")
def download(case_id: str, token: str, desk: TheDesk, user: Analyst) -> StreamingResponse:
    """The ZIP that was made."""
    with desk.store.reading() as session:
        name = file_name(case_to_show(session, user, case_id))
    size, pieces = fetch(desk, case_id, token)
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)
