"""The rows of a collection that a ranking's best garments are among, with vectors and records.

Vectors are most of what a search costs. So the probes bring keys and products only, and what they promise decides
which rows are fetched by a second call; where the probes bring few rows, all come with the first call.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from seamline.index import Candidates, Collection
from seamline.index.candidates import Found, Wanted, joined
from seamline.ranking.query_vectors import Probes
from seamline.ranking.score import Floats

_FEW_ROWS = 160
"""Rows brought for a garment up to which a second call costs more than it saves."""

_LACKING = 1000
"""Rows that a probe among garments that lack regions brings: products tell little of those, and they are few."""


@dataclasses.dataclass(frozen=True)
class Shortlist:
    """How rows are chosen. `wanted`: what each probe brings; `keep`: rows that are fetched for a garment;
    `incomplete`: whether the collection holds garments that lack regions."""

    wanted: Wanted
    keep: int
    incomplete: bool

    def of(self, collection: Collection, probes: Sequence[Probes]) -> list[Candidates]:
        """The rows for each garment's probes, in as few calls as possible."""
        if not probes:
            return []
        rows = max(len(each.all) for each in probes) * self.wanted.limit
        if rows <= _FEW_ROWS or not all(each.promising for each in probes):
            return self._at_once(collection, probes)
        return self._chosen(collection, probes)

    def _at_once(self, collection: Collection, probes: Sequence[Probes]) -> list[Candidates]:
        parts = [collection.candidates_of([each.all for each in probes], self.wanted)]
        if self._few(probes):
            parts.append(collection.candidates_of([each.few for each in probes], self._lacking(self.wanted.limit)))
        return [joined(each) for each in zip(*parts, strict=True)]

    def _chosen(self, collection: Collection, probes: Sequence[Probes]) -> list[Candidates]:
        found = collection.found_by([each.all for each in probes], self.wanted)
        promises = [
            _named(part, each.promise(part.products, part.last, part.regions))
            for each, part in zip(probes, found, strict=True)
        ]
        if self._few(probes):
            found = collection.found_by([each.few for each in probes], self._lacking(_LACKING))
            for promised, each, part in zip(promises, probes, found, strict=True):
                promised.update(_named(part, each.promise_of_few(part.products, part.regions)))
        kept = [sorted(promised, key=promised.__getitem__, reverse=True)[: self.keep] for promised in promises]
        return collection.fetched(kept)

    def _few(self, probes: Sequence[Probes]) -> bool:
        return self.incomplete and any(len(each.few) for each in probes)

    def _lacking(self, limit: int) -> Wanted:
        return dataclasses.replace(self.wanted, incomplete=True, limit=max(limit, self.wanted.limit))


def _named(found: Found, promise: Floats) -> dict[str, float]:
    return dict(zip(found.keys, promise.tolist(), strict=True))
