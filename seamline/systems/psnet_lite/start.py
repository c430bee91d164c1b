"""What retrieval's training starts from, fitted once and kept in the work folder.

The encoder: trained landmarks, ImageNet features, a fitted map projection. The region head: a linear discriminant of
the views to learn from. The head of the whole garment: a whitened PCA of garments (whole_garments.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seamline.data.label_file import Label
from seamline.nn.backbone import load_imagenet
from seamline.nn.checkpoint import save
from seamline.systems.psnet_lite.checkpoint import (
    load_encoder,
    load_landmarks,
    load_region_head,
)
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.heads import Heads
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.projection import fit_head, fit_map, fit_whole
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.stored_views import StoredViews, statistics_of
from seamline.systems.psnet_lite.whole_garments import WholeGarments
from seamline.systems.psnet_lite.whole_head import WholeHeadConfig
from seamline.training.cache import fill_once
from seamline.training.crops import CropStore, build_store
from seamline.training.errors import BadConfig
from seamline.training.sources import Sources


def check(options: RetrievalOptions) -> None:
    """Raises BadConfig where there is nothing to start from."""
    if options.landmarks and options.start:
        raise BadConfig("psnet_lite: landmarks and start are two ways to begin; give one of them")
    if options.landmarks and not Path(options.landmarks).is_file():
        raise BadConfig(f"psnet_lite.landmarks: there is no {options.landmarks}; name the landmarks.pt of a training")
    if not options.landmarks and (not options.start or not _encoder_file(options.start).is_file()):
        raise BadConfig(
            f"psnet_lite.start: there is no {_encoder_file(options.start)}; name the folder of an encoder.pt, or "
            "in psnet_lite.landmarks a landmarks.pt, which seamline/systems/psnet_lite/landmarks.toml gives"
        )


def _encoder_file(folder: str) -> Path:
    return Path(folder) / "encoder.pt"


def start_encoder(sources: Sources, options: RetrievalOptions, seed: int) -> Encoder:
    """The encoder to start from; one that begins with landmarks is assembled once, in the work folder."""
    if options.start:
        return load_encoder(_encoder_file(options.start))
    folder, landmarks = sources.work / "start", Path(options.landmarks)
    labels = _photos(sources, options, seed)
    digest = hashlib.sha256(landmarks.read_bytes() + repr(options.projection).encode())
    for label in labels:
        digest.update(label.to_line().encode())

    def fill() -> None:
        store = build_store(labels, sources.photos, sources.labels, sources.work / "projection-crops")
        save(_assembled(landmarks, store, options), _encoder_file(str(folder)))

    fill_once(folder, digest.hexdigest(), fill)
    return load_encoder(_encoder_file(str(folder)))


def _photos(sources: Sources, options: RetrievalOptions, seed: int) -> Sequence[Label]:
    """Some labels with trusted mask and landmarks, in random order."""
    settings = options.projection
    trusted = [
        label for label in sources.train(settings.trust) if label.mask is not None and label.box_trust >= settings.trust
    ]
    if not trusted:
        raise BadConfig(
            f"labels: no mask that can be trusted as far as {settings.trust} to fit the map's projection on"
        )
    order = np.random.default_rng(seed).permutation(len(trusted))
    return [trusted[index] for index in order[: settings.photos]]


def _assembled(landmarks: Path, store: CropStore, options: RetrievalOptions) -> Encoder:
    branch = load_landmarks(landmarks)
    encoder = Encoder(EncoderConfig(branch.config))
    encoder.landmarks.load_state_dict(branch.state_dict())
    load_imagenet(encoder.retrieval.backbone)
    encoder.whole.take(encoder.retrieval.backbone)
    fit_map(encoder.eval(), store, options.projection)
    return encoder


def start_heads(
    encoder: Encoder, views: StoredViews, garments: WholeGarments, options: RetrievalOptions, work: Path
) -> Heads:
    """The region head of the start's own folder, where it has one, else one that is fitted to these views; and a head
    of the whole that is fitted to `garments`."""
    own = Path(options.start) / "region_head.pt"
    ready = bool(options.start) and own.is_file()
    regions = (
        load_region_head(own) if ready else _discriminant(encoder, views, options.shrinkage, work / "discriminant")
    )
    grids = garments.grids(encoder.retrieval, RegionHeadConfig(encoder.config.channels))
    return Heads(regions, fit_whole(grids, WholeHeadConfig()))


def _discriminant(encoder: Encoder, views: StoredViews, shrinkage: float, folder: Path) -> RegionHead:
    """The discriminant of these views in `folder`; fitted there unless it is there already."""
    config = RegionHeadConfig(encoder.config.channels)
    file = folder / "region_head.pt"
    fill_once(
        folder,
        _head_key(encoder, views, shrinkage),
        lambda: save(fit_head(statistics_of(encoder.retrieval, views, config), config, shrinkage), file),
    )
    return load_region_head(file)


def _head_key(encoder: Encoder, views: StoredViews, shrinkage: float) -> str:
    digest = hashlib.sha256(repr((encoder.config, shrinkage)).encode())
    for tensor in encoder.retrieval.state_dict().values():
        digest.update(tensor.contiguous().numpy().tobytes())
    arrays = (views.store, views.row, views.garment, views.copy, views.change, views.mirrored)
    for array in (*arrays, *(features.boxes for features in views.features)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
