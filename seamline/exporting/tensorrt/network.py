"""An ONNX file as it goes to NVIDIA: which of the served networks it is, its types, and its profile."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import onnx

from seamline.core.errors import SeamlineError
from seamline.core.spec import Spec
from seamline.exporting.errors import ExportError
from seamline.exporting.networks import DETECTOR, networks_of
from seamline.exporting.tensorrt.graph import inputs, read
from seamline.exporting.tensorrt.precision import Precision, typed
from seamline.exporting.tensorrt.profile import Profile, max_batch_size
from seamline.serving.weights import newest
from seamline.systems import DEFAULT, system_named
from seamline.systems.base import ExportedNetwork


def exported_networks(system: str = DEFAULT) -> Mapping[str, ExportedNetwork]:
    """The networks that an export of a system writes, by name, in the sizes that its training starts from."""
    return networks_of(system_named(system).spec())


def served_files(repository: Path, system: str = DEFAULT) -> list[Path]:
    """The ONNX files of a system and the detector's in a model repository: what TensorRT is asked about unless files
    are named. Raises BadOption for one that is not there."""
    steps = {**{step.network: step.name for step in system_named(system).steps if step.network}, DETECTOR: DETECTOR}
    return [newest(repository, step) / "model.onnx" for step in steps.values()]


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
                f"{self.source} has not the inputs and outputs of {', '.join(_networks_of(self.source))}; "
                "only --check takes other networks"
            )
        return self.part


def open_network(path: Path, precision: Precision, profile: Profile | None, repository: Path) -> Network:
    """Read a file and fit types and profile to it. Raises ExportError.

    The spec.json beside it says of which system it is. Without a profile it is the one that the step of `repository`
    serves, or Profile() for a network of no step.
    """
    source = read(path)
    part = part_of(source, _networks_of(path))
    most = max_batch_size(repository, _step_of(path, part)) if part else None
    chosen = profile or (Profile() if not most else Profile.of_step(most))
    if part and most:
        chosen.check_served(part.name, most)
    name = part.name if part else path.stem
    shown = name if precision == "fp32" else f"{name} {precision}"
    return Network(shown, part, path, typed(source, precision), chosen)


def part_of(model: onnx.ModelProto, networks: Mapping[str, ExportedNetwork]) -> ExportedNetwork | None:
    """The network with these names of inputs and outputs."""
    given, found = {value.name for value in inputs(model)}, {value.name for value in model.graph.output}
    parts = networks.values()
    return next((part for part in parts if set(part.inputs) == given and set(part.outputs) == found), None)


def _spec_of(path: Path) -> Spec:
    """Of the system whose network a file is; the default one's where no spec.json lies beside it."""
    file = path.with_name("spec.json")
    return Spec.load(file) if file.is_file() else system_named(DEFAULT).spec()


def _networks_of(path: Path) -> Mapping[str, ExportedNetwork]:
    try:
        return networks_of(_spec_of(path))
    except (SeamlineError, KeyError, TypeError, ValueError) as error:
        raise ExportError(f"the spec.json beside {path} cannot be used: {error}") from error


def _step_of(path: Path, part: ExportedNetwork) -> str:
    steps = system_named(_spec_of(path).system).steps
    return next((step.name for step in steps if step.network == part.name), part.name)
