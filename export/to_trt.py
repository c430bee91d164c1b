"""Take ONNX networks to TensorRT: hear what NVIDIA refuses without a GPU, build `model.plan` with one, quantise.

    python export/to_trt.py --check [ONNX ...] [--fp16|--bf16] [--target SM89 ...] [--json FILE]
    python export/to_trt.py ONNX --out FOLDER [--fp16|--bf16] [--profile 1,4,16] [--photos FOLDER] ...
    python export/to_trt.py ONNX --int8 --photos FOLDER --bench FOLDER --out FOLDER [--check]
    python export/to_trt.py ONNX --plan FOLDER/model.plan [--photos FOLDER]

`--check` needs no GPU: NVIDIA's own parser and ahead-of-time builder (TensorRT-RTX) build every network for every
architecture, those of the model repository unless others are named. Without it TensorRT builds for the GPU in this
machine, compares the engine with ONNX Runtime and times both. docs/tensorrt.md tells the rest.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from seamline.core.errors import BadOption
from seamline.core.streams import run_program
from seamline.evaluation.photos import Options
from seamline.evaluation.report import default_cache
from seamline.exporting.errors import ExportError, ExportRefused
from seamline.exporting.samples import choose_photos
from seamline.exporting.tensorrt import plan as plans
from seamline.exporting.tensorrt.build import HARDWARE, BuildOptions, build
from seamline.exporting.tensorrt.check import check
from seamline.exporting.tensorrt.device import CudaDevice
from seamline.exporting.tensorrt.engine import Engine
from seamline.exporting.tensorrt.files import write_text
from seamline.exporting.tensorrt.int8 import Int8Options, make, weights_of
from seamline.exporting.tensorrt.measure import measure
from seamline.exporting.tensorrt.network import Network, open_network, served_files
from seamline.exporting.tensorrt.precision import PRECISIONS, Precision
from seamline.exporting.tensorrt.profile import Profile
from seamline.exporting.tensorrt.targets import ALL, Target, check_offered
from seamline.exporting.tensorrt.trt_variant import tensorrt, tensorrt_rtx
from seamline.systems import DEFAULT, SYSTEMS

ROOT = Path(__file__).parents[1]

Value = TypeVar("Value")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 done, 1 refused, 2 not understood."""
    parser = _parser()
    options = parser.parse_args(arguments)
    _check_together(parser, options)
    try:
        return _run(options)
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    files: list[Path] = options.onnx
    if options.int8:
        _check_what_follows(options)
        files = [_quantised(files[0], options)]
    if options.check:
        return _check(files, options)
    network = open_network(files[0], _precision(options), options.profile, options.model_repository)
    return _build(network, options) if options.plan is None else _measure_plan(network, options)


def _check(files: Sequence[Path], options: argparse.Namespace) -> int:
    variant = tensorrt_rtx()
    check_offered(variant, options.target or ())
    networks = [open_network(file, _precision(options), options.profile, options.model_repository) for file in files]
    report = check(variant, networks, options.target or ALL)
    if options.json is not None:
        write_text(options.json, report.to_json())
    print(report.text())
    return 1 if report.refused else 0


def _build(network: Network, options: argparse.Namespace) -> int:
    part, variant = network.known, tensorrt()
    device = CudaDevice()
    wanted = BuildOptions(
        network.profile, None, options.workspace, options.version_compatible, options.hardware_compatible,
        options.timing_cache,
    )  # fmt: skip
    built = build(variant, network.model, wanted)
    engine = Engine(variant, built.plan, device, options.version_compatible)
    print(
        f"{network.name}: {len(built.plan) / 1e6:.1f} MB in {built.seconds:.1f} s for {device.target} ({device.name})"
    )
    for warning in built.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    measured = measure(engine, str(variant), network, _precision(options), _photos(options), options.calls)
    print(measured.text())
    write_text(options.out / "report.json", measured.to_json())
    if measured.refusals:
        raise ExportRefused(f"the engine of {part.name} is not written: {'; '.join(measured.refusals)}")
    metadata = plans.metadata_of(variant, device, network, built, wanted, _precision(options))
    print(plans.write(options.out, built.plan, metadata))
    return 0


def _measure_plan(network: Network, options: argparse.Namespace) -> int:
    plan, metadata = plans.read(options.plan)
    variant, device = tensorrt(), CudaDevice()
    metadata.check_readable(variant.version, str(device.target))
    engine = Engine(variant, plan, device, metadata.version_compatible)
    measured = measure(engine, str(variant), network, metadata.precision, _photos(options), options.calls)
    print(measured.text())
    for refusal in measured.refusals:
        print(f"error: {refusal}", file=sys.stderr)
    return 1 if measured.refusals else 0


