"""The quality benchmark's search, once with what was trained and once with what was exported."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from seamline.core.errors import SeamlineError
from seamline.core.spec import Spec
from seamline.evaluation.benchmark import Benchmark, prepare
from seamline.evaluation.photos import Options
from seamline.exporting.chain import Chain
from seamline.exporting.checkpoints import PSNET
from seamline.exporting.errors import ExportRefused
from seamline.exporting.rank_options import LEVEL, RankOptions
from seamline.exporting.ranks import Floats, RankChanges, chain_vectors, key_of_files, rank_changes
from seamline.serving.weights import Weights

_CHECKPOINTS = ("encoder.pt", "region_head.pt", PSNET)


def measured(options: RankOptions, checkpoint: Path, stage: Path, chain: Chain, half: bool) -> RankChanges:
    """Search with PyTorch's vectors (or the float32 graph's) and with those of the graphs in `stage`.

    Raises ExportRefused where the folder of photos is not the benchmark's.
    """
    try:
        weights = _weights(options, chain.spec)
        benchmark = prepare(_options(options), weights, LEVEL)
        candidate = benchmark.embed(_with(weights, stage, ".onnx")).vectors
        reference = _reference(options, checkpoint, stage, chain, benchmark, weights)
    except SeamlineError as error:
        raise ExportRefused(f"search results cannot be compared: {error}") from error
    return rank_changes(benchmark, chain.spec, reference, ("ONNX fp16" if half else "ONNX fp32", candidate))


def _reference(
    options: RankOptions, checkpoint: Path, stage: Path, chain: Chain, benchmark: Benchmark, weights: Weights
) -> tuple[str, Floats]:
    if not options.against_pytorch:
        return "ONNX fp32", benchmark.embed(_with(weights, stage, ".fp32", ".")).vectors
    files = [checkpoint / name for name in _CHECKPOINTS if (checkpoint / name).is_file()]
    return "PyTorch", chain_vectors(benchmark, chain, key_of_files(files, chain.spec.vector_numbers()))


def _weights(options: RankOptions, spec: Spec) -> Weights:
    """The repository's detector with its numbers, so that every export is compared on the same garments."""
    served = Weights.of_repository(options.repository)
    return dataclasses.replace(served, spec=served.with_own_detector(spec))


def _with(weights: Weights, stage: Path, suffix: str, prefix: str = "") -> Weights:
    return dataclasses.replace(weights, networks={name: stage / f"{prefix}{name}{suffix}" for name in weights.networks})


def _options(options: RankOptions) -> Options:
    return Options(options.photos, options.cache, processes=1, queries=options.queries, gallery=options.gallery)
