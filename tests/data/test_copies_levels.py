"""The three levels."""

from __future__ import annotations

import dataclasses

import pytest

from seamline.data.copies import LEVELS, LEVELS_VERSION, Level
from seamline.data.copies.params import PhotoParams

RISING = (
    "turn", "tilt", "bend", "mirror", "exposure", "contrast", "balance", "shade", "occlusion", "sticker", "crop",
)  # fmt: skip


def test_there_are_three_levels_of_one_version() -> None:
    assert list(LEVELS) == ["easy", "medium", "hard"]
    assert {level.version for level in LEVELS.values()} == {LEVELS_VERSION}
    assert all(name == level.name for name, level in LEVELS.items())


@pytest.mark.parametrize("name", RISING)
def test_every_level_goes_further_than_the_one_before(name: str) -> None:
    easy, medium, hard = (getattr(level.photo, name) for level in LEVELS.values())
    assert easy < medium < hard


def test_the_quality_of_files_falls() -> None:
    easy, medium, hard = (level.photo for level in LEVELS.values())
    assert easy.quality[0] > medium.quality[0] > hard.quality[0]
    assert easy.size[0] > medium.size[0] > hard.size[0]


@pytest.mark.parametrize("level", LEVELS.values(), ids=list(LEVELS))
def test_probabilities_are_probabilities_and_ranges_rise(level: Level) -> None:
    for field in dataclasses.fields(PhotoParams):
        value = getattr(level.photo, field.name)
        if isinstance(value, tuple):
            assert value[0] <= value[1], field.name
        else:
            assert value >= 0, field.name
    for name in (
        "own_background",
        "procedural",
        "crop",
        "square",
        "mirror",
        "shade",
        "occlusion",
        "sticker",
        "watermark",
    ):
        assert getattr(level.photo, name) <= 1
    assert 0 <= level.edit.two_regions <= 1
