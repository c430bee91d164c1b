"""Searches, suspects and verdicts in a desk's store as its pages leave them there, with drawn photos."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from seamline.client import Hit, Searched, SearchedGarment
from seamline.client.parsing import versions_of
from seamline.core.box_corners import box_corners
from seamline.desk.answers import kept_answer, pair_at
from seamline.desk.context import Desk
from seamline.desk.pairs import Pair
from seamline.desk.people.user import Role, User
from seamline.desk.pictures import keep_photo
from seamline.desk.store.models import Batch, SearchRecord, Suspect, Verdict, Watch
from seamline.desk.store.types import now
from tests.support import scenes
from tests.support.garments import drawn, jpeg
from tests.support.scenes import INDEX, SEVEN, part_boxes

ANNA, BEN = User("anna", Role.ANALYST), User("ben", Role.LEAD)
OTHER = User("olga", Role.LEAD, frozenset({"others"}))
ORIGINALS, LISTINGS = "originals", "listings"
SIMILARITY = (0.95, 0.9, 0.42, 0.91, float("nan"), 0.93, 0.9)
VERSIONS = scenes.versions_of(SEVEN)


def photo(seed: int) -> bytes:
    """A drawn garment as a JPEG file."""
    return jpeg(drawn(seed, 300).rgb)


def write_photo(folder: Path, seed: int) -> Path:
    """The same in a folder, as it was when it was indexed."""
    file = folder / f"item-{seed}.jpg"
    file.write_bytes(photo(seed))
    return file


def add_search(
    desk: Desk, folder: Path, seeds: tuple[int, ...] = (2,), item: str = "A-0002", collection: str = ORIGINALS
) -> str:
    """The id of a search with photo 1, whose garment hits those of the photos with these seeds."""
    uploaded = photo(1)
    keep_photo(desk, uploaded)
    hits = tuple(_hit(write_photo(folder, seed), seed, item) for seed in seeds)
    record = SearchRecord(
        owner=ANNA.name,
        collection=collection,
        photo_sha256=hashlib.sha256(uploaded).hexdigest(),
        file_name="upload.jpg",
        options={},
        answer=kept_answer(_searched(uploaded, hits)),
    )
    with desk.store.session() as session:
        session.add(record)
    return record.id


def add_suspect(
    desk: Desk, folder: Path, seed: int = 2, probability: float = 0.93, fingerprint: str = "", **names: str
) -> str:
    """The id of a suspect: the listing shows photo 1, the original the photo with this seed."""
    fields = {"listing": f"L-{seed}", "original": "A-0002", "seller": "Harbour Row", "originals": ORIGINALS} | names
    pair = _suspected(folder, seed, probability, fingerprint, fields)
    watch = watch_of(desk, fields["originals"])
    suspect = Suspect(
        watch_id=watch,
        originals=fields["originals"],
        original_item=fields["original"],
        listing_item=fields["listing"],
        seller=fields["seller"],
        probability=probability,
        pair=pair,
    )
    with desk.store.session() as session:
        session.add(suspect)
    return suspect.id


def watch_of(desk: Desk, originals: str = ORIGINALS, at_least: float = 0.5) -> str:
    """The id of the watch of the listings over these originals."""
    with desk.store.session() as session:
        known = session.query(Watch).filter_by(listings=LISTINGS, originals=originals).one_or_none()
        if known is None:
            known = Watch(listings=LISTINGS, originals=originals, at_least=at_least)
            session.add(known)
            session.flush()
        return known.id


def add_verdict(
    desk: Desk, suspect: str, verdict: str, owner: str = "cleo", note: str = "", closed: bool = True
) -> int:
    """The id of a verdict in a batch of its own."""
    with desk.store.session() as session:
        batch = Batch(owner=owner, originals=ORIGINALS, closed_at=now() if closed else None)
        session.add(batch)
        session.flush()
        said = Verdict(suspect_id=suspect, batch_id=batch.id, verdict=verdict, owner=owner, note=note)
        session.add(said)
        session.flush()
        return said.id


def _suspected(folder: Path, seed: int, probability: float, fingerprint: str, fields: dict[str, str]) -> dict[str, Any]:
    answer = kept_answer(_searched(photo(1), (_hit(write_photo(folder, seed), seed, fields["original"]),)))
    data = pair_at(answer, "item-1.jpg", 0, 0).to_data()
    listing = {
        "item": fields["listing"],
        "photo": str(write_photo(folder, 1)),
        "metadata": {"seller": fields["seller"]},
    }
    versions = data["versions"] | ({"fingerprint": fingerprint} if fingerprint else {})
    changed = data | {"query": data["query"] | listing, "probability": probability, "versions": versions}
    return Pair.from_data(changed).to_data()


def _searched(uploaded: bytes, hits: tuple[Hit, ...]) -> Searched:
    shown = drawn(1, 300)
    height, width = shown.rgb.shape[:2]
    garment = SearchedGarment(
        number=0,
        box=shown.box,
        score=0.98,
        category=shown.category,
        landmarks=np.zeros((0, 3), np.float32),
        part_boxes=part_boxes(shown.box, len(SEVEN)),
        part_corners=box_corners(part_boxes(shown.box, len(SEVEN))),
        part_visible=np.ones(len(SEVEN), np.float32),
        vectors=np.zeros((len(SEVEN), 128), np.float32),
        hits=hits,
    )
    versions = versions_of(VERSIONS | {"index": INDEX, "ranking": "partial"})
    return Searched((garment,), (width, height), hashlib.sha256(uploaded).hexdigest(), versions)


def _hit(file: Path, seed: int, item: str) -> Hit:
    shown = drawn(seed, 300)
    height, width = shown.rgb.shape[:2]
    return Hit(
        id=f"{item}#0",
        item=item,
        photo=str(file),
        garment=0,
        category=shown.category,
        score=4.2,
        part_similarity=np.array(SIMILARITY, np.float32),
        copy_probability=0.93,
        mirrored=False,
        box=shown.box,
        part_boxes=part_boxes(shown.box, len(SEVEN)),
        part_corners=box_corners(part_boxes(shown.box, len(SEVEN))),
        photo_size=(width, height),
        photo_sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        metadata={"seller": "Atelier Ahrens", "date": "2026-09-01"},
    )
