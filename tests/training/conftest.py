"""A handful of drawn garments as a crop store."""

from __future__ import annotations

import pytest
import torch

from seamline.training.crops import CropStore, build_store
from seamline.training.drawn import drawn_labels


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> CropStore:
    folder = tmp_path_factory.mktemp("drawn")
    return build_store(drawn_labels(folder / "drawn", 6, seed=3), folder, folder, folder / "store")
