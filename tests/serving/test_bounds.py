"""A step that is called by itself refuses what the steps before it never make, before it allocates anything for it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seamline.core.errors import BadOption, InvalidArgument
from seamline.core.spec import CATEGORIES
from seamline.serving.crop import Crop
from seamline.serving.place_parts import PlaceParts
from seamline.serving.retrieve import Retrieve
from seamline.serving.step import Setting
from seamline.serving.trim import Trim
from seamline.systems.psnet.region_pool import RegionPool
from seamline.systems.psnet.region_rules import DEFAULT_SPEC

F = np.float32
PARTS, DIMENSION, POINTS = len(DEFAULT_SPEC.parts), DEFAULT_SPEC.parts.dimension, len(DEFAULT_SPEC.landmarks)
Tensors = dict[str, Any]


def count(number: int) -> Tensors:
    return {"COUNT": np.array([number], np.int32)}


def names(*values: str) -> np.ndarray:
    return np.array([value.encode() for value in values], object)


def vectors(rows: int) -> np.ndarray:
    found = np.ones((rows, PARTS, DIMENSION), F)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


def crop(height: int, width: int, size: tuple[int, int] | None = None) -> Tensors:
    return {
        "PHOTO": np.zeros((height, width, 3), np.uint8),
        "PHOTO_SIZE": np.array(size or (width, height), np.int32),
        "DETECTOR_BOXES": np.zeros((1, 1344, 4), F),
        "DETECTOR_SCORES": np.zeros((1, 1344, len(CATEGORIES)), F),
        "DETECTOR_DIRECTIONS": np.zeros((1, 1344, 2), F),
        "BOX": None,
    }


def pool(rows: int) -> Tensors:
    return {
        "FEATURES": np.zeros((rows, 128, 28, 28), F),
        "CROP_LANDMARKS": np.zeros((rows, POINTS, 3), F),
        "SQUARES": np.zeros((rows, 5), F),
        "CROP_CATEGORY": names(*["skirt"] * rows),
        **count(rows),
    }


def place(rows: int) -> Tensors:
    known = {"HEAD_EMBEDDING": vectors(rows), "SQUARES": np.zeros((rows, 5), F), **count(rows)}
    return {**dict.fromkeys(PlaceParts.inputs), **known}


def trim(rows: int) -> Tensors:
    return {"HEAD_EMBEDDING": vectors(rows), **count(rows)}


def retrieve(rows: int) -> Tensors:
    return {**dict.fromkeys(Retrieve.inputs), **trim(rows), "CATEGORY": names(*["skirt"] * rows)}


STEPS: dict[type, Callable[[int], Tensors]] = {RegionPool: pool, PlaceParts: place, Trim: trim, Retrieve: retrieve}
ARRAYS = [
    (step, name)
    for step, given in STEPS.items()
    for name, array in given(1).items()
    if array is not None and array.dtype == F
]


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address at which nothing answers: what is refused is refused before it is asked."""
    monkeypatch.setenv("SEAMLINE_MILVUS_URI", "http://127.0.0.1:1")


def refused(step: type, tensors: Tensors) -> str:
    made = step(Setting(DEFAULT_SPEC))
    tracemalloc.start()
    try:
        with pytest.raises(InvalidArgument) as caught:
            made(tensors)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    return str(caught.value)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("rows", [17, 200])
def test_more_garments_than_crop_gives_are_refused(step: type, rows: int) -> None:
    assert f"1 to 16 garments; got {rows}" in refused(step, STEPS[step](rows))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_no_garments_at_all_are_refused(step: type) -> None:
    assert "1 to 16 garments; got 0" in refused(step, STEPS[step](0))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("told", [-1, 0, 1, 3, 2**31 - 1, -(2**31)])
def test_a_count_of_other_garments_is_refused(step: type, told: int) -> None:
    assert "COUNT must be the number of garments" in refused(step, STEPS[step](2) | count(told))


