"""Views for projection and calibration are what serving would compute."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seamline.garments import DEFAULT_SPEC
from seamline.net.encoder import Encoder, EncoderConfig
from seamline.net.landmarks import LandmarkConfig
from seamline.net.region_head import RegionHead, RegionHeadConfig
from seamline.spec import LANDMARKS
from seamline.train.augment import plain_view
from seamline.train.calibrate import vectors_of
from seamline.train.crops import CropStore
from seamline.train.views import COPIES, Views, make_views, pooled_regions


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS)))).eval()


@pytest.fixture(scope="module")
def views(encoder: Encoder, store: CropStore) -> Views:
    return make_views(encoder, store, [0, 3, 4], copied=1, spec=DEFAULT_SPEC, seed=0)


def test_originals_come_first_and_copies_name_their_original(views: Views) -> None:
    assert views.originals.tolist() == [0, 1, 2]
    assert views.original.tolist() == [0, 1, 2] + [0] * len(COPIES)
    assert views.copy.tolist() == [-1] * 3 + list(range(len(COPIES)))
    assert views.mirrored.tolist() == [False] * 3 + [copy.mirror for copy in COPIES]


def test_vectors_from_cached_statistics_are_those_of_the_served_head(
    encoder: Encoder, store: CropStore, views: Views
) -> None:
    torch.manual_seed(1)
    head = RegionHead(RegionHeadConfig()).eval()
    torch.nn.init.normal_(head.weight)
    pixels = plain_view(store, 3, DEFAULT_SPEC.crop.side).pixels
    regions, visible = pooled_regions(encoder, pixels[None], [store.labels[3].category], DEFAULT_SPEC)
    with torch.inference_mode():
        served = head(torch.from_numpy(regions), torch.from_numpy(visible)).numpy()[0]
    np.testing.assert_allclose(vectors_of(head, views)[1], served, atol=1e-3)
