from __future__ import annotations

import numpy as np
import pytest

from seamline.client import Client
from seamline.core.errors import BadOption
from seamline.core.spec import ScoringSpec, Spec
from seamline.ranking import RANKINGS
from seamline.ranking.scorer import Scorer
from seamline.systems.psnet.spec import MIRRORED, region_parts
from tests.support.photos import jpeg
from tests.support.scenes import KEPT_ABOVE, NOTHING, Scene, SceneGarment, vectors
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
    assert not best.mirrored
    assert best.kept == (True, True, False, True, True)
    assert best.part_similarity[0] == pytest.approx(1.0, abs=1e-5)
    score = -np.log(0.02)  # the three best regions are identical
    assert best.score == pytest.approx(score, abs=1e-3)
    assert best.copy_probability == pytest.approx(1 / (1 + np.exp(-(2 * score - 8))), abs=1e-4)


def test_a_mirrored_photo_is_compared_flipped_in_the_first_garments_order(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(photo, Scene((SceneGarment(with_changed(vectors(1), (0, 3))),)))
    server.show(other, Scene((SceneGarment(vectors(1)[list(MIRRORED)]),)))
    best = client.compare(photo, other, ranking="weighted").best
    assert best is not None
    assert best.mirrored
    assert best.kept == (False, True, True, False, True)


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
    assert best.kept == (True, True, True, None, None)
    assert np.isnan(best.part_similarity[3:]).all()


def test_nothing_comparable_has_no_score(server: WireServer, client: Client, photo: bytes, other: bytes) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1, absent=(0, 1, 2))),)))
    server.show(other, Scene((SceneGarment(vectors(1, absent=(3, 4))),)))
    best = client.compare(photo, other).best
    assert best is not None
    assert best.score is None
    assert best.copy_probability is None


def test_a_pair_that_can_be_compared_goes_before_one_that_cannot(
    server: WireServer, client: Client, photo: bytes, other: bytes
) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1, absent=(1, 2, 3, 4))),)))
    server.show(other, Scene((SceneGarment(vectors(2, absent=(0,))), SceneGarment(-vectors(1)))))
    best = client.compare(photo, other).best
    assert best is not None
    assert best.b == 1
    assert best.kept == (False, None, None, None, None)


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


@pytest.mark.parametrize("ranking", ["weighted", "partial", "global"])
def test_a_pair_is_scored_by_the_rule_of_a_search(
    server: WireServer, client: Client, photo: bytes, other: bytes, ranking: str
) -> None:
    query, gallery = vectors(1, absent=(4,)), with_changed(vectors(1), (1,))[list(MIRRORED)]
    server.show(photo, Scene((SceneGarment(query),)))
    server.show(other, Scene((SceneGarment(gallery),)))
    best = client.compare(photo, other, ranking=ranking).best
    assert best is not None
    scoring = ScoringSpec({}, (0.3,) * 5, (0.1,) * 5, KEPT_ABOVE, 3, 2.0, -8.0)
    spec = Spec("psnet_lite", region_parts(query.shape[-1]), scoring)
    scorer = Scorer.of_spec(spec, query, RANKINGS[ranking], np.full(5, 0.2, np.float32))
    expected = scorer.score(gallery[None])
    assert best.score == pytest.approx(float(expected.score[0]))
    assert best.copy_probability == pytest.approx(float(expected.copy_probability[0]))
    assert best.mirrored == expected.mirrored[0]
    np.testing.assert_array_equal(best.part_similarity, expected.part_similarity[0])


def test_weights_choose_what_counts(server: WireServer, client: Client, photo: bytes, other: bytes) -> None:
    server.show(photo, Scene((SceneGarment(vectors(1)),)))
    server.show(other, Scene((SceneGarment(with_changed(vectors(1), (1, 2, 3, 4))),)))
    best = client.compare(photo, other, ranking="weighted", weights={"collar": 1}).best
    assert best is not None
    assert best.score == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(BadOption, match="RANKING"):
        client.compare(photo, other, ranking="loudest")
    with pytest.raises(BadOption, match="above 0"):
        client.compare(photo, other, weights=(0, 0, 0, 0, 0))
