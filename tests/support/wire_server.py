"""An in-process gRPC server that speaks the wire of the two ensembles, over tritonclient's own servicer.

It decodes no garments: a test says which scene a photo shows. Inputs are checked against the wire's names
and types.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

import grpc
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tritonclient.grpc import service_pb2 as wire
from tritonclient.grpc import service_pb2_grpc
from tritonclient.utils import (
    deserialize_bytes_tensor,
    np_to_triton_dtype,
    serialize_byte_tensor,
    triton_to_np_dtype,
)

from seamline.core.box_corners import boxes_around
from seamline.core.parts import Parts
from seamline.core.spec import LANDMARKS
from tests.support.scenes import FIVE, INDEX, Scene, SceneGarment, SceneHit, part_corners, versions_of

Array = NDArray[Any]
EMBED_INPUTS = {"IMAGE": "BYTES", "BOX": "FP32", "GIVEN_LANDMARKS": "FP32"}
SEARCH_INPUTS = EMBED_INPUTS | {
    "COLLECTION": "BYTES",
    "TOP_K": "INT32",
    "RANKING": "BYTES",
    "PART_WEIGHTS": "FP32",
    "CATEGORIES": "BYTES",
}
ENSEMBLES = {"embed": EMBED_INPUTS, "search": SEARCH_INPUTS}


class WireServer(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Serves on a loopback port, a free one by default, while it is entered.

    `scene` is what every photo shows unless `scenes` names the photo's SHA-256. `failures` holds (code,
    text) pairs that the next inferences are answered with, None for an answer. `delay` in seconds is spent
    on each. `systems` are served beside the default one, whose garments have `parts`. `calls` records
    (model, inputs), `priorities` the level that each call named, 0 for none.
    """

    def __init__(self, scene: Scene | None = None, port: int = 0, parts: Parts = FIVE) -> None:
        self.scene = scene or Scene()
        self.scenes: dict[str, Scene] = {}
        self.versions: dict[str, Any] = versions_of(parts)
        self.systems: dict[str, Parts] = {}
        self.failures: deque[tuple[grpc.StatusCode, str] | None] = deque()
        self.delay = 0.0
        self.calls: list[tuple[str, dict[str, Array]]] = []
        self.priorities: list[int] = []
        self.busy = self.most_busy = 0
        self._server = grpc.server(ThreadPoolExecutor(8))
        service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.address = f"127.0.0.1:{self.port}"

    def __enter__(self) -> WireServer:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop at once; calls under way are cut."""
        self._server.stop(None).wait()

    def show(self, photo: bytes, scene: Scene) -> bytes:
        """Let this photo show `scene`; returns the photo."""
        self.scenes[hashlib.sha256(photo).hexdigest()] = scene
        return photo

    def ServerReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        return wire.ServerReadyResponse(ready=True)

    def ModelReady(self, request: Any, context: Any) -> Any:  # noqa: N802
        ensemble, _, system = request.name.partition("_")
        return wire.ModelReadyResponse(ready=ensemble in ENSEMBLES and (not system or system in self.systems))

    def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            return self._answer(request, context)
        finally:
            self.busy -= 1

    def _answer(self, request: Any, context: Any) -> Any:
        ensemble, _, system = request.model_name.partition("_")
        if ensemble not in ENSEMBLES or (system and system not in self.systems):
            context.abort(grpc.StatusCode.NOT_FOUND, f"Request for unknown model: '{request.model_name}' is not found")
        versions = versions_of(self.systems[system], system) if system else self.versions
        inputs = _inputs(request, ENSEMBLES[ensemble], context)
        self.calls.append((request.model_name, inputs))
        self.priorities.append(request.parameters["priority"].int64_param)
        time.sleep(self.delay)
        if self.failures and (failure := self.failures.popleft()) is not None:
            context.abort(*failure)
        data = bytes(inputs["IMAGE"].reshape(-1)[0])
        size = _photo_size(data, request.model_name, context)
        scene = self.scenes.get(hashlib.sha256(data).hexdigest(), self.scene)
        outputs = embed_outputs(scene, size, versions)
        if ensemble == "search":
            outputs |= search_outputs(scene, outputs, versions, inputs)
        return _response(request.model_name, outputs)


def embed_outputs(scene: Scene, size: tuple[int, int], versions: dict[str, Any]) -> dict[str, Array]:
    """The tensors of `embed` for a scene in a photo of this width and height."""
    garments, scale = scene.garments, np.array(size * 2, np.float32)
    boxes = np.array([g.box for g in garments], np.float32).reshape(-1, 4) * scale
    count, parts = len(garments), len(versions["parts"])
    stacked = np.array([g.vectors for g in garments], np.float32).reshape(count, parts, versions["dimension"])
    places = [part_corners(tuple(box), parts, g.turn) for box, g in zip(boxes, garments, strict=True)]
    corners = np.array(places, np.float32).reshape(count, parts, 4, 2)
    # Servers of before give no corners, and none are needed where no garment is turned.
    turned = {"PART_CORNERS": corners} if any(g.turn for g in garments) else {}
    return {
        "COUNT": np.array([count], np.int32),
        "BOXES": boxes,
        "DETECTION_SCORE": np.full(count, 0.9, np.float32),
        "CATEGORY": _texts([g.category for g in garments]),
        "LANDMARKS": np.ones((count, len(LANDMARKS), 3), np.float32),
        "PART_BOXES": boxes_around(corners),
        **turned,
        "PART_VISIBLE": stacked.any(-1).astype(np.float32),
        "EMBEDDING": stacked,
        "VERSIONS": _texts([json.dumps(versions)]),
        "PHOTO_SIZE": np.array(size, np.int32),
    }


def search_outputs(
    scene: Scene, outputs: dict[str, Array], versions: dict[str, Any], inputs: dict[str, Array]
) -> dict[str, Array]:
    """The tensors that `search` adds; rows with fewer hits are padded."""
    top_k = int(inputs.get("TOP_K", np.array([10])).reshape(-1)[0])
    rows = [garment.hits[:top_k] for garment in scene.garments]
    width = max(map(len, rows), default=0)
    shape = (len(rows), width)
    filled = {(n, k): hit for n, row in enumerate(rows) for k, hit in enumerate(row)}
    grid: dict[str, Array] = {
        "HIT_ID": np.full(shape, b"", object),
        "HIT_SCORE": np.full(shape, np.nan, np.float32),
        "HIT_PART_SIMILARITY": np.full((*shape, len(versions["parts"])), np.nan, np.float32),
        "HIT_COPY_PROBABILITY": np.full(shape, np.nan, np.float32),
        "HIT_MIRRORED": np.zeros(shape, np.bool_),
        "HIT_GARMENT": np.full(shape, b"", object),
    }
    for at, hit in filled.items():
        for name, value in _hit_columns(hit).items():
            grid[name][at] = value
    ranking = bytes(inputs["RANKING"].reshape(-1)[0]).decode() if "RANKING" in inputs else "partial"
    weights = inputs["PART_WEIGHTS"].tolist() if "PART_WEIGHTS" in inputs else versions["part_weights"]
    index = INDEX | {"alias": bytes(inputs["COLLECTION"][0]).decode()} if "COLLECTION" in inputs else INDEX
    said = versions | {"index": index, "ranking": ranking, "part_weights": weights}
    return grid | {"VERSIONS": _texts([json.dumps(said)])}


def _hit_columns(hit: SceneHit) -> dict[str, Any]:
    return {
        "HIT_ID": f"{hit.item}#0".encode(),
        "HIT_SCORE": hit.score,
        "HIT_PART_SIMILARITY": hit.similarity,
        "HIT_COPY_PROBABILITY": hit.probability,
        "HIT_MIRRORED": hit.mirrored,
        "HIT_GARMENT": hit.about().encode(),
    }


def _inputs(request: Any, known: dict[str, str], context: Any) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for tensor, raw in zip(request.inputs, request.raw_input_contents, strict=True):
        if known.get(tensor.name) != tensor.datatype:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"unexpected input {tensor.name} {tensor.datatype}")
        is_text = tensor.datatype == "BYTES"
        array = deserialize_bytes_tensor(raw) if is_text else np.frombuffer(raw, triton_to_np_dtype(tensor.datatype))
        found[tensor.name] = array.reshape(tuple(tensor.shape))
    return found


def _photo_size(data: bytes, model: str, context: Any) -> tuple[int, int]:
    try:
        return Image.open(io.BytesIO(data)).size
    except OSError:
        context.abort(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"in ensemble '{model}', the file is not a JPEG, PNG or WebP photo",
        )
        raise


def _response(model: str, outputs: dict[str, Array]) -> Any:
    response = wire.ModelInferResponse(model_name=model)
    for name, array in outputs.items():
        response.outputs.add(name=name, datatype=np_to_triton_dtype(array.dtype), shape=array.shape)
        is_text = array.dtype == object
        raw = (serialize_byte_tensor(array).item() if array.size else b"") if is_text else array.tobytes()
        response.raw_output_contents.append(raw)
    return response


def _texts(values: list[str]) -> Array:
    return np.array([value.encode() for value in values], dtype=object)


__all__ = ["Scene", "SceneGarment", "SceneHit", "WireServer"]
