from __future__ import annotations

import json

import numpy as np
import pytest

from seamline.core.box_corners import boxes_around
from seamline.core.spec import CATEGORIES
from seamline.evaluation.turned_photos import turned as turned_photo
from tests.support.garments import drawn, jpeg, nothing, two_garments
from tests.support.scenes import turned
from tests.support.wire import Wire
from tests.wire.conftest import SPEC


def photo(data: bytes) -> dict[str, np.ndarray]:
    return {"IMAGE": np.array([data], dtype=object)}


def names(*values: str) -> np.ndarray:
    return np.array([value.encode() for value in values], dtype=object)


GARMENT = jpeg(drawn(1).rgb)
BOX = {"BOX": np.array(drawn(1).box, np.float32)}


def test_embed_answers_the_shapes_of_the_contract(wire: Wire) -> None:
    found = wire.infer("embed", photo(GARMENT) | BOX)
    height, width = drawn(1).rgb.shape[:2]
    assert found["COUNT"].tolist() == [1]
    assert found["PHOTO_SIZE"].tolist() == [width, height]
    shapes = {name: array.shape for name, array in found.items()}
    points, parts = len(SPEC.landmarks), len(SPEC.parts)
    assert shapes["BOXES"] == (1, 4)
    assert shapes["LANDMARKS"] == (1, points, 3)
    assert shapes["PART_BOXES"] == (1, parts, 4)
    assert shapes["PART_CORNERS"] == (1, parts, 4, 2)
    assert shapes["PART_VISIBLE"] == (1, parts)
    assert shapes["EMBEDDING"] == (1, parts, SPEC.parts.dimension)
    assert found["CATEGORY"][0].decode() in CATEGORIES
    assert json.loads(found["VERSIONS"][0])["fingerprint"] == SPEC.fingerprint


def test_region_vectors_have_unit_length_or_are_zero(wire: Wire) -> None:
    found = wire.infer("embed", photo(GARMENT) | BOX)
    lengths = np.linalg.norm(found["EMBEDDING"], axis=-1)
    np.testing.assert_allclose(lengths, found["PART_VISIBLE"] > 0, atol=1e-3)


def test_parts_of_the_whole_have_vectors_and_no_place(wire: Wire) -> None:
    found, whole = wire.infer("embed", photo(GARMENT) | BOX), list(SPEC.parts.whole)
    assert whole
    assert not found["PART_BOXES"][:, whole].any()
    assert (found["PART_VISIBLE"][:, whole] == 1).all()
    assert np.isfinite(found["EMBEDDING"]).all()


def test_a_given_box_is_the_garment(wire: Wire) -> None:
    found = wire.infer("embed", photo(GARMENT) | BOX)
    np.testing.assert_allclose(found["BOXES"][0], BOX["BOX"], atol=0.1)
    assert found["DETECTION_SCORE"].tolist() == [1]


def test_landmarks_and_regions_lie_in_the_photos_own_pixels(wire: Wire) -> None:
    large = np.kron(drawn(1).rgb, np.ones((4, 4, 1), np.uint8))
    small = wire.infer("embed", photo(GARMENT) | BOX)
    found = wire.infer("embed", photo(jpeg(large)) | {"BOX": BOX["BOX"] * 4})
    sure = (small["LANDMARKS"][..., 2] > 0.5) & (found["LANDMARKS"][..., 2] > 0.5)
    assert sure.any()
    moved = found["LANDMARKS"][..., :2] - small["LANDMARKS"][..., :2] * 4
    assert np.abs(moved[sure]).mean() < 0.03 * max(large.shape)
    assert found["PART_BOXES"].max() <= max(large.shape) * 1.2


DRESS, TOP = 3, 11
"""Seeds of drawn garments."""


