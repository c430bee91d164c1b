"""Answers of the server as the store keeps them: the client's `Searched` in JSON, and the pairs that come out of it.

    {"garments": [{"box", "landmarks", ..., "hits": [...]}], "photo_size", "photo_sha256", "warnings", "raw_versions"}

`raw_versions` is the server's whole statement, from which labels and thresholds follow as for a fresh answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seamline.client import Hit, Searched, SearchedGarment, Versions, to_jsonable
from seamline.client.parsing import versions_of
from seamline.client.results import Floats
from seamline.core.box_corners import box_corners
from seamline.core.errors import NotFound
from seamline.core.photo_warnings import PhotoWarning
from seamline.desk.pairs import Pair, compared_parts, pair_of
from seamline.desk.store.models import SearchRecord

Answer = Mapping[str, Any]


def kept_answer(searched: Searched) -> dict[str, Any]:
    """What is kept of an answer: all but the vectors."""
    return {**to_jsonable(searched), "raw_versions": dict(searched.versions.raw)}


def shown(record: SearchRecord) -> dict[str, Any]:
    """What the page of a search needs: garments without their hits, and for each garment a list of its hits as pairs.

    Pairs are as of `Pair.to_data`, without what no card shows: the query, boxes, and what the server said of itself,
    which stands once.
    """
    answer = record.answer
    versions = versions_of(answer["raw_versions"])
    garments = answer["garments"]
    return {
        "id": record.id,
        "file_name": record.file_name,
        "collection": record.collection,
        "options": record.options,
        "photo_size": answer["photo_size"],
        "warnings": answer["warnings"],
        "versions": answer["raw_versions"],
        "garments": [{key: row[key] for key in row if key != "hits"} for row in garments],
        "pairs": [[_card(hit, row["category"], versions) for hit in row["hits"]] for row in garments],
    }


def _card(row: Mapping[str, Any], category: str, versions: Versions) -> dict[str, Any]:
    hit = _hit(row)
    return {
        "hit": {name: row[name] for name in ("item", "category", "metadata")},
        "parts": [vars(part) for part in compared_parts(hit, category, versions)],
        "score": hit.score,
        "probability": hit.copy_probability,
        "mirrored": hit.mirrored,
    }


def pair_at(answer: Answer, file_name: str, garment: int, hit: int) -> Pair:
    """One of them. Raises NotFound where the answer has no such garment or hit."""
    row = _at(answer["garments"], garment)
    found = _at(row["hits"], hit)
    searched = searched_of({**answer, "garments": []})
    return pair_of(searched, _garment({**row, "hits": []}), _hit(found), file_name)


def searched_of(answer: Answer) -> Searched:
    """The answer as the client gave it; vectors are (0, 0)."""
    width, height = answer["photo_size"]
    return Searched(
        tuple(_garment(row) for row in answer["garments"]),
        (int(width), int(height)),
        str(answer["photo_sha256"]),
        versions_of(answer["raw_versions"]),
        tuple(PhotoWarning(**told) for told in answer["warnings"]),
    )


def _at(rows: list[Any], place: int) -> Any:
    if not 0 <= place < len(rows):
        raise NotFound("the search has no such hit")
    return rows[place]


def _garment(row: Mapping[str, Any]) -> SearchedGarment:
    arrays = {name: _floats(row[name]) for name in ("landmarks", "part_boxes", "part_visible")} | _corners(row)
    hits = tuple(_hit(hit) for hit in row["hits"])
    return SearchedGarment(**{**row, **arrays, "box": tuple(row["box"]), "vectors": np.zeros((0, 0)), "hits": hits})


def _hit(row: Mapping[str, Any]) -> Hit:
    arrays = {name: _floats(row[name]) for name in ("part_similarity", "part_boxes")} | _corners(row)
    return Hit(**{**row, **arrays, "box": tuple(row["box"]), "photo_size": tuple(row["photo_size"])})


def _corners(row: Mapping[str, Any]) -> dict[str, Floats]:
    """Answers that were kept before there were corners have those of their boxes."""
    told = row.get("part_corners")
    return {"part_corners": box_corners(_floats(row["part_boxes"])) if told is None else _floats(told)}


def _floats(values: Any) -> Floats:
    """None, which stands for NaN in JSON, becomes NaN again."""
    return np.array(values, np.float32)
