"""Pairs to look at, wherever they come from: a hit of a search, a suspect of the queue, a pair of a case.

    of_search -> Compared,  of_suspect -> Compared,  of_case -> Compared

A source is one function, named in `SOURCES`; page, pictures and keys follow from what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from seamline.core.errors import NotFound
from seamline.desk.alignment import align
from seamline.desk.cases.access import case_to_show, pairs_of
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair
from seamline.desk.people.user import Role, User
from seamline.desk.queue.access import load_suspect
from seamline.desk.searching import load_pair
from seamline.desk.words import _

_MOST_DIGITS = 6


@dataclass(frozen=True)
class Row:
    """Where a pair stands among others: its place from 0, of how many, and the addresses beside it below /compare/."""

    place: int
    of: int
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class Compared:
    """A pair and how the page goes on from it.

    `key`: its address below /compare/. `names`: what query and hit are called here. `photos`: addresses of their
    pictures, to which ?size= is added. `uploaded`: the query came with the search, so no indexed file belongs to it.
    `back`: address and words of where it was found. `row`: None where it stands alone. `adding`: how it is named to the
    route that takes pairs into cases, None where it is in one.
    """

    key: str
    pair: Pair
    names: tuple[str, str]
    photos: tuple[str, str]
    uploaded: bool
    back: tuple[str, str]
    row: Row | None = None
    adding: dict[str, Any] | None = None

    def to_data(self, user: User) -> dict[str, Any]:
        """What the page's script gets, as far as this person may use it."""
        query, hit = self.photos
        address, words = self.back
        return {
            "page": f"/compare/{self.key}",
            "files": f"/api/compare/files/{self.key}",
            "pair": self.pair.to_data(),
            "names": dict(zip(("query", "hit"), self.names, strict=True)),
            "photos": {"query": _sizes(query), "hit": _sizes(hit)},
            "uploaded": self.uploaded,
            "alignment": align(self.pair).to_data(),
            "back": {"address": address, "words": words},
            "row": None if self.row is None else _row_data(self.row),
            "adding": self.adding if user.role >= Role.ANALYST else None,
        }


PairSource = Callable[[Desk, User, Sequence[str]], Compared]
"""What an address names: the keys after the source's name. Raises NotFound for what is not there or not granted."""


def compared(desk: Desk, user: User, source: str, keys: str) -> Compared:
    """The pair at /compare/{source}/{keys}. Raises NotFound."""
    parts = keys.split("/")
    known = SOURCES.get(source)
    if known is None or len(parts) != known[1] or not all(part.isalnum() and part.isascii() for part in parts):
        raise NotFound("there is no such pair")
    return known[0](desk, user, parts)


def of_search(desk: Desk, user: User, keys: Sequence[str]) -> Compared:
    """Keys: search, place of the garment, place of the hit, both from 0. Neighbours are hits of the same garment."""
    search_id, garment, hit = keys[0], _number(keys[1]), _number(keys[2])
    pair, record = load_pair(desk, user, search_id, garment, hit)
    count = len(record.answer["garments"][garment]["hits"])
    base = f"search/{search_id}/{garment}"
    return Compared(
        key=f"{base}/{hit}",
        pair=pair,
        names=(_("Your photo"), _("Hit {number}").format(number=hit + 1)),
        photos=(f"/search/{search_id}/photo", f"/search/{search_id}/{garment}/{hit}/photo"),
        uploaded=True,
        back=(f"/search/{search_id}?garment={garment + 1}#hit-{hit + 1}", _("Back to the search")),
        row=_row(hit, [f"{base}/{place}" for place in range(count)]),
        adding={"search": search_id, "garment": garment, "hit": hit},
    )


def of_suspect(desk: Desk, user: User, keys: Sequence[str]) -> Compared:
    """Keys: suspect. It stands alone: going on in the queue is the queue's."""
    (suspect_id,) = keys
    suspect = load_suspect(desk.store, user, suspect_id)
    return Compared(
        key=f"suspect/{suspect_id}",
        pair=Pair.from_data(suspect.pair),
        names=(_("Listing"), _("Original")),
        photos=(f"/queue/{suspect_id}/listing.jpg", f"/queue/{suspect_id}/original.jpg"),
        uploaded=False,
        back=("/queue", _("Back to the queue")),
        adding={"suspect": suspect_id},
    )


def of_case(desk: Desk, user: User, keys: Sequence[str]) -> Compared:
    """Keys: case, number of the pair in it. Neighbours are the case's other pairs."""
    case_id, number = keys[0], _number(keys[1])
    with desk.store.reading() as session:
        rows = pairs_of(session, case_to_show(session, user, case_id))
    numbers = [row.number for row in rows]
    if number not in numbers:
        raise NotFound(f"the case has no pair {number}")
    place = numbers.index(number)
    searched = rows[place].suspect_id is None
    return Compared(
        key=f"case/{case_id}/{number}",
        pair=Pair.from_data(rows[place].pair),
        names=(_("Uploaded photo"), _("Hit")) if searched else (_("Listing"), _("Original")),
        photos=(f"/cases/{case_id}/{number}/query.jpg", f"/cases/{case_id}/{number}/hit.jpg"),
        uploaded=searched,
        back=(f"/cases/{case_id}", _("Back to the case")),
        row=_row(place, [f"case/{case_id}/{other}" for other in numbers]),
    )


SOURCES: dict[str, tuple[PairSource, int]] = {
    "search": (of_search, 3),
    "suspect": (of_suspect, 1),
    "case": (of_case, 2),
}
"""Name in addresses -> the source and how many keys it takes."""


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise NotFound("there is no such pair")
    return int(text)


def _row(place: int, keys: Sequence[str]) -> Row:
    before = keys[place - 1] if place > 0 else None
    return Row(place, len(keys), before, keys[place + 1] if place + 1 < len(keys) else None)


def _sizes(photo: str) -> dict[str, str]:
    return {size: f"{photo}?size={size}" for size in ("small", "large")}


def _row_data(row: Row) -> dict[str, Any]:
    beside = {
        name: f"/api/compare/{key}" if key else None for name, key in (("previous", row.previous), ("next", row.next))
    }
    return {"place": row.place, "of": row.of, **beside}
