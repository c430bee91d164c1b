"""A suspect as a card of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from seamline.desk.pairs import Pair, Side
from seamline.desk.store.models import Suspect

_LINKS = ("link", "url")
"""Columns of a manifest under which a listing's page is looked for."""


@dataclass(frozen=True)
class Card:
    """What the queue shows of a suspect beside the two garments. `link`: the listing's page, "" where there is none."""

    id: str
    seller: str
    listing: str
    original: str
    probability: float
    date: str
    link: str
    found_at: str


def card_of(suspect: Suspect) -> Card:
    """The card of a suspect."""
    listing = Pair.from_data(suspect.pair).query
    return Card(
        suspect.id,
        suspect.seller,
        suspect.listing_item,
        suspect.original_item,
        suspect.probability,
        listing.date,
        link_of(listing),
        suspect.found_at.isoformat(),
    )


def link_of(listing: Side) -> str:
    """The address of a listing's page as its manifest has it, if it is one that a browser may be sent to."""
    found = (str(listing.metadata.get(name) or "") for name in _LINKS)
    return next((link for link in found if _is_web_address(link)), "")


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
