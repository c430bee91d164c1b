from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from seamline.core.errors import BadOption, Busy, InternalError, NotFound, Unsupported
from seamline.serving import progress
from seamline.serving.step import Array, Setting, Tensors, required
from seamline.serving.triton import check_numpy, run_model, triton_model
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from tests.support import triton_python_backend_utils as pb_utils


class Doubling:
    meanwhile: ClassVar[Callable[[], None]] = lambda: None
    """What happens while a request that carries COSTLY is worked on."""

    inputs: ClassVar[tuple[str, ...]] = ("X", "FAIL", "COSTLY")
    outputs: ClassVar[tuple[str, ...]] = ("Y",)

    def __init__(self, setting: Setting) -> None:
        self.factor = setting.number("factor", 2)

    def __call__(self, tensors: Tensors) -> Mapping[str, Array]:
        if tensors["FAIL"] is not None:
            raise {0: BadOption("X is odd"), 1: NotFound("no X"), 2: ZeroDivisionError("/secret/path.py")}[
                int(tensors["FAIL"][0])
            ]
        if tensors["COSTLY"] is not None:
            progress.claim(progress.Cost.COSTLY_SEARCH)
            progress.check()
            Doubling.meanwhile()
        return {"Y": required(tensors, "X")[::-1] * self.factor}


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", pb_utils)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "spec.json").write_text(DEFAULT_SPEC.to_json())
    config = {"name": "doubling", "parameters": {"factor": {"string_value": "3"}}}
    model = triton_model(Doubling)()
    model.initialize({"model_config": json.dumps(config), "model_repository": str(tmp_path), "model_version": "1"})
    return model


def request(**tensors: list[float]) -> pb_utils.InferenceRequest:
    return pb_utils.InferenceRequest([pb_utils.Tensor(name, np.array(values)) for name, values in tensors.items()])


def test_answers_each_request_and_reads_its_parameters(model: object) -> None:
    answers = model.execute([request(X=[1.0, 2.0]), request(X=[5.0])])
    assert [answer.output_tensors()[0].as_numpy().tolist() for answer in answers] == [[6.0, 3.0], [15.0]]


@pytest.mark.parametrize(("kind", "code", "sentence"), [(0, "INVALID_ARG", "X is odd"), (1, "NOT_FOUND", "no X")])
def test_a_refusal_has_its_code_and_costs_no_other_request(model: object, kind: int, code: str, sentence: str) -> None:
    bad, good = model.execute([request(X=[1.0], FAIL=[kind]), request(X=[1.0])])
    assert bad.error().message() == sentence
    assert bad.error().code() == getattr(pb_utils.TritonError, code)
    assert good.error() is None


def test_a_fault_is_logged_and_not_shown(model: object) -> None:
    (answer,) = model.execute([request(X=[1.0], FAIL=[2])])
    assert answer.error().code() == pb_utils.TritonError.INTERNAL
    assert "secret" not in answer.error().message()
    assert "/secret/path.py" in pb_utils.Logger.lines[-1]


