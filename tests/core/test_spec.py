from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from seamline.core.errors import InternalError
from seamline.core.spec import CATEGORIES, LANDMARKS, Spec, mirrored_landmarks
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import MIRRORED, REGIONS, PSNetSpec


def test_round_trip() -> None:
    assert PSNetSpec.from_json(DEFAULT_SPEC.to_json()) == DEFAULT_SPEC
    assert Spec.from_json(DEFAULT_SPEC.to_json()).to_json() == DEFAULT_SPEC.to_json()


def test_mirroring_twice_is_nothing() -> None:
    pairs = mirrored_landmarks(LANDMARKS)
    assert [pairs[index] for index in pairs] == list(range(len(LANDMARKS)))
    assert LANDMARKS[pairs[LANDMARKS.index("cuff_left_outer")]] == "cuff_right_outer"
    assert [REGIONS[index] for index in MIRRORED] == ["collar", "chest", "waist", "right_sleeve", "left_sleeve"]


def test_every_category_has_a_group() -> None:
    assert set(DEFAULT_SPEC.regions.group_of) == set(CATEGORIES)


def test_weights_fall_back_to_the_default() -> None:
    scoring = dataclasses.replace(DEFAULT_SPEC.scoring, part_weights={"default": (0.2,) * 5, "vest": (1, 0, 0, 0, 0)})
    assert scoring.weights_for("vest") == (1, 0, 0, 0, 0)
    assert scoring.weights_for("skirt") == (0.2,) * 5


def test_only_what_determines_vectors_enters_the_fingerprint() -> None:
    looser = dataclasses.replace(DEFAULT_SPEC.detector, score_threshold=0.9)
    wider = dataclasses.replace(DEFAULT_SPEC.crop, margin=0.2)
    assert dataclasses.replace(DEFAULT_SPEC, detector=looser).vector_numbers() == DEFAULT_SPEC.vector_numbers()
    assert dataclasses.replace(DEFAULT_SPEC, crop=wider).vector_numbers() != DEFAULT_SPEC.vector_numbers()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "not json", json.dumps({"format": 1}), '{"format": 2, "scoring": {"part_weights": []}}'],
)
def test_what_is_no_spec_is_refused(text: str) -> None:
    with pytest.raises(InternalError, match=r"spec\.json"):
        Spec.from_json(text)


def test_newer_format_is_refused_by_name() -> None:
    newer = json.loads(DEFAULT_SPEC.to_json()) | {"format": 99}
    with pytest.raises(InternalError, match="format 99"):
        Spec.from_json(json.dumps(newer))


def test_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="install the weights"):
        Spec.load(tmp_path / "crop" / "1" / "spec.json")
