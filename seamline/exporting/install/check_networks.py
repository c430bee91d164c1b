"""A step's networks against its configurations: what is refused here would be refused, or fail, when it is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from seamline.exporting.errors import InstallRefused
from seamline.exporting.install.candidate import Candidate
from seamline.exporting.install.files import Source, content
from seamline.exporting.install.repository import Step, backend, model_file
from seamline.local import onnx_contract
from seamline.local.errors import ConfigMismatch
from seamline.local.options import DEFAULT_VARIANT

_BATCHES = (1, 3)
_TYPES = {"TYPE_UINT8": np.uint8, "TYPE_FP16": np.float16, "TYPE_FP32": np.float32, "TYPE_INT32": np.int32}
_ADVICE = "export it with export/to_onnx.py of this checkout, or change config.pbtxt and the spec with it"


def check_networks(steps: Sequence[Step], candidate: Candidate) -> None:
    """Raise InstallRefused when a network cannot be read, is not what a configuration declares, or fails on a batch."""
    for step in steps:
        check_variants(step)
        if not step.is_python:
            _check_step(step, candidate.files[step.name])


def check_variants(step: Step) -> None:
    """Raise InstallRefused when a variant has other tensors than config.pbtxt, or does not serve the newest version."""
    declared = _declared(step.config)
    for variant, config in step.configs.items():
        if _declared(config) != declared:
            raise InstallRefused(
                f"the variant {variant} of {step.name} has the tensors {_shown(_declared(config))}, and its "
                f"config.pbtxt has {_shown(declared)}; make them equal"
            )
        if config.version_policy.WhichOneof("policy_choice") not in (None, "latest"):
            raise InstallRefused(
                f"the configuration {variant} of {step.name} has a version_policy other than `latest`, by which a new "
                "version would not be served; remove it"
            )


def _check_step(step: Step, files: Mapping[str, Source]) -> None:
    tried = set()
    for variant, config in step.configs.items():
        file = model_file(config)
        if backend(config) != "onnxruntime" or (file not in files and variant != DEFAULT_VARIANT):
            continue
        session = opened_network(step.name, file, files[file])
        _check_contract(config, step, file, session)
        if file not in tried:
            _try(step, file, session)
        tried.add(file)


def opened_network(step: str, file: str, source: Source) -> Any:
    """An onnxruntime session. Raises InstallRefused for what is no network."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Read here and not by onnxruntime, which would also follow a link to data outside the file.
    network = b"".join(content(source))
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no public base
        reason = str(error).splitlines()[0]
        raise InstallRefused(
            f"{_where(step, file, source)} is not a network that onnxruntime can load ({reason}); "
            "copy or export it again, it may be cut off"
        ) from None


def _where(step: str, file: str, source: Source) -> str:
    return str(source) if isinstance(source, Path) else f"{file} of {step}"


def _check_contract(config: Any, step: Step, file: str, session: Any) -> None:
    wanted = MessageToDict(config, preserving_proto_field_name=True)
    inputs, outputs = (onnx_contract.file_tensors(list(side)) for side in (session.get_inputs(), session.get_outputs()))
    try:
        onnx_contract.check(wanted, f"{step.name}'s {file}", inputs, outputs)
    except ConfigMismatch as error:
        raise InstallRefused(f"{error}; {_ADVICE}") from None


def _try(step: Step, file: str, session: Any) -> None:
    """Run it: a batch size that is baked into a graph, or a NaN, shows in no declaration."""
    names = [tensor.name for tensor in step.config.output]
    for batch in _BATCHES:
        try:
            answers = session.run(names, _sample(step.config, batch))
        except Exception as error:  # see above
            reason = str(error).splitlines()[0]
            raise InstallRefused(
                f"{step.name}'s {file} fails on a batch of {batch} ({reason}); export it with a dynamic batch"
            ) from None
        for tensor, array in zip(step.config.output, answers, strict=True):
            _check_answer(step, file, tensor, array, batch)


def _check_answer(step: Step, file: str, tensor: Any, array: NDArray[Any], batch: int) -> None:
    wanted = [batch, *tensor.dims] if step.config.max_batch_size else list(tensor.dims)
    if len(wanted) != array.ndim or any(want not in (-1, have) for want, have in zip(wanted, array.shape, strict=True)):
        raise InstallRefused(
            f"{step.name}'s {file} answers a batch of {batch} with {tensor.name} of shape {list(array.shape)}, and its "
            f"config.pbtxt says {wanted}; {_ADVICE}"
        )
    if not np.isfinite(array).all():
        raise InstallRefused(
            f"{step.name}'s {file} answers with {tensor.name} that is not finite; train or export it anew"
        )


def _sample(config: Any, batch: int) -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(0)
    sample = {}
    for tensor in MessageToDict(config, preserving_proto_field_name=True)["input"]:
        kind = _TYPES.get(tensor["data_type"], np.float32)
        shape = [max(1, int(size)) for size in tensor["dims"]]
        shape = [batch, *shape] if config.max_batch_size else shape
        top = 256 if kind is np.uint8 else 1
        sample[tensor["name"]] = (random.random(shape) * top).astype(kind)
    return sample


def _declared(config: Any) -> dict[str, tuple[int, tuple[int, ...]]]:
    return {tensor.name: (tensor.data_type, tuple(tensor.dims)) for tensor in (*config.input, *config.output)}


def _shown(tensors: Mapping[str, tuple[int, tuple[int, ...]]]) -> str:
    return ", ".join(f"{name} {list(dims)}" for name, (_, dims) in tensors.items())
