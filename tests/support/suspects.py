"""Suspects as a watch leaves them, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seamline.desk.pairs import ComparedPart, Pair, Side
from seamline.desk.store import Store
from seamline.desk.store.models import Suspect, Watch

_BOX = (10.0, 10.0, 90.0, 110.0)
_CORNERS = ((10.0, 10.0), (90.0, 10.0), (90.0, 110.0), (10.0, 110.0))


def add_watch(store: Store, listings: str = "listings", originals: str = "originals") -> str:
    """A watch's id."""
    watch = Watch(listings=listings, originals=originals, at_least=0.5)
    with store.session() as session:
        session.add(watch)
    return watch.id


def add_suspects(store: Store, watch: str, found: Sequence[tuple[str, float]], first: int = 0) -> list[str]:
    """Suspects of (seller, probability), whose items are numbered from `first`; their ids."""
    with store.session() as session:
        of = session.get_one(Watch, watch)
        suspects = [_suspect(of, first + place, *each) for place, each in enumerate(found)]
        session.add_all(suspects)
    return [suspect.id for suspect in suspects]


def pair_data(number: int, seller: str, probability: float, **metadata: Any) -> dict[str, Any]:
    """A listing and the original that it looks like."""
    part = ComparedPart("chest", "chest", "chest", 0.9, 0.7, True, 0)
    listing = _side(f"L-{number:04d}", {"seller": seller, "date": "2026-09-01", **metadata})
    return Pair(listing, _side(f"A-{number:04d}", {}), (part,), 0.9, probability, False, {}).to_data()


def _side(item: str, metadata: dict[str, Any]) -> Side:
    return Side(item, f"/photos/{item}.jpg", "0" * 64, (100, 120), 0, "skirt", _BOX, (_BOX,), (_CORNERS,), metadata)


def _suspect(watch: Watch, number: int, seller: str, probability: float) -> Suspect:
    return Suspect(
        watch_id=watch.id,
        originals=watch.originals,
        original_item=f"A-{number:04d}",
        listing_item=f"L-{number:04d}",
        seller=seller,
        probability=probability,
        pair=pair_data(number, seller, probability),
    )
