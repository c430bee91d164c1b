"""The steps and ensembles of a system beside the default one, written from its description.

The default system's own configurations are the template: the networks' steps are configured as its first network is,
for every variant, the last steps and the ensembles as its own are, and only names, tensors and what lies between `crop`
and the last step are the system's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf import text_format  # type: ignore[import-untyped, unused-ignore]
from tritonclient.grpc import model_config_pb2 as pb

from seamline.core.spec import Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.check_spec import tensors
from seamline.exporting.install.repository import Step
from seamline.local.onnx_contract import Tensor, file_tensors
from seamline.local.options import DEFAULT_VARIANT
from seamline.serving.given_landmarks import GIVEN_LANDMARKS
from seamline.serving.lease import LEASE_BYTES
from seamline.serving.triton import LEASE
from seamline.systems import DEFAULT, ensembles_of, system_named
from seamline.systems.base import ServedStep, System

Configs = Mapping[str, Any]
"""Variant -> `ModelConfig` message."""

_LAST = ("trim", "retrieve")
_CROP = "crop"
_PASSED = {
    "COUNT": (pb.TYPE_INT32, (1,)),
    "CROPS": (pb.TYPE_UINT8, ()),
    "SQUARES": (pb.TYPE_FP32, (-1, 5)),
    "CROP_CATEGORY": (pb.TYPE_STRING, (-1,)),
    GIVEN_LANDMARKS: (pb.TYPE_FP32, (-1, -1, -1)),
}
"""What `crop` and the caller hand on to a system's steps in Python: type and dimensions."""

_OPTIONAL = {GIVEN_LANDMARKS}

_LEASE = (LEASE, pb.TYPE_UINT8, (LEASE_BYTES,))


@dataclasses.dataclass(frozen=True)
class Template:
    """A system's steps and ensembles: name -> variant -> configuration; `code`: step -> its model.py."""

    steps: Mapping[str, Configs]
    code: Mapping[str, bytes]
    ensembles: Mapping[str, Configs]

    def step_folders(self) -> dict[str, dict[str, bytes]]:
        """Step -> file below its folder -> content."""
        return {name: _files(configs) for name, configs in self.steps.items()}

    def ensemble_folders(self) -> dict[str, dict[str, bytes]]:
        """Ensemble -> file below its folder -> content."""
        return {name: _files(configs) for name, configs in self.ensembles.items()}


def from_description(
    spec: Spec, networks: Mapping[str, tuple[Sequence[Any], Sequence[Any]]], shared: Sequence[Step],
    ensembles: Mapping[str, Any],
) -> Template:  # fmt: skip
    """The template of a spec's system.

    `networks`: exported network -> an onnxruntime session's inputs and outputs. `shared`: the default system's steps;
    `ensembles`: its ensembles. Raises InstallRefused where one of them is missing.
    """
    system, known = system_named(spec.system), {step.name: step for step in shared}
    writer = _Writer(system, spec, networks, known)
    steps = {step.name: writer.step(step) for step in system.steps}
    last = {f"{name}_{system.name}": writer.renamed(name) for name in _LAST}
    code = {step.name: _model_py(step) for step in system.steps if step.model}
    code |= {f"{name}_{system.name}": writer.code_of(name) for name in _LAST}
    own, default = ensembles_of(system.name), ensembles_of(DEFAULT)
    pairs = zip(dataclasses.astuple(own), dataclasses.astuple(default), _LAST, strict=True)
    made = {name: {DEFAULT_VARIANT: writer.ensemble(_of(ensembles, base), name, end)} for name, base, end in pairs}
    return Template({**steps, **last}, code, made)


