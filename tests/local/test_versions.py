"""A repository in which an installation of weights was interrupted is not served, and a served one stays as it is."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from seamline.local import LocalOptions, MixedVersions, preflight
from seamline.local.beside import JOURNAL, MANIFEST
from seamline.local.observe import model_states
from seamline.local.reload import reload_models
from seamline.local.repository import check_versions, compile_steps


def test_steps_with_different_newest_versions_are_refused_with_a_way_out(small: LocalOptions) -> None:
    repository = small.model_repository
    for number in ("9", "10"):
        (repository / "double" / number).mkdir()
    check_versions(repository)
    (repository / MANIFEST).touch()
    with pytest.raises(MixedVersions, match=r"double is 10, that of \w+ is 1\); run .*--repair"):
        preflight.check(small)
    for step in ("aside", "finish", "measure"):
        (repository / step / "10").mkdir()
    check_versions(repository)


def test_an_installation_under_way_is_waited_for(small: LocalOptions) -> None:
    (small.model_repository / JOURNAL).write_text("[2]")
    with pytest.raises(MixedVersions, match=r"being installed .* --repair"):
        check_versions(small.model_repository)


def test_steps_are_compiled_once_so_that_their_folders_keep_still(small: LocalOptions) -> None:
    compile_steps(small.model_repository)
    files = list((small.model_repository / "measure" / "1" / "__pycache__").iterdir())
    times = [file.stat().st_mtime_ns for file in files]
    compile_steps(small.model_repository)
    assert len(files) == 1
    assert [file.stat().st_mtime_ns for file in files] == times


def test_a_step_that_cannot_be_compiled_is_left_to_triton(small: LocalOptions) -> None:
    (small.model_repository / "measure" / "1" / "model.py").write_text("a mistake")
    compile_steps(small.model_repository)
    assert not list((small.model_repository / "measure").rglob("*.pyc"))
    assert list((small.model_repository / "finish").rglob("*.pyc"))


def test_a_version_that_made_room_is_no_news_and_a_model_that_is_gone_is() -> None:
    index = [
        SimpleNamespace(name="double", version="1", state="UNAVAILABLE", reason="unloaded"),
        SimpleNamespace(name="double", version="2", state="READY", reason=""),
        SimpleNamespace(name="finish", version="1", state="UNAVAILABLE", reason="unloaded"),
        SimpleNamespace(name="measure", version="", state="", reason=""),
    ]
    told = [(state["name"], state["version"], state["state"]) for state in model_states(index)]
    assert told == [("double", "2", "READY"), ("finish", "1", "UNAVAILABLE")]


class Client:
    """The three calls of tritonclient that a reload makes."""

    def __init__(self, *versions: int) -> None:
        self.versions = versions
        self.loaded: dict[str, Any] = {}

    def get_model_repository_index(self, client_timeout: float) -> Any:
        states = [*((number, "READY") for number in self.versions), (7, "UNAVAILABLE")]
        models = [SimpleNamespace(name="double", version=str(number), state=state) for number, state in states]
        return SimpleNamespace(models=models)

    def get_model_config(self, name: str, as_json: bool, client_timeout: float) -> dict[str, Any]:
        return {"config": {"name": name, "version_policy": {"latest": {"num_versions": 1}}}}

    def load_model(self, name: str, config: str, client_timeout: float) -> None:
        self.loaded[name] = json.loads(config)


@pytest.mark.parametrize("versions", [(1,), (2, 3)])
def test_a_model_that_is_brought_back_keeps_its_versions(versions: tuple[int, ...]) -> None:
    """Newer weights on disk would come to that one model, and requests would meet two sets."""
    client = Client(*versions)
    reload_models(client, ["double"])
    assert client.loaded["double"]["version_policy"] == {"specific": {"versions": list(versions)}}


def test_a_model_of_which_nothing_is_loaded_keeps_its_policy() -> None:
    client = Client()
    reload_models(client, ["double"])
    assert client.loaded["double"]["version_policy"] == {"latest": {"num_versions": 1}}
