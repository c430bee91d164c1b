"""What NVIDIA's own parser and builder say of networks, on a machine without a GPU."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from export.to_trt import main
from seamline.exporting import ExportError
from seamline.exporting.tensorrt.check import Report, check
from seamline.exporting.tensorrt.network import Network, open_network
from seamline.exporting.tensorrt.profile import Profile
from seamline.exporting.tensorrt.targets import ALL, Target, offered
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from tests.exporting.tensorrt.networks import convolutions, graph, product, refused, saved
from tests.support.repositories import MODEL_REPOSITORY

SERVED = ("detector", "encoder", "region_head")
ADA, TURING = Target(89), Target(75)


def network(model: onnx.ModelProto, name: str = "network", profile: Profile | None = None) -> Network:
    return Network(name, None, Path(f"{name}.onnx"), model, profile or Profile())


def checked(rtx: TrtVariant, model: onnx.ModelProto, *targets: Target) -> Report:
    return check(rtx, [network(model)], targets or (ADA,))


@pytest.mark.parametrize("step", SERVED)
def test_every_served_network_is_built_for_every_architecture_of_the_builder(rtx: TrtVariant, step: str) -> None:
    opened = open_network(MODEL_REPOSITORY / step / "1/model.onnx", "fp32", None, MODEL_REPOSITORY)
    report = check(rtx, [opened], ALL)
    assert [row.target for row in report.rows if row.offered] == ["SM75", "SM80", "SM86", "SM89", "SM120"]
    assert not report.refused, report.text()
    assert all(row.size > 100_000 for row in report.rows if row.offered and row.size is not None)


@pytest.mark.parametrize("step", SERVED)
def test_every_served_network_is_built_in_half_precision(rtx: TrtVariant, step: str) -> None:
    opened = open_network(MODEL_REPOSITORY / step / "1/model.onnx", "fp16", None, MODEL_REPOSITORY)
    (row,) = check(rtx, [opened], (ADA,)).rows
    assert row.outcome == "built", row.refused
    assert row.network == f"{step} fp16"


def test_bfloat16_needs_ampere(rtx: TrtVariant) -> None:
    opened = open_network(MODEL_REPOSITORY / "region_head/1/model.onnx", "bf16", None, MODEL_REPOSITORY)
    report = check(rtx, [opened], (TURING, ADA))
    assert [row.outcome for row in report.rows] == ["refused", "built"]


def test_every_refused_operator_is_named_with_its_node(rtx: TrtVariant) -> None:
    report = checked(rtx, refused())
    assert [(one.operator, one.node) for one in report.rows[0].refused] == [
        ("Unique", "which_values"),
        ("Sharpen", "sharpen"),
    ]
    assert "Unique which_values: there is no such operator in TensorRT" in report.text()


def test_bytes_that_are_not_cast_first_are_refused_by_node(rtx: TrtVariant) -> None:
    nodes = [
        helper.make_node("Transpose", ["X"], ["t"], "turn", perm=[0, 2, 1]),
        helper.make_node("Cast", ["t"], ["Y"], "widen", to=TensorProto.FLOAT),
    ]
    model = graph(nodes, ["batch", 4, 6], {"Y": ["batch", 6, 4]}, kind=TensorProto.UINT8)
    (refusal,) = checked(rtx, model).rows[0].refused
    assert (refusal.operator, refusal.node) == ("Transpose", "turn")
    assert "UInt8" in refusal.reason
    assert ".cpp" not in refusal.reason


def test_what_one_architecture_refuses_others_build(rtx: TrtVariant) -> None:
    report = checked(rtx, product(), TURING, ADA)
    assert [row.outcome for row in report.rows] == ["refused", "built"]
    assert [(one.operator, one.node) for one in report.rows[0].refused] == [("MatMul", "product")]
    assert "network on SM75: MatMul product" in report.text()


def test_the_builder_s_refusals_are_all_found_not_the_first_only(rtx: TrtVariant) -> None:
    model = product()
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = [
        helper.make_node("MatMul", ["X", "weight"], ["a"], "one"),
        helper.make_node("Relu", ["a"], ["b"], "between"),
        helper.make_node("MatMul", ["X", "weight"], ["c"], "other"),
        helper.make_node("Add", ["b", "c"], ["Y"], "sum"),
    ]
    both = graph(nodes, ["batch", 5, 16], {"Y": ["batch", 5, 4]}, weights)
    (row,) = checked(rtx, both, TURING).rows
    assert {one.node for one in row.refused} == {"one", "other"}
    assert row.complete


def test_an_architecture_that_the_builder_lacks_is_said_not_hidden(rtx: TrtVariant) -> None:
    report = checked(rtx, convolutions(), Target(90))
    assert report.rows[0].outcome == "no target of this builder"
    assert not report.refused
    assert Target(90) not in offered(rtx)


def test_a_fixed_batch_is_an_error_that_names_the_input(rtx: TrtVariant) -> None:
    with pytest.raises(ExportError, match="the input X has a fixed batch of 2; export it with a free one"):
        checked(rtx, convolutions(batch=2))


def test_the_profile_reaches_the_engine(rtx: TrtVariant) -> None:
    small, large = (
        check(rtx, [network(convolutions(), profile=profile)], (ADA,))
        for profile in (Profile(1, 1, 1), Profile(1, 4, 64))
    )
    assert (small.rows[0].size, small.profiles) != (large.rows[0].size, large.profiles)


def test_the_command_prints_a_table_and_writes_json(
    rtx: TrtVariant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(convolutions(), tmp_path)
    arguments = ["--check", str(path), "--target", "sm89", "8.6", "--json", str(tmp_path / "check.json")]
    assert main(arguments) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["network", "target", "outcome", "engine", "time"]
    data = json.loads((tmp_path / "check.json").read_text())
    assert data["builder"] == str(rtx)
    assert [(row["target"], row["outcome"], row["refused"]) for row in data["rows"]] == [
        ("SM89", "built", []),
        ("SM86", "built", []),
    ]


def test_the_command_fails_where_anything_is_refused(
    rtx: TrtVariant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "check.json"
    assert main(["--check", str(saved(refused(), tmp_path)), "--target", "SM89", "--json", str(report)]) == 1
    assert "Sharpen sharpen" in capsys.readouterr().out
    (row,) = json.loads(report.read_text())["rows"]
    assert [one["node"] for one in row["refused"]] == ["which_values", "sharpen"]


@pytest.mark.parametrize("content", [b"", b"no network at all", None], ids=["empty", "text", "cut off"])
def test_what_is_no_network_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(convolutions().SerializeToString()[:-100] if content is None else content)
    with pytest.raises(ExportError, match=r"network.onnx (is cut off or no ONNX file|holds no network)"):
        open_network(path, "fp32", None, tmp_path)


def test_a_target_that_the_builder_does_not_have_is_an_error(
    rtx: TrtVariant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", str(saved(convolutions(), tmp_path)), "--target", "SM90"]) == 1
    assert "does not build for SM90; it builds for SM75, SM80" in capsys.readouterr().err
