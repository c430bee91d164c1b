"""The driver: agree on a plan, let the executors embed the partitions, and see that what they report is what is there.

A manifest's rows are dealt to partitions by their item, so that all rows of an item meet in one task, which can then
tell doubled ones, and a partition stays the same one when the manifest grows.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from py4j.protocol import Py4JJavaError
from pyspark import RDD, SparkContext

from seamline.core import errors
from seamline.core.errors import BadOption, InternalError, SeamlineError
from seamline.spark.finalize import PartitionCounts, Summary, finalize
from seamline.spark.manifest import PositionedEntry, ReadFile, count_rows, manifest_files, without_repeats
from seamline.spark.output import PLAN, Output
from seamline.spark.plan import PHOTOS_PER_PARTITION, Plan
from seamline.spark.service import Service
from seamline.spark.task import EmbedPartition, PartitionResult

T = TypeVar("T")

_ROUNDS = 3
_COUNTING = 1000  # tasks that count partitions
_RAISED = re.compile(rf"^{re.escape(errors.__name__)}\.(\w+): (.+)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Job:
    """What to do: `manifest` is a Parquet file or a folder of them, `out` a path or URI that all executors reach.

    `partitions`: of the output; by default of PHOTOS_PER_PARTITION photos each, or as many as an earlier run chose.
    """

    manifest: Path
    out: str
    service: Service
    partitions: int | None = None


def embed_manifest(context: SparkContext, job: Job) -> Summary:
    """Embed a manifest's photos into `job.out`; what is there already is kept, also of photos that cannot be read now.

    Raises BadOption, NotFound for a manifest or a folder that cannot be used, FingerprintMismatch when the folder holds
    vectors of other weights, Unavailable when the server stays away. What was committed until then stays.
    """
    start = time.monotonic()
    manifest = job.manifest.resolve()
    files, root = manifest_files(manifest), manifest if manifest.is_dir() else manifest.parent
    rows = count_rows(files, root)
    output = Output(job.out if "://" in job.out else str(Path(job.out).resolve()))
    plan = _agreed_plan(output, job, rows, context.defaultParallelism)
    output.begin()
    partitions = _partitions(context, files, root, plan)
    done, counts = _embed_until_consistent(context, partitions, EmbedPartition(plan, job.service, output))
    summary = Summary.of(plan, rows, done, counts, time.monotonic() - start)
    output.end(summary.to_json())
    return summary


def _agreed_plan(output: Output, job: Job, rows: int, processors: int) -> Plan:
    """The folder's plan, made by the first run."""
    with job.service.client(batch=False) as client:
        versions = client.versions()
    text = output.text(PLAN)
    if text is not None:
        plan = Plan.from_json(text)
        plan.check(versions.fingerprint, job.partitions)
        return plan
    if output.is_occupied():
        raise BadOption(f"{output.address} holds something else; name an empty folder")
    partitions = job.partitions or max(processors, -(-rows // PHOTOS_PER_PARTITION))
    plan = Plan(partitions, versions.fingerprint, *versions.shape)
    output.put_text(PLAN, plan.to_json())
    return plan


def _partitions(
    context: SparkContext, files: Sequence[Path], root: Path, plan: Plan
) -> RDD[tuple[int, PositionedEntry]]:
    """The manifest's entries, each in the partition of its item."""
    numbered = [(number, str(path)) for number, path in enumerate(files)]
    read = context.parallelize(numbered, len(numbered)).flatMap(ReadFile(plan, root))
    return read.partitionBy(plan.partitions, int)


def _embed_until_consistent(
    context: SparkContext, partitions: RDD[tuple[int, PositionedEntry]], embed: EmbedPartition
) -> tuple[list[PartitionResult], list[PartitionCounts]]:
    """Run the tasks until the committed partitions are those of the attempts that Spark counts as successful.

    An attempt that was given up, but went on, may have put an older state of the manifest in a partition's place.
    """
    first: list[PartitionResult] = []
    for _ in range(_ROUNDS):
        done = _done(partitions, embed)
        first = first or done
        counts = _counts(context, embed)
        if {one.partition: one.commit for one in done} == {one.partition: one.commit for one in counts}:
            return first, counts
    raise InternalError("another job writes into the same folder; stop it and run this one again")


def _done(partitions: RDD[tuple[int, PositionedEntry]], embed: EmbedPartition) -> list[PartitionResult]:
    def task(partition: int, positioned: Iterable[tuple[int, PositionedEntry]]) -> Iterator[PartitionResult]:
        entries, repeated = without_repeats(entry for _, entry in positioned)
        yield dataclasses.replace(embed(partition, entries), repeated=repeated)

    return _run(partitions.mapPartitionsWithIndex(task).collect)


def _counts(context: SparkContext, embed: EmbedPartition) -> list[PartitionCounts]:
    output, partitions = embed.output, embed.plan.partitions
    numbers = context.parallelize(range(partitions), min(partitions, _COUNTING))
    return _run(numbers.map(lambda partition: finalize(output, partition)).collect)


def _run(action: Callable[[], list[T]]) -> list[T]:
    """Run a Spark action. Raises the error of seamline that ended it."""
    try:
        return action()
    except Py4JJavaError as error:
        raise _error_of(error) from None


def _error_of(error: Any) -> SeamlineError:
    """What a task raised, from the text that Spark made of it."""
    found = list(_RAISED.finditer(str(error)))
    if not found:
        first_line = str(error.java_exception.getMessage()).strip().splitlines()[0]
        return InternalError(f"Spark has given the job up: {first_line}")
    kind = getattr(errors, found[-1][1], InternalError)
    return kind(found[-1][2])
