"""What every step is given and what it gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from seamline.core.errors import BadOption, InternalError
from seamline.core.spec import Spec

Array = NDArray[Any]
Tensors = Mapping[str, Array | None]
"""Tensor name -> array; None for an optional input that the request does not carry."""

RunNetwork = Callable[[str, Mapping[str, Array], Sequence[str]], Mapping[str, Array]]
"""Runs a network that is served beside the step: its name, inputs, and the outputs to answer."""


def _nothing_beside(name: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Mapping[str, Array]:
    raise InternalError(f"the step was built without the network {name} beside it")


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a step is built from: the spec of its weights, the `parameters` of its config.pbtxt, where it is served
    from a repository the folder of its version, and what runs the networks beside it."""

    spec: Spec
    parameters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    folder: Path | None = None
    run_network: RunNetwork = _nothing_beside

    def number(self, name: str, default: int) -> int:
        """A parameter as an integer. Raises InternalError when it is not one."""
        text = self.parameters.get(name, str(default))
        try:
            return int(text)
        except ValueError as error:
            raise InternalError(f"the parameter {name} in config.pbtxt must be a whole number, not {text!r}") from error


class Step(Protocol):
    """A callable on named arrays, built from a Setting.

    `inputs`, `outputs`: tensor names. Calling it raises SeamlineError for what the caller did wrong.
    """

    inputs: ClassVar[tuple[str, ...]]
    outputs: ClassVar[tuple[str, ...]]

    def __init__(self, setting: Setting) -> None: ...

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]: ...


def required(tensors: Tensors, name: str) -> Array:
    """An input that the config declares as required."""
    value = tensors[name]
    if value is None:
        raise InternalError(f"the step did not receive {name}")
    return value


def text(tensors: Tensors, name: str) -> str | None:
    """A BYTES [1] input as text, None where it is not given. Raises BadOption where it is more than one, or long."""
    value = tensors.get(name)
    if value is None or value.size == 0:
        return None
    if value.size > 1:
        raise BadOption(f"{name} takes one value; got {value.size}")
    return _decoded(value.reshape(-1)[0], name)


def texts(tensors: Tensors, name: str, most: int) -> tuple[str, ...]:
    """A BYTES [-1] input as `most` texts at most. Raises BadOption where they are more, or long."""
    value = tensors.get(name)
    if value is None:
        return ()
    if value.size > most:
        raise BadOption(f"{name} takes at most {most} values; got {value.size}")
    return tuple(_decoded(entry, name) for entry in value.reshape(-1))


_LONGEST_TEXT = 1024
"""Bytes of a name of a collection, a category or a ranking."""


def _decoded(value: object, name: str) -> str:
    if isinstance(value, bytes | str) and len(value) > _LONGEST_TEXT:
        raise BadOption(f"{name} takes values of at most {_LONGEST_TEXT} bytes; got {len(value)}")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def as_bytes(values: Sequence[str], shape: tuple[int, ...]) -> Array:
    """Texts, in row order, as the object array of bytes that Triton takes for BYTES."""
    array = np.empty(len(values), dtype=object)
    array[:] = [value.encode() for value in values]
    return array.reshape(shape)
