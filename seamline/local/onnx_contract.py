"""Holds a model's config against the ONNX file that it serves; what differs is refused at load.

The rules are those of Triton's own onnxruntime backend, so that a model that loads here loads there:
every input of the file is in the config and the other way round, every output of the config is in the
file, types are equal, and a dimension is equal unless the file leaves it open. With `max_batch_size` > 0
the file has one open dimension more, in front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seamline.local.errors import ConfigMismatch

ONNX_TYPES = {
    "tensor(bool)": "TYPE_BOOL",
    "tensor(uint8)": "TYPE_UINT8",
    "tensor(uint16)": "TYPE_UINT16",
    "tensor(uint32)": "TYPE_UINT32",
    "tensor(uint64)": "TYPE_UINT64",
    "tensor(int8)": "TYPE_INT8",
    "tensor(int16)": "TYPE_INT16",
    "tensor(int32)": "TYPE_INT32",
    "tensor(int64)": "TYPE_INT64",
    "tensor(float16)": "TYPE_FP16",
    "tensor(float)": "TYPE_FP32",
    "tensor(double)": "TYPE_FP64",
}
"""Element types that this backend carries; strings and bfloat16 are not among them."""


@dataclass(frozen=True)
class Tensor:
    """A tensor as one side describes it; -1 is an open dimension."""

    name: str
    data_type: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.data_type} [{', '.join(map(str, self.shape))}]"


def file_tensors(described: Sequence[Any]) -> list[Tensor]:
    """The tensors of an onnxruntime session's `get_inputs()` or `get_outputs()`."""
    return [
        Tensor(
            item.name,
            ONNX_TYPES.get(item.type, item.type),
            tuple(size if isinstance(size, int) else -1 for size in item.shape),
        )
        for item in described
    ]


def config_tensors(config: Mapping[str, Any], kind: str) -> list[Tensor]:
    """The tensors of a model config as the file must have them; `kind` is "input" or "output"."""
    batch = (-1,) if int(config.get("max_batch_size", 0)) > 0 else ()
    return [
        Tensor(item["name"], item["data_type"], batch + tuple(int(size) for size in item["dims"]))
        for item in config.get(kind, ())
    ]


def check(config: Mapping[str, Any], file: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """Raises ConfigMismatch with one sentence when `config` asks for what `file` does not have."""
    _refuse_unsupported(config)
    for kind, has in (("input", inputs), ("output", outputs)):
        _check_side(config, kind, file, {tensor.name: tensor for tensor in has})
    named = {tensor.name for tensor in config_tensors(config, "input")}
    forgotten = [tensor.name for tensor in inputs if tensor.name not in named]
    if forgotten:
        raise ConfigMismatch(
            f"{_model(config)}: {file} needs the input {forgotten[0]!r}, which config.pbtxt does not have"
        )


def _check_side(config: Mapping[str, Any], kind: str, file: str, has: Mapping[str, Tensor]) -> None:
    wanted = config_tensors(config, kind)
    if not wanted:
        raise ConfigMismatch(f"{_model(config)}: config.pbtxt names no {kind}; {file} has {_names(has)}")
    for tensor in wanted:
        found = has.get(tensor.name)
        if found is None:
            raise ConfigMismatch(
                f"{_model(config)}: config.pbtxt has the {kind} {tensor.name!r}, "
                f"{file} has no such {kind}; it has {_names(has)}"
            )
        if not _fits(tensor, found):
            raise ConfigMismatch(
                f"{_model(config)}: the {kind} {tensor.name!r} is {tensor} in config.pbtxt"
                f"{_batch_note(config)} and {found} in {file}"
            )


def _fits(wanted: Tensor, found: Tensor) -> bool:
    return (
        wanted.data_type == found.data_type
        and wanted.data_type in ONNX_TYPES.values()
        and len(wanted.shape) == len(found.shape)
        and all(there in (-1, here) for here, there in zip(wanted.shape, found.shape, strict=True))
    )


def _refuse_unsupported(config: Mapping[str, Any]) -> None:
    for kind in ("input", "output"):
        for item in config.get(kind, ()):
            for field in ("reshape", "allow_ragged_batch"):
                if item.get(field):
                    raise ConfigMismatch(
                        f"{_model(config)}: the {kind} {item['name']!r} has `{field}`, which this backend lacks"
                    )


def _model(config: Mapping[str, Any]) -> str:
    return f"cannot load the model {config.get('name', '?')!r}"


def _batch_note(config: Mapping[str, Any]) -> str:
    return " (batch dimension in front)" if int(config.get("max_batch_size", 0)) > 0 else ""


def _names(tensors: Mapping[str, Tensor]) -> str:
    return ", ".join(f"{name!r}" for name in tensors) or "none"
