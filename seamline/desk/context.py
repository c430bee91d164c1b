"""What all routes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

if TYPE_CHECKING:
    from seamline.desk.catalogue.running import IndexRunner
    from seamline.desk.collections import Collections
    from seamline.desk.model_server import ModelServer
    from seamline.desk.people.identity import Identities
    from seamline.desk.rendering import Templates
    from seamline.desk.settings import DeskSettings
    from seamline.desk.store import PhotoFiles, Store
    from seamline.desk.watching.background import Watchers
    from seamline.desk.words import Words


@dataclass(frozen=True)
class Desk:
    """One desk: its settings, its store, and the server of models and the index that it asks."""

    settings: DeskSettings
    store: Store
    photos: PhotoFiles
    server: ModelServer
    collections: Collections
    indexing: IndexRunner
    watchers: Watchers
    identities: Identities
    words: Words
    templates: Templates


def desk_of(request: Request) -> Desk:
    """The desk that a request was sent to."""
    return cast(Desk, request.app.state.desk)


TheDesk = Annotated[Desk, Depends(desk_of)]
