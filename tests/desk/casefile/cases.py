"""A case with drawn photos, as a desk would hand it on."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

from seamline.data.mask_box import mask_box
from seamline.desk.casefile.chain import LogEntry, next_entry
from seamline.desk.casefile.model import Box, CaseContent, CaseFacts, CasePair, Side
from seamline.synthetic import Drawn, draw_sample, photograph
from tests.support.garments import jpeg
from tests.support.scenes import INDEX, VERSIONS

OPENED = "2026-03-01T09:30:00.000000Z"
JUDGED = "2026-03-02T10:00:00.250000Z"
NOTICE = "Dear Sir or Madam,\n\nyour listing shows our design.\n"
ANSWER = {"versions": VERSIONS | {"index": INDEX, "ranking": "partial"}}
SIMILARITY = ((0.95, 0.9, 0.42, 0.91, None), (0.55, 0.97, 0.88, None, 0.81))


@functools.lru_cache(maxsize=1)
def photos() -> tuple[Drawn, Drawn, Drawn]:
    """An original, and two photos that show its design again, one of them across."""
    rng = np.random.default_rng(4)
    original = draw_sample(rng, 900, "short sleeve top")
    again = (photograph(original.design, rng, long_side, False) for long_side in (640, 1200))
    return original, *again


@functools.lru_cache(maxsize=3)
def file_of(place: int) -> bytes:
    """The photo at this place as a JPEG file."""
    return jpeg(photos()[place].rgb)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def side(place: int, **fields: Any) -> Side:
    """The garment in the photo at this place."""
    drawn = photos()[place]
    height, width = drawn.rgb.shape[:2]
    known = Side(
        item=f"item-{place}",
        seller="Shop <B>" if place else "",
        photo_sha256=sha256(file_of(place)),
        photo_missing="",
        file_name=f"photo {place}.jpg",
        origin="https://shop.example/listing" if place else "catalogue",
        category=drawn.category,
        box=drawn.box,
        part_boxes=tuple(_part_box(drawn, region) for region in range(5)),
        photo_size=(width, height),
        metadata={"price": 19.5, "listed": "2026-02-11"} if place else {},
    )
    return dataclasses.replace(known, **fields)


def _part_box(drawn: Drawn, region: int) -> Box | None:
    mask = drawn.region == region
    return mask_box(mask) if mask.any() else None


def pair(number: int, place: int, **fields: Any) -> CasePair:
    """The pair of the photo at this place with the original."""
    similarity = SIMILARITY[(number - 1) % 2]
    known = CasePair(
        number=number,
        query=side(place),
        hit=side(0),
        part_similarity=similarity,
        kept=tuple(None if value is None else value >= 0.8 for value in similarity),
        score=4.2,
        copy_probability=0.93,
        mirrored=number == 2,
        verdict="copy",
        judged_by="Ada",
        judged_at=JUDGED,
        note="",
        answer=ANSWER,
    )
    return dataclasses.replace(known, **fields)


def log() -> tuple[LogEntry, ...]:
    """Of the case below."""
    steps: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        (OPENED, "Ada", "opened", {"title": "Blue blouse", "reference": "A-17", "collection": "catalogue"}),
        (OPENED, "Ada", "pair_added", {"pair": 1, "query": side(1).photo_sha256, "hit": side(0).photo_sha256}),
        ("2026-03-01T09:31:00.000000Z", "Ada", "pair_added", {"pair": 2}),
        (JUDGED, "Ada", "verdict", {"pair": 1, "verdict": "copy"}),
        ("2026-03-02T10:01:00.000000Z", "Bo", "note", {"pair": 2, "note": "The hem is another."}),
        ("2026-03-02T10:02:00.000000Z", "Bo", "notice", {"notice": NOTICE}),
        ("2026-03-02T11:00:00.000000Z", "Ada", "exported", {"title": "Blue blouse", "pairs": 2}),
    )
    made: list[LogEntry] = []
    for step in steps:
        made.append(next_entry(made[-1] if made else None, *step))
    return tuple(made)


def case(**fields: Any) -> CaseContent:
    """Two pairs, one of which nobody has judged; three photos."""
    facts = CaseFacts("c0ffee", "Blue blouse", "A-17", "open", "catalogue", OPENED, "Ada", ("Ada", "Bo"), NOTICE)
    second = pair(2, 2, verdict=None, judged_by=None, judged_at=None, note="The hem is another.")
    loaders: dict[str, Callable[[], bytes]] = {
        sha256(file_of(place)): functools.partial(file_of, place) for place in range(3)
    }
    return dataclasses.replace(CaseContent(facts, (pair(1, 1), second), log(), loaders), **fields)