def test_a_step_asks_another_model_of_the_server(model: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(name: str, inputs: list[pb_utils.Tensor], outputs: list[str]) -> pb_utils.InferenceResponse:
        assert (name, outputs) == ("other", ["Y"])
        return pb_utils.InferenceResponse([pb_utils.Tensor("Y", inputs[0].as_numpy() + 1)])

    monkeypatch.setattr(pb_utils.InferenceRequest, "run", run, raising=False)
    assert run_model("other", {"X": np.arange(6).reshape(2, 3).T}, ["Y"])["Y"].tolist() == [[1, 4], [2, 5], [3, 6]]


@pytest.mark.parametrize(("code", "error"), [("UNAVAILABLE", Busy), ("INTERNAL", InternalError)])
def test_another_model_that_fails_is_named_and_its_error_is_not_shown(
    model: object, monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
) -> None:
    failed = pb_utils.InferenceResponse(
        [], pb_utils.TritonError("/secret/path.py", getattr(pb_utils.TritonError, code))
    )
    monkeypatch.setattr(pb_utils.InferenceRequest, "run", lambda *_: failed, raising=False)
    with pytest.raises(error, match="other") as caught:
        run_model("other", {"X": np.zeros(1)}, ["Y"])
    assert "secret" not in str(caught.value)


def test_a_missing_required_input_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(InternalError, match="X"):
        required({"X": None}, "X")


def test_a_parameter_that_is_no_number_is_refused_at_load() -> None:
    with pytest.raises(InternalError, match="max_bytes"):
        Setting(DEFAULT_SPEC, {"max_bytes": "many"}).number("max_bytes", 1)


def test_numpy_2_is_refused_where_the_stub_cannot_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    check_numpy("2.1.0")
    monkeypatch.setenv("SEAMLINE_STUB_NUMPY", "1")
    check_numpy("1.26.4")
    with pytest.raises(Unsupported, match="numpy<2"):
        check_numpy("2.1.0")


def test_an_output_that_is_an_input_too_goes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", pb_utils)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "spec.json").write_text(DEFAULT_SPEC.to_json())
    sides = {"input": [{"name": "X"}, {"name": "BOXES"}], "output": [{"name": "Y"}, {"name": "BOXES"}]}
    model = triton_model(Doubling)()
    model.initialize(
        {
            "model_config": json.dumps({"name": "doubling", **sides}),
            "model_repository": str(tmp_path),
            "model_version": "1",
        }
    )
    (answer,) = model.execute([request(X=[1.0], BOXES=[3.0, 4.0])])
    assert {tensor.name(): tensor.as_numpy().tolist() for tensor in answer.output_tensors()} == {
        "Y": [2.0],
        "BOXES": [3.0, 4.0],
    }


ROLES = {"first": "acquire", "second": "renew", "between": "check", "third": "release"}


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Three steps of one server through which two photos may go at a time."""
    monkeypatch.setitem(sys.modules, "triton_python_backend_utils", pb_utils)
    monkeypatch.setenv("SEAMLINE_HOME", str(tmp_path))
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "spec.json").write_text(DEFAULT_SPEC.to_json())
    models = {}
    for name, role in ROLES.items():
        values = {"admission": role, "in_flight": "2", "patience_ms": "20"}
        config = {"name": name, "parameters": {key: {"string_value": value} for key, value in values.items()}}
        models[name] = triton_model(Doubling)()
        models[name].initialize(
            {"model_config": json.dumps(config), "model_repository": str(tmp_path), "model_version": "1"}
        )
    return models


def enter(chain: dict[str, object], **parameters: object) -> pb_utils.InferenceResponse:
    tensors = [pb_utils.Tensor("X", np.array([1.0]))]
    (answer,) = chain["first"].execute([pb_utils.InferenceRequest(tensors, ("Y", "LEASE"), parameters)])
    return answer


def go_on(
    chain: dict[str, object], name: str, admitted: pb_utils.InferenceResponse, **tensors: list[float]
) -> pb_utils.TritonError | None:
    lease = next(tensor for tensor in admitted.output_tensors() if tensor.name() == "LEASE")
    asked = request(X=[1.0], **tensors)
    asked.tensors["LEASE"] = lease
    (answer,) = chain[name].execute([asked])
    return answer.error()


def test_photos_beyond_those_that_fit_are_refused(chain: dict[str, object]) -> None:
    assert [enter(chain).error() for _ in range(2)] == [None, None]
    refusal = enter(chain).error()
    assert refusal.code() == pb_utils.TritonError.UNAVAILABLE
    assert refusal.message() == "the server is busy and refused the request; try again in a moment"


def test_a_photo_leaves_its_slot_at_the_last_step(chain: dict[str, object]) -> None:
    inside = [enter(chain), enter(chain)]
    go_on(chain, "second", inside[0])
    assert enter(chain).error() is not None
    go_on(chain, "third", inside[0])
    assert enter(chain).error() is None


@pytest.mark.parametrize("name", ["second", "third"])
def test_a_photo_that_a_step_refuses_leaves_its_slot(chain: dict[str, object], name: str) -> None:
    inside = [enter(chain), enter(chain)]
    go_on(chain, name, inside[1], FAIL=[0])
    assert enter(chain).error() is None


def test_a_request_that_can_wait_waits_until_a_lost_slot_falls_free(chain: dict[str, object]) -> None:
    assert [enter(chain).error() for _ in range(2)] == [None, None]
    assert enter(chain, patient=True).error() is None


def test_without_its_lease_the_first_step_holds_a_slot_while_it_works_alone(chain: dict[str, object]) -> None:
    answers = [chain["first"].execute([request(X=[1.0])])[0] for _ in range(5)]
    assert [[tensor.name() for tensor in answer.output_tensors()] for answer in answers] == [["Y"]] * 5
    assert [enter(chain).error() for _ in range(2)] == [None, None]
    assert chain["first"].execute([request(X=[1.0])])[0].error().code() == pb_utils.TritonError.UNAVAILABLE


@pytest.mark.parametrize("name", ["second", "between", "third"])
@pytest.mark.parametrize("lease", [None, [0.0, 1.0], [0] * 40])
def test_a_step_takes_no_photo_without_a_lease_of_the_server(
    chain: dict[str, object], name: str, lease: list[float] | None
) -> None:
    (answer,) = chain[name].execute([request(X=[1.0]) if lease is None else request(X=[1.0], LEASE=lease)])
    assert answer.error().code() == pb_utils.TritonError.INVALID_ARG
    assert "send the photo to embed or search" in answer.error().message()


def test_a_lease_passes_each_step_once_and_none_after_the_last(chain: dict[str, object]) -> None:
    inside = enter(chain)
    assert go_on(chain, "second", inside) is None
    assert go_on(chain, "second", inside).code() == pb_utils.TritonError.INVALID_ARG
    assert go_on(chain, "third", inside) is None
    assert go_on(chain, "between", inside).code() == pb_utils.TritonError.UNAVAILABLE


def test_a_step_does_not_work_for_a_client_that_has_waited_long_enough(chain: dict[str, object]) -> None:
    inside = [enter(chain, timeout_ms=20), enter(chain, timeout_ms=60_000)]
    time.sleep(0.03)
    refusal = go_on(chain, "second", inside[0])
    assert (refusal.code(), "nobody waits" in refusal.message()) == (pb_utils.TritonError.UNAVAILABLE, True)
    assert go_on(chain, "second", inside[1]) is None
    assert enter(chain).error() is None


@pytest.mark.parametrize("timeout", [-1, -1e300, float("nan"), "soon", True, [1], None])
def test_an_impossible_timeout_is_refused(chain: dict[str, object], timeout: object) -> None:
    assert "timeout_ms must be" in enter(chain, timeout_ms=timeout).error().message()


@pytest.mark.parametrize("timeout", [120_001, 10**12, 1e300, float("inf")])
def test_nothing_is_done_for_longer_than_two_minutes(chain: dict[str, object], timeout: float) -> None:
    lease = next(t.as_numpy() for t in enter(chain, timeout_ms=timeout).output_tensors() if t.name() == "LEASE")
    _, acquired, deadline = struct.unpack("<Qdd", lease.tobytes()[:24])
    assert deadline - acquired == pytest.approx(120, abs=1)


def test_costly_work_leaves_its_slot_to_others_and_is_done_once_at_a_time(
    chain: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [enter(chain), enter(chain)]
    told: list[pb_utils.TritonError | None] = []

    def meanwhile() -> None:
        told.extend([enter(chain).error(), go_on(chain, "third", inside[1], COSTLY=[1])])

    monkeypatch.setattr(Doubling, "meanwhile", meanwhile)
    assert go_on(chain, "third", inside[0], COSTLY=[1]) is None
    let_in, refusal = told
    assert let_in is None
    assert refusal.code() == pb_utils.TritonError.UNAVAILABLE
    monkeypatch.setattr(Doubling, "meanwhile", lambda: None)
    assert go_on(chain, "third", enter(chain), COSTLY=[1]) is None


def test_an_unknown_part_in_the_admission_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "spec.json").write_text(DEFAULT_SPEC.to_json())
    config = {"name": "x", "parameters": {"admission": {"string_value": "door"}}}
    with pytest.raises(InternalError, match="admission in config"):
        triton_model(Doubling)().initialize(
            {"model_config": json.dumps(config), "model_repository": str(tmp_path), "model_version": "1"}
        )
