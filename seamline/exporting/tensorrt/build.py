"""One ONNX network through NVIDIA's parser and builder: the engine as bytes, or what was refused."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import onnx

from seamline.exporting.tensorrt.files import write_bytes
from seamline.exporting.tensorrt.graph import inputs, shape_of
from seamline.exporting.tensorrt.profile import Profile
from seamline.exporting.tensorrt.refusals import BuildRefused, Messages, Refusal, by_builder, by_parser
from seamline.exporting.tensorrt.targets import Target, capability
from seamline.exporting.tensorrt.trt_variant import TrtVariant

HARDWARE = {"none": "NONE", "ampere-plus": "AMPERE_PLUS", "same-capability": "SAME_COMPUTE_CAPABILITY"}
"""On which GPUs besides the one in this machine an engine runs -> TensorRT's name for it."""


@dataclasses.dataclass(frozen=True)
class BuildOptions:
    """How an engine is built.

    `target`: an architecture to build for ahead of time, None for the GPU in this machine; `workspace`: MiB of GPU
    memory that kernels may use while they work, None for all; `version_compatible`: the engine runs on later versions
    of TensorRT too; `hardware`: a name of HARDWARE; `timing_cache`: a file that spares timing the same kernels again.
    """

    profile: Profile
    target: Target | None = None
    workspace: int | None = None
    version_compatible: bool = False
    hardware: str = "none"
    timing_cache: Path | None = None


@dataclasses.dataclass(frozen=True)
class BuiltEngine:
    """A serialised engine, the layers that the network has before fusion, seconds, and what NVIDIA warned of."""

    plan: bytes
    layers: int
    seconds: float
    warnings: tuple[str, ...]


def build(variant: TrtVariant, model: onnx.ModelProto, options: BuildOptions) -> BuiltEngine:
    """Parse and build. Raises BuildRefused with every operator that NVIDIA named, ExportError for a wrong profile."""
    started, messages = time.perf_counter(), Messages(variant)
    builder = variant.module.Builder(messages.logger)
    network = _parsed(variant, builder, model, messages)
    config = _config(variant, builder, model, options)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise BuildRefused(by_builder(messages.errors, model.graph))
    _keep_timings(config, options)
    return BuiltEngine(bytes(plan), network.num_layers, time.perf_counter() - started, tuple(messages.warnings))


def _parsed(variant: TrtVariant, builder: Any, model: onnx.ModelProto, messages: Messages) -> Any:
    trt = variant.module
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, messages.logger)
    if not parser.parse(model.SerializeToString()):
        raise BuildRefused(by_parser(parser) or [Refusal("", "", "the parser gave no reason")])
    return network


def _config(variant: TrtVariant, builder: Any, model: onnx.ModelProto, options: BuildOptions) -> Any:
    config = builder.create_builder_config()
    config.add_optimization_profile(_profile(builder, model, options.profile))
    if options.target is not None:
        config.num_compute_capabilities = 1
        config.set_compute_capability(capability(variant, options.target), 0)
    if options.workspace is not None:
        config.set_memory_pool_limit(variant.module.MemoryPoolType.WORKSPACE, options.workspace << 20)
    if options.version_compatible:
        config.set_flag(variant.module.BuilderFlag.VERSION_COMPATIBLE)
    if options.hardware != "none":
        levels = variant.module.HardwareCompatibilityLevel
        config.hardware_compatibility_level = getattr(levels, HARDWARE[options.hardware])
    if options.timing_cache is not None:
        saved = options.timing_cache.read_bytes() if options.timing_cache.is_file() else b""
        config.set_timing_cache(config.create_timing_cache(saved), ignore_mismatch=False)
    return config


def _profile(builder: Any, model: onnx.ModelProto, batches: Profile) -> Any:
    profile = builder.create_optimization_profile()
    for value in inputs(model):
        profile.set_shape(value.name, *batches.shapes(value.name, shape_of(value)))
    return profile


def _keep_timings(config: Any, options: BuildOptions) -> None:
    if options.timing_cache is not None:
        write_bytes(options.timing_cache, bytes(config.get_timing_cache().serialize()))
