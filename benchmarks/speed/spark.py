"""`python -m benchmarks.speed.spark PHOTOS`: photos a second of the Spark job, over those of `embed` alone.

The baseline calls `embed` for the same photos from one process, with as many requests in flight as all tasks of the job
have together, and throws the vectors away; the job also reads its manifest, deals it to parts and commits them. The two
run interleaved against the server that `seamline up` has started. Spark is started before, and has run one small job.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
from pyspark import SparkContext

from benchmarks.speed.interleaved import (
    RETRIES,
    Figures,
    chosen_photos,
    embedded_a_second,
    interleaved_runs,
    runs_parser,
)
from seamline.client import Client
from seamline.core.output_files import write_text
from seamline.spark.job import Job, embed_manifest
from seamline.spark.service import Service
from seamline.spark.session import spark_context

_TASKS = 2
_WARM_UP = 16


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    photos, in_flight = chosen_photos(arguments), _TASKS * arguments.in_flight
    start = time.perf_counter()
    with (
        spark_context(f"local[{_TASKS}]") as context,
        Client(arguments.url, timeout=90, retries=RETRIES, bulk=True) as client,
    ):
        started = time.perf_counter() - start
        _done_a_second(context, client.address, photos[:_WARM_UP], arguments)
        runs = interleaved_runs(
            lambda: embedded_a_second(client, photos, in_flight),
            lambda: _done_a_second(context, client.address, photos, arguments),
            arguments.runs,
        )
    figures = Figures(len(photos), in_flight, runs)
    figures.show("embed", "Spark job", f"Spark took {started:.1f} s to start")
    if arguments.json is not None:
        write_text(arguments.json, figures.to_json())
    return 0


def _done_a_second(context: SparkContext, url: str, photos: Sequence[Path], arguments: argparse.Namespace) -> float:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "items.parquet"
        rows = [{"item": photo.stem, "photo": str(photo.resolve())} for photo in photos]
        pa.parquet.write_table(pa.Table.from_pylist(rows), manifest)
        service = Service(url, in_flight=arguments.in_flight)
        start = time.perf_counter()
        summary = embed_manifest(context, Job(manifest, f"{folder}/out", service, arguments.partitions))
        return summary.embedded / (time.perf_counter() - start)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = runs_parser("benchmarks.speed.spark", __doc__, "requests at a time of each of the two tasks")
    parser.add_argument("--partitions", type=int, default=8, help="parts of the output")
    parser.add_argument("--url", help="gRPC address of the server; by default the one that `seamline up` started here")
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
