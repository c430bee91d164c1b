"""Whatever is sent, the answer is one plain sentence with the right code, and the next request works."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.support import bad_photos
from tests.support.bundle import WireError
from tests.support.wire import Wire
from tests.wire.conftest import SPEC
from tests.wire.test_ensembles import BOX, GARMENT, names, photo

F = np.float32
OTHERS = [1] * (len(SPEC.parts) - 1)
"""Weights of all parts but the first."""


def refusal(wire: Wire, model: str, inputs: dict[str, np.ndarray]) -> WireError:
    with pytest.raises(WireError) as caught:
        wire.infer(model, inputs)
    message = caught.value.message
    assert "Traceback" not in message
    assert not re.search(r"\.py|/\w+/", message), message
    assert len(message) < 400
    assert wire.infer("embed", photo(GARMENT) | BOX)["COUNT"].tolist() == [1]
    return caught.value


@pytest.mark.parametrize("name", sorted(bad_photos.REFUSED))
def test_what_is_no_photo(wire: Wire, name: str) -> None:
    assert refusal(wire, "embed", photo(bad_photos.REFUSED[name]())).code == "INVALID_ARG"


@pytest.mark.parametrize("name", sorted(bad_photos.ANSWERED))
def test_unusual_photos_are_answered(wire: Wire, name: str) -> None:
    found = wire.infer("embed", photo(bad_photos.ANSWERED[name]()))
    assert found["PHOTO_SIZE"].tolist() == [90, 120]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_photos_get_the_vectors_of_the_upright_one(wire: Wire, orientation: int) -> None:
    from PIL import Image

    from tests.support.garments import drawn

    upright = wire.infer("embed", photo(bad_photos.oriented(1, Image.fromarray(drawn(1).rgb))) | BOX)
    found = wire.infer("embed", photo(bad_photos.oriented(orientation, Image.fromarray(drawn(1).rgb))) | BOX)
    assert found["PHOTO_SIZE"].tolist() == upright["PHOTO_SIZE"].tolist()
    cosine = (found["EMBEDDING"] * upright["EMBEDDING"]).sum(-1)
    assert cosine[upright["PART_VISIBLE"] > 0].min() > 0.95


@pytest.mark.parametrize(
    "box", [(50, 50, 20, 80), (-50, 0, 100, 100), (5000, 5000, 6000, 6000), (np.nan, 0, 9, 9), (1, 2, 3), (9, 9, 9, 9)]
)
def test_impossible_boxes(wire: Wire, box: tuple[float, ...]) -> None:
    error = refusal(wire, "embed", photo(GARMENT) | {"BOX": np.array(box, F)})
    assert error.code == "INVALID_ARG"
    assert "BOX" in error.message


@pytest.mark.parametrize(
    "weights", [[-1, *OTHERS], [np.nan, *OTHERS], [0, *[0] * len(OTHERS)], OTHERS, [1, 1, *OTHERS], [np.inf, *OTHERS]]
)
def test_impossible_weights(wire: Wire, weights: list[float]) -> None:
    options = {"PART_WEIGHTS": np.array(weights, F), "RANKING": names("weighted")}
    error = refusal(wire, "search", photo(GARMENT) | options)
    assert (error.code, "PART_WEIGHTS" in error.message) == ("INVALID_ARG", True)


def test_weights_for_a_ranking_that_has_none(wire: Wire) -> None:
    options = {"PART_WEIGHTS": np.ones(len(SPEC.parts), F), "RANKING": names("partial")}
    assert refusal(wire, "search", photo(GARMENT) | options).code == "INVALID_ARG"


@pytest.mark.parametrize("top_k", [0, -1, 1_000_000])
def test_impossible_top_k(wire: Wire, top_k: int) -> None:
    error = refusal(wire, "search", photo(GARMENT) | {"TOP_K": np.array([top_k], np.int32)})
    assert (error.code, "TOP_K" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize("name", ["best", "weighted'", "*", " "])
def test_unknown_ranking(wire: Wire, name: str) -> None:
    assert refusal(wire, "search", photo(GARMENT) | {"RANKING": names(name)}).code == "INVALID_ARG"


@pytest.mark.parametrize("name", ["hat", "skirt' or 1 == 1", "%", "Skirt"])
def test_unknown_category(wire: Wire, name: str) -> None:
    error = refusal(wire, "search", photo(GARMENT) | {"CATEGORIES": names(name)})
    assert (error.code, "CATEGORIES" in error.message) == ("INVALID_ARG", True)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("unknown", "NOT_FOUND"),
        *[(name, "INVALID_ARG") for name in ("it's", 'a"b', "%", "*", "../etc", "x" * 300, "older")],
    ],
)
def test_collections_that_cannot_be_searched(wire: Wire, name: str, code: str) -> None:
    assert refusal(wire, "search", photo(GARMENT) | {"COLLECTION": names(name)}).code == code


@pytest.mark.parametrize("name", ["COLLECTION", "RANKING"])
def test_two_values_for_an_option_that_takes_one(wire: Wire, name: str) -> None:
    error = refusal(wire, "search", photo(GARMENT) | {name: names("partial", "weighted")})
    assert (error.code, name in error.message) == ("INVALID_ARG", True)


def test_vectors_of_other_weights_say_what_to_do(wire: Wire) -> None:
    error = refusal(wire, "search", photo(GARMENT) | {"COLLECTION": names("older")})
    assert "index the photos into another collection" in error.message
