"""What a reload tells Triton, in which order, and what it does when Triton refuses: against a Triton of the test's own.

It follows the real one's rules that matter here: a step serves the versions that its policy names and that exist; an
ensemble is refused when a version that it is pinned to is not loaded; what cannot be loaded stays as it was.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

from export.install import main
from seamline.exporting.install import LoadRefused, NotReloaded, Target, install, reload, target, versions
from tests.support.scenes import VERSIONS, Scene
from tests.support.small_weights import contents, write_repository, write_weights
from tests.support.wire_server import _response as encoded
from tests.support.wire_server import embed_outputs

STEPS = ("crop", "encoder", "region_head")
ENSEMBLES = ("embed", "search")
LATEST = {"latest": {"num_versions": 1}}


class Triton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Serves while it is entered.

    `on_disk`: the versions that exist; `broken`: steps whose newest does not load; `stubborn`: steps that do not let
    go of a version; `fingerprints`: version -> what an answer names; `mode`: the model control mode; `orders_left`:
    how many more it takes before it is away.
    """

    def __init__(self, *on_disk: int, served: int = 1, mode: str = "explicit") -> None:
        self.on_disk, self.mode = list(on_disk), mode
        self.broken: set[str] = set()
        self.stubborn: set[str] = set()
        self.fingerprints = {number: f"set{number}" for number in (1, 2, 3, 4)}
        self.loaded = {step: [served] for step in STEPS}
        self.configs: dict[str, dict[str, Any]] = {
            step: {"name": step, "version_policy": LATEST, "runtime": "model.py"} for step in STEPS
        }
        for name in ENSEMBLES:
            uses = [{"model_name": step, "model_version": "-1"} for step in STEPS]
            self.configs[name] = {"name": name, "platform": "ensemble", "ensemble_scheduling": {"step": uses}}
        self.orders_left = sys.maxsize
        self.orders: list[tuple[str, str]] = []
        self.mixed: list[dict[str, set[int]]] = []
        self._server = grpc.server(ThreadPoolExecutor(2))
        service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Triton:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait()

    def used(self, ensemble: str) -> set[int]:
        """The versions that a request to an ensemble meets now."""
        steps = self.configs[ensemble]["ensemble_scheduling"]["step"]
        newest = {step: max(numbers) for step, numbers in self.loaded.items()}
        return {
            newest[step["model_name"]] if int(step["model_version"]) < 0 else int(step["model_version"])
            for step in steps
        }

    def RepositoryIndex(self, request: Any, context: Any) -> Any:  # noqa: N802
        response = service_pb2.RepositoryIndexResponse()
        for name, numbers in (*self.loaded.items(), *((name, [1]) for name in ENSEMBLES)):
            for number in numbers:
                response.models.add(name=name, version=str(number), state="READY")
        return response

    def ModelConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        config = json_format.ParseDict(self.configs[request.name], model_config_pb2.ModelConfig())
        return service_pb2.ModelConfigResponse(config=config)

    def RepositoryModelLoad(self, request: Any, context: Any) -> Any:  # noqa: N802
        if not self.orders_left:
            context.abort(grpc.StatusCode.UNAVAILABLE, "failed to connect")
        self.orders_left -= 1
        if self.mode != "explicit":
            text = "explicit model load / unload is not allowed if polling is enabled"
            context.abort(grpc.StatusCode.UNAVAILABLE, text)
        name, config = request.model_name, json.loads(request.parameters["config"].string_param)
        self._load_step(name, config, context) if name in STEPS else self._load_ensemble(name, config, context)
        self.mixed.append({ensemble: self.used(ensemble) for ensemble in ENSEMBLES})
        return service_pb2.RepositoryModelLoadResponse()

    def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: N802
        (version,) = self.used(request.model_name)
        said = VERSIONS | {"fingerprint": self.fingerprints[version], "detector": "det"}
        outputs = embed_outputs(Scene(garments=()), (64, 64), said)
        return encoded("embed", outputs)

    def _load_step(self, name: str, config: dict[str, Any], context: Any) -> None:
        assert "runtime" not in config, "what the server filled in looks like a change when it is sent back"
        policy = config["version_policy"]
        wanted = [int(number) for number in policy["specific"]["versions"]] if "specific" in policy else None
        found = sorted({*wanted} & {*self.on_disk}) if wanted is not None else [max(self.on_disk)]
        self.orders.append((name, ",".join(map(str, wanted or ["latest"]))))
        if not found:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"load failed for model '{name}': no version")
        if name in self.stubborn and wanted is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"load failed for model '{name}': stubborn")
        if name in self.broken and max(found) > max(self.loaded[name]):
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"load failed for model '{name}': broken;\n\nAt:\n  /a/b.py(1): f\n"
            )
        for ensemble in ENSEMBLES:
            pins = {step["model_version"] for step in self.configs[ensemble]["ensemble_scheduling"]["step"]}
            assert {int(pin) for pin in pins} - {-1} <= {*found}, f"{ensemble} is pinned to what goes"
        self.loaded[name], self.configs[name] = found, config

    def _load_ensemble(self, name: str, config: dict[str, Any], context: Any) -> None:
        pins = {step["model_name"]: int(step["model_version"]) for step in config["ensemble_scheduling"]["step"]}
        self.orders.append((name, ",".join(sorted({str(pin) for pin in pins.values()}))))
        for step, pin in pins.items():
            if pin > 0 and pin not in self.loaded[step]:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"ensemble '{name}' depends on '{step}' version {pin}")
        self.configs[name] = config


