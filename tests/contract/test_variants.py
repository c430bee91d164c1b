"""Every variant of a model is the same model on the wire: a variant's file replaces config.pbtxt as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from tritonclient.grpc import model_config_pb2 as pb

from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, configs, read_config

NETWORKS = sorted(name for name, config in configs(MODEL_REPOSITORY).items() if config.backend == "onnxruntime")
ALTERNATIVES = sorted([*MODEL_REPOSITORY.glob("*/configs/*.pbtxt"), *ENSEMBLES.glob("*/configs/*.pbtxt")])
GPU = [path for path in ALTERNATIVES if path.stem.startswith("gpu_")]
BATCHING = [path for path in [*MODEL_REPOSITORY.glob("*/config.pbtxt"), *ALTERNATIVES] if read_config(path).input]

_HOW_IT_RUNS = {
    "backend", "platform", "defaultModelFilename", "instanceGroup", "dynamicBatching", "parameters", "optimization",
    "modelWarmup",
}  # fmt: skip


def variant_name(path: Path) -> str:
    return f"{path.parents[1].name}-{path.stem}" if path.parent.name == "configs" else path.parent.name


@pytest.mark.parametrize("path", ALTERNATIVES, ids=variant_name)
def test_variant_changes_only_how_the_model_runs(path: Path) -> None:
    default, variant = (MessageToDict(read_config(file)) for file in (path.parents[1] / "config.pbtxt", path))
    for config in (default, variant):
        for field in _HOW_IT_RUNS:
            config.pop(field, None)
    assert variant == default


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_has_the_gpu_variants_and_its_default_is_the_cpu(name: str) -> None:
    folder = MODEL_REPOSITORY / name
    assert {path.stem for path in folder.glob("configs/*")} >= {"gpu_onnx", "gpu_trt"}
    assert not (folder / "configs" / "cpu.pbtxt").exists(), "config.pbtxt is the variant cpu; two would drift apart"
    assert {group.kind for group in configs(MODEL_REPOSITORY)[name].instance_group} == {pb.ModelInstanceGroup.KIND_CPU}


@pytest.mark.parametrize("path", GPU, ids=variant_name)
def test_gpu_variant_runs_on_a_gpu_from_the_file_of_its_kind(path: Path) -> None:
    config = read_config(path)
    assert {group.kind for group in config.instance_group} == {pb.ModelInstanceGroup.KIND_GPU}
    served = (config.backend, config.platform, config.default_model_filename)
    wanted = {"gpu_onnx": ("onnxruntime", "", "model.onnx"), "gpu_trt": ("", "tensorrt_plan", "model.plan")}
    assert served == wanted[path.stem]


@pytest.mark.parametrize("path", BATCHING, ids=variant_name)
def test_batches_fit_and_nobody_waits_long_for_one(path: Path) -> None:
    config = read_config(path)
    batching = config.dynamic_batching
    assert all(1 < size <= config.max_batch_size for size in batching.preferred_batch_size)
    assert batching.max_queue_delay_microseconds <= 500
    assert config.HasField("dynamic_batching") or not config.max_batch_size


@pytest.mark.parametrize("path", BATCHING, ids=variant_name)
def test_warm_up_feeds_every_input_as_declared(path: Path) -> None:
    config = read_config(path)
    declared = {tensor.name: (tensor.data_type, list(tensor.dims)) for tensor in config.input}
    assert bool(config.model_warmup) == (config.max_batch_size > 0)
    for warm_up in config.model_warmup:
        assert 1 <= warm_up.batch_size <= config.max_batch_size
        assert {name: (fed.data_type, list(fed.dims)) for name, fed in warm_up.inputs.items()} == declared
