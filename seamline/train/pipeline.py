"""The encoder's training from labels to checkpoint and spec, stage by stage; a stage that is done is not done again.

Below the output folder: `work/` holds crops, drawn garments, the state of the landmark training and encoded views;
`encoder.pt`, `region_head.pt` and `spec.json` are the result.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from seamline.data.label_file import Label, read_labels
from seamline.garments import DEFAULT_SPEC
from seamline.net.backbone import load_imagenet
from seamline.net.checkpoint import load_landmarks, save
from seamline.net.encoder import Encoder, EncoderConfig
from seamline.net.region_head import RegionHead, RegionHeadConfig
from seamline.score import RANKINGS
from seamline.spec import Spec
from seamline.train.calibrate import Calibration, calibrate, vectors_of
from seamline.train.crops import CropStore, build_store
from seamline.train.drawn import drawn_labels
from seamline.train.landmarks import LandmarkTraining, train_landmarks
from seamline.train.projection import ProjectionSettings, fit_head, fit_map
from seamline.train.retrieval import Found, retrieval
from seamline.train.views import Views, make_views


@dataclasses.dataclass(frozen=True)
class EncoderPlan:
    """How much of everything. `map_photos` fit the map's projection, `head_photos` and their copies the region head,
    `calibration_photos` and their copies the calibration; no photo does both of the latter."""

    landmarks: LandmarkTraining = dataclasses.field(default_factory=LandmarkTraining)
    projection: ProjectionSettings = dataclasses.field(default_factory=ProjectionSettings)
    drawn: int = 780
    map_photos: int = 250
    head_photos: int = 450
    calibration_photos: int = 200
    more_originals: int = 300
    develop_trust: float = 0.9
    copy_trust: float = 0.85
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was measured: the calibration in spec.json, and how well copies find their originals."""

    calibration: Calibration
    retrieval: tuple[Found, ...]


@dataclasses.dataclass(frozen=True)
class EncoderTraining:
    """`photos`: folder that the labels' paths start from; `labels`: folder with labels.jsonl and
    labels_develop.jsonl."""

    photos: Path
    labels: Path
    out: Path
    plan: EncoderPlan = dataclasses.field(default_factory=EncoderPlan)

    @property
    def work(self) -> Path:
        """Folder of intermediate results."""
        return self.out / "work"

    def run(self) -> Outcome:
        """All stages. Returns what was measured on photos that nothing was fitted on."""
        real = list(read_labels(self.labels / "labels.jsonl"))
        landmarks = self.train_landmark_branch(real)
        store = build_store(real, self.photos, self.labels, self.work / "photos")
        encoder = self.assemble(landmarks, store)
        return self.fit(encoder, store)

    def train_landmark_branch(self, real: list[Label]) -> Path:
        """Train the landmark branch; returns the file of its best weights."""
        plan = self.plan
        drawn = drawn_labels(self.work / "drawn", plan.drawn, plan.seed) if plan.drawn else []
        train = build_store([*real, *drawn], self.photos, self.labels, self.work / "train")
        trusted = list(read_labels(self.labels / "labels_develop.jsonl", plan.develop_trust))
        develop = build_store(trusted, self.photos, self.labels, self.work / "develop")
        return train_landmarks(train, develop, self.work / "landmarks", plan.landmarks)

    def assemble(self, landmarks: Path, store: CropStore) -> Encoder:
        """An encoder from trained landmarks, ImageNet features and a fitted map projection."""
        branch = load_landmarks(landmarks)
        encoder = Encoder(EncoderConfig(branch.config))
        encoder.landmarks.load_state_dict(branch.state_dict())
        load_imagenet(encoder.retrieval.backbone)
        encoder.eval().to(memory_format=torch.channels_last)
        photos = self._photos(store)[: self.plan.map_photos]
        fit_map(encoder, store, photos, self.plan.projection)
        save(encoder, self.out / "encoder.pt")
        return encoder

    def fit(self, encoder: Encoder, store: CropStore) -> Outcome:
        """Fit the region head, calibrate, and write region_head.pt and spec.json."""
        spec = DEFAULT_SPEC
        learnt, unseen = self._views(encoder, store, spec)
        head = fit_head(learnt, RegionHeadConfig(encoder.config.channels), self.plan.projection)
        save(head, self.out / "region_head.pt")
        return self.write_spec(head, unseen, spec)

    def write_spec(self, head: RegionHead, unseen: Views, spec: Spec) -> Outcome:
        """Calibrate on views that the head has not seen, and write spec.json."""
        vectors = vectors_of(head, unseen)
        found = calibrate(vectors, unseen, spec.scoring, self.plan.seed)
        spec = dataclasses.replace(spec, scoring=found.applied_to(spec.scoring))
        (self.out / "spec.json").write_text(spec.to_json(), encoding="utf-8")
        return Outcome(found, tuple(retrieval(vectors, unseen, spec.scoring, RANKINGS)))

    def _views(self, encoder: Encoder, store: CropStore, spec: Spec) -> tuple[Views, Views]:
        """Views to fit the head on, and views of other photos to calibrate on."""
        plan, photos = self.plan, self._photos(store)
        cut = len(photos) * plan.head_photos // max(1, plan.head_photos + plan.calibration_photos)
        parts = {"learn": (photos[:cut], plan.head_photos), "calibrate": (photos[cut:], plan.calibration_photos)}
        key = _digest(encoder, repr(plan))
        found = []
        for number, (name, (own, copied)) in enumerate(parts.items()):
            chosen, seed = own[: copied + plan.more_originals], plan.seed + number
            make = partial(make_views, encoder, store, chosen, min(copied, len(own)), spec, seed, f"views to {name}")
            found.append(self._cached(f"{name}-{key}.npz", make))
        return found[0], found[1]

    def _cached(self, name: str, make: Callable[[], Views]) -> Views:
        path = self.work / "views" / name
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            make().save(path)
        return Views.load(path)

    def _photos(self, store: CropStore) -> list[int]:
        """Stored photos with trusted mask and landmarks, in random order."""
        usable = np.flatnonzero((store.trust >= self.plan.copy_trust) & (store.mask_trust >= self.plan.copy_trust))
        return [int(index) for index in np.random.default_rng(self.plan.seed).permutation(usable)]


def _digest(encoder: Encoder, plan: str) -> str:
    """Names an encoder's weights and a plan."""
    digest = hashlib.sha256(plan.encode())
    for tensor in encoder.state_dict().values():
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]