def wanted(version: int) -> Target:
    return Target(version, STEPS, f"set{version}", "det")


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("seamline.exporting.install.reload"), "_GRACE", 0.0)


@pytest.fixture
def triton() -> Iterator[Triton]:
    with Triton(1, 2) as server:
        yield server


def test_every_request_meets_one_set_at_every_moment(triton: Triton) -> None:
    done = reload(triton.address, wanted(2))
    assert done.before == {step: [1] for step in STEPS}
    assert {frozenset(used) for moment in triton.mixed for used in moment.values()} == {frozenset({1}), frozenset({2})}
    assert triton.loaded == {step: [2] for step in STEPS}
    assert all(triton.configs[step]["version_policy"] == LATEST for step in STEPS)
    assert [triton.used(ensemble) for ensemble in ENSEMBLES] == [{2}, {2}]
    assert "-1" in {step["model_version"] for step in triton.configs["embed"]["ensemble_scheduling"]["step"]}


def test_the_steps_are_told_before_any_ensemble(triton: Triton) -> None:
    reload(triton.address, wanted(2))
    names = [name for name, _ in triton.orders]
    assert set(names[: len(STEPS)]) == set(STEPS)
    assert triton.orders[: len(STEPS)] == [(step, "1") for step in STEPS]


def test_a_reload_of_what_is_served_changes_nothing(triton: Triton) -> None:
    reload(triton.address, wanted(2))
    reload(triton.address, wanted(2))
    assert triton.loaded == {step: [2] for step in STEPS}


@pytest.mark.parametrize("broken", STEPS)
def test_a_step_that_does_not_load_brings_everything_back(triton: Triton, broken: str) -> None:
    triton.broken = {broken}
    with pytest.raises(LoadRefused, match=f"'{broken}': broken; the server serves version 1 as before") as refusal:
        reload(triton.address, wanted(2))
    assert "\n" not in str(refusal.value)
    assert triton.loaded == {step: [1] for step in STEPS}
    assert all(used == {1} for moment in triton.mixed for used in moment.values())
    triton.broken = set()
    reload(triton.address, wanted(2))
    assert triton.loaded == {step: [2] for step in STEPS}


def test_an_answer_that_names_other_weights_brings_everything_back(triton: Triton) -> None:
    triton.fingerprints[2] = "another set"
    with pytest.raises(LoadRefused, match="answers with the weights another set and det and not with set2"):
        reload(triton.address, wanted(2))
    assert [triton.used(ensemble) for ensemble in ENSEMBLES] == [{1}, {1}]
    assert triton.loaded == {step: [1] for step in STEPS}


def test_a_reload_that_was_cut_off_is_finished_by_the_next(triton: Triton) -> None:
    reload(triton.address, wanted(2))
    for cut in range(1, len(triton.orders)):
        with Triton(1, 2) as server:
            server.orders_left = cut
            with pytest.raises(NotReloaded, match="no server answers"):
                reload(server.address, wanted(2))
            assert all(len(used) == 1 for moment in server.mixed for used in moment.values()), cut
            server.orders_left = sys.maxsize
            reload(server.address, wanted(2))
            assert all(len(used) == 1 for moment in server.mixed for used in moment.values()), cut
            assert server.loaded == {step: [2] for step in STEPS}


def test_a_server_that_does_not_see_the_version_is_left_alone(triton: Triton) -> None:
    with pytest.raises(NotReloaded, match=r"does not see version 3 of crop.* serves version 1 as before"):
        reload(triton.address, wanted(3))
    assert triton.loaded == {step: [1] for step in STEPS}


def test_a_server_whose_version_was_removed_has_to_be_started_again() -> None:
    with Triton(2, 3, served=1) as server:
        with pytest.raises(NotReloaded, match="removed from the repository, so start it again"):
            reload(server.address, wanted(3))
        assert server.loaded == {step: [1] for step in STEPS}


@pytest.mark.parametrize("mode", ["none", "poll"])
def test_a_server_that_takes_no_orders_is_told_how_to(mode: str) -> None:
    with Triton(1, 2, mode=mode) as server, pytest.raises(NotReloaded, match="--model-control-mode=explicit"):
        reload(server.address, wanted(2))


