"""`python -m benchmarks.speed.exact PHOTOS`: what a search costs beyond its `embed`, exact in memory and by candidates.

Two servers of its own hold the same made-up garments: one ranks every row in memory, the other asks Milvus Lite for
candidates. Requests to both, and `embed` of the same photos, run interleaved. A collage of 16 photos stands for a photo
with many garments. Memory is the proportional set size of Triton's processes, and of those of the gateway, without
Milvus Lite. Collections beyond `--both` are made on the first server alone.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_ensembles, add_json, add_model_repository, add_photos, parser_of
from benchmarks.own_server import own_server
from benchmarks.photos import chosen_photos, collage
from benchmarks.speed.memory import proportional_set
from seamline.client import Client
from seamline.core.output_files import write_text
from seamline.index import Garment, Index
from seamline.local import LocalOptions, LocalServer
from seamline.ranking.similarity import Floats

TOP_K = (1, 10, 50, 200)
_BATCH = 1000
_CONCURRENCY = 4


@dataclasses.dataclass(frozen=True)
class Side:
    """One of the two servers."""

    name: str
    client: Client
    index: Index
    home: Path

    def how(self, collection: str, photo: bytes) -> str:
        """Which way an answer takes."""
        return str(self.client.search(photo, collection=collection).versions.raw["index"]["search"])


@dataclasses.dataclass(frozen=True)
class Row:
    """Medians in milliseconds of `embed` and of both searches, interleaved."""

    garments: int
    in_photo: int
    top_k: int
    embed: float
    exact: float
    candidates: float


@dataclasses.dataclass(frozen=True)
class Size:
    """A collection: seconds from its first search until it was ranked exactly, and the bytes that this takes, all
    processes together; searches a second of both sides at a concurrency of 4."""

    garments: int
    first: float
    memory: int
    exact_a_second: float
    candidates_a_second: float


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    chosen = chosen_photos(arguments.photos, arguments.number, arguments.seed)
    with tempfile.TemporaryDirectory(prefix="seamline-exact-") as folder, contextlib.ExitStack() as stack:
        benchmark = Benchmark(Path(folder), arguments, chosen, stack)
        rows, sizes = benchmark.run(arguments.rows)
    _show(rows, sizes)
    if arguments.json is not None:
        told = {
            "rows": [dataclasses.asdict(row) for row in rows],
            "sizes": [dataclasses.asdict(size) for size in sizes],
        }
        write_text(arguments.json, json.dumps(told, indent=2) + "\n")
    return 0


class Benchmark:
    """Both servers over one folder, for as long as `stack` is open."""

    def __init__(
        self, folder: Path, arguments: argparse.Namespace, photos: Sequence[bytes], stack: contextlib.ExitStack
    ) -> None:
        self._photos, self._collage = photos, collage(photos)
        self._requests, self._seed, self._both = arguments.requests, arguments.seed, arguments.both
        exact = own_server(folder / "exact", arguments.model_repository, arguments.ensembles)
        without = own_server(folder / "candidates", _without_exact(folder, arguments), arguments.ensembles)
        self._exact = stack.enter_context(_side("exact", exact))
        self._candidates = stack.enter_context(_side("candidates", without))
        self._sides = (self._exact, self._candidates)

    def run(self, sizes: Sequence[int]) -> tuple[list[Row], list[Size]]:
        """The figures of every size."""
        sources = self._sources()
        rows, of_sizes = list[Row](), list[Size]()
        for size in sizes:
            name = f"made_{size}"
            sides = self._sides if size <= self._both else self._sides[:1]
            for side in sides:
                _fill(side, name, size, sources, self._seed)
            before = proportional_set(self._exact.home)
            first = _seconds_until_exact(self._exact, name, self._photos[0])
            for top_k in TOP_K:
                rows.append(self._row(sides, name, size, top_k, self._photos, 1))
            rows.append(self._row(sides, name, size, max(TOP_K), [self._collage], self._garments_of_collage()))
            memory = proportional_set(self._exact.home) - before
            rates = [self._a_second(side, name) for side in sides]
            of_sizes.append(Size(size, first, memory, rates[0], rates[1] if len(rates) > 1 else float("nan")))
        return rows, of_sizes

    def _sources(self) -> tuple[Floats, list[str]]:
        found = [garment for photo in self._photos for garment in self._exact.client.embed(photo).garments]
        return np.stack([garment.vectors for garment in found]), [garment.category for garment in found]

    def _garments_of_collage(self) -> int:
        return len(self._exact.client.embed(self._collage).garments)

    def _row(
        self, sides: Sequence[Side], name: str, size: int, top_k: int, photos: Sequence[bytes], garments: int
    ) -> Row:
        work: list[Callable[[bytes], object]] = [self._exact.client.embed]
        work += [functools.partial(side.client.search, collection=name, top_k=top_k) for side in sides]
        count = self._requests if garments == 1 else max(4, self._requests // 8)
        times: list[list[float]] = [[] for _ in work]
        for number in range(count + 2):
            for which, action in enumerate(work):
                start = time.perf_counter()
                action(photos[number % len(photos)])
                times[which].append((time.perf_counter() - start) * 1000)
        medians = [float(np.median(each[2:])) for each in times]
        return Row(size, garments, top_k, medians[0], medians[1], medians[2] if len(medians) > 2 else float("nan"))

    def _a_second(self, side: Side, name: str) -> float:
        photos = [self._photos[number % len(self._photos)] for number in range(2 * self._requests)]
        with ThreadPoolExecutor(_CONCURRENCY) as threads:
            start = time.perf_counter()
            list(threads.map(lambda photo: side.client.search(photo, collection=name, top_k=10), photos))
            return len(photos) / (time.perf_counter() - start)


@contextlib.contextmanager
def _side(name: str, options: LocalOptions) -> Iterator[Side]:
    with LocalServer(options) as server:
        endpoints = server.endpoints
        with (
            Client(endpoints.grpc, timeout=120, retries=20) as client,
            contextlib.closing(Index(endpoints.milvus, timeout=120)) as index,
        ):
            yield Side(name, client, index, options.home)


def _without_exact(folder: Path, arguments: argparse.Namespace) -> Path:
    copy = folder / "repository"
    shutil.copytree(arguments.model_repository, copy)
    config = copy / "retrieve" / "config.pbtxt"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('key: "exact_rows" value { string_value: "100000"', 'key: "exact_rows" value { string_value: "0"')
    )
    return copy


def _fill(side: Side, name: str, size: int, sources: tuple[Floats, list[str]], seed: int) -> None:
    vectors, categories = sources
    random = np.random.default_rng([seed, size])
    collection = side.index.create(name, side.client.versions().fingerprint, side.client.versions().shape)
    for start in range(0, size, _BATCH):
        first, second = random.integers(0, len(vectors), (2, min(_BATCH, size - start)))
        share = random.beta(3, 2, (len(first), 1, 1)).astype(np.float32)
        drawn = np.sqrt(share) * vectors[first] + np.sqrt(1 - share) * vectors[second]
        drawn += 0.02 * random.standard_normal(drawn.shape, np.float32) * (drawn != 0)
        drawn /= np.maximum(np.linalg.norm(drawn, axis=-1, keepdims=True), 1e-9)
        collection.store(
            [_garment(start + number, categories[first[number]], drawn[number]) for number in range(len(first))],
            fresh=True,
        )
    collection.flush()


def _garment(number: int, category: str, vectors: Floats) -> Garment:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    boxes = [[100.0, 100.0, 200.0, 200.0]] * len(vectors)
    photo = f"catalogue/photos/listing-{number:08d}.jpg"
    return Garment(f"listing-{number:08d}", photo, digest, (600, 800), 0, category, [0, 0, 600, 800], boxes, vectors)


def _seconds_until_exact(side: Side, name: str, photo: bytes) -> float:
    start = time.perf_counter()
    while side.how(name, photo) != "exact":
        time.sleep(0.1)
    return time.perf_counter() - start


def _show(rows: Sequence[Row], sizes: Sequence[Size]) -> None:
    console = Console()
    table = Table("garments", title="one request at a time, medians in ms")
    for title in ("in photo", "TOP_K", "embed", "exact", "over embed", "candidates", "over embed"):
        table.add_column(title, justify="right")
    for row in rows:
        figures = (row.embed, row.exact, row.exact / row.embed, row.candidates, row.candidates / row.embed)
        shown = (f"{value:.2f}" if number in (2, 4) else f"{value:.0f}" for number, value in enumerate(figures))
        table.add_row(f"{row.garments:,}", str(row.in_photo), str(row.top_k), *shown)
    console.print(table)
    of_size = Table("garments", title=f"collections; searches a second at a concurrency of {_CONCURRENCY}, TOP_K 10")
    for title in ("exact after, s", "memory per 10,000, MB", "exact /s", "candidates /s", "ratio"):
        of_size.add_column(title, justify="right")
    for size in sizes:
        of_size.add_row(
            f"{size.garments:,}",
            f"{size.first:.1f}",
            f"{size.memory / size.garments / 100:.1f}",
            f"{size.exact_a_second:.1f}",
            f"{size.candidates_a_second:.1f}",
            f"{size.exact_a_second / size.candidates_a_second:.2f}",
        )
    console.print(of_size)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.exact", __doc__)
    add_photos(parser)
    parser.add_argument("--rows", type=int, nargs="+", default=[2000, 5000, 50_000], help="garments in the collections")
    parser.add_argument("--both", type=int, default=5000, help="garments up to which both ways are measured")
    parser.add_argument("--number", type=int, default=24, help="photos, chosen at random")
    parser.add_argument("--requests", type=int, default=48, help="of each kind")
    add_model_repository(parser)
    add_ensembles(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
