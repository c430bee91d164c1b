"""The search for region weights: its loss by hand, that it finds what tells copies from others, and that it repeats."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import REGIONS
from seamline.training.part_weights import (
    PartDistances,
    WeightSearch,
    concentration_factor,
    learn_weights,
    part_distances,
    search,
    weighted,
    weighted_triplet_loss,
)

SETTINGS = WeightSearch(least_samples=50)
NAN = float("nan")


def triplets(count: int, informative: int, category: str, seed: int = 0) -> PartDistances:
    """Copies differ as much as other garments do, but in one region."""
    random = np.random.default_rng(seed)
    positive, negative = random.uniform(0.3, 0.9, (2, count, len(REGIONS)))
    positive[:, informative] = random.uniform(0.0, 0.2, count)
    return PartDistances(positive, negative, np.full(count, category))


def together(*parts: PartDistances) -> PartDistances:
    fields = (field.name for field in dataclasses.fields(PartDistances))
    return PartDistances(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def test_alpha_is_lower_the_more_one_region_holds_the_difference() -> None:
    positive = np.array([[0.2] * 5, [1, 0, 0, 0, 0], [0.6, 0.1, 0.1, 0.1, 0.1], [0] * 5, [NAN, 0.4, NAN, 0, 0]])
    assert concentration_factor(positive).tolist() == pytest.approx([1.0, 0.5, 0.75, 1.0, 0.5])


def test_the_loss_by_hand() -> None:
    positive = np.array([[0.2, 0.4, 0.4, 0.4, 0.4], [0.1, NAN, 0.3, NAN, NAN]])
    negative = np.array([[0.5, 0.3, 0.3, 0.3, 0.3], [0.9, 0.9, 0.9, 0.9, NAN]])
    weights = np.array([3.0, 1.0, 1.0, 1.0, 1.0])
    distances = PartDistances(positive, negative, np.array(["skirt"] * 2))
    first = 0.5 * ((3 * 0.2 + 1.6) / 7 - (3 * 0.5 + 1.2) / 7 + 0.2)  # the second is apart by more than the margin
    assert weighted_triplet_loss(weights, distances, np.array([0.5, 1.0]), 0.2) == pytest.approx(first / 2)


def test_absent_regions_give_their_weight_to_the_others() -> None:
    found = weighted(np.array([[0.5, NAN, 0.1, NAN, NAN], [NAN] * 5]), np.array([1.0, 9.0, 3.0, 9.0, 9.0]))
    assert found[0] == pytest.approx((0.5 + 0.3) / 4)
    assert np.isnan(found[1])


def test_a_triplet_without_a_common_region_does_not_count() -> None:
    known = triplets(20, 0, "skirt")
    nothing = PartDistances(np.full((5, 5), NAN), np.ones((5, 5)), np.full(5, "skirt"))
    both = together(known, nothing)
    losses = [weighted_triplet_loss(np.ones(5), d, concentration_factor(d.positive), 0.2) for d in (known, both)]
    assert losses[0] == pytest.approx(losses[1])


@pytest.mark.parametrize("informative", range(len(REGIONS)))
def test_the_region_that_tells_copies_from_others_gets_the_most_weight(informative: int) -> None:
    weights = search(triplets(200, informative, "skirt"), SETTINGS).weights
    assert weights.argmax() == informative
    assert weights[informative] > 0.6
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()


def test_the_loss_never_rises_and_ends_lower() -> None:
    losses = search(triplets(200, 2, "skirt"), SETTINGS).losses
    assert len(losses) == 81
    assert (np.diff(losses) <= 0).all()
    assert losses[-1] < 0.5 * losses[0]


def test_a_search_repeats_itself_and_follows_its_seed() -> None:
    distances = triplets(100, 1, "skirt")
    first, again = (search(distances, SETTINGS) for _ in range(2))
    other = search(distances, dataclasses.replace(SETTINGS, seed=1))
    assert np.array_equal(first.losses, again.losses)
    assert not np.array_equal(first.losses, other.losses)


def test_steps_become_finer() -> None:
    assert [SETTINGS.step_at(epoch) for epoch in (1, 40, 41, 60, 61, 80)] == [0.1, 0.1, 0.05, 0.05, 0.01, 0.01]


def test_a_useless_region_stays_at_the_least_weight_before_scaling() -> None:
    found = search(triplets(200, 2, "skirt"), dataclasses.replace(SETTINGS, least=0.5)).weights
    assert found.min() / found.max() > 0.5 / 9
    assert found.min() / found.max() < 0.5


def test_each_category_learns_its_own_and_small_ones_fall_back() -> None:
    chest, sleeve = triplets(120, 1, "vest"), triplets(120, 3, "long sleeve top", seed=1)
    few = triplets(49, 0, "skirt", seed=2)
    weights = learn_weights(together(chest, sleeve, few), SETTINGS)
    assert set(weights) == {"default", "vest", "long sleeve top"}
    assert np.argmax(weights["vest"]) == 1
    assert weights["long sleeve top"][3] > 2 * weights["long sleeve top"][4]  # sleeves are independent
    scoring = dataclasses.replace(DEFAULT_SPEC.scoring, part_weights=weights)
    assert scoring.weights_for("skirt") == weights["default"]
    assert sum(weights["vest"]) == pytest.approx(1, abs=1e-3)


def test_other_categories_do_not_change_a_category_s_weights() -> None:
    vest = triplets(120, 1, "vest")
    more = together(triplets(80, 4, "shorts", seed=3), vest)
    assert learn_weights(vest, SETTINGS)["vest"] == learn_weights(more, SETTINGS)["vest"]


def test_no_triplets_are_refused() -> None:
    with pytest.raises(ValueError, match="no triplets"):
        learn_weights(triplets(0, 1, "vest"), SETTINGS)


def test_distances_are_one_minus_cosine_and_nan_where_absent() -> None:
    first = np.zeros((1, 5, 2), np.float32)
    second = np.zeros((1, 5, 2), np.float32)
    first[0, :3], second[0, 0], second[0, 1] = (1, 0), (0.6, 0.8), (1, 0)
    found = part_distances(first, second)[0]
    assert found[:2].tolist() == pytest.approx([0.4, 0.0])
    assert np.isnan(found[2:]).all()


def test_a_garment_of_one_part_has_one_weight() -> None:
    distances = PartDistances(np.full((60, 1), 0.2), np.full((60, 1), 0.3), np.full(60, "vest"))
    assert learn_weights(distances, SETTINGS) == {"default": (1.0,), "vest": (1.0,)}
