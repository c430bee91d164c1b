"""A system of one part, without landmarks or regions, goes the same way as any other."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.evaluation.photos import SECTIONS, Options
from seamline.evaluation.run import evaluate_systems
from seamline.serving.weights import Weights
from seamline.systems import SYSTEMS
from tests.evaluation.colour.system import SYSTEM
from tests.support.repositories import MODEL_REPOSITORY


def test_what_it_has_is_measured_and_what_it_has_not_is_said(
    drawn_photos: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYSTEMS, "colour", "tests.evaluation.colour")
    served = Weights.of_repository(MODEL_REPOSITORY)
    spec = dataclasses.replace(SYSTEM.spec(), crop=served.spec.crop, detector=served.spec.detector)
    weights = Weights(served.detector, {}, spec)
    options = Options(drawn_photos, cache, copies=1, processes=1)
    report = evaluate_systems(options, {"colour": weights, "psnet_lite": served}, "easy", SECTIONS)
    found = next(section for section in report.sections if section.title == "easy: copies found")
    assert found.rows[:2] == ("colour: shipped ranking: global", "colour: partial")
    evidence = next(section for section in report.sections if section.title == "easy: redesigned or kept")
    assert not any(row.startswith("colour") for row in evidence.rows)
    assert "colour has no part for each" in str(report.setting["colour: left out"])
