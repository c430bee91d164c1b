"""The best rows of a snapshot by looking at all of them: exact, whatever the ranking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.index import Candidates
from seamline.index.snapshot import Snapshot
from seamline.ranking.scorer import Scorer
from seamline.ranking.similarity import Floats
from seamline.serving import progress

_AT_ONCE = 8_000_000
"""Similarities that are in memory at a time: 32 MB."""


def exact_candidates(
    snapshot: Snapshot, scorers: Sequence[Scorer], categories: Sequence[str], most: int
) -> list[Candidates]:
    """The `most` best garments of these categories, all for none, for each query garment.

    Raises what `progress.check` raises.
    """
    rows = snapshot.chosen(categories)
    if not len(rows):
        return [Candidates((), np.zeros((0, *scorer.query.vectors.shape), np.float32), ()) for scorer in scorers]
    everything = len(rows) == len(snapshot.present)
    found: list[Candidates] = []
    for few in _chunks(scorers, max(1, _AT_ONCE // (2 * snapshot.present.size))):
        progress.check()
        for scorer, (straight, flipped) in zip(few, _compared(snapshot, few), strict=True):
            if everything:
                found.append(_candidates(snapshot, scorer.best(straight, flipped, snapshot.counts, most)))
            else:
                best = scorer.best(straight[rows], flipped[rows], snapshot.counts[rows], most)
                found.append(_candidates(snapshot, rows[best]))
    return found


def _candidates(snapshot: Snapshot, rows: NDArray[np.int64]) -> Candidates:
    return Candidates(snapshot.keys(rows), snapshot.vectors(rows), snapshot.records(rows))


def _compared(snapshot: Snapshot, scorers: Sequence[Scorer]) -> Iterator[tuple[Floats, Floats]]:
    """For each query garment its similarities (N, P) to all rows, straight and flipped; NaN where not comparable."""
    mirror = list(scorers[0].query.parts.mirror)
    queries = np.stack([scorer.query.vectors for scorer in scorers])
    straight, flipped = _products(snapshot, queries, mirror)
    lacking, missing = snapshot.absent
    flipped_missing = np.asarray(mirror)[missing]
    for query, one, other in zip(queries, straight, flipped, strict=True):
        for array, parts in ((one, missing), (other, flipped_missing)):
            array[parts, lacking] = np.nan
            array[~query.any(-1)] = np.nan
        yield one.T, other.T


def _products(snapshot: Snapshot, queries: Floats, mirror: Sequence[int]) -> tuple[Floats, Floats]:
    """Inner products (G, P, N) of G queries (G, P, D) with all rows, straight and flipped.

    A part of a row is compared with the same part of the query, and flipped with that part's counterpart.
    """
    straight = np.empty((*queries.shape[:2], len(snapshot.present)), np.float32)
    flipped = np.empty_like(straight)
    pairs = [(straight, part, flipped, other) for part, other in enumerate(mirror)]
    for start, block in snapshot.blocks:
        place = slice(start, start + block.shape[1])
        for (one, part, other, counterpart), vectors in zip(pairs, block, strict=True):
            if len(queries) == 1:  # two products with a vector are quicker than one with a narrow matrix
                np.matmul(vectors, queries[0, part], out=one[0, part, place])
                np.matmul(vectors, queries[0, counterpart], out=other[0, counterpart, place])
            else:
                one[:, part, place] = queries[:, part] @ vectors.T
                other[:, counterpart, place] = queries[:, counterpart] @ vectors.T
    return straight, flipped


def _chunks(scorers: Sequence[Scorer], size: int) -> Iterator[Sequence[Scorer]]:
    return (scorers[start : start + size] for start in range(0, len(scorers), size))
