"""`python -m benchmarks.speed.load PHOTOS --out DIR`: `embed` and `search` under load, in a server of its own.

NVIDIA's perf_analyzer asks the ensembles with real photos at several concurrencies. In interleaved runs: the same
networks and steps called in one process, which is the lower bound, and a plain FastAPI service with onnxruntime. Writes
load.md (also printed), load.json and three pictures.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.arguments import add_ensembles, add_model_repository, add_photos, parser_of
from benchmarks.speed.load import analyzer_install, machine
from benchmarks.speed.load.backend import LoadError
from seamline.core.errors import SeamlineError

if TYPE_CHECKING:
    from benchmarks.speed.load.benchmark import Plan

_MODELS = ("embed", "search")
_EXTRAS = {"fastapi": "bench", "uvicorn": "bench", "python_multipart": "bench", "matplotlib": "bench",
           "onnxruntime": "local"}  # fmt: skip
_SIZES = ("concurrency", "photo_count", "rounds", "runs", "catalogue")
_FULL: dict[str, Any] = dict(zip(_SIZES, ([1, 2, 4, 8, 16], 64, 1, 3, 500), strict=True))
_QUICK: dict[str, Any] = dict(zip(_SIZES, ([1, 4], 6, 1, 1, 12), strict=True))
_WORKERS = (1, 2)


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    try:
        _measure(arguments)
    except SeamlineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def _measure(arguments: argparse.Namespace) -> None:
    _check_packages()
    # Idle connections to Milvus Lite are closed and opened again; gRPC would write a line each time.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from benchmarks.speed.load import plots
    from benchmarks.speed.load.benchmark import benchmark
    from benchmarks.speed.load.report import Report

    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    setting, ticks, start = machine.describe(analyzer_install.VERSION), machine.ticks(), time.monotonic()
    installed = analyzer_install.installed(arguments.analyzer)
    plan = _plan(arguments)
    with tempfile.TemporaryDirectory(prefix="seamline-load-") as work:
        outcome = benchmark(plan, installed, Path(work), lambda line: print(line, file=sys.stderr, flush=True))
    setting |= {"photos": outcome.photos.describe(), "requests of a sample": plan.requests, "runs": plan.runs}
    setting |= {"seed": plan.seed, "minutes": round((time.monotonic() - start) / 60, 1)}
    remarks = [machine.busy(load, cores), machine.stolen(ticks, machine.ticks()), _limits(outcome.lifted)]
    report = Report(setting, [remark for remark in remarks if remark], outcome.measured)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "load.md").write_text(report.to_markdown(), encoding="utf-8")
    (arguments.out / "load.json").write_text(report.to_json(), encoding="utf-8")
    plots.write(report.results, arguments.out)
    print(report.to_markdown())


def _check_packages() -> None:
    missing = [extra for package, extra in _EXTRAS.items() if importlib.util.find_spec(package) is None]
    if missing:
        extras = ",".join(sorted({*missing, "local"}))
        raise LoadError(f'packages are missing; install them with `pip install "seamline[{extras}]"`')


def _limits(lifted: Sequence[str]) -> str | None:
    if not lifted:
        return None
    return f"Measured without the limits (queues, photos at a time) of {', '.join(lifted)}: every request is answered."


def _plan(arguments: argparse.Namespace) -> Plan:
    from benchmarks.speed.load.benchmark import Plan
    from benchmarks.speed.load.fastapi_backends import Setting

    given = {name: getattr(arguments, name) for name in _SIZES if getattr(arguments, name) is not None}
    values = (_QUICK if arguments.quick else _FULL) | given
    services = tuple(Setting(workers, threads) for threads in (0, 1) for workers in _WORKERS)
    return Plan(
        arguments.photos, arguments.model_repository, arguments.ensembles, tuple(arguments.models),
        tuple(sorted({1, *values["concurrency"]})), services[-1:] if arguments.quick else services,
        values["photo_count"], values["rounds"], values["runs"], values["catalogue"], arguments.seed,
    )  # fmt: skip


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.load", __doc__)
    add_photos(parser)
    parser.add_argument("--out", type=Path, default=Path("load"), help="folder for load.md, load.json and the pictures")
    parser.add_argument("--quick", action="store_true", help="few photos and levels, one run: whether it works")
    parser.add_argument("--models", nargs="+", choices=_MODELS, default=list(_MODELS))
    parser.add_argument("--concurrency", nargs="+", type=_positive, help="requests at a time; 1 is always measured")
    parser.add_argument("--photo-count", type=_positive, help="different photos that are sent")
    parser.add_argument("--rounds", type=_positive, help="how often a sample sends each of them")
    parser.add_argument("--runs", type=_positive, help="samples of every backend at every concurrency")
    parser.add_argument("--catalogue", type=_positive, help="photos that are indexed for `search`")
    add_model_repository(parser)
    add_ensembles(parser)
    parser.add_argument(
        "--analyzer", type=Path, default=analyzer_install.default_folder(), metavar="FOLDER",
        help="where perf_analyzer is, or is installed to (default: %(default)s)",
    )  # fmt: skip
    return parser.parse_args(given)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    raise SystemExit(main())
