"""The two repositories agree with themselves, with the steps, with the ONNX files and with spec.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict

from seamline.core.spec import CATEGORIES, Spec
from seamline.serving.triton import LEASE, handed_on
from seamline.serving.weights import newest
from seamline.systems.psnet_lite.spec import PSNetLiteSpec
from tests.support.bundle_contract import assert_declares_what_the_network_has, assert_edges_fit, step_class
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, all_configs, configs, read_config, variants

STEPS = configs(MODEL_REPOSITORY)
PYTHON = sorted(name for name, config in STEPS.items() if config.backend == "python")
NETWORKS = sorted(name for name, config in STEPS.items() if config.backend == "onnxruntime")
PIPELINES = sorted(configs(ENSEMBLES))
SPECS = [newest(MODEL_REPOSITORY, name) / "spec.json" for name in STEPS]


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
    step, config = step_class(MODEL_REPOSITORY, name), STEPS[name]
    passed = set(handed_on(MessageToDict(config), step.outputs))
    assert [t.name for t in config.input if t.name in step.inputs or t.name not in {LEASE, *passed}] == list(
        step.inputs
    )
    assert [t.name for t in config.output if t.name not in {LEASE, *passed}] == list(step.outputs)


@pytest.mark.parametrize("name", PYTHON)
def test_model_file_is_thin(name: str) -> None:
    lines = (newest(MODEL_REPOSITORY, name) / "model.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 10


@pytest.mark.parametrize("name", NETWORKS)
def test_network_has_the_names_types_and_shapes_of_its_config(name: str) -> None:
    assert_declares_what_the_network_has(MODEL_REPOSITORY, name, STEPS[name])


@pytest.mark.parametrize("name", NETWORKS)
def test_network_is_one_file_well_under_50_megabytes(name: str) -> None:
    folder = newest(MODEL_REPOSITORY, name)
    built_here = {"model.plan", "model.plan.json", "report.json", "__pycache__"}
    assert {path.name for path in folder.iterdir()} - built_here == {"model.onnx", "spec.json"}
    assert (folder / "model.onnx").stat().st_size < 40_000_000


@pytest.mark.parametrize("name", PIPELINES)
def test_ensemble_edges_fit(name: str) -> None:
    assert_edges_fit(configs(ENSEMBLES)[name], STEPS)


@pytest.mark.parametrize("name", PIPELINES)
def test_ensemble_optional_inputs_are_optional_in_their_step(name: str) -> None:
    ensemble = configs(ENSEMBLES)[name]
    optional = {tensor.name for tensor in ensemble.input if tensor.optional}
    for step in ensemble.ensemble_scheduling.step:
        flags = {tensor.name: tensor.optional for tensor in STEPS[step.model_name].input}
        for key, value in step.input_map.items():
            assert flags[key] == (value in optional), (step.model_name, key)


@pytest.mark.parametrize("name", PIPELINES)
def test_all_answers_come_from_the_last_step(name: str) -> None:
    ensemble = configs(ENSEMBLES)[name]
    *before, last = ensemble.ensemble_scheduling.step
    answers = {tensor.name for tensor in ensemble.output}
    assert set(last.output_map.values()) == answers
    assert not answers & {value for step in before for value in step.output_map.values()}


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
    spec = PSNetLiteSpec.load(SPECS[0])
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
    assert (
        dims["encoder", "GRID"]
        == dims["region_head", "GRID"]
        == [spec.grid.channels, spec.grid.rows, spec.grid.columns]
    )
    assert dims["region_head", "REGION_FEATURES"] == [len(spec.parts.regions), channels, pool, pool]
    assert dims["region_head", "EMBEDDING"] == [len(spec.parts), spec.parts.dimension]
    assert dims["retrieve", "HIT_PART_SIMILARITY"][-1] == len(spec.parts)
    assert STEPS["encoder"].max_batch_size == spec.detector.max_garments


def test_spec_has_five_rules_for_every_category_of_landmarks_that_exist() -> None:
    spec = PSNetLiteSpec.load(SPECS[0])
    assert set(spec.regions.group_of) == set(CATEGORIES)
    for rules in spec.regions.groups.values():
        assert len(rules) == len(spec.parts.regions) == 5
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
