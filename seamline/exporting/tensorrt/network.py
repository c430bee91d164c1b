"""An ONNX file as it goes to NVIDIA: which of the served networks it is, its types, and its profile."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import onnx

from seamline.exporting.errors import ExportError
from seamline.exporting.networks import default_networks
from seamline.exporting.tensorrt.graph import inputs, read
from seamline.exporting.tensorrt.precision import Precision, typed
from seamline.exporting.tensorrt.profile import Profile, max_batch_size
from seamline.systems.base import ExportedNetwork


def exported_networks() -> Mapping[str, ExportedNetwork]:
    """The networks that an export writes, by name: what TensorRT is asked about unless files are named."""
    return default_networks()


@dataclasses.dataclass(frozen=True)
class Network:
    """`part`: None for a network that seamline does not serve; `source`: the file as it was, in its own types."""

    name: str
    part: ExportedNetwork | None
    source: Path
    model: onnx.ModelProto
    profile: Profile

    @property
    def known(self) -> ExportedNetwork:
        """The served network. Raises ExportError where it is none, since nothing is known of its inputs then."""
        if self.part is None:
            raise ExportError(
                f"{self.source} has not the inputs and outputs of {', '.join(exported_networks())}; "
                "only --check takes other networks"
            )
        return self.part


def open_network(path: Path, precision: Precision, profile: Profile | None, repository: Path) -> Network:
    """Read a file and fit types and profile to it. Raises ExportError.

    Without a profile it is the one that the step of `repository` serves, or Profile() for a network of no step.
    """
    source = read(path)
    part = part_of(source)
    most = max_batch_size(repository, part.name) if part else None
    chosen = profile or (Profile() if not most else Profile.of_step(most))
    if part and most:
        chosen.check_served(part.name, most)
    name = part.name if part else path.stem
    shown = name if precision == "fp32" else f"{name} {precision}"
    return Network(shown, part, path, typed(source, precision), chosen)


def part_of(model: onnx.ModelProto) -> ExportedNetwork | None:
    """The served network with these names of inputs and outputs."""
    given, found = {value.name for value in inputs(model)}, {value.name for value in model.graph.output}
    parts = exported_networks().values()
    return next((part for part in parts if set(part.inputs) == given and set(part.outputs) == found), None)
