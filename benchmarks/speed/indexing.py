"""`python -m benchmarks.speed.indexing PHOTOS`: photos indexed a second, over photos embedded a second and no more.

The baseline calls `embed` for the same photos with as many requests in flight and throws the vectors away; indexing
also checks, journals and stores them in a collection of its own, to the last flush. The two run interleaved against the
server that `seamline up` has started. Every run's collection is dropped again.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.speed.interleaved import (
    RETRIES,
    Figures,
    chosen_photos,
    embedded_a_second,
    interleaved_runs,
    runs_parser,
)
from seamline.catalogue import Item, Options, RunContext, index_into
from seamline.client import Client
from seamline.connections import MILVUS_TIMEOUT, open_index
from seamline.core.output_files import write_text
from seamline.index import Index

_WARM_UP = 16


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    photos = chosen_photos(arguments)
    with (
        Client(timeout=90, retries=RETRIES, bulk=True) as client,
        closing(open_index(arguments.milvus, timeout=MILVUS_TIMEOUT)) as index,
    ):
        embedded_a_second(client, photos[:_WARM_UP], arguments.in_flight)
        figures = measure(client, index, photos, arguments.in_flight, arguments.runs)
    figures.show("embed", "index")
    if arguments.json is not None:
        write_text(arguments.json, figures.to_json())
    return 0


def measure(client: Client, index: Index, photos: Sequence[Path], in_flight: int, runs: int) -> Figures:
    """Embedding and indexing in interleaved runs."""
    found = interleaved_runs(
        lambda: embedded_a_second(client, photos, in_flight),
        lambda: _indexed_a_second(client, index, photos, in_flight),
        runs,
    )
    return Figures(len(photos), in_flight, found)


def _indexed_a_second(client: Client, index: Index, photos: Sequence[Path], in_flight: int) -> float:
    versions = client.versions()
    name = f"benchmark_{secrets.token_hex(4)}"
    collection = index.create(name, versions.fingerprint, versions.shape)
    items = [Item(photo.name, str(photo)) for photo in photos]
    try:
        with tempfile.TemporaryDirectory() as folder:
            context = RunContext(journal=Path(folder) / "journal.sqlite")
            start = time.perf_counter()
            progress = index_into(items, client, collection, Options(in_flight=in_flight), context)
            return progress.indexed / (time.perf_counter() - start)
    finally:
        index.drop(name)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = runs_parser("benchmarks.speed.indexing", __doc__, "requests at a time")
    parser.add_argument("--milvus", help="address of the server's Milvus, where another machine runs it")
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
