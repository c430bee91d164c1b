"""`python -m benchmarks.quality.through_server PHOTOS --collection NAME`: catalogue garments photographed again.

Originals are drawn at random from the held-out photos that can be trusted, published again without any redesign
(`seamline.data.copies`), and searched for through the running server. NAME is a collection that `seamline index
PHOTOS/flatlay` has filled.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_photos
from seamline.client import Client, Searched
from seamline.data.copies import LEVELS
from seamline.data.landmark_labels import photo_names
from seamline.evaluation.copies import PositiveCopy, make_copies
from seamline.evaluation.copy_plan import CopyPlan
from seamline.evaluation.labelled import held_out, trusted
from seamline.evaluation.photos import Options
from seamline.evaluation.report import default_cache


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    usable = trusted(held_out(Options(arguments.photos, arguments.cache), photo_names(arguments.photos)))
    count = min(arguments.queries, len(usable))
    chosen = np.random.default_rng(arguments.seed).choice(len(usable), count, replace=False)
    sources = tuple(usable[int(index)] for index in chosen)
    plan = CopyPlan(arguments.photos, arguments.cache, sources, arguments.level, 1, arguments.seed, regions=0)
    queries = make_copies(plan, arguments.cache, processes=2)
    if arguments.folder is not None:
        _save(arguments.folder, queries)
    with Client() as client:
        found = [
            client.search(query.file, collection=arguments.collection, ranking=arguments.ranking, top_k=20)
            for query in queries
        ]
    _show(queries, [_rank(answer, query.original) for answer, query in zip(found, queries, strict=True)], found)
    return 0


def _rank(found: Searched, original: str) -> int | None:
    """1 for the first hit of any garment of the photo, None when the original is not among the hits."""
    ranks = [
        place
        for garment in found.garments
        for place, hit in enumerate(garment.hits, start=1)
        if hit.photo.endswith(f"/{original}")
    ]
    return min(ranks, default=None)


def _save(folder: Path, queries: list[PositiveCopy]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, query in enumerate(queries):
        shutil.copyfile(query.file, folder / f"{number:02d}.jpg")


def _show(queries: list[PositiveCopy], ranks: list[int | None], found: list[Searched]) -> None:
    table = Table("original", "mirrored", "garments", "rank", "copy probability of the first hit")
    for query, rank, answer in zip(queries, ranks, found, strict=True):
        first = answer.hits[0].copy_probability if answer.hits else None
        table.add_row(
            query.original, "yes" if query.mirrored else "", str(len(answer.garments)),
            "not found" if rank is None else str(rank), "" if first is None else f"{first:.2f}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(f"{sum(rank == 1 for rank in ranks)} of {len(ranks)} at rank 1")


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.through_server")
    add_photos(parser, "folder with flatlay/")
    parser.add_argument("--collection", default="catalogue")
    parser.add_argument("--queries", type=int, default=20)
    parser.add_argument("--ranking", default="partial")
    parser.add_argument(
        "--level", choices=tuple(LEVELS), default="medium", help="how differently they are photographed"
    )
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--folder", type=Path, help="also write the suspect photos to this folder")
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
