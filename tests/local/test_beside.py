"""What is wrong with one system does not keep the default one from being served; what is outdated is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seamline.local import LocalOptions, preflight
from seamline.local.beside import JOURNAL, MANIFEST, ensembles_beside, interrupted
from seamline.local.errors import OutdatedSteps
from seamline.local.repository import check_steps, check_versions, check_weights


def install_tiny(options: LocalOptions) -> Path:
    """As an installation of a system `tiny` leaves it, with a network that is not there."""
    repository = options.model_repository
    for name in ("tiny", "trim_tiny"):
        shutil.copytree(repository / "double", repository / name)
        config = repository / name / "config.pbtxt"
        config.write_text(config.read_text().replace('"double"', f'"{name}"'))
    (repository / "tiny" / "1" / "model.onnx").unlink()
    (repository / "trim_tiny" / "7").mkdir()
    shutil.copytree(options.ensembles / "embed", options.ensembles / "embed_tiny")
    return repository


def manifest(*files: str) -> str:
    return json.dumps(
        {"format": 2, "systems": {"tiny": {"current": 1, "versions": {"1": {"files": dict.fromkeys(files)}}}}}
    )


def test_a_broken_system_beside_is_left_out_of_what_is_looked_at_before_the_start(small: LocalOptions) -> None:
    repository = install_tiny(small)
    (repository / MANIFEST).write_text(manifest("tiny/1/model.onnx", "trim_tiny/1/model.py"))
    preflight.check(small)
    assert ensembles_beside(repository) == {"embed_tiny", "search_tiny"}


def test_an_interrupted_first_installation_of_a_system_leaves_the_default_one_alone(small: LocalOptions) -> None:
    repository = install_tiny(small)
    (repository / JOURNAL).write_text(json.dumps({"system": "tiny", "steps": ["tiny", "trim_tiny"]}))
    assert interrupted(repository) == "tiny"
    check_versions(repository)
    check_weights(repository)
    assert "embed_tiny" in ensembles_beside(repository)


def test_steps_of_an_older_seamline_are_refused_with_the_way_to_keep_their_weights(small: LocalOptions) -> None:
    check_steps(small.model_repository)
    (small.model_repository / "measure" / "1" / "model.py").write_text("from seamline.steps.measure import Measure\n")
    with pytest.raises(OutdatedSteps, match=r"imports seamline\.steps\.measure, which is gone; .*--weights"):
        preflight.check(small)


def test_a_manifest_that_cannot_be_read_names_no_systems(small: LocalOptions) -> None:
    for text in ("", "[]", '{"systems": {"tiny": 1}}', '{"systems": [1]}'):
        (small.model_repository / MANIFEST).write_text(text)
        assert ensembles_beside(small.model_repository) == set()
