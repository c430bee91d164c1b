"""A queue full of suspects, of a few hundred sellers of very different size."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import insert, text

from seamline.desk.pairs import ComparedPart, Pair, Side
from seamline.desk.store import Store
from seamline.desk.store.models import Suspect
from seamline.desk.store.types import new_id, now
from seamline.desk.watching.begin import begin_watch

_ROWS = 2000


def filled(store: Store, suspects: int, seed: int) -> str:
    """Fill the store; the id of the watch that has found the suspects."""
    watch = begin_watch(store, "listings", "originals")
    draw = np.random.default_rng(seed)
    sellers = draw.zipf(1.3, suspects) % 400
    probabilities = draw.uniform(0.5, 1, suspects)
    with store.session() as session:
        for start in range(0, suspects, _ROWS):
            numbers = range(start, min(start + _ROWS, suspects))
            rows = [_row(watch.id, number, int(sellers[number]), float(probabilities[number])) for number in numbers]
            session.execute(insert(Suspect), rows)
    with store.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    return watch.id


def _row(watch: str, number: int, seller: int, probability: float) -> dict[str, Any]:
    listing, original, name = f"L-{number:06d}", f"A-{number:06d}", f"seller {seller}"
    query = _PAIR["query"] | {"item": listing, "metadata": {"seller": name, "date": "2026-09-01"}}
    hit = _PAIR["hit"] | {"item": original}
    return {
        "id": new_id(),
        "watch_id": watch,
        "originals": "originals",
        "original_item": original,
        "listing_item": listing,
        "seller": name,
        "probability": probability,
        "pair": _PAIR | {"query": query, "hit": hit, "probability": probability},
        "found_at": now(),
    }


def _any_pair() -> dict[str, Any]:
    """A pair as long as a server's, whose `versions` take half of it."""
    box = (65.0, 110.7, 291.2, 440.0)
    corners = ((65.0, 110.7), (291.2, 110.7), (291.2, 440.0), (65.0, 440.0))
    side = Side("", "/photos/item.jpg", "0" * 64, (420, 560), 0, "sling", box, (box,) * 5, (corners,) * 5, {})
    parts = tuple(ComparedPart(f"part{n}", f"part {n}", f"part {n}", 0.9, 0.7, True, n) for n in range(5))
    return Pair(side, side, parts, 4.2, 0.9, False, {"padding": "x" * 1700}).to_data()


_PAIR = _any_pair()
