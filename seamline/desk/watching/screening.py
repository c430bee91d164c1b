"""One garment of the listings against the originals."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seamline.client import Searched
from seamline.client.retrying import Retrier
from seamline.core.errors import BadPhoto
from seamline.desk.model_server import ModelServer
from seamline.desk.pairs import Pair, pair_of
from seamline.index import Garment
from seamline.index.pages import Row
from seamline.report.files import read_found

TOP_K = 5
"""Originals that a garment is compared with."""

_NO_VECTORS = np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class Screen:
    """Asks the server. May be shared between threads."""

    server: ModelServer
    originals: str
    photos: Path | None
    retrier: Retrier

    def pairs(self, row: Row) -> list[Pair]:
        """A garment, by its row of the listings, with each original among its hits.

        Raises BadPhoto where its photo is not there as it was indexed, and what the client raises.
        """
        listing = garment_of(row)
        photo = _photo(listing, self.photos)
        searched = self.retrier.call(
            lambda: self.server.ask(
                lambda client: client.search(photo, collection=self.originals, box=listing.box, top_k=TOP_K)
            )
        )
        return _pairs(listing, searched)


def garment_of(row: Row) -> Garment:
    """What a row's record tells. Raises InvalidArgument where it is none."""
    return Garment.from_record(row["record"], _NO_VECTORS)


def suspicious(pairs: Sequence[Pair], at_least: float) -> list[Pair]:
    """Of a garment's pairs, the most probable of each original, if it reaches the bound; no listing copies itself."""
    best: dict[str, Pair] = {}
    for pair in sorted(pairs, key=probability_of):
        if probability_of(pair) >= at_least and pair.hit.item != pair.query.item:
            best[pair.hit.item] = pair
    return list(best.values())


def probability_of(pair: Pair) -> float:
    """Of a copy; 0 where no part could be compared."""
    return pair.probability or 0.0


def _photo(listing: Garment, folder: Path | None) -> bytes:
    try:
        data = read_found(listing.photo, listing.item, folder)
    except (OSError, ValueError):
        raise BadPhoto("the photo is not where it was when it was indexed") from None
    if hashlib.sha256(data).hexdigest() != listing.photo_sha256:
        raise BadPhoto("the photo has changed since it was indexed; index it again")
    return data


def _pairs(listing: Garment, searched: Searched) -> list[Pair]:
    hits = [(garment, hit) for garment in searched.garments for hit in garment.hits]
    return [_listed(listing, pair_of(searched, *each, listing.photo, listing.item)) for each in hits]


def _listed(listing: Garment, pair: Pair) -> Pair:
    """The query's side as the listings have it."""
    side = replace(pair.query, garment=listing.number, metadata=dict(listing.metadata))
    return replace(pair, query=side)