class _Writer:
    def __init__(
        self, system: System, spec: Spec, networks: Mapping[str, tuple[Sequence[Any], Sequence[Any]]],
        shared: Mapping[str, Step],
    ) -> None:  # fmt: skip
        self._system, self._spec, self._shared = system, spec, shared
        self._networks = networks
        self._dims = tensors(spec)

    def step(self, step: ServedStep) -> Configs:
        """The configurations of one of the system's steps."""
        return self._network(step) if step.network else {DEFAULT_VARIANT: self._python(step)}

    def renamed(self, name: str) -> Configs:
        """The default system's last step `name` with the system's name and sizes."""
        config = _copied(self._step(name).config, f"{name}_{self._system.name}")
        for side in (config.input, config.output):
            kept = [tensor for tensor in side if tensor.name not in self._lacking()]
            del side[:]
            side.extend(kept)
        self._resize(config)
        return {DEFAULT_VARIANT: config}

    def code_of(self, name: str) -> bytes:
        """The model.py of a step of the default system, as it is served now."""
        step = self._step(name)
        return (step.version(max(step.versions())) / "model.py").read_bytes()

    def ensemble(self, base: Any, name: str, last: str) -> Any:
        """An ensemble of the default system with the system's steps in the place of its own."""
        config = _copied(base, name)
        steps = {step.model_name: step for step in base.ensemble_scheduling.step}
        ends = _renamed(steps[last], f"{last}_{self._system.name}", self._lacking())
        between = [_scheduled(step) for step in self._system.steps]
        first = [step for step in steps.values() if step.model_name not in {last, *_own_of_default()}]
        del config.ensemble_scheduling.step[:]
        config.ensemble_scheduling.step.extend([*first, *between, ends])
        self._drop_what_nobody_makes(config)
        self._resize(config)
        _drop_what_nobody_takes(config)
        return config

    def _network(self, step: ServedStep) -> Configs:
        inputs, outputs = (file_tensors(list(side)) for side in self._networks[step.network])
        base = next(one for one in system_named(DEFAULT).steps if one.network)
        return {
            variant: self._of_network(_copied(config, step.name), inputs, outputs)
            for variant, config in self._step(base.name).configs.items()
        }

    def _of_network(self, config: Any, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> Any:
        config.max_batch_size = self._spec.detector.max_garments
        _declare(config, [_declared(tensor) for tensor in inputs], [_declared(tensor) for tensor in outputs])
        for warm_up in config.model_warmup:
            warm_up.inputs.clear()
            for name, kind, dims in map(_declared, inputs):
                row = warm_up.inputs[name]
                row.data_type, row.zero_data = kind, True
                row.dims.extend(dims)
        return config

    def _python(self, step: ServedStep) -> Any:
        base = next(one for one in system_named(DEFAULT).steps if one.model)
        config = _copied(self._step(base.name).config, step.name)
        inputs = [*(self._passed(name) for name in step.inputs), _LEASE]
        _declare(config, inputs, [self._passed(name) for name in step.outputs])
        for tensor in config.input:
            tensor.optional = tensor.name in _OPTIONAL
        return config

    def _passed(self, name: str) -> tuple[str, int, tuple[int, ...]]:
        """A tensor of a step in Python, whose first dimension is the garments'."""
        kind, dims = _PASSED.get(name, (pb.TYPE_FP32, ()))
        if not dims and name not in self._dims:
            raise InstallRefused(
                f"nothing says what shape {name} has; name its trailing dimensions in the spec's own_tensors"
            )
        return name, kind, dims or (-1, *self._dims[name])

    def _resize(self, config: Any) -> None:
        for tensor in (*config.input, *config.output):
            trailing = self._dims.get(tensor.name, ())
            if trailing:
                tensor.dims[-len(trailing) :] = trailing

    def _lacking(self) -> set[str]:
        """What the last step hands to the caller in the default system's ensembles and nobody makes in these."""
        own, default = (
            {name for step in system.steps for name in step.outputs} for system in (self._system, system_named(DEFAULT))
        )
        config = self._step("trim").config
        passed = {tensor.name for tensor in config.input} & {tensor.name for tensor in config.output}
        return passed & (default - own)

    def _drop_what_nobody_makes(self, config: Any) -> None:
        made = {name for step in config.ensemble_scheduling.step for name in step.output_map.values()}
        outputs = [tensor for tensor in config.output if tensor.name in made]
        del config.output[:]
        config.output.extend(outputs)

    def _step(self, name: str) -> Step:
        if name not in self._shared:
            raise InstallRefused(f"the repository has no step {name}, which all systems share; restore it with git")
        return self._shared[name]


def _of(ensembles: Mapping[str, Any], name: str) -> Any:
    found = ensembles.get(f"{name} ({DEFAULT_VARIANT})")
    if found is None:
        raise InstallRefused(f"there is no ensemble {name} beside the repository; restore it with git")
    return found


def _copied(config: Any, name: str) -> Any:
    copied = pb.ModelConfig()
    copied.CopyFrom(config)
    copied.name = name
    return copied


def _declare(config: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    for side, declared in ((config.input, inputs), (config.output, outputs)):
        del side[:]
        for name, kind, dims in declared:
            side.add(name=name, data_type=kind, dims=dims)


def _declared(tensor: Tensor) -> tuple[str, int, tuple[int, ...]]:
    return tensor.name, pb.DataType.Value(tensor.data_type), tensor.shape[1:]


def _own_of_default() -> Iterator[str]:
    return (step.name for step in system_named(DEFAULT).steps)


def _scheduled(step: ServedStep) -> Any:
    lease = {LEASE: "lease"} if step.model else {}
    return pb.ModelEnsembling.Step(
        model_name=step.name, model_version=-1, input_map={**step.inputs, **lease}, output_map=dict(step.outputs)
    )


def _renamed(step: Any, name: str, lacking: Iterable[str]) -> Any:
    copied = pb.ModelEnsembling.Step()
    copied.CopyFrom(step)
    copied.model_name = name
    for tensor in lacking:
        del copied.input_map[tensor]
        del copied.output_map[tensor]
    return copied


def _drop_what_nobody_takes(config: Any) -> None:
    """Of what `crop` makes and the caller may give, since these tensors are named for every system."""
    steps = config.ensemble_scheduling.step
    inputs = {name for step in steps for name in step.input_map.values()}
    given = [tensor for tensor in config.input if tensor.name in inputs]
    del config.input[:]
    config.input.extend(given)
    taken = inputs | {tensor.name for tensor in config.output}
    for step in steps:
        if step.model_name == _CROP:
            for key in [key for key, name in step.output_map.items() if name not in taken]:
                del step.output_map[key]


def _model_py(step: ServedStep) -> bytes:
    module, _, name = step.model.partition(":")
    imports = sorted([f"from {module} import {name}", "from seamline.serving.triton import triton_model"])
    return (
        f'"""Triton\'s entry point for the step {step.name}."""\n\n'
        + "\n".join(imports)
        + f"\n\nTritonPythonModel = triton_model({name})\n"
    ).encode()


def _files(configs: Configs) -> dict[str, bytes]:
    return {
        "config.pbtxt" if variant == DEFAULT_VARIANT else f"configs/{variant}.pbtxt": _text(config)
        for variant, config in configs.items()
    }


def _text(config: Any) -> bytes:
    return str(text_format.MessageToString(config)).encode()
