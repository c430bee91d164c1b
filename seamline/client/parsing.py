"""Responses of the two ensembles as results."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from seamline.client.results import (
    Box,
    Embedded,
    Garment,
    Hit,
    IndexVersion,
    Searched,
    SearchedGarment,
    Versions,
)
from seamline.client.tensors import Outputs
from seamline.core.box_corners import box_corners
from seamline.core.errors import InternalError
from seamline.core.parts import ANY_CATEGORY, Parts
from seamline.core.photo_warnings import PhotoWarning, from_json
from seamline.core.spec import ScoringSpec
from seamline.index.garment import part_boxes, part_corners

T = TypeVar("T")


def embedded(response: Any, photo_sha256: str) -> Embedded:
    """The answer of `embed`. Raises InternalError when it is not one that this version reads."""
    outputs = Outputs(response)
    return _checked(lambda: Embedded(tuple(_garments(outputs)), *_rest(outputs, photo_sha256)))


def searched(response: Any, photo_sha256: str) -> Searched:
    """The answer of `search`. Raises InternalError when it is not one that this version reads."""
    outputs = Outputs(response)
    return _checked(lambda: Searched(_searched_garments(outputs), *_rest(outputs, photo_sha256)))


def _rest(outputs: Outputs, photo_sha256: str) -> tuple[tuple[int, int], str, Versions, tuple[PhotoWarning, ...]]:
    """What an answer says of the photo; servers of before give no warnings."""
    told = outputs.optional("WARNINGS")
    warnings = () if told is None else from_json(_text(told.reshape(-1)[0]))
    return _size(outputs), photo_sha256, _versions(outputs), warnings


def _checked(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InternalError(
            f"the server's answer cannot be read ({reason}); server and client are of different versions"
        ) from error


def _garments(outputs: Outputs) -> list[Garment]:
    categories = outputs.texts("CATEGORY")
    placed = _placed(outputs)
    columns = [_landmarks(outputs), *placed, outputs.array("PART_VISIBLE"), outputs.array("EMBEDDING")]
    boxes, scores = outputs.array("BOXES"), outputs.array("DETECTION_SCORE")
    return [
        Garment(n, _box(boxes[n]), float(scores[n]), categories[n], *(column[n] for column in columns))
        for n in range(int(outputs.array("COUNT").reshape(-1)[0]))
    ]


def _placed(outputs: Outputs) -> tuple[Any, Any]:
    """PART_BOXES (n, P, 4) and PART_CORNERS (n, P, 4, 2) with NaN for a part that is there and has no place, whose box
    may come as zeros. Servers of before give no corners."""
    boxes, visible = outputs.array("PART_BOXES"), outputs.array("PART_VISIBLE")
    told = outputs.optional("PART_CORNERS")
    corners = box_corners(boxes) if told is None else told
    nowhere = (visible > 0) & ~boxes.any(-1)
    return (
        np.where(nowhere[..., None], np.float32(np.nan), boxes),
        np.where(nowhere[..., None, None], np.float32(np.nan), corners),
    )


def _landmarks(outputs: Outputs) -> Any:
    """(n, K, 3); K is 0 where the system has none."""
    found = outputs.optional("LANDMARKS")
    return np.zeros((len(outputs.array("BOXES")), 0, 3), np.float32) if found is None else found


def _searched_garments(outputs: Outputs) -> tuple[SearchedGarment, ...]:
    garments = _garments(outputs)
    rows = _hits(outputs, len(garments))
    return tuple(SearchedGarment(**vars(garment), hits=tuple(row)) for garment, row in zip(garments, rows, strict=True))


def _hits(outputs: Outputs, count: int) -> list[list[Hit]]:
    ids: Any = outputs.array("HIT_ID").reshape(count, -1) if count else []
    details = outputs.array("HIT_GARMENT")
    numbers = [
        outputs.array(name) for name in ("HIT_SCORE", "HIT_PART_SIMILARITY", "HIT_COPY_PROBABILITY", "HIT_MIRRORED")
    ]
    return [
        [
            _hit(_text(name), json.loads(_text(details[n][k])), [column[n][k] for column in numbers])
            for k, name in enumerate(row)
            if _text(name)
        ]
        for n, row in enumerate(ids)
    ]


def _hit(name: str, about: dict[str, Any], numbers: list[Any]) -> Hit:
    score, similarity, probability, mirrored = numbers
    width, height = about["photo_size"]
    return Hit(
        id=name,
        item=str(about["item"]),
        photo=str(about["photo"]),
        garment=int(about["garment"]),
        category=str(about["category"]),
        score=float(score),
        part_similarity=similarity,
        copy_probability=None if math.isnan(probability) else float(probability),
        mirrored=bool(mirrored),
        box=_box(about["box"]),
        part_boxes=np.array(part_boxes(about), np.float32).reshape(-1, 4),
        part_corners=np.array(part_corners(about), np.float32).reshape(-1, 4, 2),
        photo_size=(int(width), int(height)),
        photo_sha256=str(about["photo_sha256"]),
        metadata=about.get("metadata", {}),
    )


def _versions(outputs: Outputs) -> Versions:
    return versions_of(json.loads(outputs.texts("VERSIONS")[0]))


def versions_of(raw: dict[str, Any]) -> Versions:
    """What a server's VERSIONS say, also of an answer that was kept."""
    index = raw.get("index")
    return Versions(
        seamline=str(raw["seamline"]),
        system=str(raw["system"]),
        fingerprint=str(raw["fingerprint"]),
        detector=str(raw["detector"]),
        parts=Parts.from_data({**raw, "names": raw["parts"]}),
        landmarks=tuple(raw["landmarks"]),
        rankings=tuple(raw["rankings"]),
        scoring=_scoring(raw),
        ranking=raw.get("ranking"),
        reranker=raw.get("reranker"),
        index=_index_version(index) if index else None,
        raw=raw,
    )


def _scoring(raw: dict[str, Any]) -> ScoringSpec:
    return ScoringSpec(
        {ANY_CATEGORY: _floats(raw["part_weights"])},
        _floats(raw["znorm_mean"]),
        _floats(raw["znorm_std"]),
        _floats(raw["kept_above"]),
        int(raw["best_of"]),
        float(raw["copy_slope"]),
        float(raw["copy_offset"]),
        _odds(raw, "region_odds"),
        _odds(raw, "whole_odds"),
        _floats(raw.get("kept_context", ())),
        float(raw.get("kept_usual", 0.0)),
        _floats(raw.get("kept_slope", ())),
        float(raw.get("copy_cohort", 0.0)),
        _cohort_scores(raw),
    )


def _odds(raw: dict[str, Any], name: str) -> tuple[float, float]:
    """Slope and offset; answers that were kept before there were parts of the whole have none."""
    slope, offset = _floats(raw.get(name, (1.0, 0.0)))
    return slope, offset


def _cohort_scores(raw: dict[str, Any]) -> tuple[float, float, float]:
    least, usual, largest = _floats(raw.get("cohort_scores", (0.0, 0.0, 0.0)))
    return least, usual, largest


def _index_version(raw: dict[str, Any]) -> IndexVersion:
    return IndexVersion(str(raw["alias"]), str(raw["collection"]), int(raw["rows"]), str(raw["fingerprint"]))


def _size(outputs: Outputs) -> tuple[int, int]:
    width, height = outputs.array("PHOTO_SIZE").reshape(-1)
    return int(width), int(height)


def _box(values: Any) -> Box:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _text(value: Any) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
