"""The two repositories agree with themselves, with the steps, with the ONNX files and with spec.json."""

from __future__ import annotations

import ast
import importlib
import json
from pathlib import Path

import onnx
import pytest
from google.protobuf.json_format import MessageToDict
from tritonclient.grpc import model_config_pb2 as pb

from seamline.core.spec import CATEGORIES, Spec
from seamline.serving.triton import LEASE
from seamline.serving.weights import newest
from seamline.systems.psnet.spec import PSNetSpec
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, all_configs, configs, read_config, variants

STEPS = configs(MODEL_REPOSITORY)
PYTHON = sorted(name for name, config in STEPS.items() if config.backend == "python")
NETWORKS = sorted(name for name, config in STEPS.items() if config.backend == "onnxruntime")
PIPELINES = sorted(configs(ENSEMBLES))
SPECS = [newest(MODEL_REPOSITORY, name) / "spec.json" for name in STEPS]

_ONNX_TYPES = {1: pb.TYPE_FP32, 2: pb.TYPE_UINT8, 6: pb.TYPE_INT32, 7: pb.TYPE_INT64, 9: pb.TYPE_BOOL, 10: pb.TYPE_FP16}


def step_class(name: str) -> type:
    """The class that a step's model.py serves."""
    tree = ast.parse((newest(MODEL_REPOSITORY, name) / "model.py").read_text(encoding="utf-8"))
    modules = {one.name: node.module for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names}
    (served,) = [node.args[0] for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert isinstance(served, ast.Name)
    found: type = getattr(importlib.import_module(modules[served.id] or ""), served.id)
    return found


@pytest.mark.parametrize(
    "path", [*variants(MODEL_REPOSITORY), *variants(ENSEMBLES)], ids=lambda path: str(path.parent.name)
)
def test_config_parses_and_bears_its_folders_name(path: Path) -> None:
    folder = path.parent if path.name == "config.pbtxt" else path.parents[1]
    assert read_config(path).name == folder.name


def test_no_name_is_in_both_repositories() -> None:
    assert not set(STEPS) & set(configs(ENSEMBLES))


def test_every_model_has_a_version_folder() -> None:
    for repository in (MODEL_REPOSITORY, ENSEMBLES):
        assert all(newest(repository, name).is_dir() for name in configs(repository))


@pytest.mark.parametrize("name", PYTHON)
def test_python_step_declares_the_tensors_of_its_config(name: str) -> None:
    step, config = step_class(name), STEPS[name]
    assert [tensor.name for tensor in config.input if tensor.name != LEASE] == list(step.inputs)
    assert [tensor.name for tensor in config.output if tensor.name != LEASE] == list(step.outputs)


@pytest.mark.parametrize("name", PYTHON)
def test_model_file_is_thin(name: str) -> None:
    lines = (newest(MODEL_REPOSITORY, name) / "model.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 10


@pytest.mark.parametrize("name", NETWORKS)
def test_network_has_the_names_types_and_shapes_of_its_config(name: str) -> None:
    graph = onnx.load(newest(MODEL_REPOSITORY, name) / "model.onnx").graph
    config = STEPS[name]
    for declared, values in ((config.input, graph.input), (config.output, graph.output)):
        found = {value.name: value.type.tensor_type for value in values}
        assert [tensor.name for tensor in declared] == list(found)
        for tensor in declared:
            dims = [dim.dim_value for dim in found[tensor.name].shape.dim]
            assert _ONNX_TYPES[found[tensor.name].elem_type] == tensor.data_type
            assert dims[1:] == list(tensor.dims)
            assert found[tensor.name].shape.dim[0].dim_param, "the batch axis has to be dynamic"


@pytest.mark.parametrize("name", NETWORKS)
def test_network_is_one_file_well_under_50_megabytes(name: str) -> None:
    folder = newest(MODEL_REPOSITORY, name)
    built_here = {"model.plan", "model.plan.json", "report.json", "__pycache__"}
    assert {path.name for path in folder.iterdir()} - built_here == {"model.onnx", "spec.json"}
    assert (folder / "model.onnx").stat().st_size < 40_000_000


@pytest.mark.parametrize("name", PIPELINES)
def test_ensemble_edges_fit(name: str) -> None:
    """Every edge joins tensors of one type and of shapes that can be equal, and every input is produced before."""
    ensemble = configs(ENSEMBLES)[name]
    known = {tensor.name: (tensor.data_type, list(tensor.dims)) for tensor in ensemble.input}
    for step in ensemble.ensemble_scheduling.step:
        model = STEPS[step.model_name]
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


@pytest.mark.parametrize("name", PIPELINES)
def test_ensemble_optional_inputs_are_optional_in_their_step(name: str) -> None:
    ensemble = configs(ENSEMBLES)[name]
    optional = {tensor.name for tensor in ensemble.input if tensor.optional}
    for step in ensemble.ensemble_scheduling.step:
        flags = {tensor.name: tensor.optional for tensor in STEPS[step.model_name].input}
        for key, value in step.input_map.items():
            assert flags[key] == (value in optional or key == LEASE), (step.model_name, key)


def test_search_answers_all_that_embed_answers() -> None:
    embed, search = (configs(ENSEMBLES)[name] for name in ("embed", "search"))
    outputs = [MessageToDict(tensor) for tensor in search.output]
    assert [MessageToDict(tensor) for tensor in embed.output] == outputs[: len(embed.output)]


def test_both_ensembles_share_all_steps_but_the_last() -> None:
    chains = [[MessageToDict(step) for step in configs(ENSEMBLES)[name].ensemble_scheduling.step] for name in PIPELINES]
    assert chains[0][:-1] == chains[1][:-1]


def test_every_step_that_reads_numbers_has_the_same_spec() -> None:
    assert {path.parts[-3] for path in SPECS} == set(STEPS)
    assert len({path.read_bytes() for path in SPECS}) == 1


def test_spec_agrees_with_the_configs() -> None:
    spec = PSNetSpec.load(SPECS[0])
    dims = {
        (name, tensor.name): list(tensor.dims)
        for name, config in all_configs().items()
        for tensor in [*config.input, *config.output]
    }
    side, channels, cells, pool = spec.crop.side, spec.encoder.channels, spec.encoder.map_side, spec.encoder.pool_size
    assert dims["decode", "DETECTOR_INPUT"] == [1, spec.detector.side, spec.detector.side, 3]
    assert dims["detector", "DETECTOR_SCORES"][-1] == len(CATEGORIES)
    assert dims["encoder", "CROPS"] == [side, side, 3]
    assert dims["encoder", "FEATURES"] == [channels, cells, cells]
    assert dims["encoder", "CROP_LANDMARKS"] == [len(spec.landmarks), 3]
    assert dims["region_head", "REGION_FEATURES"] == [5, channels, pool, pool]
    assert dims["region_head", "EMBEDDING"] == [len(spec.parts), spec.parts.dimension]
    assert dims["retrieve", "HIT_PART_SIMILARITY"][-1] == len(spec.parts)
    assert STEPS["encoder"].max_batch_size == spec.detector.max_garments


def test_spec_has_five_rules_for_every_category_of_landmarks_that_exist() -> None:
    spec = PSNetSpec.load(SPECS[0])
    assert set(spec.regions.group_of) == set(CATEGORIES)
    for rules in spec.regions.groups.values():
        assert len(rules) == 5
        names = {
            name
            for rule in rules
            for point in rule.points
            for name in ([point] if isinstance(point, str) else point[:2])
        }
        assert names <= set(spec.landmarks)


def test_spec_survives_a_round_trip() -> None:
    text = SPECS[0].read_text(encoding="utf-8")
    assert json.loads(Spec.from_json(text).to_json()) == json.loads(text)
