"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from seamline.core.errors import NotFound
from seamline.desk.context import Desk, TheDesk
from seamline.desk.people.dependencies import Reader, known_identity
from seamline.desk.people.login import PasswordIdentities
from seamline.desk.people.passwords import LONGEST

router = APIRouter()


class Credentials(BaseModel):
    """What a person types."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


@router.get("/login")
def login(request: Request, desk: TheDesk) -> Response:
    """Where somebody whom the desk does not know arrives."""
    if known_identity(request) is not None:
        return RedirectResponse("/", 303)
    return desk.templates.page(request, "login.html")


@router.post("/api/sign-in", status_code=204)
def sign_in(request: Request, desk: TheDesk, credentials: Credentials) -> Response:
    """Begin a session."""
    people = _with_passwords(desk)
    token = people.sign_in(request, credentials.name, credentials.password)
    response = Response(status_code=204)
    people.sessions.give(response, token)
    return response


@router.post("/api/sign-out", status_code=204)
def sign_out(request: Request, desk: TheDesk, _user: Reader) -> Response:
    """End the session."""
    people = _with_passwords(desk)
    people.sessions.end(request)
    response = Response(status_code=204)
    people.sessions.take(response)
    return response


def _with_passwords(desk: Desk) -> PasswordIdentities:
    if not isinstance(desk.identities, PasswordIdentities):
        raise NotFound("nobody signs in or out at this desk itself")
    return desk.identities