@pytest.mark.parametrize(("step", "name"), ARRAYS, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(step: type, name: str, value: float) -> None:
    tensors = STEPS[step](2)
    tensors[name].reshape(-1)[-1] = value
    assert f"{name} must hold finite numbers" in refused(step, tensors)


@pytest.mark.parametrize(("step", "name"), ARRAYS, ids=lambda value: getattr(value, "__name__", value))
def test_other_shapes_are_refused(step: type, name: str) -> None:
    tensors = STEPS[step](2)
    whole = tensors[name]
    for other in (whole[..., :-1], whole[..., None], whole[0]):
        assert name in refused(step, tensors | {name: np.ascontiguousarray(other)})


@pytest.mark.parametrize("step", [Trim, Retrieve, PlaceParts], ids=lambda step: step.__name__)
def test_vectors_that_are_not_of_unit_length_are_refused(step: type) -> None:
    for length in (1.2, 1e30):
        tensors = STEPS[step](1)
        tensors["HEAD_EMBEDDING"] *= F(length)
        assert "length 1 or 0" in refused(step, tensors)


def test_each_garment_has_a_category() -> None:
    assert "CATEGORY" in refused(Retrieve, retrieve(2) | {"CATEGORY": names("skirt")})
    assert "CROP_CATEGORY" in refused(RegionPool, pool(2) | {"CROP_CATEGORY": names(*["skirt"] * 3)})


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [
        (1, 12_000, None),
        (12_000, 1, None),
        (1, 1025, None),
        (0, 10, (10, 10)),
        (100, 100, (0, 0)),
        (100, 100, (-5, 100)),
        (100, 100, (100, 200)),
        (100, 100, (200, 200)),
        (1024, 1024, (30_001, 30_001)),
        (16, 1024, (1024, 1024)),
    ],
)
def test_a_photo_that_decode_never_makes_is_refused(height: int, width: int, size: tuple[int, int] | None) -> None:
    assert "PHOTO" in refused(Crop, crop(height, width, size))


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(16, 16, None), (1024, 1024, (7000, 7000)), (1, 1024, (30_000, 16)), (768, 1024, (4000, 3000)), (300, 1024, None)],
)
def test_photos_of_decode_are_taken(height: int, width: int, size: tuple[int, int] | None) -> None:
    assert Crop(Setting(DEFAULT_SPEC))(crop(height, width, size))["COUNT"] == 0


def test_detections_are_as_many_as_the_detector_has_places() -> None:
    few = crop(16, 16)
    scores = np.zeros((1, 5000, len(CATEGORIES)), F)
    assert "DETECTOR_BOXES" in refused(Crop, few | {"DETECTOR_BOXES": np.zeros((1, 6000, 4), F)})
    assert "DETECTOR_SCORES" in refused(Crop, few | {"DETECTOR_SCORES": scores})
    assert "DETECTOR_SCORES" in refused(Crop, few | {"DETECTOR_SCORES": np.full((1, 1344, len(CATEGORIES)), np.nan, F)})
    assert "DETECTOR_DIRECTIONS" in refused(Crop, few | {"DETECTOR_DIRECTIONS": np.zeros((1, 1344, 5), F)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOP_K", np.array([201], np.int32)),
        ("TOP_K", np.array([10, 10], np.int32)),
        ("PART_WEIGHTS", np.ones(100_000, F)),
        ("CATEGORIES", names(*["skirt"] * 14)),
        ("CATEGORIES", names("x" * 1025)),
        ("COLLECTION", names("x" * 2_000_000)),
        ("RANKING", names("x" * 2_000_000)),
    ],
)
def test_options_beyond_their_bounds_are_refused_in_a_sentence(name: str, value: np.ndarray) -> None:
    with pytest.raises(BadOption, match=name) as caught:
        Retrieve(Setting(DEFAULT_SPEC))(retrieve(1) | {name: value})
    assert len(str(caught.value)) < 300
