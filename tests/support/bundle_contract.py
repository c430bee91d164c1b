"""What every model repository with its ensembles fulfils: the committed one, and one that a system came to."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import onnx
from google.protobuf.json_format import MessageToDict
from tritonclient.grpc import model_config_pb2 as pb

from seamline.serving.triton import LEASE, handed_on
from seamline.serving.weights import newest
from tests.support.repositories import configs

ONNX_TYPES = {1: pb.TYPE_FP32, 2: pb.TYPE_UINT8, 6: pb.TYPE_INT32, 7: pb.TYPE_INT64, 9: pb.TYPE_BOOL, 10: pb.TYPE_FP16}


def assert_is_a_bundle(repository: Path, ensembles: Path) -> None:
    """Every step has the tensors of its code or network, and every edge of every ensemble fits."""
    steps = configs(repository)
    for name, config in steps.items():
        if config.backend == "python":
            assert_declares_what_the_code_names(repository, name, config)
        else:
            assert_declares_what_the_network_has(repository, name, config)
    for ensemble in configs(ensembles).values():
        assert newest(ensembles, ensemble.name).is_dir()
        assert_edges_fit(ensemble, steps)


def step_class(repository: Path, name: str) -> type:
    """The class that a step's model.py serves."""
    tree = ast.parse((newest(repository, name) / "model.py").read_text(encoding="utf-8"))
    modules = {one.name: node.module for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names}
    (served,) = [node.args[0] for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert isinstance(served, ast.Name)
    found: type = getattr(importlib.import_module(modules[served.id] or ""), served.id)
    return found


def assert_declares_what_the_code_names(repository: Path, name: str, config: pb.ModelConfig) -> None:
    """Inputs and outputs are the step's; an optional one may be left out."""
    step = step_class(repository, name)
    passed = {LEASE, *handed_on(MessageToDict(config), step.outputs)}
    for declared, named in ((config.input, step.inputs), (config.output, step.outputs)):
        found = [tensor.name for tensor in declared if tensor.name in named or tensor.name not in passed]
        assert found == [one for one in named if one in found], name


def assert_declares_what_the_network_has(repository: Path, name: str, config: pb.ModelConfig) -> None:
    """Names, types and shapes are the ONNX file's."""
    graph = onnx.load(newest(repository, name) / "model.onnx").graph
    for declared, values in ((config.input, graph.input), (config.output, graph.output)):
        found = {value.name: value.type.tensor_type for value in values}
        assert [tensor.name for tensor in declared] == list(found)
        for tensor in declared:
            dims = [dim.dim_value for dim in found[tensor.name].shape.dim]
            assert ONNX_TYPES[found[tensor.name].elem_type] == tensor.data_type
            assert dims[1:] == list(tensor.dims)
            assert found[tensor.name].shape.dim[0].dim_param, "the batch axis has to be dynamic"


def assert_edges_fit(ensemble: pb.ModelConfig, steps: dict[str, pb.ModelConfig]) -> None:
    """Every edge joins tensors of one type and of shapes that can be equal, and every input is produced before."""
    known = {tensor.name: (tensor.data_type, list(tensor.dims)) for tensor in ensemble.input}
    for step in ensemble.ensemble_scheduling.step:
        model = steps[step.model_name]
        declared = {tensor.name: tensor for tensor in model.input}
        assert set(step.input_map) == set(declared), step.model_name
        for key, value in step.input_map.items():
            _assert_fits(model, declared[key], known[value])
        produced = {tensor.name: tensor for tensor in model.output}
        for key, value in step.output_map.items():
            known[value] = produced[key].data_type, _full_dims(model, produced[key])
    for output in ensemble.output:
        kind, dims = known[output.name]
        assert (kind, _wild(dims)) == (output.data_type, _wild(list(output.dims))), output.name


def _full_dims(model: pb.ModelConfig, tensor: pb.ModelInput | pb.ModelOutput) -> list[int]:
    return [-1, *tensor.dims] if model.max_batch_size else list(tensor.dims)


def _assert_fits(model: pb.ModelConfig, tensor: pb.ModelInput, source: tuple[int, list[int]]) -> None:
    kind, dims = source
    wanted = _full_dims(model, tensor)
    assert kind == tensor.data_type, tensor.name
    assert len(dims) == len(wanted), tensor.name
    assert all(-1 in (a, b) or a == b for a, b in zip(dims, wanted, strict=True)), (tensor.name, dims, wanted)


def _wild(dims: list[int]) -> list[int]:
    """Dims with a leading 1, which a batching step turns into the batch axis, as any."""
    return [-1 if index == 0 and size == 1 else size for index, size in enumerate(dims)]
