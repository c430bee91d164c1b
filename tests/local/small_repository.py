"""A model repository with the smallest steps that a server can be tried with: it doubles an image's size.

embed  : IMAGE -> measure -> double -> finish -> PHOTO_SIZE, COUNT, DOUBLED
search : IMAGE -> measure -> aside  -> PHOTO_SIZE, NOTE   (`aside` is not on the canary's way)
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper

MEASURE = """
import io, os, time
import numpy as np
import triton_python_backend_utils as pb_utils
from PIL import Image

class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        data = pb_utils.get_input_tensor_by_name(request, "IMAGE").as_numpy()[0]
        if data.startswith(b"wait "):
            time.sleep(float(data[5:]))
            size = (1, 1)
        else:
            size = Image.open(io.BytesIO(data)).size
        return pb_utils.InferenceResponse([
            pb_utils.Tensor("PHOTO_SIZE", np.array(size, np.int32)),
            pb_utils.Tensor("SIZE", np.array([size], np.float32)),
        ])
"""

PASS = """
import numpy as np
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        return [pb_utils.InferenceResponse([pb_utils.Tensor("{output}", np.array([1], np.int32))]) for _ in requests]
"""


def write(folder: Path) -> tuple[Path, Path]:
    """Makes both repositories below `folder`; returns them."""
    models, ensembles = folder / "models", folder / "ensembles"
    python_model(models, "measure", [("IMAGE", "TYPE_STRING", "1")], _MEASURED, MEASURE)
    onnx_model(models, "double", factor=2.0)
    python_model(
        models,
        "finish",
        [("DOUBLED", "TYPE_FP32", "-1, 2")],
        [("COUNT", "TYPE_INT32", "1")],
        PASS.format(output="COUNT"),
    )
    python_model(
        models, "aside", [("SIZE", "TYPE_FP32", "-1, 2")], [("NOTE", "TYPE_INT32", "1")], PASS.format(output="NOTE")
    )
    _write_ensemble(
        ensembles, "embed", ["PHOTO_SIZE TYPE_INT32 2", "COUNT TYPE_INT32 1", "DOUBLED TYPE_FP32 -1,2"], _EMBED
    )
    _write_ensemble(ensembles, "search", ["PHOTO_SIZE TYPE_INT32 2", "NOTE TYPE_INT32 1"], _SEARCH)
    return models, ensembles


def python_model(
    repository: Path,
    name: str,
    inputs: list[tuple[str, str, str]],
    outputs: list[tuple[str, str, str]],
    source: str,
) -> None:
    """A python step of one instance; tensors are (name, type, dims)."""
    version = repository / name / "1"
    version.mkdir(parents=True)
    (version / "model.py").write_text(source, encoding="utf-8")
    (version.parent / "config.pbtxt").write_text(
        f'name: "{name}"\nbackend: "python"\nmax_batch_size: 0\n'
        + "".join(_tensor("input", *tensor) for tensor in inputs)
        + "".join(_tensor("output", *tensor) for tensor in outputs)
        + "instance_group [{ kind: KIND_CPU count: 1 }]\n",
        encoding="utf-8",
    )


def onnx_model(repository: Path, name: str, factor: float, extra: str = "", version: int = 1) -> Path:
    """SIZE [B, 2] -> DOUBLED [B, 2] = SIZE * factor, batched, two instances."""
    folder = repository / name
    (folder / str(version)).mkdir(parents=True)
    save_network(folder / str(version) / "model.onnx", factor)
    (folder / "config.pbtxt").write_text(
        f'name: "{name}"\nbackend: "onnxruntime"\nmax_batch_size: 16\n'
        + _tensor("input", "SIZE", "TYPE_FP32", "2")
        + _tensor("output", "DOUBLED", "TYPE_FP32", "2")
        + "dynamic_batching { max_queue_delay_microseconds: 100 }\n"
        + "instance_group [{ kind: KIND_CPU count: 2 }]\n"
        + extra,
        encoding="utf-8",
    )
    return folder


def save_network(file: Path, factor: float, batch: int | str = "batch") -> None:
    """An ONNX file that multiplies its input by `factor`."""
    graph = helper.make_graph(
        [helper.make_node("Mul", ["SIZE", "factor"], ["DOUBLED"])],
        "double",
        [helper.make_tensor_value_info("SIZE", TensorProto.FLOAT, [batch, 2])],
        [helper.make_tensor_value_info("DOUBLED", TensorProto.FLOAT, [batch, 2])],
        [helper.make_tensor("factor", TensorProto.FLOAT, [1], [factor])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)


_MEASURED = [("PHOTO_SIZE", "TYPE_INT32", "2"), ("SIZE", "TYPE_FP32", "-1, 2")]

_MEASURE_STEP = """{ model_name: "measure" model_version: -1
  input_map { key: "IMAGE" value: "IMAGE" }
  output_map { key: "PHOTO_SIZE" value: "PHOTO_SIZE" } output_map { key: "SIZE" value: "SIZE" } }"""

_EMBED = f"""{_MEASURE_STEP},
{{ model_name: "double" model_version: -1
  input_map {{ key: "SIZE" value: "SIZE" }} output_map {{ key: "DOUBLED" value: "DOUBLED" }} }},
{{ model_name: "finish" model_version: -1
  input_map {{ key: "DOUBLED" value: "DOUBLED" }} output_map {{ key: "COUNT" value: "COUNT" }} }}"""

_SEARCH = f"""{_MEASURE_STEP},
{{ model_name: "aside" model_version: -1
  input_map {{ key: "SIZE" value: "SIZE" }} output_map {{ key: "NOTE" value: "NOTE" }} }}"""


def _tensor(kind: str, name: str, data_type: str, dims: str) -> str:
    return f'{kind} [{{ name: "{name}" data_type: {data_type} dims: [{dims}] }}]\n'


def _write_ensemble(repository: Path, name: str, outputs: list[str], steps: str) -> None:
    (repository / name / "1").mkdir(parents=True)
    (repository / name / "config.pbtxt").write_text(
        f'name: "{name}"\nplatform: "ensemble"\nmax_batch_size: 0\n'
        + _tensor("input", "IMAGE", "TYPE_STRING", "1")
        + "".join(_tensor("output", *output.split()) for output in outputs)
        + f"ensemble_scheduling {{ step [ {steps} ] }}\n",
        encoding="utf-8",
    )


def save_failing_network(file: Path) -> None:
    """SIZE [B, 2] -> DOUBLED [B, 2] that fails when it runs on numbers above 999.

    It looks them up in a table of a thousand rows.
    """
    nodes = [
        helper.make_node("Cast", ["SIZE"], ["rows"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "rows"], ["DOUBLED"], axis=0),
    ]
    graph = helper.make_graph(
        nodes,
        "failing",
        [helper.make_tensor_value_info("SIZE", TensorProto.FLOAT, ["batch", 2])],
        [helper.make_tensor_value_info("DOUBLED", TensorProto.FLOAT, ["batch", 2])],
        [helper.make_tensor("table", TensorProto.FLOAT, [1000], [1.0] * 1000)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
