"""The desk as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from seamline.core.errors import InternalError, InvalidArgument, SeamlineError
from seamline.desk.collections import Collections
from seamline.desk.context import Desk
from seamline.desk.errors import NotSignedIn, http_code
from seamline.desk.guard import Guard
from seamline.desk.model_server import ModelServer
from seamline.desk.pages import ROUTERS
from seamline.desk.people.identities import identities_for
from seamline.desk.rendering import Templates
from seamline.desk.settings import DeskSettings
from seamline.desk.store import PhotoFiles, open_store
from seamline.desk.words import Words

_API = "/api/"
LANGUAGE_COOKIE = "seamline_language"


def create_app(settings: DeskSettings) -> FastAPI:
    """The application. Raises BadOption for settings that cannot be met, Unavailable where the store is away."""
    desk = _desk(settings)
    app = FastAPI(title="seamline desk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_closing(desk))
    app.state.desk = desk
    app.mount("/static", StaticFiles(directory=str(files("seamline.desk") / "static")))
    for router in ROUTERS:
        app.include_router(router)
    app.middleware("http")(_in_own_language)
    app.add_middleware(Guard, settings=settings)
    for kind in (SeamlineError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answer_error)
    return app


def _desk(settings: DeskSettings) -> Desk:
    store = open_store(settings.database_url)
    server = ModelServer(settings.server)
    photos, identities = PhotoFiles(settings.folder / "photos"), identities_for(settings, store)
    return Desk(settings, store, photos, server, Collections(settings), identities, Words(), Templates())


def _closing(desk: Desk) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.server.close()
        desk.store.close()

    return lifespan


async def _in_own_language(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    words = request.app.state.desk.words
    wanted = request.cookies.get(LANGUAGE_COOKIE)
    request.state.language = words.choose(wanted, request.headers.get("accept-language", ""))
    words.speak(request.state.language)
    return await call_next(request)


async def _answer_error(request: Request, error: Exception) -> Response:
    """One sentence: as JSON for scripts, as a page for people."""
    known = _known(error)
    code = error.status_code if isinstance(error, HTTPException) else http_code(known)
    if request.url.path.startswith(_API):
        return JSONResponse({"error": str(known)}, code)
    if isinstance(known, NotSignedIn):
        return RedirectResponse("/login", 303)
    templates: Templates = request.app.state.desk.templates
    return templates.page(request, "error.html", code, sentence=str(known), code=code)


def _known(error: Exception) -> SeamlineError:
    if isinstance(error, SeamlineError):
        return error
    if isinstance(error, RequestValidationError):
        return InvalidArgument("the request lacks something, or has something of another kind than is wanted")
    if isinstance(error, HTTPException):
        return InvalidArgument("there is no such page" if error.status_code == 404 else str(error.detail))
    return InternalError("the desk has a fault; its log names it")
