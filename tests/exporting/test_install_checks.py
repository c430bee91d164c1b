"""What does not fit together is refused with both sides named, and changes nothing."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from seamline.core.spec import Spec
from seamline.exporting.errors import InstallRefused
from seamline.exporting.install import install
from tests.support.small_weights import INPUTS, SMALL, contents, network, write_repository, write_weights


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With one version installed."""
    repository = write_repository(tmp_path)
    install(write_weights(tmp_path / "first"), repository)
    return repository


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Another set, to be spoilt by the tests."""
    return write_weights(tmp_path / "weights", marker=1.0)


def refused(weights: Path, repository: Path, pattern: str) -> str:
    """Asserts that it is refused in one sentence and that nothing has changed."""
    before = contents(repository)
    with pytest.raises(InstallRefused, match=pattern) as refusal:
        install(weights, repository)
    assert contents(repository) == before
    assert "\n" not in str(refusal.value)
    assert "Traceback" not in str(refusal.value)
    return str(refusal.value)


def renamed(data: bytes, old: str, new: str) -> bytes:
    """A network with a tensor under another name."""
    model = onnx.load_from_string(data)
    for value in (*model.graph.input, *model.graph.output):
        value.name = new if value.name == old else value.name
    for node in model.graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                names[index] = new if name == old else name
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("part", "old", "pattern"),
    [
        (
            "encoder",
            "FEATURES",
            r"config.pbtxt has the output 'FEATURES', encoder's model.onnx .* it has 'MAP', 'CROP_",
        ),
        ("encoder", "CROPS", r"config.pbtxt has the input 'CROPS', encoder's model.onnx .* it has 'MAP'"),
        ("region_head", "EMBEDDING", r"output 'EMBEDDING'.*'MAP'"),
    ],
)
def test_other_tensor_names_are_refused_with_both_lists(
    weights: Path, repository: Path, part: str, old: str, pattern: str
) -> None:
    (weights / f"{part}.onnx").write_bytes(renamed(network(part), old, "MAP"))
    assert "export it with export/to_onnx.py" in refused(weights, repository, pattern)


@pytest.mark.parametrize(
    ("part", "tensor", "dims"),
    [
        ("encoder", "FEATURES", (3, 4, 4)),
        ("encoder", "CROP_LANDMARKS", (7, 3)),
        ("encoder", "GRID", (2, 2, 3)),
        ("region_head", "EMBEDDING", (7, 4)),
        ("detector", "DETECTOR_SCORES", (6, 5)),
    ],
)
def test_other_shapes_are_refused_with_both_sides(
    weights: Path, repository: Path, part: str, tensor: str, dims: tuple[int, ...]
) -> None:
    (weights / f"{part}.onnx").write_bytes(network(part, **{tensor: dims}))
    shown = ", ".join(map(str, dims))
    refused(weights, repository, rf"'{tensor}' is TYPE_FP32 .* in config\.pbtxt .*TYPE_FP32 \[-1, {shown}\]")


def test_another_type_is_refused(weights: Path, repository: Path) -> None:
    model = onnx.load_from_string(network("encoder"))
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    (weights / "encoder.onnx").write_bytes(model.SerializeToString())
    refused(weights, repository, "'CROPS' is TYPE_UINT8 .* and TYPE_FP32")


def test_a_fixed_batch_is_refused(weights: Path, repository: Path) -> None:
    model = onnx.load_from_string(network("encoder"))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    (weights / "encoder.onnx").write_bytes(model.SerializeToString())
    refused(weights, repository, r"'CROPS' .*\[1, 8, 8, 3\]")


def test_a_batch_size_that_only_the_inside_fixes_is_refused(weights: Path, repository: Path) -> None:
    """Every declaration is right, and a batch of three fails: the shape is computed from the pixels, and is 1 x ..."""
    model = onnx.load_from_string(network("encoder"))
    ones = next(item for item in model.graph.initializer if item.name == "FEATURES_ones")
    ones.CopyFrom(numpy_helper.from_array(np.array([1, 1, 1, 1], np.int64), "one_each"))
    computed = [
        helper.make_node("ReduceMax", ["zero"], ["nought"], axes=[0], keepdims=1),
        helper.make_node("Cast", ["nought"], ["whole"], to=onnx.TensorProto.INT64),
        helper.make_node("Add", ["one_each", "whole"], ["FEATURES_ones"]),
    ]
    nodes = [*model.graph.node[:4], *computed, *model.graph.node[4:]]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    (weights / "encoder.onnx").write_bytes(model.SerializeToString())
    assert "dynamic batch" in refused(weights, repository, "encoder's model.onnx fails on a batch of 3")


def test_an_answer_that_is_not_a_number_is_refused(weights: Path, repository: Path) -> None:
    (weights / "region_head.onnx").write_bytes(network("region_head", marker=float("nan")))
    refused(weights, repository, "EMBEDDING that is not finite")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_truncated_network_is_refused(weights: Path, repository: Path, share: float) -> None:
    file = weights / "encoder.onnx"
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    refused(weights, repository, r"encoder\.onnx is not a network|encoder's model\.onnx")


def test_what_is_no_network_is_refused(weights: Path, repository: Path) -> None:
    (weights / "detector.onnx").write_bytes(b"PK\x03\x04 a checkpoint")
    refused(
        weights, repository, r"detector\.onnx is not a network that onnxruntime can load .* copy or export it again"
    )


def test_data_outside_the_file_is_refused(weights: Path, repository: Path) -> None:
    """A network whose numbers lie in a second file would arrive without them."""
    model = onnx.load_from_string(network("encoder"))
    outside = numpy_helper.from_array(np.full((1, 2, 4, 4), 2.0, np.float32), "FEATURES_value")
    index = [item.name for item in model.graph.initializer].index("FEATURES_value")
    onnx.external_data_helper.set_external_data(outside, location="encoder.data")
    outside.ClearField("raw_data")
    (weights / "encoder.data").write_bytes(np.full((1, 2, 4, 4), 2.0, np.float32).tobytes())
    model.graph.initializer[index].CopyFrom(outside)
    (weights / "encoder.onnx").write_bytes(model.SerializeToString())
    refused(weights, repository, r"encoder\.onnx is not a network")


def changed(spec: Spec, part: str, **numbers: Any) -> Spec:
    """A spec with some numbers of a part replaced."""
    return dataclasses.replace(spec, **{part: dataclasses.replace(getattr(spec, part), **numbers)})


@pytest.mark.parametrize("step", ["detector", "encoder", "region_head"])
def test_a_network_that_takes_fewer_garments_than_a_photo_may_have_is_refused(
    weights: Path, repository: Path, step: str
) -> None:
    edit(repository / step / "config.pbtxt", "max_batch_size: 16", "max_batch_size: 8")
    refused(weights, repository, rf"{step} takes batches of at most 8 .* allows 16 garments")


@pytest.mark.parametrize(
    ("spec", "pattern"),
    [
        (changed(SMALL, "encoder", dimension=4), r"EMBEDDING ends in \[7, 3\] .* spec\.json says \[7, 4\]"),
        (changed(SMALL, "encoder", channels=9), r"FEATURES ends in \[2, 4, 4\] .* \[9, 4, 4\]"),
        (changed(SMALL, "encoder", map_side=5), r"FEATURES .* \[2, 5, 5\]"),
        (changed(SMALL, "encoder", pool_size=3), r"REGION_FEATURES .* \[5, 2, 3, 3\]"),
        (changed(SMALL, "grid", rows=4), r"GRID .* \[2, 4, 2\]"),
        (changed(SMALL, "grid", columns=0), "grid.columns is 0"),
        (changed(SMALL, "crop", side=16), r"CROPS .* \[16, 16, 3\]"),
        (changed(SMALL, "detector", side=16), r"DETECTOR_INPUT .* \[16, 16, 3\]"),
        (changed(SMALL, "detector", max_garments=64), r"batches of at most 16 .* allows 64 garments"),
        (dataclasses.replace(SMALL, landmarks=(*SMALL.landmarks, "button")), r"CROP_LANDMARKS .* \[23, 3\]"),
        (dataclasses.replace(SMALL, landmarks=("x", *SMALL.landmarks[1:])), "which is not among its landmarks"),
        (dataclasses.replace(SMALL, landmarks=SMALL.landmarks[:1] * 22), "different names"),
        (changed(SMALL, "encoder", channels=0), "encoder.channels is 0"),
        (changed(SMALL, "encoder", channels="128"), "encoder.channels is '128'"),
        (changed(SMALL, "scoring", best_of=9), "scoring.best_of is 9"),
        (changed(SMALL, "scoring", kept_context=(0.5,) * 4), "scoring.kept_context should be 7 numbers"),
        (changed(SMALL, "scoring", kept_context=(1.0,) * 7), "from 0 on and below 1"),
        (changed(SMALL, "scoring", kept_slope=(0.0,) * 7), "scoring.kept_slope should be 7 finite numbers above 0"),
        (changed(SMALL, "scoring", copy_cohort=0.5), "scoring.copy_cohort is 0.5 and should be a finite number, 0 or"),
        (changed(SMALL, "scoring", cohort_scores=(1.0, 0.0, 2.0)), "should be three finite numbers that rise"),
        (changed(SMALL, "scoring", kept_usual=float("nan")), "scoring.kept_usual is nan"),
        (changed(SMALL, "scoring", znorm_mean=(0.0,) * 4), "scoring.znorm_mean should be 7"),
        (changed(SMALL, "scoring", part_weights={"skirt": (0.2,) * 7}), "no row 'default'"),
        (changed(SMALL, "regions", group_of={}), "has no group of region rules"),
        (changed(SMALL, "regions", groups={**SMALL.regions.groups, "skirt": ()}), "'skirt' has 0 region rules"),
    ],
)
def test_a_spec_that_lies_is_refused(weights: Path, repository: Path, spec: Spec, pattern: str) -> None:
    (weights / "spec.json").write_text(spec.to_json())
    refused(weights, repository, pattern)


@pytest.mark.parametrize(
    ("numbers", "pattern"),
    [
        ({"dimension": 0}, "dimension of a part is 0"),
        ({"mirror": [1, 2, 0, 3, 4, 5, 6]}, "mirror does not name each part's counterpart"),
        ({"names": ["collar"] * 7}, "not different names"),
    ],
)
def test_parts_that_contradict_each_other_are_refused(
    weights: Path, repository: Path, numbers: dict[str, Any], pattern: str
) -> None:
    data = json.loads(SMALL.to_json())
    (weights / "spec.json").write_text(json.dumps({**data, "parts": {**data["parts"], **numbers}}))
    refused(weights, repository, pattern)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 99}', "\xff\xfe", json.dumps({"format": 1, "photo": 3})])
def test_what_is_no_spec_is_refused(weights: Path, repository: Path, text: str) -> None:
    (weights / "spec.json").write_bytes(text.encode("latin-1"))
    refused(weights, repository, r"spec\.json cannot be used")


def test_a_cut_off_spec_is_refused(weights: Path, repository: Path) -> None:
    (weights / "spec.json").write_text(SMALL.to_json()[:500])
    refused(weights, repository, r"spec\.json cannot be used")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_configuration_that_the_spec_contradicts_is_refused(weights: Path, repository: Path) -> None:
    edit(repository / "trim" / "config.pbtxt", "-1, 7, 3", "-1, 7, 9")
    refused(weights, repository, r"HEAD_EMBEDDING ends in \[7, 9\] in the configuration of trim")


def test_an_ensemble_that_the_spec_contradicts_is_refused(weights: Path, repository: Path) -> None:
    edit(repository.parent / "ensembles" / "embed" / "config.pbtxt", "-1, 7, 3", "-1, 7, 9")
    refused(weights, repository, r"EMBEDDING ends in \[7, 9\] in the configuration of embed")


def test_a_variant_with_other_tensors_is_refused(weights: Path, repository: Path) -> None:
    edit(repository / "encoder" / "configs" / "gpu_trt.pbtxt", "[22, 3]", "[22, 2]")
    refused(weights, repository, r"CROP_LANDMARKS ends in \[22, 2\] in the configuration of encoder \(gpu_trt\)")
    edit(repository / "encoder" / "configs" / "gpu_trt.pbtxt", "CROP_LANDMARKS", "POINTS")
    refused(weights, repository, "the variant gpu_trt of encoder has the tensors .*POINTS.*CROP_LANDMARKS")


def test_a_version_policy_by_which_the_new_version_would_not_be_served_is_refused(
    weights: Path, repository: Path
) -> None:
    with (repository / "encoder" / "config.pbtxt").open("a") as file:
        file.write("version_policy { specific { versions: [2] } }\n")
    refused(weights, repository, "version_policy other than `latest`")


def test_a_configuration_that_is_not_one_is_refused(weights: Path, repository: Path) -> None:
    edit(repository / "encoder" / "config.pbtxt", "max_batch_size", "most_batches")
    refused(weights, repository, "most_batches")


def test_an_empty_configuration_is_refused(weights: Path, repository: Path) -> None:
    (repository / "region_head" / "config.pbtxt").write_text("")
    refused(weights, repository, r"cpu of .*region_head gives the name '' and the backend ''; restore it with git")


def test_the_inputs_of_the_small_networks_are_those_of_the_wire() -> None:
    """The tests above would mean nothing if the small networks did not load for the right reason."""
    for name, tensors in INPUTS.items():
        graph = onnx.load_from_string(network(name)).graph
        assert [value.name for value in graph.input] == list(tensors)
        onnx.checker.check_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
