"""Landmarks that a caller corrects: regions, vectors and hits follow, and what cannot be used is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.garments import drawn, jpeg, nothing, two_garments
from tests.support.wire import Wire
from tests.wire.conftest import SPEC
from tests.wire.test_bad_input import refusal
from tests.wire.test_ensembles import photo

F = np.float32
ONE = photo(jpeg(drawn(2).rgb)) | {"BOX": np.array(drawn(2).box, F)}
TWO = photo(two_garments())
COLLAR = SPEC.parts.names.index("collar")
Tensors = dict[str, np.ndarray]


def given(landmarks: np.ndarray) -> Tensors:
    return {"GIVEN_LANDMARKS": np.ascontiguousarray(landmarks, F)}


def certain(wire: Wire) -> np.ndarray:
    """The landmarks of the one garment, each of them set by hand or left out."""
    points = wire.infer("embed", ONE)["LANDMARKS"].copy()
    points[..., 2] = points[..., 2] > 0.5
    return points


@pytest.mark.parametrize("model", ["embed", "search"])
@pytest.mark.parametrize("inputs", [ONE, TWO], ids=["BOX", "two garments"])
def test_the_answer_s_own_landmarks_change_nothing(wire: Wire, model: str, inputs: Tensors) -> None:
    before = wire.infer(model, inputs)
    after = wire.infer(model, inputs | given(before["LANDMARKS"]))
    assert set(after) == set(before)
    np.testing.assert_array_equal(after["LANDMARKS"], before["LANDMARKS"])
    np.testing.assert_array_equal(after["BOXES"], before["BOXES"])
    np.testing.assert_allclose(after["PART_BOXES"], before["PART_BOXES"], atol=1e-2)
    np.testing.assert_allclose(after["PART_VISIBLE"], before["PART_VISIBLE"], atol=1e-5)
    np.testing.assert_allclose(after["EMBEDDING"], before["EMBEDDING"], atol=1e-3)
    if model == "search":
        np.testing.assert_allclose(after["HIT_PART_SIMILARITY"], before["HIT_PART_SIMILARITY"], atol=1e-3)


@pytest.mark.parametrize("model", ["embed", "search"])
def test_a_moved_landmark_moves_its_region_and_changes_no_other_vector(wire: Wire, model: str) -> None:
    points = certain(wire)
    before = wire.infer(model, ONE | given(points))
    assert set(before["PART_VISIBLE"].reshape(-1).tolist()) <= {0.0, 1.0}
    points[0, SPEC.landmarks.index("neck_bottom"), 1] += 30
    after = wire.infer(model, ONE | given(points))
    np.testing.assert_array_equal(after["LANDMARKS"], points)
    shift = (after["PART_BOXES"] - before["PART_BOXES"])[0]
    np.testing.assert_allclose(shift[COLLAR], [0, 0, 0, 30], atol=1e-2)
    stays = np.isclose(shift, 0, atol=1e-2).all(-1)
    cosine = (after["EMBEDDING"] * before["EMBEDDING"]).sum(-1)[0]
    assert stays.any()
    stays[list(SPEC.parts.whole)] = True
    np.testing.assert_allclose(cosine[stays], before["PART_VISIBLE"][0, stays], atol=1e-3)
    assert cosine[COLLAR] < 0.995


def test_hits_follow_the_landmarks(wire: Wire) -> None:
    points = certain(wire)
    sleeves = [place for place, name in enumerate(SPEC.parts.names) if "sleeve" in name]
    before = wire.infer("search", ONE | given(points))
    for place, name in enumerate(SPEC.landmarks):
        points[0, place, 2] *= not name.startswith(("shoulder", "cuff", "armpit"))
    after = wire.infer("search", ONE | given(points))
    assert np.isfinite(before["HIT_PART_SIMILARITY"][..., sleeves]).any()
    assert np.isnan(after["HIT_PART_SIMILARITY"][..., sleeves]).all()
    assert not after["EMBEDDING"][0, sleeves].any()


@pytest.mark.parametrize("model", ["embed", "search"])
@pytest.mark.parametrize(("inputs", "rows", "count"), [(TWO, 1, 2), (TWO, 3, 2), (ONE, 2, 1), (ONE, 17, 1)])
def test_landmarks_of_other_garments_than_the_answer_s(
    wire: Wire, model: str, inputs: Tensors, rows: int, count: int
) -> None:
    error = refusal(wire, model, inputs | given(np.zeros((rows, len(SPEC.landmarks), 3))))
    assert error.code == "INVALID_ARG"
    assert f"in the order of BOXES, {count} here; got those of {rows}; BOX names one garment" in error.message


@pytest.mark.parametrize("model", ["embed", "search"])
def test_landmarks_for_a_photo_without_a_garment(wire: Wire, model: str) -> None:
    error = refusal(wire, model, photo(nothing()) | given(np.zeros((1, len(SPEC.landmarks), 3))))
    assert (error.code, "the photo shows none; BOX names one" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize("shape", [(1, 21, 3), (1, 23, 3), (1, 22, 2), (1, 22, 4), (1, 1, 66), (1, 0, 3)])
def test_landmarks_that_the_system_does_not_have(wire: Wire, shape: tuple[int, ...]) -> None:
    error = refusal(wire, "embed", ONE | given(np.zeros(shape)))
    assert (error.code, "must hold 22 landmarks of each garment" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize(
    ("place", "values"),
    [
        (slice(None), (np.nan, np.nan, np.nan)),
        (slice(0, 1), (np.inf,)),
        (slice(2, 3), (np.nan,)),
        (slice(2, 3), (1.5,)),
        (slice(2, 3), (-0.5,)),
        (slice(None), (-9000, 50, 1)),
        (slice(None), (50, 1e30, 0)),
    ],
)
def test_impossible_landmarks(wire: Wire, place: slice, values: tuple[float, ...]) -> None:
    points = certain(wire)
    points[0, 4, place] = values
    error = refusal(wire, "embed", ONE | given(points))
    assert (error.code, "GIVEN_LANDMARKS" in error.message) == ("INVALID_ARG", True)
