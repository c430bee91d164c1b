"""Building, searching and reporting, each for all sizes that are asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale.build import build
from benchmarks.scale.catalogue import Catalogue
from benchmarks.scale.deep import MOST, Deep, deep, deep_table
from benchmarks.scale.engines import Engine, Faiss, Step
from benchmarks.scale.exact import Queries, ground_truth
from benchmarks.scale.fidelity import similarity_figures
from benchmarks.scale.folder import COLLECTION, SETTINGS, Folder
from benchmarks.scale.plans import plans_of
from benchmarks.scale.real import Floats, Real, real_vectors
from benchmarks.scale.report import build_table, growth_table, search_table, similarity_table
from benchmarks.scale.search import measure
from seamline.core.errors import BadOption
from seamline.core.spec import Spec
from seamline.evaluation.cache import key_of, stored
from seamline.index import Index
from seamline.index.server import Server
from seamline.index.settings import IndexSettings
from seamline.serving.weights import newest
from tests.support.milvus_standalone import MilvusStandalone

Say = Callable[[str], None]
Keep = Callable[[str, object], None]

_TIMEOUT = 120.0
_FAISS = "faiss.index"


@dataclasses.dataclass(frozen=True)
class Options:
    """The command line. `segment`: MB; `rows`: sizes of catalogues; `labels`: variants of each."""

    photos: Path
    folder: Path
    cache: Path
    model_repository: Path
    rows: list[int]
    labels: list[str]
    settings: Path | None
    segment: int
    faiss: bool
    queries: int
    candidates: int
    search_width: int
    seed: int
    processes: int
    niceness: int

    def real(self) -> Real:
        """The real vectors, computed where they are not kept."""
        return real_vectors(self.photos, self.cache, self.model_repository, self.processes)

    def spec(self) -> Spec:
        """The numbers that the step `retrieve` serves."""
        return Spec.load(newest(self.model_repository, "retrieve") / "spec.json")

    def server(self, folder: Folder) -> MilvusStandalone:
        """The server of a catalogue."""
        settings = {**SETTINGS, "dataCoord.segment.maxSize": str(self.segment)}
        return MilvusStandalone(folder.milvus, settings=settings, niceness=self.niceness)

    def parameters(self) -> dict[str, str]:
        """Those of the step `retrieve`."""
        return {
            "candidates": str(self.candidates),
            "search_width": str(self.search_width),
            "refresh_seconds": "60",
        }

    def chosen(self, real: Real) -> NDArray[np.int64]:
        """Numbers of the real queries that are asked."""
        return np.linspace(0, len(real.queries) - 1, min(self.queries, len(real.queries))).astype(int)

    def built(self) -> list[Folder]:
        """The catalogues that are there. Raises BadOption when there is none."""
        folders = [Folder(self.folder, size, label) for size in self.rows for label in self.labels]
        found = [folder for folder in folders if folder.read("built") is not None]
        if not found:
            raise BadOption(f"{self.folder} holds no built catalogue {' or '.join(self.labels)}; run build first")
        return found


class _OnlyInserted(Index):
    """Makes partitions also where Milvus replaces rows in wrong ones: here no row is ever replaced."""

    def _able(self) -> Server:
        return Server.of(self.call(lambda client: client.get_server_version()))


def build_all(options: Options, say: Say, keep: Keep) -> None:
    """Fill a server for each size. Raises BadOption for several labels, which would all be the same."""
    if len(options.labels) != 1:
        raise BadOption("build makes one variant at a time; give one --label")
    (label,) = options.labels
    real, spec = options.real(), options.spec()
    settings = IndexSettings() if options.settings is None else IndexSettings.read(options.settings)
    for size in options.rows:
        folder, catalogue = Folder(options.folder, size, label), Catalogue(real, size, options.seed)
        if folder.read("built") is None:
            with options.server(folder) as server, contextlib.closing(
                _OnlyInserted(server.uri, timeout=_TIMEOUT, settings=settings)
            ) as index:  # fmt: skip
                build(folder, server, index, catalogue, spec, say)
        if options.faiss:
            Faiss(folder.path / _FAISS, catalogue, spec, real.sources[:1])
        keep(f"{label}-{size}", folder.read("built"))
        say(f"{label}, {size:,} garments: built")


def search_all(options: Options, say: Say, keep: Keep) -> None:
    """Measure all plans on all servers that are built, and on FAISS where its index is."""
    real, spec = options.real(), options.spec()
    chosen = options.chosen(real)
    engines: dict[tuple[str, int], Engine] = {}
    ground_truths: dict[int, Floats] = {}
    with contextlib.ExitStack() as running:
        for folder in options.built():
            catalogue = Catalogue(real, folder.size, options.seed)
            uri = running.enter_context(_serving(options, folder, say))
            queries = Queries(real.queries[chosen], real.query_category[chosen], _cohort(uri))
            if folder.size not in ground_truths:
                ground_truths[folder.size] = _ground_truth(folder, catalogue, queries, spec, say)
            engines[f"Milvus, {folder.label}", folder.size] = Step(uri, spec, options.parameters())
            if (folder.path / _FAISS).is_file():
                engines["FAISS", folder.size] = Faiss(
                    folder.path / _FAISS, catalogue, spec, queries.cohort, options.candidates, options.search_width
                )
        run = {"run": time.strftime("%Y-%m-%d %H:%M:%S")}
        rows = [dataclasses.asdict(row) | run for row in measure(engines, ground_truths, queries, plans_of(spec), say)]
    for folder in options.built():
        names = ("FAISS", f"Milvus, {folder.label}")
        own = [row for row in rows if row["size"] == folder.size and row["engine"] in names]
        folder.note("searched", own)
    keep("search", rows)
    say("\n" + search_table(rows) + "\n" + growth_table(rows))


def deep_all(options: Options, say: Say, keep: Keep) -> None:
    """Time every plan for the most hits that a request may ask for, and name the slowest request."""
    real, spec = options.real(), options.spec()
    chosen = options.chosen(real)
    rows: list[Deep] = []
    for folder in options.built():
        with _serving(options, folder, say) as uri:
            step = Step(uri, spec, options.parameters(), MOST)
            queries = Queries(real.queries[chosen], real.query_category[chosen], _cohort(uri))
            rows += [deep(step, folder.size, plan, queries) for plan in plans_of(spec)]
    keep("deep", [dataclasses.asdict(row) for row in rows])
    say(deep_table(rows))


def report_all(options: Options, say: Say, keep: Keep) -> None:
    """Print what is known: the similarities to real and to synthetic garments, and what was measured."""
    figures = similarity_figures(options.real(), options.spec(), options.seed)
    keep("similarity", [dataclasses.asdict(figure) for figure in figures])
    folders = options.built()
    built = [(folder.label, folder.read("built")) for folder in folders]
    order = {plan.name: place for place, plan in enumerate(plans_of(options.spec()))}
    rows = sorted(
        (row for folder in folders for row in folder.read("searched") or []),
        key=lambda row: (order.get(row["plan"], len(order)), row["plan"], row["engine"], row["size"]),
    )
    keep("built", built)
    keep("search", rows)
    for table in (similarity_table(figures), build_table(built), search_table(rows), growth_table(rows)):
        say(table)


@contextlib.contextmanager
def _serving(options: Options, folder: Folder, say: Say) -> Iterator[str]:
    with options.server(folder) as server:
        with contextlib.closing(Index(server.uri, timeout=_TIMEOUT)) as index:
            collection = index.open(COLLECTION)
            collection.load()
            say(f"{folder.size:,} garments loaded: {collection.rows():,} rows, {server.memory() / 1e9:.2f} GB")
        yield server.uri


def _cohort(uri: str) -> Floats:
    """The sample that the step `retrieve` takes."""
    with contextlib.closing(Index(uri, timeout=_TIMEOUT)) as index:
        collection = index.open(COLLECTION)
        return collection.cohort(collection.rows())


def _ground_truth(folder: Folder, catalogue: Catalogue, queries: Queries, spec: Spec, say: Say) -> Floats:
    """Exact scores (plans, Q, TOP), kept from run to run."""
    plans = plans_of(spec)
    scorers = [
        [plan.scorer(query, int(category), spec, queries.cohort)
         for query, category in zip(queries.vectors, queries.category, strict=True)]
        for plan in plans
    ]  # fmt: skip
    digest = key_of(queries.vectors.tobytes().hex(), queries.cohort.tobytes().hex(), plans, spec.scoring)
    found = stored(folder.path, f"truth-{digest}", lambda: ground_truth(catalogue, queries, plans, scorers, say))
    return found["score"].astype(np.float32)
