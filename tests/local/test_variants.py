from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tritonclient.grpc as triton

from seamline.local import LocalOptions, LocalServer, MissingWeights, WrongVariant, preflight, up
from seamline.local.folder import StateFolder
from seamline.local.launch import TritonLaunch
from seamline.local.options import default_ensembles, default_model_repository
from seamline.local.repository import check_weights
from seamline.local.triton_wheel import TritonWheel
from tests.local.test_launch import ENDPOINTS


def add_variant(model: Path, name: str, old: str, new: str) -> None:
    text = (model / "config.pbtxt").read_text(encoding="utf-8")
    assert old in text
    (model / "configs").mkdir(exist_ok=True)
    (model / "configs" / f"{name}.pbtxt").write_text(text.replace(old, new), encoding="utf-8")


def command(options: LocalOptions) -> list[str]:
    return TritonLaunch(options, ENDPOINTS, StateFolder.at(options.home)).command(TritonWheel.find())


def test_the_default_variant_is_config_pbtxt_itself(small: LocalOptions) -> None:
    assert not any(word.startswith("--model-config-name") for word in command(small))
    preflight.check_variant("cpu", small.model_repository, small.ensembles)


def test_another_variant_is_named_to_triton_and_handed_to_the_supervisor(small: LocalOptions) -> None:
    chosen = replace(small, variant="lone")
    assert "--model-config-name=lone" in command(chosen)
    assert LocalOptions.from_json(chosen.to_json()) == chosen


def test_a_variant_that_no_model_has_is_refused_with_those_there_are(small: LocalOptions) -> None:
    add_variant(small.model_repository / "double", "lone", "count: 2", "count: 1")
    with pytest.raises(WrongVariant, match=r"no model has a variant 'duo'; there are cpu, lone"):
        up(replace(small, variant="duo"))
    assert not small.home.exists()


@pytest.mark.parametrize(
    ("variant", "lacks"),
    [("gpu_onnx", "needs an NVIDIA GPU, and"), ("gpu_trt", "needs Triton's tensorrt backend and an NVIDIA GPU, and")],
)
def test_the_shipped_gpu_variants_are_refused_before_anything_starts(
    small: LocalOptions, variant: str, lacks: str
) -> None:
    shipped = replace(
        small, model_repository=default_model_repository(), ensembles=default_ensembles(), variant=variant
    )
    with pytest.raises(WrongVariant, match=lacks + r".*docs/deploy\.md"):
        up(shipped)
    assert not small.home.exists()


def test_the_weights_that_a_variant_names_are_looked_for(small: LocalOptions) -> None:
    model = small.model_repository / "double"
    add_variant(model, "small", "max_batch_size", 'default_model_filename: "small.onnx"\nmax_batch_size')
    check_weights(small.model_repository)
    with pytest.raises(MissingWeights, match=r"double/1/small\.onnx"):
        check_weights(small.model_repository, "small")


@pytest.mark.server
def test_triton_serves_the_variant_where_there_is_one_and_config_pbtxt_elsewhere(small: LocalOptions) -> None:
    add_variant(small.model_repository / "double", "lone", "count: 2", "count: 1")
    with (
        LocalServer(replace(small, variant="lone")) as server,
        triton.InferenceServerClient(server.endpoints.triton) as client,
    ):
        instances = {
            name: [group.count for group in client.get_model_config(name).config.instance_group]
            for name in ("double", "measure")
        }
    assert instances == {"double": [1], "measure": [1]}, "double has 2 and measure 1 in their config.pbtxt"
