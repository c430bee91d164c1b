"""How far the other regions of a pair move a region's threshold."""

from __future__ import annotations

import numpy as np

from seamline.systems.psnet.spec import region_parts
from seamline.training.kept_context import KeptContext, fit_kept_context
from seamline.training.views import CHANGED, KEPT, UNCLEAR

PARTS = region_parts(4)


def pairs(shared: float, count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Similarities of copies, of which one region is redesigned, what became of the regions, and unrelated pairs.

    `shared`: by how much all similarities of a pair go up and down together.
    """
    random = np.random.default_rng(1)
    change = np.full((count, 5), KEPT, np.int8)
    change[np.arange(count), random.integers(0, 5, count)] = CHANGED
    level = random.normal(0, shared, (count, 1))
    similarity = np.where(change == CHANGED, 0.5, 0.8) + level + random.normal(0, 0.06, (count, 5))
    unrelated = 0.2 + random.normal(0, 0.08, (count, 5))
    return similarity.astype(np.float32), change, unrelated.astype(np.float32)


def told_apart(shared: float, slopes: tuple[float, ...]) -> float:
    """Share of the redesigned regions that lie below nearly all kept ones."""
    similarity, change, _ = pairs(shared)
    others = (similarity.sum(1, keepdims=True) - similarity) / 4
    own = similarity - np.array(slopes or (0.0,) * 5) * others
    return float((own[change == CHANGED] < np.quantile(own[change == KEPT], 0.05)).mean())


def test_thresholds_move_where_similarities_go_up_and_down_together() -> None:
    found = fit_kept_context(*pairs(0.15), PARTS)
    assert all(0.5 < slope < 0.9 for slope in found.context)
    assert abs(found.usual - 0.74) < 0.05
    assert told_apart(0.15, found.context) > told_apart(0.15, ()) + 0.2


def test_they_move_less_where_each_region_goes_its_own_way() -> None:
    together, apart = (np.mean(fit_kept_context(*pairs(shared), PARTS).context) for shared in (0.15, 0.0))
    assert apart < together - 0.1


def test_a_sleeve_is_one_region_whichever_side_it_is_on() -> None:
    found = fit_kept_context(*pairs(0.15), PARTS)
    assert found.context[3] == found.context[4]
    assert found.slope[3] == found.slope[4]


def test_a_region_whose_similarity_says_more_has_a_steeper_slope() -> None:
    similarity, change, unrelated = pairs(0.15)
    similarity[:, 0] += np.random.default_rng(2).normal(0, 0.2, len(similarity)).astype(np.float32)
    slope = fit_kept_context(similarity, change, unrelated, PARTS).slope
    assert slope[0] < min(slope[1:])


def test_too_little_teaches_nothing() -> None:
    similarity, change, unrelated = pairs(0.15)
    assert fit_kept_context(similarity[:4], change[:4], unrelated, PARTS) == KeptContext()
    assert fit_kept_context(similarity, np.full_like(change, UNCLEAR), unrelated, PARTS) == KeptContext()
    alone = np.where(np.arange(5) == 2, similarity, np.nan).astype(np.float32)
    assert fit_kept_context(alone, change, unrelated, PARTS) == KeptContext()


def test_unrelated_pairs_are_not_needed() -> None:
    similarity, change, _ = pairs(0.15)
    assert min(fit_kept_context(similarity, change, np.zeros((0, 5), np.float32), PARTS).context) > 0.5
