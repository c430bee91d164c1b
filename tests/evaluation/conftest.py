"""Drawn photos, and a cache that the tests of a session share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.drawn_photos import draw_photos


@pytest.fixture(scope="session")
def drawn_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six flat-lay and three street photos."""
    return draw_photos(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where segmentations, copies and vectors are kept."""
    return tmp_path_factory.mktemp("cache")