def test_a_server_of_another_repository_is_refused(triton: Triton) -> None:
    with pytest.raises(NotReloaded, match="serves none of detect, describe"):
        reload(triton.address, Target(2, ("detect", "describe"), "set2", "det"))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nonsense"])
def test_a_server_that_is_not_there_leaves_the_installation_standing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    repository, weights = write_repository(tmp_path), write_weights(tmp_path / "weights")
    code = main(["--weights", str(weights), "--model-repository", str(repository), "--reload", address])
    told = capsys.readouterr()
    assert code == 3
    assert told.err.startswith("the server was not reloaded, the files are in place: ")
    assert told.err.count("\n") == 1
    assert versions(repository).current == 2


def test_a_set_that_the_server_refuses_is_taken_out_of_the_repository_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = write_repository(tmp_path)
    install(write_weights(tmp_path / "weights"), repository)
    before = contents(repository)
    others = write_weights(tmp_path / "others", marker=1.0)
    with Triton(2, 3, served=2) as server:
        server.broken = {"encoder"}
        code = main(["--weights", str(others), "--model-repository", str(repository), "--reload", server.address])
    assert code == 1
    assert capsys.readouterr().err.startswith("nothing was changed: the server at")
    assert contents(repository) == before


def test_what_fails_after_the_change_does_not_count_as_a_refusal(triton: Triton) -> None:
    """A refusal would take the new version's files away, which are served by then."""
    triton.stubborn = {"encoder"}
    with pytest.raises(NotReloaded, match=r"version 2 is served, but ending the one before failed: .*stubborn"):
        reload(triton.address, wanted(2))
    assert [triton.used(ensemble) for ensemble in ENSEMBLES] == [{2}, {2}]
    triton.stubborn = set()
    reload(triton.address, wanted(2))
    assert triton.loaded == {step: [2] for step in STEPS}


def test_an_interrupted_reload_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    repository, weights = write_repository(tmp_path), write_weights(tmp_path / "weights")
    monkeypatch.setattr("export.install.reload", interrupted)
    code = main(["--weights", str(weights), "--model-repository", str(repository), "--reload", "127.0.0.1:1"])
    assert (code, versions(repository).current) == (130, 2)
    assert "--reload finishes a reload" in capsys.readouterr().err


class HalfLoaded:
    """A server on which the first loading of a system was interrupted between its two ensembles."""

    def __init__(self, address: str) -> None:
        self.loaded: list[str] = []
        self.orders: list[tuple[str, Any]] = []

    def __call__(self, address: str) -> HalfLoaded:
        return self

    def __enter__(self) -> HalfLoaded:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def versions(self, *_: str) -> dict[str, list[int]]:
        return {"crop": [3], "psnet_encoder": [1], "embed_psnet": [1]} | {name: [1] for name in self.loaded}

    def config(self, model: str) -> dict[str, Any]:
        uses = [{"model_name": "crop", "model_version": -1}]
        return {"ensemble_scheduling": {"step": uses}} if model.endswith("_psnet") else {}

    def serve(self, model: str, policy: dict[str, Any]) -> None:
        self.orders.append((model, policy))

    def load_ensemble(self, model: str) -> None:
        self.orders.append((model, None))
        self.loaded.append(model)


def test_what_an_interrupted_first_loading_has_left_out_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("seamline.exporting.install.reload")
    server, asked = HalfLoaded(""), list[str]()
    monkeypatch.setattr(module, "Server", server)
    monkeypatch.setattr(module._Change, "run", lambda change: None)
    monkeypatch.setattr(module, "_ask_canary", lambda _, wanted: asked.append(wanted.system))
    one = Target(1, ("psnet_encoder", "retrieve_psnet"), "set1", "det", "psnet")
    reload("127.0.0.1:1", one)
    reload("127.0.0.1:1", one)
    assert (server.loaded, asked) == (["search_psnet"], ["psnet"])


def test_other_systems_keep_their_versions_when_an_ensemble_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("seamline.exporting.install.reload")
    server = HalfLoaded("")
    monkeypatch.setattr(module, "Server", server)
    monkeypatch.setattr(module, "_ask_canary", lambda *_: None)
    reload("127.0.0.1:1", Target(1, ("tiny",), "set1", "det", "psnet"))
    assert server.orders[0] == ("crop", {"specific": {"versions": [3]}})
    assert [name for name, policy in server.orders if policy is None] == ["embed_psnet", "search_psnet"]


def test_the_target_is_what_the_manifest_calls_current(tmp_path: Path) -> None:
    repository = write_repository(tmp_path)
    spec = install(write_weights(tmp_path / "weights"), repository).spec
    found = target(repository)
    assert (found.version, found.fingerprint, found.detector_fingerprint) == (
        2,
        spec.fingerprint,
        spec.detector_fingerprint,
    )
