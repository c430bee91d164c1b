"""Other networks on the same garments: ablations, and ensembles of several models."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality.comparing import unit
from benchmarks.quality.methods import Compared
from seamline.core.errors import BadOption
from seamline.core.garments import Embeddings
from seamline.evaluation.benchmark import Benchmark
from seamline.evaluation.ranking import served
from seamline.serving.weights import Weights


@dataclasses.dataclass(frozen=True)
class Variant:
    """A name, and the folder that export wrote of each model; several models are an ensemble."""

    name: str
    folders: tuple[Path, ...]

    @classmethod
    def parse(cls, text: str) -> Variant:
        """`NAME=FOLDER` or `NAME=FOLDER+FOLDER+...`. Raises BadOption."""
        name, equals, folders = text.partition("=")
        if not name or not equals or not all(folders.split("+")):
            raise BadOption(f"--variant {text!r} is not NAME=FOLDER or NAME=FOLDER+FOLDER")
        return cls(name, tuple(Path(folder) for folder in folders.split("+")))


def variants(benchmark: Benchmark, chosen: list[Variant], repository: Path) -> Iterator[Compared]:
    """Each variant in the rankings that are served; the first model's numbers are the ensemble's."""
    for variant in chosen:
        models = [Weights.of_folder(folder, repository) for folder in variant.folders]
        embeddings = ensemble([benchmark.embed(model) for model in models])
        first, *others = served(models[0].spec)
        for ranking in (*others, first):
            yield Compared(f"{variant.name}: {ranking.name}", benchmark.search(embeddings, models[0], ranking).score)


def ensemble(members: Sequence[Embeddings]) -> Embeddings:
    """Several models' vectors side by side: a cosine of the result is the mean of the models' cosines.

    PS-Net's ensemble (Lang et al., CVPR 2020, Table 3) averages five models. Boxes are the first model's.
    """
    vectors = unit(np.concatenate([member.vectors for member in members], -1))
    return dataclasses.replace(members[0], vectors=vectors)
