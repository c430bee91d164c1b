"""What of a request reaches Triton: known ensembles, plain inputs, and few parameters."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from google.protobuf.message import DecodeError
from tritonclient.grpc import service_pb2 as wire

from seamline.core.collection_names import DEFAULT_COLLECTION
from seamline.core.errors import InvalidArgument, NotFound

PUBLIC = re.compile(r"(embed|search)(_[a-z][a-z0-9_]*)?")
"""Names of the ensembles that clients may call; every other model is a step."""

TIMEOUT = "timeout_ms"
"""The request parameter that tells the steps how long the client will wait."""

_PARAMETERS = {"priority": ("int64_param", "uint64_param"), "patient": ("bool_param",)}
"""Those that change when an answer comes and never what it is (docs/wire.md), with the types of each."""

_MOST_INPUTS, _LONGEST_ID = 16, 256
_PHOTO, _LONGEST_OPTION = "IMAGE", 100_000
"""The input that may be large, and the bytes of any other, which the steps hold beside the photo."""


@dataclasses.dataclass(frozen=True)
class Inference:
    """A request as Triton gets it. `outputs`: those that the client asked for, all for none."""

    model: str
    message: Any
    outputs: frozenset[str]


def checked(data: bytes, collections: frozenset[str] | None, seconds: float) -> Inference:
    """The inference that a client's bytes ask for, with everything taken out that it must not decide.

    `collections`: those that the client may search, None for all. `seconds`: how long it waits. All outputs are asked
    of Triton, whatever the client wants: without the last step an ensemble would keep its place in the queue.

    Raises NotFound for another model and for a collection that is not the client's, InvalidArgument for anything else.
    """
    try:
        request = wire.ModelInferRequest.FromString(data)
    except DecodeError:
        raise InvalidArgument("the request is not a ModelInferRequest of Triton's inference protocol") from None
    if not PUBLIC.fullmatch(request.model_name):
        raise NotFound(f"the model {request.model_name[:64]!r} cannot be called; embed and search can")
    _check_inputs(request)
    if collections is not None and request.model_name.startswith("search"):
        _check_collection(request, collections)
    outputs = frozenset(output.name for output in request.outputs)
    del request.outputs[:]
    _keep_parameters(request)
    request.parameters[TIMEOUT].int64_param = int(1000 * seconds)
    return Inference(request.model_name, request, outputs)


def only(response: bytes, outputs: frozenset[str]) -> bytes:
    """The response with these of its outputs, all for none. Raises InvalidArgument for one that it does not have."""
    if not outputs:
        return response
    answer = wire.ModelInferResponse.FromString(response)
    names = [output.name for output in answer.outputs]
    if unknown := outputs.difference(names):
        raise InvalidArgument(f"the model {answer.model_name} has no output {min(unknown)[:64]!r}")
    for number in reversed(range(len(names))):
        if names[number] not in outputs:
            del answer.outputs[number]
            if number < len(answer.raw_output_contents):
                del answer.raw_output_contents[number]
    return bytes(answer.SerializeToString())


def _check_inputs(request: Any) -> None:
    if len(request.inputs) > _MOST_INPUTS or len(request.id) > _LONGEST_ID:
        raise InvalidArgument(f"a request has at most {_MOST_INPUTS} inputs and an id of {_LONGEST_ID} characters")
    for number, given in enumerate(request.inputs):
        if given.parameters:
            raise InvalidArgument(f"the input {given.name[:64]!r} has parameters; send its values with the request")
        size = given.ByteSize() + sum(map(len, request.raw_input_contents[number : number + 1]))
        if given.name != _PHOTO and size > _LONGEST_OPTION:
            raise InvalidArgument(f"the input {given.name[:64]!r} has more than {_LONGEST_OPTION:,} bytes")


def _keep_parameters(request: Any) -> None:
    kept: dict[str, tuple[str, Any]] = {}
    for name, kinds in _PARAMETERS.items():
        if name in request.parameters and (kind := request.parameters[name].WhichOneof("parameter_choice")) in kinds:
            kept[name] = kind, getattr(request.parameters[name], kind)
    request.parameters.clear()
    for name, (kind, value) in kept.items():
        setattr(request.parameters[name], kind, value)


def _check_collection(request: Any, collections: frozenset[str]) -> None:
    """Raise NotFound, with the words for one that does not exist, unless the client may search the collection."""
    name = _collection(request)
    if name not in collections:
        raise NotFound(f"the collection {name[:64]!r} does not exist; `seamline collections` lists what there is")


def _collection(request: Any) -> str:
    numbers = [number for number, given in enumerate(request.inputs) if given.name == "COLLECTION"]
    if not numbers:
        return DEFAULT_COLLECTION
    if len(numbers) > 1:
        raise InvalidArgument("COLLECTION is there twice")
    if request.inputs[numbers[0]].HasField("contents") or numbers[0] >= len(request.raw_input_contents):
        raise InvalidArgument("COLLECTION must be sent as raw contents, as all inputs")
    return _only_text(request.raw_input_contents[numbers[0]]) or DEFAULT_COLLECTION


def _only_text(raw: bytes) -> str:
    """The one value of a BYTES tensor: four bytes of its length, little-endian, and the text."""
    if not raw:
        return ""
    if len(raw) < 4 or int.from_bytes(raw[:4], "little") != len(raw) - 4:
        raise InvalidArgument("COLLECTION takes one value")
    return raw[4:].decode("utf-8", "replace")
