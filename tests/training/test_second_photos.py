"""Stores of second photos: what is known of each view's regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seamline.training.crops import CropStore
from seamline.training.second_photos import SecondPhotoPlan, build_second_photo_store
from seamline.training.views import KEPT, UNCLEAR


def test_photographed_regions_are_kept_and_of_dyed_ones_nothing_is_said(store: CropStore, tmp_path: Path) -> None:
    plan = SecondPhotoPlan(photographs=2, dyed=1, worn=0)
    views = build_second_photo_store(store.labels[:3], tmp_path, tmp_path, tmp_path / "second", plan, processes=1)
    assert np.bincount(views.copy + 1).tolist() == [3, 3, 3, 3]
    assert (views.change[views.copy < plan.photographs] == KEPT).all()
    assert (views.change[views.copy >= plan.photographs] == UNCLEAR).all()


def test_a_folder_without_people_has_no_worn_copies(store: CropStore, tmp_path: Path) -> None:
    plan = SecondPhotoPlan(photographs=0, dyed=0, worn=2)
    views = build_second_photo_store(store.labels[:3], tmp_path, tmp_path, tmp_path / "worn", plan, processes=1)
    assert (views.copy < 0).all()
