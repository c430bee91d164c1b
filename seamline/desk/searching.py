"""Searches of the desk: asked of the server, kept with their answers, and read again without the server.

Whoever was granted the searched collection and knows a search's id may look at it, so that colleagues can hand on its
address; lists show a person's own searches only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from seamline.core.collection_names import DEFAULT_COLLECTION
from seamline.core.errors import NotFound
from seamline.core.printable import printable
from seamline.desk.answers import kept_answer, pair_at
from seamline.desk.context import Desk
from seamline.desk.pairs import Box, Pair
from seamline.desk.people.user import User
from seamline.desk.pictures import keep_photo
from seamline.desk.store.models import SearchRecord

_LONGEST_NAME = 255


@dataclass(frozen=True)
class Asked:
    """What is asked beside the photo; None leaves the choice to the server.

    `weights`: part -> 0..1. `box`: the garment, in pixels of the upright photo; `landmarks` [n,K,3]: x, y, confidence.
    """

    collection: str = DEFAULT_COLLECTION
    top_k: int | None = None
    ranking: str | None = None
    categories: Sequence[str] = ()
    weights: Mapping[str, float] | None = None
    box: Box | None = None
    landmarks: Sequence[Sequence[Sequence[float]]] | None = None


@dataclass(frozen=True)
class RecentSearch:
    """A line of the list of searches. `corrected`: a person gave the box or the landmarks."""

    id: str
    file_name: str
    collection: str
    made_at: datetime
    corrected: bool


def search(desk: Desk, user: User, photo: bytes, file_name: str, asked: Asked) -> SearchRecord:
    """Search a photo and keep it with its answer.

    Raises NotFound for a collection that is not there or not granted, and what the client raises. Nothing is kept then.
    """
    return _search(desk, user, photo, printable(file_name)[:_LONGEST_NAME], asked, None)


def search_again(desk: Desk, user: User, search_id: str, asked: Asked) -> SearchRecord:
    """Search the photo of an earlier search anew. Raises what `search` does, and NotFound without that search."""
    earlier = load_search(desk, user, search_id)
    whole = None if asked.box is None else earlier.options.get("whole") or earlier.id
    return _search(desk, user, desk.photos.read(earlier.photo_sha256), earlier.file_name, asked, whole)


def _search(desk: Desk, user: User, photo: bytes, file_name: str, asked: Asked, whole: str | None) -> SearchRecord:
    """`whole`: the search of all garments of the photo, where this one is about a single box."""
    user.check_sees(asked.collection)
    arguments = vars(asked)
    searched = desk.server.ask(lambda client: client.search(photo, **arguments))
    keep_photo(desk, photo, searched.photo_size)
    record = SearchRecord(
        owner=user.name,
        collection=asked.collection,
        photo_sha256=searched.photo_sha256,
        file_name=file_name,
        options={**arguments, "whole": whole},
        answer=kept_answer(searched),
    )
    with desk.store.session() as session:
        session.add(record)
    return record


def load_search(desk: Desk, user: User, search_id: str) -> SearchRecord:
    """A search that was made. Raises NotFound where there is none, or its collection was not granted."""
    with desk.store.reading() as session:
        record = session.get(SearchRecord, search_id) if search_id.isalnum() else None
    if record is None or not user.sees(record.collection):
        raise NotFound("there is no such search, or its collection was not granted to you")
    return record


def load_pair(desk: Desk, user: User, search_id: str, garment: int, hit: int) -> tuple[Pair, SearchRecord]:
    """A hit of a search with its garment, both by their places from 0. Raises NotFound as `load_search` does, and where
    the answer has no such hit."""
    record = load_search(desk, user, search_id)
    return pair_at(record.answer, record.file_name, garment, hit), record


def recent_searches(desk: Desk, user: User, most: int = 12) -> list[RecentSearch]:
    """The person's own searches, the latest first, of collections that are still granted."""
    row = SearchRecord
    query = select(row.id, row.file_name, row.collection, row.made_at, row.options).where(row.owner == user.name)
    if user.collections is not None:
        query = query.where(row.collection.in_(user.collections))
    with desk.store.reading() as session:
        found: Sequence[Any] = session.execute(query.order_by(row.made_at.desc()).limit(most)).all()
    return [
        RecentSearch(id_, name, collection, at, _is_corrected(options)) for id_, name, collection, at, options in found
    ]


def _is_corrected(options: Mapping[str, Any]) -> bool:
    return any(options.get(name) is not None for name in ("box", "landmarks"))
