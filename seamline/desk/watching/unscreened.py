"""Which garments of the listings a watch has not screened yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from seamline.desk.store import Store
from seamline.desk.store.models import Screened
from seamline.index import Collection
from seamline.index.pages import Row, pages
from seamline.index.schema import CHANGED

_PAGE = 1000
_FETCHED = 100
"""Records of one query; the first of them are screened while the next are read."""


def unscreened(store: Store, watch: str, collection: Collection, since: float | None) -> Iterator[Row]:
    """Rows with key and record. `since`: only what was written after this moment, in seconds since 1970."""
    condition = "" if since is None else f"{CHANGED} > {int(since * 1e9)}"
    for page in pages(collection, [], _PAGE, condition):
        for keys in _chunks([str(row["pk"]) for row in page], _PAGE):
            for new in _chunks(_unknown(store, watch, keys), _FETCHED):
                yield from collection.rows_by_key(new, ["record"])


def number_screened(store: Store, watch: str) -> int:
    """Garments that need not be screened again."""
    query = select(func.count()).where(Screened.watch_id == watch, Screened.problem.is_(None))
    with store.reading() as session:
        return session.scalar(query) or 0


def _unknown(store: Store, watch: str, keys: Sequence[str]) -> list[str]:
    query = select(Screened.key).where(Screened.watch_id == watch, Screened.problem.is_(None), Screened.key.in_(keys))
    with store.reading() as session:
        known = set(session.scalars(query))
    return [key for key in keys if key not in known]


def _chunks(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
