"""python -m seamline.spark MANIFEST OUT --url HOST:PORT: embed a catalogue with Spark into Parquet for an import.

MANIFEST is a Parquet file or a folder of them. The same command goes on where an earlier run was stopped, and embeds
only what is new or changed. Works under spark-submit too, which then names the master.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seamline.cli.exits import DONE, INTERRUPTED, NOTHING, UNAVAILABLE, exit_code
from seamline.core.errors import SeamlineError
from seamline.core.printable import printable
from seamline.core.streams import run_program


def main(given: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code, those of the command `seamline`."""
    arguments = _arguments(given)
    try:
        return _run(arguments)
    except ModuleNotFoundError as error:
        if error.name not in ("pyspark", "pyarrow", "py4j"):
            raise
        return _error(f"{error.name} is missing: pip install 'seamline[spark]'", UNAVAILABLE)
    except SeamlineError as error:
        return _error(str(error), exit_code(error))
    except KeyboardInterrupt:
        return _error("stopped; what was committed is kept, and the same command goes on from here", INTERRUPTED)


def _run(arguments: argparse.Namespace) -> int:
    from seamline.spark.job import Job, embed_manifest
    from seamline.spark.service import Service
    from seamline.spark.session import spark_context

    service = Service(
        arguments.url,
        arguments.in_flight,
        arguments.retry_seconds,
        allow_urls=arguments.allow_urls,
        verify=arguments.verify,
        system=arguments.system,
    )
    job = Job(arguments.manifest, arguments.out, service, arguments.partitions)
    with spark_context(arguments.master) as context:
        summary = embed_manifest(context, job)
    print(summary.to_json() if arguments.json else summary.to_text(), end="")
    return NOTHING if summary.photos == summary.failed else DONE


def _error(sentence: str, code: int) -> int:
    print(f"seamline: {printable(sentence)}", file=sys.stderr)
    return code


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m seamline.spark", description="Embed a catalogue with Spark into Parquet for an import."
    )
    parser.add_argument("manifest", type=Path, help="Parquet file, or folder of them, with the columns item and photo")
    parser.add_argument("out", help="folder for the result: a path that all executors see, or a URI such as s3://...")
    parser.add_argument("--url", required=True, metavar="HOST:PORT", help="gRPC address that the executors reach")
    parser.add_argument("--system", metavar="NAME", help="system whose vectors are wanted; else the server's own")
    parser.add_argument("--master", help="Spark's master; by default spark-submit's, or all processors of this machine")
    parser.add_argument(
        "--partitions", type=_count, metavar="N", help="partitions of the output; else 2,000 photos each"
    )
    parser.add_argument("--in-flight", type=_count, default=4, metavar="N", help="requests at a time of one task")
    parser.add_argument(
        "--retry-seconds", type=_seconds, default=600.0, metavar="N", help="how long a busy server is asked again"
    )
    parser.add_argument("--allow-urls", action="store_true", help="fetch photos that the manifest names by http(s) URL")
    parser.add_argument("--verify", action="store_true", help="compare contents also where files look unchanged")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    return parser.parse_args(given)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("must be 1 to 1,000,000")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


if __name__ == "__main__":
    run_program(main)
