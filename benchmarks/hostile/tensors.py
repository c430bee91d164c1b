"""Requests of random tensors, to the ensembles as a client and to single steps as somebody who got past the gateway."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tritonclient import grpc as triton
from tritonclient.grpc import service_pb2 as wire

from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.target import Target, as_bytes, told

_TYPES = ("BOOL", "UINT8", "UINT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES", "BF16", "", "NONSENSE")
_DIMENSIONS = (-1, 0, 1, 2, 5, 16, 17, 128, 12_000, 2**31, 2**62)
_PARAMETERS = (
    "classification",
    "binary_data",
    "shared_memory_region",
    "sequence_id",
    "priority",
    "timeout",
    "timeout_ms",
    "patient",
)
_AT_ONCE = 4

Tensors = dict[str, list[tuple[str, str, tuple[int, ...]]]]
"""Model -> its inputs: name, datatype and shape."""


def attack(target: Target, count: int, seed: int) -> Outcome:
    """Send `count` requests; none may end a process, tell of the server's inside or fail as the server's own fault."""
    outcome, chance = Outcome("hostile tensors"), random.Random(seed)
    with triton.InferenceServerClient(target.server.endpoints.triton) as client:
        known: Tensors = {
            model.name: [
                (tensor.name, tensor.datatype, tuple(tensor.shape))
                for tensor in client.get_model_metadata(model.name).inputs
            ]
            for model in client.get_model_repository_index().models
        }
    requests = [_request(chance, known) for _ in range(count)]
    with target.stub() as public, target.stub(operator=True) as inner, ThreadPoolExecutor(_AT_ONCE) as threads:

        def send(request: wire.ModelInferRequest) -> None:
            # What ends Triton itself lies before its steps: a client never gets there, an operator has no reason to.
            through = request.model_name.startswith(("embed", "search")) or _harms_triton(request)
            code, sentence = told((public if through else inner).ModelInfer, request, 10.0)
            outcome.count(code, sentence if code != "INTERNAL" else "")
            if code == "INTERNAL" and through:
                outcome.fail(f"INTERNAL for a client: {sentence[:120]}")

        list(threads.map(send, requests))
    return outcome


def _harms_triton(request: wire.ModelInferRequest) -> bool:
    return any(output.parameters for output in request.outputs) or any(given.parameters for given in request.inputs)


def _request(chance: random.Random, known: Tensors) -> wire.ModelInferRequest:
    model = chance.choice([*known, "embed", "search", "embed", "search", "nothing", "../embed", "x" * 500])
    request = wire.ModelInferRequest(model_name=model, model_version=chance.choice(("", "", "", "1", "99", "-1", "a")))
    tensors = known.get(model) or [("IMAGE", "BYTES", (1,))]
    for name, datatype, shape in (
        chance.sample(tensors, chance.randint(0, len(tensors))) + tensors[: chance.randint(0, 1)]
    ):
        kept = chance.random() < 0.7
        made = request.inputs.add(
            name=name if chance.random() < 0.95 else chance.choice(("", "NOTHING", "LEASE", "é\0")),
            datatype=datatype if kept else chance.choice(_TYPES),
            shape=_shape(chance, shape),
        )
        _spoil(chance, made, 0.03)
        request.raw_input_contents.append(_contents(chance, made))
    for name in chance.sample(
        ("COUNT", "BOXES", "EMBEDDING", "VERSIONS", "LEASE", "HIT_ID", "NOTHING"), chance.choice((0, 0, 1, 3))
    ):
        _spoil(chance, request.outputs.add(name=name), 0.3)
    _spoil(chance, request, 0.2)
    return request


def _shape(chance: random.Random, shape: tuple[int, ...]) -> list[int]:
    if chance.random() < 0.6:
        return [size if size > 0 else chance.choice((0, 1, 1, 2, 16, 17, 200)) for size in shape]
    return [chance.choice(_DIMENSIONS) for _ in range(chance.randint(0, 6))]


def _contents(chance: random.Random, made: Any) -> bytes:
    """Bytes that fit the shape, if it is small, and now and then others."""
    count = 1
    for size in made.shape:
        count = count * max(size, 0) if count * max(size, 0) < 2_000_000 else 0
    if chance.random() < 0.3:
        return chance.randbytes(chance.choice((0, 1, 3, 64, 4096)))
    if made.datatype == "BYTES":
        value = chance.choice((b"", b"skirt", b"\xff\xfe", b"a" * 100_000, b"'; drop", b"catalogue"))
        return as_bytes(*[value] * min(count, 300))
    width = {"BOOL": 1, "UINT8": 1, "UINT16": 2, "FP16": 2, "BF16": 2, "INT64": 8, "FP64": 8}.get(made.datatype, 4)
    pattern = chance.choice((b"\0", b"\xff", b"\x7f\x80", chance.randbytes(64)))
    return (pattern * (count * width // len(pattern) + 1))[: count * width]


def _spoil(chance: random.Random, message: Any, probability: float) -> None:
    if chance.random() < probability:
        parameter = message.parameters[chance.choice(_PARAMETERS)]
        kind = chance.choice(("int64_param", "string_param", "bool_param"))
        setattr(
            parameter,
            kind,
            {"int64_param": chance.choice((0, 1, -1, 2**62)), "string_param": "a", "bool_param": True}[kind],
        )
