"""What the desk itself keeps of an item: cases, searches and suspects, which outlive its deletion from the catalogue by
design, and photos that were uploaded here."""

from __future__ import annotations

from collections.abc import Collection as Sized
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from seamline.desk.store.models import Case, CasePair, SearchRecord, Suspect, UploadedPhoto, Watch

_AT_ONCE = 100


@dataclass(frozen=True)
class Held:
    """`cases`: id, title and collection of those with a pair that shows the item or one of its photos. `searches`:
    those whose kept answers name the item, or that were made with one of its photos. `suspects`: that name it."""

    cases: tuple[Mapping[str, str], ...]
    searches: int
    suspects: int


def held(session: Session, collection: str, item: str, photos: Sized[str]) -> Held:
    """What the desk keeps of an item of a collection; `photos`: SHA-256 of its photos."""
    return Held(
        _cases(session, collection, item, photos),
        _searches(session, collection, item, photos),
        _suspects(session, collection, item),
    )


def is_used(session: Session, photo: str) -> bool:
    """Whether a case, a search or an upload holds the photo with this SHA-256."""
    queries = (
        select(CasePair.id).where(or_(CasePair.query_sha256 == photo, CasePair.hit_sha256 == photo)),
        select(SearchRecord.id).where(SearchRecord.photo_sha256 == photo),
        select(UploadedPhoto.id).where(UploadedPhoto.sha256 == photo),
    )
    return any(session.scalars(query.limit(1)).first() is not None for query in queries)


def _cases(session: Session, collection: str, item: str, photos: Sized[str]) -> tuple[Mapping[str, str], ...]:
    shows = or_(
        and_(Case.collection == collection, or_(*(_text(CasePair.pair, side, "item") == item for side in _SIDES))),
        CasePair.hit_sha256.in_(photos),
        CasePair.query_sha256.in_(photos),
    )
    query = (
        select(Case.id, Case.title, Case.collection).join(CasePair, CasePair.case_id == Case.id).where(shows).distinct()
    )
    rows = session.execute(query.order_by(Case.title, Case.id))
    return tuple({"id": row.id, "title": row.title, "collection": row.collection} for row in rows)


_SIDES = ("query", "hit")


def _text(column: InstrumentedAttribute[dict[str, Any]], *path: str) -> Any:
    """A text inside of a JSON column, in either database."""
    found: Any = column
    for name in path:
        found = found[name]
    return found.as_string()


def _searches(session: Session, collection: str, item: str, photos: Sized[str]) -> int:
    query = select(SearchRecord.photo_sha256, SearchRecord.answer).where(SearchRecord.collection == collection)
    rows = session.execute(query.execution_options(yield_per=_AT_ONCE))
    return sum(row.photo_sha256 in photos or _names(row.answer, item) for row in rows)


def _names(answer: dict[str, Any], item: str) -> bool:
    return any(hit["item"] == item for garment in answer["garments"] for hit in garment["hits"])


def _suspects(session: Session, collection: str, item: str) -> int:
    of_item = or_(
        and_(Suspect.originals == collection, Suspect.original_item == item),
        and_(Watch.listings == collection, Suspect.listing_item == item),
    )
    query = select(func.count()).select_from(Suspect).join(Watch, Watch.id == Suspect.watch_id).where(of_item)
    return int(session.scalar(query) or 0)
