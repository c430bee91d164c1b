"""Whoever calls a step by itself gets a plain refusal, and the next request to the ensembles works."""

from __future__ import annotations

import numpy as np
import pytest

from seamline.serving.lease import LEASE_BYTES, Lease
from tests.support.wire import Wire
from tests.wire.conftest import SPEC
from tests.wire.test_bad_input import refusal
from tests.wire.test_ensembles import GARMENT, names, photo

F = np.float32
Tensors = dict[str, np.ndarray]


def count(number: int) -> Tensors:
    return {"COUNT": np.array([number], np.int32)}


def crop(height: int = 16, width: int = 16) -> Tensors:
    return {
        "PHOTO": np.zeros((height, width, 3), np.uint8),
        "PHOTO_SIZE": np.array([width, height], np.int32),
        "PHOTO_WARNINGS": names("[]"),
        "DETECTOR_BOXES": np.zeros((1, 1344, 4), F),
        "DETECTOR_SCORES": np.zeros((1, 1344, 13), F),
        "DETECTOR_DIRECTIONS": np.zeros((1, 1344, 2), F),
    }


def pool(rows: int = 1) -> Tensors:
    known = {"FEATURES": np.zeros((rows, 128, 28, 28), F), "CROP_LANDMARKS": np.zeros((rows, 22, 3), F)}
    return {**known, "SQUARES": np.zeros((rows, 5), F), "CROP_CATEGORY": names(*["skirt"] * rows), **count(rows)}


def trim(rows: int = 1) -> Tensors:
    return {
        "HEAD_EMBEDDING": np.zeros((rows, len(SPEC.parts), SPEC.parts.dimension), F),
        **count(rows),
        "PHOTO_SIZE": np.array([16, 16], np.int32),
        "BOXES": np.zeros((rows, 4), F),
        "DETECTION_SCORE": np.zeros(rows, F),
        "CATEGORY": names(*["skirt"] * rows),
        "WARNINGS": names("[]"),
        "LANDMARKS": np.zeros((rows, 22, 3), F),
        "PART_BOXES": np.zeros((rows, len(SPEC.parts), 4), F),
        "PART_CORNERS": np.zeros((rows, len(SPEC.parts), 4, 2), F),
        "PART_VISIBLE": np.zeros((rows, len(SPEC.parts)), F),
    }


def retrieve(rows: int = 1, top_k: int = 10) -> Tensors:
    return trim(rows) | {"TOP_K": np.array([top_k], np.int32)}


STEPS = {"crop": crop, "region_pool": pool, "trim": trim, "retrieve": retrieve}
FORGED = {
    "zeros": np.zeros(LEASE_BYTES, np.uint8),
    "noise": np.arange(LEASE_BYTES, dtype=np.uint8),
    "another key": Lease(0, 1.0, 1e12).signed(bytes(32)),
}


def lease(wire: Wire) -> Tensors:
    """Of a photo that is really inside."""
    return {"LEASE": wire.infer("decode", photo(GARMENT))["LEASE"]}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("forgery", FORGED)
def test_a_made_up_lease(wire: Wire, step: str, forgery: str) -> None:
    error = refusal(wire, step, STEPS[step]() | {"LEASE": FORGED[forgery]})
    assert (error.code, "embed or search" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize("step", STEPS)
def test_no_lease(wire: Wire, step: str) -> None:
    error = refusal(wire, step, STEPS[step]())
    assert (error.code, "LEASE" in error.message) == ("INVALID_ARG", True)


def test_more_landmarks_than_a_photo_has(wire: Wire) -> None:
    many = {"GIVEN_LANDMARKS": np.zeros((100_000, 22, 3), F)}
    error = refusal(wire, "region_pool", pool() | many | lease(wire))
    assert (error.code, "1 here; got those of 100000" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize("width", [1025, 12_000])
def test_a_photo_of_one_row_for_a_square_of_its_width(wire: Wire, width: int) -> None:
    whole = np.array([0, 0, width, 1], F)
    error = refusal(wire, "crop", crop(1, width) | {"BOX": whole} | lease(wire))
    assert (error.code, "PHOTO" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize(
    ("step", "tensors"), [("retrieve", retrieve(200, 200)), ("trim", trim(17)), ("region_pool", pool(17))]
)
def test_more_garments_than_a_photo_has(wire: Wire, step: str, tensors: Tensors) -> None:
    error = refusal(wire, step, tensors | lease(wire))
    assert (error.code, "16 garments" in error.message) == ("INVALID_ARG", True)


def test_a_lease_ends_with_the_last_step(wire: Wire) -> None:
    inside = lease(wire)
    wire.infer("trim", trim() | inside)
    for step in STEPS:
        assert refusal(wire, step, STEPS[step]() | inside).code in ("INVALID_ARG", "UNAVAILABLE")
