"""The desk as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.errors import ServerErrorMiddleware

from seamline.desk.catalogue.running import IndexRunner
from seamline.desk.collections import Collections
from seamline.desk.context import Desk
from seamline.desk.guard import Guard
from seamline.desk.languages import OwnLanguage
from seamline.desk.model_server import ModelServer
from seamline.desk.origins import own_origins
from seamline.desk.pages import ROUTERS
from seamline.desk.people.identities import identities_for
from seamline.desk.refusals import EXPECTED, answer_error
from seamline.desk.rendering import Templates
from seamline.desk.settings import DeskSettings
from seamline.desk.store import PhotoFiles, open_store
from seamline.desk.watching.background import Watchers
from seamline.desk.words import Words


def create_app(settings: DeskSettings) -> FastAPI:
    """The application. Raises BadOption for settings that cannot be met, Unavailable where the store is away."""
    origins = own_origins(settings)
    desk = _desk(settings)
    app = FastAPI(
        title="seamline desk",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # to an address without TLS, since the proxy's is not known here
        lifespan=_closing(desk),
    )
    app.state.desk = desk
    app.mount("/static", _Static(directory=str(files("seamline.desk") / "static")))
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(OwnLanguage, words=desk.words)
    app.add_middleware(ServerErrorMiddleware, handler=answer_error)  # FastAPI's own stands outside of the guard
    app.add_middleware(Guard, origins=origins)
    for kind in EXPECTED:
        app.add_exception_handler(kind, answer_error)
    return app


class _Static(StaticFiles):
    """The desk's own files, which browsers keep and ask after."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """With an ETag, as all files have."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _desk(settings: DeskSettings) -> Desk:
    store = open_store(settings.database_url)
    server = ModelServer(settings.server)
    photos, identities = PhotoFiles(settings.folder / "photos"), identities_for(settings, store)
    collections, indexing = Collections(settings), IndexRunner(settings, store, photos)
    watchers = Watchers(settings, store)
    return Desk(settings, store, photos, server, collections, indexing, watchers, identities, Words(), Templates())


def _closing(desk: Desk) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        desk.indexing.start()
        yield
        desk.indexing.close()
        desk.watchers.close()
        desk.server.close()
        desk.store.close()

    return lifespan
