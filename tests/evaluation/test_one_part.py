"""A system of one part, without landmarks or regions, goes the same way as any other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the extra `draw` is not installed")

from seamline.core.garments import Embeddings, Floats, Pixels
from seamline.core.parts import Parts
from seamline.core.spec import ScoringSpec, Spec
from seamline.evaluation.embeddings import unit
from seamline.evaluation.photos import SECTIONS, Options
from seamline.evaluation.run import evaluate_systems
from seamline.serving.local_pipeline import CropEmbedder
from seamline.serving.weights import Weights
from tests.support.repositories import MODEL_REPOSITORY


class MeanColour:
    """One vector of three numbers."""

    def embed(self, crops: Pixels, squares: Floats, categories: Sequence[str]) -> Embeddings:
        vectors = unit(crops.reshape(len(crops), -1, 3).mean(1) + 1)[:, None]
        return Embeddings(vectors, squares[:, None], np.ones((len(crops), 1), np.float32), None)


class ColourWeights(Weights):
    """Weights whose embedder needs no network."""

    def open_embedder(self, threads: int) -> CropEmbedder:
        return MeanColour()


def test_what_it_has_is_measured_and_what_it_has_not_is_said(drawn_photos: Path, cache: Path) -> None:
    served = Weights.of_repository(MODEL_REPOSITORY)
    spec = Spec(
        system="colour", parts=Parts(("whole",), (0,), 3), scoring=ScoringSpec.of_parts(1), crop=served.spec.crop,
        rankings=("global", "partial"),
    )  # fmt: skip
    weights = ColourWeights(served.detector, {}, dataclasses.replace(spec, detector=served.spec.detector))
    options = Options(drawn_photos, cache, copies=1, processes=1)
    report = evaluate_systems(options, {"colour": weights, "psnet_lite": served}, "easy", SECTIONS)
    found = next(section for section in report.sections if section.title == "easy: copies found")
    assert found.rows[:2] == ("colour: shipped ranking: global", "colour: partial")
    evidence = next(section for section in report.sections if section.title == "easy: redesigned or kept")
    assert not any(row.startswith("colour") for row in evidence.rows)
    assert "colour has no part for each" in str(report.setting["colour: left out"])
