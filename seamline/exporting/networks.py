"""A network that is exported: its wire names, how it is loaded, and inputs to compare two forms of it on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seamline.core.spec import Spec
from seamline.exporting import checkpoints, samples
from seamline.systems import DEFAULT, system_named
from seamline.systems.base import ExportedNetwork, Run

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[Any]


def crops_network(
    name: str, spec: Spec, load: Callable[[Path], nn.Module], outputs: tuple[str, ...] = ("EMBEDDING",)
) -> ExportedNetwork:
    """A network whose one input is CROPS uint8 [B,side,side,3]."""
    return ExportedNetwork(name, ("CROPS",), outputs, load, partial(samples.crops, spec=spec))


def detector(spec: Spec) -> ExportedNetwork:
    """The network that finds garments, which all systems share."""
    return ExportedNetwork(
        DETECTOR, ("DETECTOR_INPUT",), ("DETECTOR_BOXES", "DETECTOR_SCORES", "DETECTOR_DIRECTIONS"),
        checkpoints.load_detector, partial(samples.letterboxes, spec=spec),
    )  # fmt: skip


DETECTOR = "detector"


def networks_of(spec: Spec) -> dict[str, ExportedNetwork]:
    """The networks of a spec's system and the detector by name, in the order in which they are exported."""
    system = system_named(spec.system)
    networks = [*system.networks(system.spec_type.of(spec)), detector(spec)]
    return {network.name: network for network in networks}


def default_networks() -> dict[str, ExportedNetwork]:
    """Those of the default system in the sizes that its training starts from."""
    return networks_of(system_named(DEFAULT).spec())


def onnx_run(path: Path, threads: int = 1) -> Run:
    """An ONNX file through onnxruntime on the CPU."""
    from seamline.serving.onnx_network import OnnxNetwork

    return OnnxNetwork(path, threads)


def torch_run(network: nn.Module, exported: ExportedNetwork) -> Run:
    """A network through PyTorch, on as many threads as `torch.set_num_threads` says."""
    import torch

    def run(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        with torch.inference_mode():
            found = network(*(torch.from_numpy(np.ascontiguousarray(arrays[name])) for name in exported.inputs))
        outputs = found if isinstance(found, tuple) else (found,)
        return {name: output.numpy() for name, output in zip(exported.outputs, outputs, strict=True)}

    return run
