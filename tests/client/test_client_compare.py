from __future__ import annotations

import numpy as np
import pytest

from seamline.client import Client, GarmentPair, Reading
from seamline.errors import BadOption
from seamline.spec import MIRRORED
from tests.support.photos import jpeg
from tests.support.scenes import NOTHING, Scene, SceneGarment, vectors
from tests.support.wire_server import WireServer


@pytest.fixture
def other() -> bytes:
    return jpeg((200, 200), "tomato")


def with_changed(original: np.ndarray, regions: tuple[int, ...]) -> np.ndarray:  # type: ignore[type-arg]
    """The same garment with other designs in `regions`."""
    changed = original.copy()
    changed[list(regions)] = vectors(99)[list(regions)]
    return changed


def test_kept_and_changed_regions_of_a_partial_copy(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1)),)))
    server.show(other, Scene((SceneGarment(with_changed(vectors(1), (2,))),)))
    best = client.compare(photo, other).best
    assert best is not None
    assert best.better is best.straight
    assert best.straight.kept == (True, True, False, True, True)
    assert best.straight.region_similarity[0] == pytest.approx(1.0, abs=1e-5)
    assert best.straight.score == pytest.approx(7.0, abs=1e-3)
    assert best.copy_probability == pytest.approx(1 / (1 + np.exp(-(2 * 7.0 - 8))), abs=1e-4)


def test_a_mirrored_photo_is_read_with_the_sleeves_crosswise(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(photo, Scene((SceneGarment(with_changed(vectors(1), (0,))),)))
    server.show(other, Scene((SceneGarment(vectors(1)[list(MIRRORED)]),)))
    best = client.compare(photo, other, ranking="weighted").best
    assert best is not None
    assert best.better is best.mirrored
    assert best.mirrored.kept == (False, True, True, True, True)
    assert best.straight.kept[3:] == (False, False)


def test_the_most_alike_pair_of_garments_is_chosen(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(photo, Scene(tuple(SceneGarment(vectors(seed)) for seed in (1, 2, 3))))
    server.show(other, Scene(tuple(SceneGarment(vectors(seed)) for seed in (4, 3))))
    best = client.compare(photo, other).best
    assert best is not None
    assert (best.a, best.b) == (2, 1)


def test_a_region_that_one_garment_lacks_is_not_comparable(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1, absent=(3, 4))),)))
    server.show(other, Scene((SceneGarment(vectors(1)),)))
    best = client.compare(photo, other).best
    assert best is not None
    assert best.straight.kept == (True, True, True, None, None)
    assert np.isnan(best.straight.region_similarity[3:]).all()


def test_nothing_comparable_has_no_score(server: WireServer, client: Client, photo: bytes, other: bytes) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1, absent=(0, 1, 2))),)))
    server.show(other, Scene((SceneGarment(vectors(1, absent=(3, 4))),)))
    best = client.compare(photo, other).best
    assert best is not None
    assert best.better.score is None
    assert best.copy_probability is None


def test_a_comparable_reading_is_better_than_one_without_a_score() -> None:
    nothing = Reading(False, np.full(5, np.nan, np.float32), (None,) * 5, None)
    something = Reading(True, np.full(5, -0.9, np.float32), (False,) * 5, -12.0)
    assert GarmentPair(0, 0, nothing, something, None).better is something


def test_a_photo_without_a_garment_compares_to_nothing(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(other, NOTHING)
    comparison = client.compare(photo, other)
    assert comparison.best is None
    assert len(comparison.photo_a.garments) == 1
    assert comparison.photo_b.garments == ()


@pytest.mark.parametrize("ranking", ["weighted", "partial", "global"])
def test_every_ranking_puts_the_same_garment_above_another(
    server: WireServer, client: Client, photo: bytes, other: bytes, ranking: str
) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1)),)))
    server.show(other, Scene((SceneGarment(vectors(2)), SceneGarment(vectors(1)))))
    best = client.compare(photo, other, ranking=ranking).best
    assert best is not None
    assert best.b == 1


def test_a_server_without_calibration_gives_no_probability(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    del server.versions["copy_slope"]
    best = client.compare(photo, other).best
    assert best is not None
    assert best.copy_probability is None


def test_weights_choose_what_counts(server: WireServer, client: Client, photo: bytes, other: bytes) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1)),)))
    server.show(other, Scene((SceneGarment(with_changed(vectors(1), (1, 2, 3, 4))),)))
    best = client.compare(photo, other, ranking="weighted", weights={"collar": 1}).best
    assert best is not None
    assert best.straight.score == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(BadOption, match="RANKING"):
        client.compare(photo, other, ranking="loudest")
    with pytest.raises(BadOption, match="above 0"):
        client.compare(photo, other, weights=(0, 0, 0, 0, 0))
