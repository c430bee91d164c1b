"""How errors are answered: one sentence, as JSON for scripts and as a page for people."""

from __future__ import annotations

import math
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from seamline.core.errors import InternalError, InvalidArgument, SeamlineError
from seamline.desk.context import desk_of
from seamline.desk.errors import NotSignedIn, TooMany, http_code

EXPECTED = (SeamlineError, HTTPException, RequestValidationError, ClientDisconnect)
"""Errors that are nobody's fault here; of any other the log has the traceback."""

_API = "/api/"


async def answer_error(request: Request, error: Exception) -> Response:
    """The answer to a request that has failed with this."""
    known = _known(error)
    code = error.status_code if isinstance(error, HTTPException) else http_code(known)
    headers = {"Retry-After": str(math.ceil(known.seconds))} if isinstance(known, TooMany) else None
    if request.url.path.startswith(_API):
        return JSONResponse({"error": str(known)}, code, headers)
    if isinstance(known, NotSignedIn):
        return RedirectResponse(f"/login?{urlencode({'to': _asked(request)})}", 303)
    return desk_of(request).templates.page(request, "error.html", code, sentence=str(known), code=code)


def _asked(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _known(error: Exception) -> SeamlineError:
    if isinstance(error, SeamlineError):
        return error
    if isinstance(error, RequestValidationError):
        return InvalidArgument("the request lacks something, or has something of another kind than is wanted")
    if isinstance(error, ClientDisconnect):
        return InvalidArgument("the request broke off before it was whole")
    if isinstance(error, HTTPException):
        return InvalidArgument("there is no such page" if error.status_code == 404 else str(error.detail))
    return InternalError("the desk has a fault; its log names it")
