"""Export trained networks to the ONNX files that the model repository serves.

    python export/to_onnx.py CHECKPOINT --out DIR [--part detector|encoder|region_head|all] [--fp16] [--photos FOLDER]

CHECKPOINT is the folder that training wrote: `encoder.pt` and `region_head.pt`, or `psnet.pt` in place of both, and
`detector.pt`. Each network becomes DIR/<part>.onnx with batch as its only free axis. It is compared with PyTorch at
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
from seamline.evaluation.report import default_cache
from seamline.exporting.errors import ExportError
from seamline.exporting.exporting import Order, carry_out
from seamline.exporting.onnx_graph import DEFAULT_OPSET, OPSETS
from seamline.exporting.parity import BATCHES
from seamline.exporting.parts import PARTS
from seamline.exporting.rank_options import RankOptions
from seamline.exporting.samples import choose_photos

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    torch.set_num_threads(options.threads)
    try:
        report = carry_out(_order(options))
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


def _order(options: argparse.Namespace) -> Order:
    parts = tuple(PARTS) if options.part == "all" else (options.part,)
    photos = () if options.photos is None else tuple(choose_photos(options.photos, sum(BATCHES)))
    ranks = _ranks(options) if options.ranks else None
    return Order(
        options.checkpoint, options.out, parts, options.opset, options.fp16, photos, threads=options.threads,
        report=options.report, ranks=ranks,
    )  # fmt: skip


def _ranks(options: argparse.Namespace) -> RankOptions:
    return RankOptions(
        options.photos, options.cache, options.model_repository, options.queries, options.gallery,
        options.rank_reference == "pytorch",
    )  # fmt: skip


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python export/to_onnx.py", description="Export trained networks to ONNX.")
    parser.add_argument("checkpoint", type=Path, help="folder with the .pt files that training wrote")
    parser.add_argument("--part", choices=[*sorted(PARTS), "all"], default="all")
    parser.add_argument("--out", type=Path, required=True, help="folder for <part>.onnx and the report")
    parser.add_argument("--opset", type=int, default=DEFAULT_OPSET, help=f"one of {', '.join(map(str, OPSETS))}")
    parser.add_argument("--fp16", action="store_true", help="convolutions and linear layers in half precision")
    parser.add_argument("--photos", type=Path, help="photos to compare on; random pixels without it")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch and onnxruntime")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="also write the report here, refused or not")
    ranks = parser.add_argument_group("search results", "how the quality benchmark's results change; takes minutes")
    ranks.add_argument("--ranks", action="store_true", help="compare them; PHOTOS must be the benchmark's folder")
    ranks.add_argument("--rank-reference", choices=("pytorch", "onnx"), default="pytorch", help="onnx: float32 ONNX")
    ranks.add_argument("--queries", type=int, help="at most so many originals (default: all that can be trusted)")
    ranks.add_argument("--gallery", type=int, help="at most so many photos in the gallery (default: all)")
    ranks.add_argument("--cache", type=Path, default=default_cache())
    ranks.add_argument("--model-repository", type=Path, default=_ROOT / "model_repository", help="gives the detector")
    options = parser.parse_args(given)
    if options.ranks and (options.photos is None or options.part != "all"):
        parser.error("--ranks searches with all networks; give --photos and --part all")
    if options.rank_reference == "onnx" and not options.fp16:
        parser.error("--rank-reference onnx compares half precision with float32; add --fp16")
    return options


if __name__ == "__main__":
    sys.exit(main())
