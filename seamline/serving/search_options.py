"""What the caller of a search chose, from the optional tensors."""

from __future__ import annotations

import dataclasses

from seamline.core.collection_names import DEFAULT_COLLECTION
from seamline.core.errors import BadOption
from seamline.core.spec import CATEGORIES, Spec
from seamline.ranking import Ranking, ranking_named, taking_weights
from seamline.ranking.scorer import check_weights
from seamline.ranking.similarity import Floats
from seamline.serving.step import Array, Tensors, text, texts

DEFAULT_TOP_K = 10


@dataclasses.dataclass(frozen=True)
class SearchOptions:
    """What the caller chose. `weights` is None where the weights of the query's category count."""

    collection: str
    top_k: int
    ranking: Ranking
    weights: Floats | None
    categories: tuple[str, ...]

    @classmethod
    def of(cls, tensors: Tensors, max_top_k: int, spec: Spec) -> SearchOptions:
        """Read and check the optional inputs. Raises BadOption."""
        given = tensors["PART_WEIGHTS"]
        options = cls(
            collection=text(tensors, "COLLECTION") or DEFAULT_COLLECTION,
            top_k=_top_k(tensors["TOP_K"], max_top_k),
            ranking=ranking_named(text(tensors, "RANKING") or spec.rankings[0], spec.rankings),
            weights=None if given is None else check_weights(given, spec.parts),
            categories=_categories(texts(tensors, "CATEGORIES", len(CATEGORIES))),
        )
        if options.weights is not None and not options.ranking.takes_weights:
            names = " or ".join(map(repr, taking_weights(spec.rankings))) or "of another system"
            raise BadOption(f"PART_WEIGHTS only counts with RANKING {names}")
        return options


def _top_k(given: Array | None, most: int) -> int:
    if given is None:
        return DEFAULT_TOP_K
    if given.size != 1 or not 1 <= int(given.reshape(-1)[0]) <= most:
        raise BadOption(f"TOP_K must be one number from 1 to {most}")
    return int(given.reshape(-1)[0])


def _categories(names: tuple[str, ...]) -> tuple[str, ...]:
    if any(name not in CATEGORIES for name in names):
        raise BadOption(f"CATEGORIES may hold {', '.join(CATEGORIES)}")
    return names
