"""The backends that run a network: PyTorch, onnxruntime and TensorRT, on a GPU where there is one.

Every backend takes arrays in this process's memory and gives arrays back, so copies to the card and from it are part of
its time, as they are in serving. A backend that cannot be had here raises LeftOut with the reason.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seamline.core.spec import LANDMARKS
from seamline.exporting.networks import Array
from seamline.exporting.tensorrt.network import exported_networks
from seamline.systems.base import Run

if TYPE_CHECKING:
    from torch import nn

Precision = str
"""fp32, tf32 (float32 with products of 19 bits) or fp16."""

Backend = Callable[[str, Path, int], Run]
"""(network, its ONNX file, threads of the CPU) -> a function that runs it."""


class LeftOut(Exception):
    """This backend is not to be had on this machine; the text says why."""


def pytorch(precision: Precision) -> Backend:
    """PyTorch, with fresh weights: how long a network takes does not depend on what it has learnt."""

    def make(network: str, file: Path, threads: int) -> Run:
        torch = _torch()
        device = "cuda" if torch.cuda.is_available() else "cpu"
        if device == "cpu" and precision != "fp32":
            raise LeftOut(f"PyTorch sees no GPU, and {precision} is for one")
        torch.set_num_threads(threads)
        module = architecture(network).eval().to(device)
        part = exported_networks()[network]
        names = part.inputs

        def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
            half = torch.autocast("cuda", torch.float16) if precision == "fp16" else contextlib.nullcontext()
            with torch.inference_mode(), half:
                found = module(*(torch.from_numpy(np.ascontiguousarray(arrays[name])).to(device) for name in names))
            outputs = found if isinstance(found, tuple) else (found,)
            return {name: output.cpu().numpy() for name, output in zip(part.outputs, outputs, strict=True)}

        return run

    return make


def onnxruntime(precision: Precision) -> Backend:
    """onnxruntime's CUDA provider, and its CPU provider where there is no GPU."""

    def make(network: str, file: Path, threads: int) -> Run:
        import onnxruntime as runtime

        options = runtime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        session = runtime.InferenceSession(str(file), options, providers=_providers(runtime, precision))
        names = [output.name for output in session.get_outputs()]

        def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
            return dict(zip(names, session.run(names, dict(arrays)), strict=True))

        return run

    return make


def _providers(runtime: Any, precision: Precision) -> list[Any]:
    if "CUDAExecutionProvider" in runtime.get_available_providers():
        settings = {"use_tf32": int(precision == "tf32"), "cudnn_conv_algo_search": "HEURISTIC"}
        return [("CUDAExecutionProvider", settings), "CPUExecutionProvider"]
    if precision != "fp32":
        raise LeftOut("this onnxruntime has no CUDA provider; install onnxruntime-gpu in the place of onnxruntime")
    return ["CPUExecutionProvider"]


def tensorrt(precision: Precision) -> Backend:
    """A TensorRT engine, built here for batches up to 16."""

    def make(network: str, file: Path, threads: int) -> Run:
        from seamline.exporting.errors import ExportError
        from seamline.exporting.tensorrt.build import BuildOptions, build
        from seamline.exporting.tensorrt.device import CudaDevice
        from seamline.exporting.tensorrt.engine import Engine
        from seamline.exporting.tensorrt.network import open_network
        from seamline.exporting.tensorrt.trt_variant import tensorrt as variant

        try:
            own, device = variant(), CudaDevice()
            opened = open_network(file, "fp16" if precision == "fp16" else "fp32", None, file.parents[2])
            return Engine(own, build(own, opened.model, BuildOptions(opened.profile)).plan, device)
        except ExportError as error:
            raise LeftOut(str(error)) from None

    return make


BACKENDS: Mapping[tuple[str, Precision], Backend] = {
    ("PyTorch", "fp32"): pytorch("fp32"),
    ("PyTorch", "tf32"): pytorch("tf32"),
    ("PyTorch", "fp16"): pytorch("fp16"),
    ("onnxruntime", "fp32"): onnxruntime("fp32"),
    ("onnxruntime", "tf32"): onnxruntime("tf32"),
    ("TensorRT", "tf32"): tensorrt("tf32"),
    ("TensorRT", "fp16"): tensorrt("fp16"),
}
"""TensorRT multiplies float32 in TF32 unless it is told otherwise."""


def architecture(network: str) -> nn.Module:
    """A network as it is trained, not yet trained."""
    _torch()
    if network == "detector":
        from seamline.nn.detector import Detector, DetectorForExport

        return DetectorForExport(Detector())
    if network == "encoder":
        from seamline.nn.landmarks import LandmarkConfig
        from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig

        return Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS))))
    from seamline.systems.psnet_lite.part_head import PartHead
    from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
    from seamline.systems.psnet_lite.whole_head import SERVED, WholeHead

    return PartHead(RegionHead(RegionHeadConfig()), WholeHead(SERVED))


def card_name() -> str:
    """The GPU as CUDA calls it, "" where PyTorch sees none."""
    with contextlib.suppress(LeftOut):
        torch = _torch()
        if torch.cuda.is_available():
            return str(torch.cuda.get_device_name())
    return ""


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise LeftOut(f"PyTorch is not installed ({error}); pip install 'seamline[train]'") from None
    return torch