@pytest.mark.parametrize("seed", [DRESS, TOP])
@pytest.mark.parametrize("degrees", [90, 180, 270, 40])
def test_parts_lie_on_the_garment_whichever_way_up_it_is_in_the_photo(wire: Wire, seed: int, degrees: int) -> None:
    upright = drawn(seed).rgb
    photos = upright, turned_photo(upright, degrees)
    before, after = (wire.infer("embed", photo(jpeg(rgb))) for rgb in photos)
    assert after["CATEGORY"].tolist() == before["CATEGORY"].tolist()
    chest = SPEC.parts.names.index("chest")
    own, other = before["PART_CORNERS"][0, chest], after["PART_CORNERS"][0, chest]
    (left, top), (right, _) = other[:2]
    found = np.degrees(np.arctan2(other[1, 1] - top, right - left)) - degrees
    assert abs((found + 180) % 360 - 180) < 15
    middles = [np.array([rgb.shape[1], rgb.shape[0]]) / 2 for rgb in photos]
    wanted = turned(own.mean(0) - middles[0], (0, 0), degrees) + middles[1]
    assert np.hypot(*(other.mean(0) - wanted)) < 0.1 * max(upright.shape)
    np.testing.assert_allclose(after["PART_BOXES"][0], boxes_around(after["PART_CORNERS"][0]), atol=1e-3)


def test_photo_with_two_garments_has_two_rows(wire: Wire) -> None:
    found = wire.infer("embed", photo(two_garments()))
    assert found["COUNT"].tolist() == [2]
    assert found["EMBEDDING"].shape[0] == 2
    assert (np.diff(found["DETECTION_SCORE"]) <= 0).all()


@pytest.mark.parametrize("model", ["embed", "search"])
def test_photo_without_garment_has_no_rows(wire: Wire, model: str) -> None:
    found = wire.infer(model, photo(nothing()))
    assert found["COUNT"].tolist() == [0]
    rows = {name for name, array in found.items() if array.shape[0] != 0}
    assert rows == {"COUNT", "PHOTO_SIZE", "VERSIONS", "WARNINGS"}
    assert [told["code"] for told in json.loads(found["WARNINGS"][0])] == ["no_garment"]


def test_embedding_is_the_same_in_both_ensembles(wire: Wire) -> None:
    embed, search = (wire.infer(model, photo(GARMENT)) for model in ("embed", "search"))
    for name in ("BOXES", "CATEGORY", "LANDMARKS", "PART_BOXES", "PART_CORNERS", "PART_VISIBLE", "EMBEDDING"):
        np.testing.assert_array_equal(embed[name], search[name])


@pytest.mark.parametrize("ranking", ["weighted", "partial", "global"])
def test_hits_fall_in_score_and_say_where_they_come_from(wire: Wire, ranking: str) -> None:
    options = {"RANKING": names(ranking), "TOP_K": np.array([7], np.int32)}
    found = wire.infer("search", photo(GARMENT) | BOX | options)
    assert found["HIT_ID"].shape == (1, 7)
    assert (np.diff(found["HIT_SCORE"][0]) <= 0).all()
    garment = json.loads(found["HIT_GARMENT"][0, 0])
    assert found["HIT_ID"][0, 0].decode() == f"{garment['item']}#0"
    assert 0 <= found["HIT_COPY_PROBABILITY"].min() <= found["HIT_COPY_PROBABILITY"].max() <= 1
    versions = json.loads(found["VERSIONS"][0])
    assert versions["ranking"] == ranking
    assert versions["index"]["alias"] == "catalogue"
    assert versions["index"]["rows"] == 60


def test_categories_limit_the_hits(wire: Wire) -> None:
    found = wire.infer("search", photo(GARMENT) | BOX | {"CATEGORIES": names("skirt", "vest")})
    records = [json.loads(record) for record in found["HIT_GARMENT"][0]]
    assert {record["category"] for record in records} == {"skirt", "vest"}


def test_region_weights_decide_the_order(wire: Wire) -> None:
    for region in (0, 1, *SPEC.parts.whole):
        weights = np.zeros(len(SPEC.parts), np.float32)
        weights[region] = 3
        options = {"RANKING": names("weighted"), "PART_WEIGHTS": weights}
        found = wire.infer("search", photo(GARMENT) | BOX | options)
        np.testing.assert_allclose(found["HIT_SCORE"], found["HIT_PART_SIMILARITY"][..., region], atol=1e-5)


def test_empty_collection_has_no_hits(wire: Wire) -> None:
    found = wire.infer("search", photo(GARMENT) | BOX | {"COLLECTION": names("nothing")})
    assert found["HIT_ID"].shape == (1, 0)
    assert found["COUNT"].tolist() == [1]
