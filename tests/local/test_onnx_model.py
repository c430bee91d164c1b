from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from seamline.local import ConfigMismatch, MissingWeights
from seamline.local.onnx_model import OnnxModel
from seamline.local.onnx_options import session_options
from tests.local.small_repository import save_network


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_network(tmp_path / "model.onnx", 2.0)
    return tmp_path


def config(**changes: Any) -> dict[str, Any]:
    return {
        "name": "double",
        "max_batch_size": 16,
        "input": [{"name": "SIZE", "data_type": "TYPE_FP32", "dims": [2]}],
        "output": [{"name": "DOUBLED", "data_type": "TYPE_FP32", "dims": [2]}],
        **changes,
    }


def rows(count: int, start: float = 0.0) -> dict[str, np.ndarray]:
    return {"SIZE": np.arange(start, start + 2 * count, dtype=np.float32).reshape(count, 2)}


def test_a_batch_of_requests_is_split_as_it_came(folder: Path) -> None:
    requests = [rows(3), rows(1, 10), rows(2, 20)]
    answers = OnnxModel(config(), folder).run(requests)
    assert [len(answer["DOUBLED"]) for answer in answers] == [3, 1, 2]
    for request, answer in zip(requests, answers, strict=True):
        np.testing.assert_array_equal(answer["DOUBLED"], 2 * request["SIZE"])
        assert answer["DOUBLED"].flags["C_CONTIGUOUS"]


def test_without_batching_each_request_keeps_its_own_shape(folder: Path) -> None:
    whole = {"dims": [-1, 2], "data_type": "TYPE_FP32"}
    model = OnnxModel(
        config(max_batch_size=0, input=[{"name": "SIZE", **whole}], output=[{"name": "DOUBLED", **whole}]), folder
    )
    assert [answer["DOUBLED"].shape for answer in model.run([rows(3), rows(1)])] == [(3, 2), (1, 2)]


def test_only_wanted_outputs_are_computed(folder: Path) -> None:
    assert OnnxModel(config(), folder).run([rows(1)], ["DOUBLED"])[0].keys() == {"DOUBLED"}


def test_another_file_name_is_followed(folder: Path) -> None:
    (folder / "model.onnx").rename(folder / "small.onnx")
    assert OnnxModel(config(default_model_filename="small.onnx"), folder).run([rows(1)])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match=r"'double': the file .*model\.onnx is not there"):
        OnnxModel(config(), tmp_path)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(ConfigMismatch, match=r"onnxruntime refuses .*model\.onnx"):
        OnnxModel(config(), tmp_path)


def tensor(name: str, data_type: str, *dims: int) -> list[dict[str, Any]]:
    return [{"name": name, "data_type": data_type, "dims": list(dims)}]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"input": tensor("CROPS", "TYPE_FP32", 2)}, "the input 'CROPS', .*no such input; it has 'SIZE'"),
        ({"output": tensor("VECTOR", "TYPE_FP32", 2)}, "the output 'VECTOR', .*no such output; it has 'DOUBLED'"),
        ({"input": tensor("SIZE", "TYPE_UINT8", 2)}, r"'SIZE' is TYPE_UINT8 \[-1, 2\] .* and TYPE_FP32 \[-1, 2\] in"),
        ({"input": tensor("SIZE", "TYPE_FP32", 3)}, r"TYPE_FP32 \[-1, 3\] in config.pbtxt .* TYPE_FP32 \[-1, 2\]"),
        ({"input": tensor("SIZE", "TYPE_FP32", -1)}, r"TYPE_FP32 \[-1, -1\]"),
        ({"output": tensor("DOUBLED", "TYPE_FP32", 2, 1)}, r"TYPE_FP32 \[-1, 2, 1\]"),
        ({"max_batch_size": 0}, r"TYPE_FP32 \[2\] in config.pbtxt and TYPE_FP32 \[-1, 2\]"),
        ({"input": []}, "config.pbtxt names no input; .* has 'SIZE'"),
        ({"input": [{**tensor("SIZE", "TYPE_FP32", 2)[0], "reshape": {"shape": [2]}}]}, "`reshape`"),
    ],
)
def test_what_the_file_does_not_have_is_refused_with_both_sides(
    folder: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigMismatch, match=sentence):
        OnnxModel(config(**changes), folder)


def test_a_file_with_a_fixed_batch_cannot_be_batched(tmp_path: Path) -> None:
    save_network(tmp_path / "model.onnx", 2.0, batch=1)
    with pytest.raises(ConfigMismatch, match=r"\[-1, 2\] in config.pbtxt \(batch dimension in front\) .*\[1, 2\]"):
        OnnxModel(config(), tmp_path)


def parameters(**values: str) -> dict[str, Any]:
    return {"parameters": {key: {"string_value": value} for key, value in values.items()}}


def test_one_thread_is_the_default() -> None:
    options = session_options({})
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert options.execution_mode == onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    assert options.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL


def test_parameters_are_read_under_the_names_of_the_other_backend() -> None:
    options = session_options(
        parameters(
            intra_op_thread_count="3",
            inter_op_thread_count="2",
            execution_mode="1",
            enable_mem_arena="0",
            enable_mem_pattern="0",
            somebody_elses="x",
        )
        | {"optimization": {"graph": {"level": -1}}}
    )
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 2)
    assert options.execution_mode == onnxruntime.ExecutionMode.ORT_PARALLEL
    assert not options.enable_cpu_mem_arena
    assert not options.enable_mem_pattern
    assert options.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("intra_op_thread_count", "many", "'many', which is not a whole number"),
        ("inter_op_thread_count", "-1", "0 .every core. or more"),
        ("execution_mode", "2", "0 or 1"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(folder: Path, key: str, value: str, sentence: str) -> None:
    with pytest.raises(ConfigMismatch, match=f"'double': the parameter '{key}' is .*{sentence}"):
        OnnxModel(config(**parameters(**{key: value})), folder)