def _quantised(file: Path, options: argparse.Namespace) -> Path:
    network = open_network(file, "fp32", options.profile, options.model_repository)
    bench = Options(
        options.bench or options.photos, options.cache, seed=options.seed, processes=options.processes,
        queries=options.queries, gallery=options.gallery,
    )  # fmt: skip
    wanted = Int8Options(
        options.photos, options.count, options.seed, options.float_share, most_map_loss=options.most_map_loss
    )
    report = make(network, weights_of(options.model_repository, options.system), wanted, bench, options.out)
    print(report.text())
    return Path(options.out / f"{network.known.name}.onnx")


def _check_what_follows(options: argparse.Namespace) -> None:
    """Raise ExportError now for what would be missing after a long calibration."""
    if options.check:
        check_offered(tensorrt_rtx(), options.target or ())
    else:
        tensorrt()
        CudaDevice()


def _precision(options: argparse.Namespace) -> Precision:
    return next((name for name in PRECISIONS if getattr(options, name, False)), "fp32")


def _photos(options: argparse.Namespace) -> list[Path]:
    return [] if options.photos is None else choose_photos(options.photos, _COMPARED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Build TensorRT engines, or hear what NVIDIA refuses without a GPU.")
    parser.add_argument("onnx", type=Path, nargs="*", help="ONNX files; with --check the served ones by default")
    parser.add_argument("--check", action="store_true", help="parse and build for other GPUs; needs none")
    parser.add_argument("--target", type=_told(Target.parse), nargs="+", help=f"architectures (default: {_all()})")
    parser.add_argument("--json", type=Path, help="also write what --check found to this file")
    parser.add_argument("--out", type=Path, help="folder for model.plan and the reports")
    parser.add_argument("--plan", type=Path, help="compare and time this plan in the place of building one")
    parser.add_argument("--model-repository", type=Path, default=ROOT / "model_repository")
    parser.add_argument("--system", choices=list(SYSTEMS), default=DEFAULT, help="whose served networks")
    parser.add_argument("--photos", type=Path, help="photos to compare and to calibrate on")
    precision = parser.add_mutually_exclusive_group()
    for name in ("fp16", "bf16", "int8"):
        precision.add_argument(f"--{name}", action="store_true")
    _add_engine(parser.add_argument_group("the engine"))
    _add_int8(parser.add_argument_group("int8"))
    return parser


def _add_engine(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--profile", type=_told(Profile.parse), metavar="MIN,OPT,MAX", help="batches (default: those of config.pbtxt)"
    )
    group.add_argument("--workspace", type=int, metavar="MIB", help="GPU memory for kernels (default: all)")
    group.add_argument("--version-compatible", action="store_true", help="also for later versions of TensorRT")
    group.add_argument("--hardware-compatible", choices=list(HARDWARE), default="none", help="also for other GPUs")
    group.add_argument("--calls", type=int, default=50, help="of which a latency is the median")
    group.add_argument("--timing-cache", type=Path, help="file that remembers how fast kernels were")


def _add_int8(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--count", type=int, default=128, help="photos to calibrate on")
    group.add_argument("--seed", type=int, default=0, help="draws photos, queries and gallery")
    group.add_argument("--float-share", type=float, default=0.5, help="of the noise: layers that make it stay in float")
    group.add_argument("--most-map-loss", type=float, default=0.01, help="mAP that int8 may cost")
    group.add_argument("--bench", type=Path, help="folder of photos to measure on (default: that of --photos)")
    group.add_argument("--queries", type=int, help="at most so many originals")
    group.add_argument("--gallery", type=int, help="at most so many photos to search")
    group.add_argument("--cache", type=Path, default=default_cache())
    group.add_argument("--processes", type=int, default=2)


def _check_together(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Leave with 2 for options that do not go together."""
    if not options.onnx:
        if not options.check or options.int8:
            parser.error("name an ONNX file, or take --check, which has the served ones as its default")
        try:
            options.onnx = served_files(options.model_repository, options.system)
        except BadOption as error:
            parser.error(str(error))
    if len(options.onnx) > 1 and not options.check:
        parser.error("name one ONNX file; only --check takes several")
    if options.int8 and (options.photos is None or options.out is None or len(options.onnx) > 1):
        parser.error("--int8 needs one ONNX file, --photos FOLDER to calibrate on and --out FOLDER")
    if not options.check and options.target:
        parser.error("--target goes with --check; TensorRT builds for the GPU in this machine")
    if not options.check and options.plan is None and options.out is None:
        parser.error("name the folder for model.plan with --out")


def _told(read: Callable[[str], Value]) -> Callable[[str], Value]:
    """As argparse wants its types: what is wrong becomes a message of the command line."""

    def parsed(text: str) -> Value:
        try:
            return read(text)
        except ExportError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def _all() -> str:
    return ", ".join(str(target) for target in ALL)


_COMPARED = 24
"""Photos that an engine is compared on: the batches of the comparison together."""

if __name__ == "__main__":
    run_program(main)
