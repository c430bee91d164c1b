"""Pages from templates."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from seamline import __version__
from seamline.core.errors import Unavailable
from seamline.core.printable import printable
from seamline.desk.people.dependencies import known_identity
from seamline.desk.people.identity import Identity
from seamline.desk.terms import term
from seamline.desk.words import _, day, moment, number_text, percent, plural, stated_day


class Templates:
    """Every text is escaped, and characters that cannot be seen are spelled out."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("seamline.desk"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        self._environment.globals |= {"_": _, "plural": plural, "number": number_text, "percent": percent}
        self._environment.globals |= {"term": term, "moment": moment, "day": day, "stated_day": stated_day}
        self._environment.globals |= {"asset": asset, "version": __version__}

    def page(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """The template `name`, with who is signed in and which languages there are."""
        desk = request.app.state.desk
        identity = _identity(request)
        shared = {
            "user": identity.user if identity else None,
            "csrf": identity.csrf if identity else "",
            "signs_in": desk.settings.signs_in,
            "has_passwords": desk.settings.has_passwords,
            "language": getattr(request.state, "language", "en"),
            "languages": desk.words.languages,
            "path": request.url.path,
            "shown_name": desk.settings.shown_name,
        }
        return HTMLResponse(self._environment.get_template(name).render(shared | values), status)


def _identity(request: Request) -> Identity | None:
    """None also while the store is away, which the page of that very error has to say."""
    try:
        return known_identity(request)
    except Unavailable:
        return None


def _shown(value: object) -> object:
    if type(value) is not str or value.isprintable():
        return value
    return "\n".join(printable(line) for line in value.split("\n"))


@cache
def asset(name: str) -> str:
    """The address of a file of `static/`, which changes with its content."""
    digest = hashlib.sha256((files("seamline.desk") / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"
