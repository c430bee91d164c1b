"""Export trained networks to the ONNX files that the model repository serves.

    python export/to_onnx.py CHECKPOINT --out DIR [--system NAME] [--network NAME] [--fp16] [--photos FOLDER]

CHECKPOINT is the folder that training wrote: the system's files, and `detector.pt`. Each network becomes
DIR/<network>.onnx with batch as its only free axis. It is compared with PyTorch at
batch 1, 2, 5 and 16, and refused, with nothing written, where it differs by more than is allowed; what was measured
lies beside it as parity.json and parity.md. See docs/export.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from seamline.core.errors import SeamlineError
from seamline.core.streams import run_program
from seamline.evaluation.report import default_cache
from seamline.exporting.errors import ExportError
from seamline.exporting.onnx_graph import DEFAULT_OPSET, OPSETS
from seamline.exporting.parity import BATCHES
from seamline.exporting.regression_options import RegressionOptions
from seamline.exporting.request import ExportRequest, export
from seamline.exporting.samples import choose_photos
from seamline.systems import SYSTEMS

ALL = "all"

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    torch.set_num_threads(options.threads)
    try:
        report = export(_request(options))
    except (ExportError, SeamlineError) as error:
        print(f"nothing was exported: {error}", file=sys.stderr)
        return 1
    print(report.text())
    for refusal in report.refusals:
        print(f"nothing was exported: {refusal}", file=sys.stderr)
    if report.refusals:
        return 1
    for file in report.files:
        print(f"{options.out / file.name}: {file.size / 1e6:.1f} MB")
    return 0


def _request(options: argparse.Namespace) -> ExportRequest:
    networks = () if options.network == ALL else (options.network,)
    photos = () if options.photos is None else tuple(choose_photos(options.photos, sum(BATCHES)))
    return ExportRequest(
        options.checkpoint, options.out, networks, options.system, options.opset, options.fp16, photos,
        threads=options.threads, report=options.report, regression=_regression(options) if options.regression else None,
    )  # fmt: skip


def _regression(options: argparse.Namespace) -> RegressionOptions:
    return RegressionOptions(
        options.photos, options.cache, options.model_repository, options.queries, options.gallery,
        options.regression_reference == "pytorch",
    )  # fmt: skip


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python export/to_onnx.py", description="Export trained networks to ONNX.")
    parser.add_argument("checkpoint", type=Path, help="folder with the .pt files that training wrote")
    parser.add_argument("--system", choices=list(SYSTEMS), help="whose it is (default: as its spec.json says)")
    parser.add_argument("--network", default=ALL, help="one of its networks, or detector (default: all)")
    parser.add_argument("--out", type=Path, required=True, help="folder for <network>.onnx and the report")
    parser.add_argument("--opset", type=int, default=DEFAULT_OPSET, help=f"one of {', '.join(map(str, OPSETS))}")
    parser.add_argument("--fp16", action="store_true", help="convolutions and linear layers in half precision")
    parser.add_argument("--photos", type=Path, help="photos to compare on; random pixels without it")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch and onnxruntime")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="also write the report here, refused or not")
    results = parser.add_argument_group("search results", "how the quality benchmark's results change; takes minutes")
    results.add_argument("--regression", action="store_true", help="compare; PHOTOS must be the benchmark's folder")
    results.add_argument(
        "--regression-reference", choices=("pytorch", "onnx"), default="pytorch", help="onnx: float32 ONNX"
    )
    results.add_argument("--queries", type=int, help="at most so many originals (default: all that can be trusted)")
    results.add_argument("--gallery", type=int, help="at most so many photos in the gallery (default: all)")
    results.add_argument("--cache", type=Path, default=default_cache())
    results.add_argument("--model-repository", type=Path, default=_ROOT / "model_repository", help="gives the detector")
    options = parser.parse_args(given)
    if options.regression and (options.photos is None or options.network != ALL):
        parser.error("--regression searches with all networks; give --photos, and no --network")
    if options.regression_reference == "onnx" and not options.fp16:
        parser.error("--regression-reference onnx compares half precision with float32; add --fp16")
    return options


if __name__ == "__main__":
    run_program(main)
